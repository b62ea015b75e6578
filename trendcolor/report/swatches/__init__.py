"""A report's colors as files that designers' programs and product systems open."""

from trendcolor.report.swatches.swatch import PlmSwatch
from trendcolor.report.swatches.writing import write_swatches

__all__ = ["PlmSwatch", "write_swatches"]
