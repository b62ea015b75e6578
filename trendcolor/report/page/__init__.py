"""The report as HTML pages that load nothing."""

from trendcolor.report.page.writing import render_changes, render_page, write_page

__all__ = ["render_changes", "render_page", "write_page"]
