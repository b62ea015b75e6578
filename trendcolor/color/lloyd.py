"""The loops of `clusters.py`, compiled by numba: what scikit-learn and numpy do, much sooner."""

import numpy as np
from numpy.typing import NDArray

from trendcolor.color.spaces import FloatArray
from trendcolor.compiling import compiled

Points = FloatArray  # of 64 bits
Labels = NDArray[np.int64]


@compiled
def assign(points: Points, weights: Points, centers: Points, rounds: int) -> Labels:
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


@compiled
def spread_out(points: Points, weights: Points, n: int) -> Labels:
    """Where k-means starts: the heaviest point, then always the one that costs most as it is.

    Args:
        points: Shape (m, 3), m at least 1. Not modified.
        weights: Shape (m,), positive. Not modified.
        n: How many at most.

    Returns:
        Rows of points; the first of equal ones. Fewer than n where no other point is left.
    """
    chosen = np.empty(max(n, 1), np.int64)
    chosen[0] = np.argmax(weights)
    cost = np.full(len(points), np.inf)
    for k in range(1, n):
        last = points[chosen[k - 1]]
        most, heaviest = -1.0, 0
        for i in range(len(points)):
            away = (points[i, 0] - last[0]) ** 2 + (points[i, 1] - last[1]) ** 2
            cost[i] = min(cost[i], away + (points[i, 2] - last[2]) ** 2)
            if cost[i] * weights[i] > most:
                most, heaviest = cost[i] * weights[i], i
        if cost[heaviest] == 0:
            return chosen[:k]
        chosen[k] = heaviest
    return chosen


@compiled
def nearest(points: Points, centers: Points, is_kept: NDArray[np.bool_]) -> Labels:
    """The nearest of the centers that are kept, the first of equal ones, for each point.

    Args:
        points: Shape (m, 3). Not modified.
        centers: Shape (k, 3). Not modified.
        is_kept: Shape (k,), at least one. Not modified.
    """
    labels = np.zeros(len(points), np.int64)
    for i in range(len(points)):
        least = np.inf
        for k in range(len(centers)):
            if is_kept[k]:
                away = (points[i, 0] - centers[k, 0]) ** 2 + (points[i, 1] - centers[k, 1]) ** 2
                away += (points[i, 2] - centers[k, 2]) ** 2
                if away < least:
                    least, labels[i] = away, k
    return labels
