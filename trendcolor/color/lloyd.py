"""The loop of k-means, compiled by numba: what scikit-learn does, without its cost of starting."""

import numpy as np
from numpy.typing import NDArray

from trendcolor.compiling import compiled

Points = NDArray[np.float64]


@compiled
def assign(points: Points, weights: Points, centers: Points, rounds: int) -> NDArray[np.int64]:
    """The center that each point ends at (Lloyd, IEEE Trans. Inf. Theory 28(2), 1982).

    Args:
        points: Shape (m, 3). Not modified.
        weights: Shape (m,), positive. Not modified.
        centers: Where they start, shape (k, 3). Not modified.
        rounds: How often they move at most.

    Returns:
        A center for each point, shape (m,): the first of the nearest when no point changes any
        more. One that loses its points stays where it is.
    """
    places = centers.copy()
    labels = np.full(len(points), -1, np.int64)
    for _ in range(rounds):
        sums = np.zeros((len(places), 4))
        has_changed = False
        for i in range(len(points)):
            nearest, least = 0, np.inf
            for k in range(len(places)):
                distance = 0.0
                for axis in range(3):
                    distance += (points[i, axis] - places[k, axis]) ** 2
                if distance < least:
                    nearest, least = k, distance
            has_changed |= labels[i] != nearest
            labels[i] = nearest
            sums[nearest, 3] += weights[i]
            for axis in range(3):
                sums[nearest, axis] += weights[i] * points[i, axis]
        if not has_changed:
            break
        for k in range(len(places)):
            if sums[k, 3] > 0:
                places[k] = sums[k, :3] / sums[k, 3]
    return labels
