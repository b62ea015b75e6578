"""A headless Chromium in which a test opens a page and uses it, by Playwright.

Where no Chromium or no Playwright is there, a test that asks for the fixture `chromium` is skipped
and says so. `$TRENDCOLOR_CHROMIUM` names another program than the usual ones.
"""

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest


def find_chromium():
    """The program, or None."""
    usual = ("/usr/bin/chromium", shutil.which("chromium"), shutil.which("chromium-browser"))
    for path in (os.environ.get("TRENDCOLOR_CHROMIUM"), *usual, shutil.which("google-chrome")):
        if path and Path(path).is_file():
            return path
    return None


@dataclass
class Tab:
    """A page that was opened, with what it said and asked for."""

    page: Any  # playwright.sync_api.Page
    messages: list[str] = field(default_factory=list)  # console errors, warnings and exceptions
    requests: list[str] = field(default_factory=list)  # addresses, the page's own first

    def assert_clean(self):
        """Nothing was amiss, and nothing but the page itself was asked for."""
        assert self.messages == []
        assert len(self.requests) == 1, self.requests


@pytest.fixture(scope="session")
def chromium():
    """A running browser; use it by `open_tab`. `conftest.py` gives it to all tests."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = find_chromium()
    if program is None:
        pytest.skip("no Chromium is installed ($TRENDCOLOR_CHROMIUM names one)")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def open_tab(browser, path, *, width=1100, height=900, scheme="light", **options):
    """A file in a fresh tab; other options are those of Playwright's `new_context`."""
    viewport = {"width": width, "height": height}
    context = browser.new_context(viewport=viewport, color_scheme=scheme, **options)
    page = context.new_page()
    tab = Tab(page)
    page.on("request", lambda request: tab.requests.append(request.url))
    page.on("pageerror", lambda error: tab.messages.append(str(error)))
    page.on(
        "console",
        lambda message: (
            tab.messages.append(message.text) if message.type in ("error", "warning") else None
        ),
    )
    page.goto(Path(path).resolve().as_uri())
    try:
        yield tab
    finally:
        context.close()
