"""How sharp a photo is, and whether its tones were reduced to a few."""

import numpy as np
from numpy.typing import NDArray

from trendcolor.images.screening.sample import Lines, Sample
from trendcolor.images.screening.tallies import tally

_SPAN = 24  # samples, about 3 % of a photo's height: across a blurred edge and back on the flat
_SHORTEST = 2 * _SPAN  # lines that are shorter say nothing
_EDGES = 0.999  # quantile of steps: a thousandth of a photo is its sharpest edges
_TINY = 0.5  # of a step, for photos without any edge

_APART = 8  # samples: two places far enough apart to lie on different levels
_FARTHEST = 140  # steps; larger ones are too rare to have a shape
_NOISE = 3  # steps that the noise of JPEG makes
_JUMP, _RAMP = 20, slice(4, 13)  # steps between neighbors: edges, and gentle change

_EDGED = 0.012  # of neighbors; flat things on a flat ground have fewer edges, and few tones


def sharpness(seen: Sample) -> float:
    """The steepness of a photo's sharpest edges: a step of 1 sample over one of 24; 1 at most.

    Taken along rows and along columns; the lower counts, so that a photo shaken in one direction
    is not sharp. The sharpest edges are the ones that count, so a soft background has no effect.

    Args:
        seen: The photo. Not modified.
    """
    found = [
        (_step(lines, 1) + _TINY) / (_step(lines, _SPAN) + _TINY)
        for lines in (seen.across, seen.down)
        if lines.shape[1] >= _SHORTEST
    ]
    return min([1.0, *found])


def posterised(seen: Sample) -> float:
    """How far differences of tone come in certain sizes only, 0 to 1.

    In a photo small differences between places nearby are common and larger ones rarer and rarer.
    With few levels left, only the distances between levels occur: the part of differences that is
    missing before the next peak is counted, weighted by how many neighbors jump rather than ramp.

    Args:
        seen: The photo. Not modified.
    """
    apart, beside = np.zeros(256), np.zeros(256)
    for lines in (seen.across, seen.down):
        apart += _differences(lines, _APART)
        beside += _differences(lines, 1)
    if beside[_JUMP:].sum() < _EDGED * beside.sum():
        return 0.0
    smooth = np.convolve(apart, np.ones(3) / 3, "same")[:_FARTHEST]
    still_to_come = np.maximum.accumulate(smooth[::-1])[::-1]
    missing = (still_to_come - smooth)[_NOISE:].sum() / max(smooth[_NOISE:].sum(), 1.0)
    jumps = beside[_JUMP:].sum() / max(beside[_RAMP].sum(), 1.0)
    return float(min(1.0, missing * jumps))


def _step(lines: Lines, span: int) -> int:
    counts = np.cumsum(_differences(lines, span))
    return int(np.searchsorted(counts, _EDGES * counts[-1]))


def _differences(lines: Lines, span: int) -> NDArray[np.float64]:
    """How often each absolute difference over a span occurs, shape (256,)."""
    if lines.shape[1] <= span:
        return np.zeros(256)
    one, other = lines[:, span:], lines[:, :-span]
    steps = np.maximum(one, other) - np.minimum(one, other)
    return np.asarray(tally(steps.reshape(1, -1))[0], np.float64)
