"""K-means on weighted colors, the same each time.

Compiled loops (`lloyd.py`) where numba is installed, else scikit-learn and numpy: the same
algorithm from the same start.
"""

import numpy as np
from numpy.typing import NDArray

from trendcolor.color.spaces import FloatArray, Mask
from trendcolor.compiling import IS_COMPILED

if IS_COMPILED:
    from trendcolor.color import lloyd
else:  # importing scikit-learn takes half of what a process needs to start
    from trendcolor.color import plain_lloyd

Labels = NDArray[np.int64]  # a cluster for each color

_ROUNDS = 300  # scikit-learn's default; a garment's colors take about 15


def cluster(points: FloatArray, weights: FloatArray, n: int, seed: int) -> Labels:
    """A cluster for each point, by weighted k-means.

    Args:
        points: Distinct, shape (m, 3). Not modified.
        weights: Pixels that each stands for, positive, shape (m,). Not modified.
        n: How many clusters at most.
        seed: Of scikit-learn, where numba is not installed.

    Returns:
        Numbers from 0, each of which some point has, shape (m,).

    Guarantees, each held by tests/test_color_clusters.py:
        Scaling all weights by one number has no effect. Both ways of computing agree.
    """
    points, weights = np.asarray(points, np.float64), np.asarray(weights, np.float64)
    start = points[_spread_out(points, weights, n)]
    if len(start) == len(points):
        return np.arange(len(points))
    return renumbered(_assign(points, weights, start, seed))


def renumbered(labels: Labels) -> Labels:
    """The same groups under numbers from 0 without a gap, in the same order.

    Args:
        labels: Not negative, shape (m,). Not modified.
    """
    is_used = np.bincount(labels) > 0
    return np.asarray((np.cumsum(is_used) - 1)[labels])


def nearest(points: FloatArray, centers: FloatArray, is_kept: Mask) -> Labels:
    """The nearest of the centers that are kept, the first of equal ones, for each point.

    Args:
        points: Shape (m, 3). Not modified.
        centers: Shape (k, 3). Not modified.
        is_kept: Shape (k,), at least one. Not modified.

    Guarantees, each held by tests/test_color_clusters.py:
        Both ways of computing agree.
    """
    points, centers = np.asarray(points, np.float64), np.asarray(centers, np.float64)
    if IS_COMPILED:
        return lloyd.nearest(points, centers, is_kept)
    squares = [(one[:, None] - other) ** 2 for one, other in zip(points.T, centers.T, strict=True)]
    distance = squares[0] + squares[1] + squares[2]
    distance[:, ~is_kept] = np.inf
    return np.asarray(distance.argmin(axis=1))


def _assign(points: FloatArray, weights: FloatArray, start: FloatArray, seed: int) -> Labels:
    if IS_COMPILED:
        return lloyd.assign(points, weights, start, _ROUNDS)
    return plain_lloyd.assign(points, weights, start, _ROUNDS, seed)


def _spread_out(points: FloatArray, weights: FloatArray, n: int) -> NDArray[np.int64]:
    """Where k-means starts: the heaviest point, then always the one that costs most as it is.

    K-means++ (Arthur and Vassilvitskii, SODA 2007) without its dice: cost is squared distance to
    the nearest start times weight.
    """
    if IS_COMPILED:
        return lloyd.spread_out(points, weights, n)
    chosen = [int(np.argmax(weights))]
    distance = ((points - points[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < n:
        nearest = int(np.argmax(distance * weights))
        if distance[nearest] == 0:
            break
        chosen.append(nearest)
        distance = np.minimum(distance, ((points - points[nearest]) ** 2).sum(axis=1))
    return np.array(chosen)
