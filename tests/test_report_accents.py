import colorsys

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trendcolor.report.accents import (
    DARK_PAPER,
    LIGHT_PAPER,
    READABLE,
    contrast,
    linear_to_oklab,
    oklab_to_linear,
    readable,
)

colors = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
papers = pytest.mark.parametrize("paper", [LIGHT_PAPER, DARK_PAPER])
# sRGB primaries and white in OKLab, as CSS Color 4 gives them in its samples (OKLCH of red:
# 0.62796 0.25768 29.234).
OKLAB = [
    ((1, 1, 1), (1, 0, 0)),
    ((0, 0, 0), (0, 0, 0)),
    (
        (1, 0, 0),
        (0.62796, 0.25768 * np.cos(np.radians(29.234)), 0.25768 * np.sin(np.radians(29.234))),
    ),
]


@pytest.mark.parametrize(("linear", "oklab"), OKLAB)
def test_oklab_agrees_with_published_values(linear, oklab):
    # Five decimals are published.
    np.testing.assert_allclose(linear_to_oklab(np.array(linear, float)), oklab, atol=1e-5)
    np.testing.assert_allclose(oklab_to_linear(np.array(oklab, float)), linear, atol=1e-4)


def test_contrast_of_black_and_white_is_the_largest():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == 1


@papers
@given(color=colors)
@example(color="#ffff00")
@example(color="#0000ff")
@example(color="#ffffff")
@example(color="#000000")
def test_an_accent_can_be_read_on_its_paper_and_beyond(paper, color):
    found = readable(color, paper)
    assert contrast(found, paper) >= READABLE
    assert contrast(found, "#ffffff" if paper == LIGHT_PAPER else "#161616") >= READABLE
    if contrast(color, paper) >= READABLE:
        assert found == color


def oklch(color):
    rgb = np.array(list(bytes.fromhex(color[1:]))) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    lightness, a, b = linear_to_oklab(linear)
    return lightness, np.hypot(a, b), np.degrees(np.arctan2(b, a))


@papers
@given(hue=st.floats(0, 1), saturation=st.floats(0.3, 1), value=st.floats(0.2, 1))
def test_an_accent_keeps_its_hue(paper, hue, saturation, value):
    rgb = [round(255 * each) for each in colorsys.hsv_to_rgb(hue, saturation, value)]
    color = f"#{bytes(rgb).hex()}"
    found = readable(color, paper)
    _, chroma, was = oklch(color)
    _, left, is_now = oklch(found)
    assert left <= chroma + 0.005
    if left > 0.06:  # below, a step of 8 bits turns the hue by more
        assert abs((is_now - was + 180) % 360 - 180) < 4


def test_the_nearest_lightness_is_taken():
    assert readable("#8a1f3d", LIGHT_PAPER) == "#8a1f3d"
    assert contrast(readable("#8a1f3d", DARK_PAPER), DARK_PAPER) == pytest.approx(4.5, abs=0.1)
    assert contrast(readable("#ffd400", LIGHT_PAPER), LIGHT_PAPER) == pytest.approx(4.5, abs=0.1)
