import pytest

from trendcolor.color.names import FAMILIES, name_color
from trendcolor.report.families import FAMILY_COLORS, contrast, ink


def test_key_colors_are_of_their_families_and_carry_readable_text():
    assert tuple(FAMILY_COLORS) == FAMILIES
    for family, color in FAMILY_COLORS.items():
        assert name_color(tuple(bytes.fromhex(color[1:]))).family == family
        assert contrast(color, ink(color)) >= 4.5  # WCAG AA for small text


def test_contrast_of_black_and_white_is_the_largest():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == 1
