"""The loop over pixels near a class boundary of `sampling.py`, compiled."""

import numpy as np
from numpy.typing import NDArray

from trendcolor.compiling import compiled

MIXED = 255  # a pixel whose class is not settled

# For pixels along one side: the grid point before each and the one after, and how far beyond the
# first they are, 0..1.
Corners = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]


@compiled
def settle(
    labels: NDArray[np.uint8], points: NDArray[np.float32], width: int, y: Corners, x: Corners
) -> None:
    """Give each pixel that is `MIXED` the class whose interpolated logit is largest.

    Args:
        labels: Class ids, shape (h, w). The `MIXED` ones are replaced.
        points: Logits on the grid's points, row by row, shape (n, classes). Not modified.
        width: The grid's, in points.
        y: Of the rows.
        x: Of the columns.
    """
    y_low, y_high, y_beyond = y
    x_low, x_high, x_beyond = x
    for row in range(labels.shape[0]):
        above, below, down = y_low[row] * width, y_high[row] * width, y_beyond[row]
        for column in range(labels.shape[1]):
            if labels[row, column] != MIXED:
                continue
            left, right, across = x_low[column], x_high[column], x_beyond[column]
            largest = np.float32(-np.inf)
            for each in range(points.shape[1]):
                upper = points[above + left, each]
                upper += (points[above + right, each] - upper) * across
                lower = points[below + left, each]
                lower += (points[below + right, each] - lower) * across
                mixed = upper + (lower - upper) * down
                if mixed > largest:
                    largest = mixed
                    labels[row, column] = each
