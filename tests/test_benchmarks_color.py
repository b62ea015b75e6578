"""The benchmark of colors: its made-up photos are what they say, and it runs."""

import subprocess
import sys
from pathlib import Path

import color_renders
import color_scenes
import numpy as np
import pytest

from trendcolor.analysis.error_tables import color_method
from trendcolor.color.spaces import color_difference, srgb_to_lab
from trendcolor.config import ColorConfig

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
LOOKBOOK = BENCHMARKS.parent / "trendcolor/samples/lookbook"


def test_a_scene_is_the_same_each_time():
    one, same = (color_scenes.make_scene(3, 4, has_cast=True) for _ in range(2))
    other = color_scenes.make_scene(4, 4, has_cast=True)
    np.testing.assert_array_equal(one.rgb8, same.rgb8)
    assert (one.rgb8 != other.rgb8).any()


@pytest.mark.parametrize("number", range(6))
def test_a_scene_holds_the_dyes_that_it_tells(number):
    scene = color_scenes.make_scene(1, number, has_cast=False)
    assert scene.kind == color_scenes.KINDS[number]
    assert scene.share.sum() == pytest.approx(1)
    assert (np.diff(scene.share) <= 0).all()
    np.testing.assert_array_equal(scene.light, 1)
    pixels = srgb_to_lab(scene.rgb8[scene.mask][::7]).astype(float)
    for dye, share in zip(color_scenes.lab_of(scene), scene.share, strict=True):
        # Well-lit cloth has its dye's own color, a quarter of its area at the very least.
        assert (color_difference(pixels, dye[None]) < 5).mean() > share / 4


def test_a_cast_tints_the_whole_photo():
    casts = [color_scenes.make_scene(1, number, has_cast=True).light for number in range(8)]
    assert all(light[1] > 0.9 for light in casts)
    assert np.std([np.log(light[0] / light[2]) for light in casts]) > 0.1


def test_the_benchmark_prints_its_tables():
    command = [sys.executable, str(BENCHMARKS / "color.py"), "--scenes", "6", "--no-peers"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("| trendcolor")]
    assert len(rows) == 1 + 3 * 3 + 1  # no cast; with a cast, in whole and in two parts; speed
    assert "A 12-megapixel JPEG file" in done.stdout


def test_known_dyes_make_a_table_of_errors():
    renders = color_renders.read_renders(LOOKBOOK)[:4]
    table = color_renders.family_errors(renders)
    matte = [
        garment
        for render in renders
        for garment in render.truth["garments"]
        if garment["material"] == "matte" and garment["image_share"] >= color_renders.LEAST_SHARE
    ]
    assert table.counts.sum() == len(matte) > 5
    assert np.diag(table.counts).sum() >= 0.8 * len(matte)  # its light is nearly neutral
    assert (table.missed, table.of) == (None, color_method(ColorConfig()))
