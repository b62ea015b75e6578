"""A report's colors as files that designers' programs and product systems open."""

from trendcolor.report.swatches.swatch import PlmSwatch
from trendcolor.report.swatches.writing import drawn_cards, write_swatches

__all__ = ["PlmSwatch", "drawn_cards", "write_swatches"]
