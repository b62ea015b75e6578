"""A photo small enough to be looked at in a few milliseconds."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from trendcolor.images.decode import Photo
from trendcolor.images.screening.tallies import tally

Pixels = NDArray[np.uint8]  # (n, 3), sRGB, 0..255
Lines = NDArray[np.uint8]  # (lines, samples of a line), green, 0..255
Levels = NDArray[np.uint8]  # (n,), 0..255

_LONG_SIDE = 800  # pixels; twice as long and longer photos are averaged down to between 1 and 2 x
_N_PIXELS = 16_000  # of which quantiles are taken: 0.5 % of them are 80
_LINE_STEP = 8  # one line in so many is looked at


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """What the checks look at. Lines are of the green channel, most of what is seen as light."""

    pixels: Pixels  # picked evenly, as they are; only opaque ones; channel by channel in memory
    across: Lines  # one row in 8, from left to right
    down: Lines  # one column in 8, from top to bottom
    whole: NDArray[np.uint8] | None  # (h, w, 3), what they are taken from; None if part is unseen
    step: int  # pixels of `whole` between two of `pixels`

    def blocks(self) -> Pixels:
        """Means of squares of about as many pixels; `pixels` in a transparent photo."""
        if self.whole is None:
            return self.pixels
        return _averaged(self.whole, self.step).reshape(-1, 3)


def sample(photo: Photo) -> Sample | None:
    """A photo's small copy; None for one that is wholly transparent.

    A transparent margin is cut off, and other transparent pixels have the median green in lines.

    Args:
        photo: The photo. Not modified.
    """
    rgb, opaque = photo.rgb, photo.opaque
    if opaque is not None:
        if not opaque.any():
            return None
        rows, columns = _extent(opaque, axis=1), _extent(opaque, axis=0)
        rgb, opaque = rgb[rows, columns], opaque[rows, columns]
    rgb = _averaged(rgb, max(1, max(rgb.shape[:2]) // _LONG_SIDE))
    step = max(1, round((rgb.shape[0] * rgb.shape[1] / _N_PIXELS) ** 0.5))
    green = rgb[..., 1]
    if opaque is None:
        pixels = rgb[_middles(rgb.shape[0], step), _middles(rgb.shape[1], step)].reshape(-1, 3)
    else:
        seen = _fitted(opaque, green.shape)
        pixels = rgb[seen][:: step * step]
        green = np.where(seen, green, np.uint8(np.median(rgb[seen][:, 1])))
    return Sample(
        pixels=np.asfortranarray(pixels),
        across=np.ascontiguousarray(green[::_LINE_STEP]),
        down=np.ascontiguousarray(green[:, ::_LINE_STEP].T),
        whole=rgb if opaque is None else None,
        step=step,
    )


def quantile(levels: Levels, fraction: float) -> int:
    """The smallest level that at least this fraction of them don't exceed, 0 to 255."""
    counts = np.cumsum(tally(levels[None])[0])
    return int(np.searchsorted(counts, fraction * counts[-1]))


def median(values: NDArray[Any]) -> float:
    """As `np.median` of numbers that float64 holds, many times as fast for the few there are.

    Args:
        values: Shape (n,), at least one. Not modified.
    """
    order = np.sort(values)
    middle = len(order) // 2
    if len(order) % 2:
        return float(order[middle])
    return (float(order[middle - 1]) + float(order[middle])) / 2


def fraction(holds: NDArray[np.bool_]) -> float:
    """For which part of them something holds; of any shape, at least one."""
    return float(np.count_nonzero(holds) / holds.size)


def _extent(opaque: NDArray[np.bool_], axis: int) -> slice:
    places = np.flatnonzero(np.any(opaque, axis=axis))
    return slice(int(places[0]), int(places[-1]) + 1)


def _middles(length: int, step: int) -> slice:
    return slice(min(step // 2, length - 1), None, step)


def _averaged(rgb: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    if factor == 1:
        return rgb
    return np.asarray(Image.fromarray(np.ascontiguousarray(rgb)).reduce(factor))


def _fitted(opaque: NDArray[np.bool_], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """The mask at another size: a pixel is seen where any that it stands for is."""
    if opaque.shape == shape:
        return opaque
    rows = np.linspace(0, opaque.shape[0], shape[0] + 1).astype(int)[:-1]
    columns = np.linspace(0, opaque.shape[1], shape[1] + 1).astype(int)[:-1]
    seen: NDArray[np.bool_] = np.logical_or.reduceat(
        np.logical_or.reduceat(opaque, rows, axis=0), columns, axis=1
    )
    return seen
