"""The made-up photos of the benchmark of colors, each made once for all tests."""

from functools import cache

from color_scenes import Scene, make_scene
from color_truth import Colors, palette_error

__all__ = ["Colors", "made_up", "palette_error"]


@cache
def made_up(number: int, *, has_cast: bool = False) -> Scene:
    """A photo of one garment whose dyes are known; kinds of pattern take turns."""
    return make_scene(5, number, has_cast=has_cast)
