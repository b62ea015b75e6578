"""What was put together from parts: borders around a photo, and photos side by side."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trendcolor.images.screening.sample import Lines, Sample, fraction, median

_SHORTEST = 60  # samples; in shorter lines a seam is not to be told from an edge
_DIFFERS = 14  # steps from the border's own color, more than JPEG's ringing in it
_STRAIGHT = 0.72  # of an inner edge that lies in one line; rounded corners take the rest
_WITHIN = 2  # samples that a straight edge may be off
_PLAIN = 0.95  # of a side that has the border's color
_LARGEST = 0.65  # of a picture: what is left inside more is a thing on a plain ground
_FOUND = 0.2  # of a side's lines must meet the picture at all

_STEP = 8  # a step of tone that its surroundings don't have
_NEAR = (4, 5, -4, -5)  # samples beside a seam, which show no step
_FARTHEST = 5  # of them
_ONE_WAY = 0.1  # of a seam: less that is brighter on the other side is the edge of one thing
_CHANGES = 30.0  # steps that the difference between two photos changes by along their seam
_GUTTER_SHARE = 0.88  # of a seam along a gutter, which is seen nearly everywhere
_GUTTER_SPREAD = 1.0  # steps: a gutter is of one color
_CLEAR = 0.3  # of the way: less is no seam, whatever lies on its sides
_CANDIDATES = 4  # places with the clearest steps, each of which is looked at


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of a photo."""

    depth: float  # of the plain strip, as a fraction of the photo's length
    is_straight: bool  # whether the strip ends in a straight line


def border_fraction(seen: Sample) -> float:
    """The fraction of a photo that plain bars or a frame take up, 0 to 1.

    A strip of one color counts if it ends in a straight line, and only with one on the opposite
    side: a white ground around a garment ends at the garment. Rounded corners may be cut off. A
    frame of more than 0.65 is taken for the ground of something with straight sides.

    Args:
        seen: The photo. Not modified.
    """
    down, across = seen.down[::2], seen.across[::2]
    tall = _pair(_side(down), _side(down[:, ::-1]))
    wide = _pair(_side(across), _side(across[:, ::-1]))
    if tall.is_straight and wide.is_straight:
        frame = 1 - (1 - tall.depth) * (1 - wide.depth)
        return frame if frame <= _LARGEST else 0.0
    for pair, other in ((tall, wide), (wide, tall)):
        if pair.is_straight and other.depth < 0.02:
            return pair.depth
    return 0.0


def _pair(one: _Side, other: _Side) -> _Side:
    depth = one.depth + other.depth
    return _Side(depth, one.is_straight and other.is_straight and depth > 0.01)


def _side(lines: Lines) -> _Side:
    """The strip at the start of lines."""
    n = lines.shape[1]
    if n < _SHORTEST:
        return _Side(0.0, is_straight=False)
    differs = _distance(lines, np.uint8(median(lines[:, 1]))) > _DIFFERS
    depth = differs.argmax(axis=1)
    meets = differs[np.arange(len(lines)), depth]
    is_plain = (depth > 1) | ~meets
    met = depth[meets]
    if fraction(is_plain) < _PLAIN or len(met) < _FOUND * len(lines):
        return _Side(0.0, is_straight=False)
    middle = median(met)
    straight = fraction(np.abs(met - middle) <= _WITHIN)
    return _Side(middle / n, is_straight=straight >= _STRAIGHT)


def seam_share(seen: Sample) -> float:
    """How much of a photo's width or height one straight seam runs along, 0 to 1.

    A seam is a step within two samples whose surroundings have none, at the same place in every
    line. Edges of floors and doors are such too, but have one side brighter all along; between
    two photos it changes, or one side is a gutter of one color. For other steps the answer is 0.

    Args:
        seen: The photo. Not modified.
    """
    return max(_seam(seen.across), _seam(seen.down))


def _seam(lines: Lines) -> float:
    n = lines.shape[1]
    margin = int(n * 0.06) + 6  # what lies closer to the border is a frame
    if n < _SHORTEST:
        return 0.0
    size = _distance(lines[:, 2:], lines[:, :-2])
    usual = np.minimum(np.maximum(size[:, :-4], size[:, 4:]), 255 - _STEP)
    share = _count(size[:, 2:-2] > usual + _STEP) / len(lines)
    ring = np.concatenate((share[-_FARTHEST:], share, share[:_FARTHEST]))
    around = [ring[_FARTHEST - away :][: len(share)] for away in _NEAR]
    beside = np.maximum(np.maximum(around[0], around[1]), np.maximum(around[2], around[3]))
    excess = (share - beside)[margin:-margin]
    found = [0.0]
    for place in margin + np.argsort(-excess, kind="stable")[:_CANDIDATES]:
        share_here = float(excess[place - margin])
        if share_here >= _CLEAR and _parts_pictures(
            lines[:, place + 2], lines[:, place + 4], share_here
        ):
            found.append(share_here)
    return max(found)


def _count(holds: NDArray[np.bool_]) -> NDArray[np.integer]:
    """In how many lines something holds, for each place; quick where 8 bits are enough for it."""
    is_short = len(holds) < 256
    return np.asarray(np.add.reduce(holds.view(np.uint8), dtype=np.uint8 if is_short else np.int64))


def _parts_pictures(one: NDArray[np.uint8], other: NDArray[np.uint8], share: float) -> bool:
    """Whether what lies on both sides of a step are two pictures, or a picture and a gutter."""
    step = other.astype(np.int16) - one
    is_both_ways = min(fraction(step > _STEP), fraction(step < -_STEP)) >= _ONE_WAY
    if is_both_ways and _spread(step) >= _CHANGES:
        return True
    return share >= _GUTTER_SHARE and min(_spread(one), _spread(other)) <= _GUTTER_SPREAD


def _distance(one: NDArray[np.uint8], other: NDArray[np.uint8] | np.uint8) -> NDArray[np.uint8]:
    far: NDArray[np.uint8] = np.maximum(one, other) - np.minimum(one, other)
    return far


def _spread(values: NDArray[np.integer]) -> float:
    """A standard deviation that outliers don't move."""
    return 1.48 * median(np.abs(values - median(values)))
