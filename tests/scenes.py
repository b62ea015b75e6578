"""The made-up photos of the benchmark of colors, each made once for all tests."""

import sys
from functools import cache
from pathlib import Path

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
sys.path.append(str(BENCHMARKS))  # benchmarks are scripts, not a package

from color_scenes import Scene, make_scene  # noqa: E402 - found by the line above
from color_truth import Colors, palette_error  # noqa: E402

__all__ = ["Colors", "made_up", "palette_error"]


@cache
def made_up(number: int, *, has_cast: bool = False) -> Scene:
    """A photo of one garment whose dyes are known; kinds of pattern take turns."""
    return make_scene(5, number, has_cast=has_cast)
