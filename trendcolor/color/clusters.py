"""K-means on weighted colors, the same each time.

A compiled loop (`lloyd.py`) where numba is installed, else scikit-learn: the same algorithm from
the same start.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from threadpoolctl import ThreadpoolController

from trendcolor.color.spaces import FloatArray
from trendcolor.compiling import IS_COMPILED

if IS_COMPILED:
    from trendcolor.color import lloyd

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
    start = points[_spread_out(points, weights, n)]
    if len(start) == len(points):
        return np.arange(len(points))
    labels = _assign(points, weights, start, seed)
    return np.asarray(np.unique(labels, return_inverse=True)[1])


def _assign(points: FloatArray, weights: FloatArray, start: FloatArray, seed: int) -> Labels:
    if IS_COMPILED:
        return lloyd.assign(
            points.astype(np.float64), weights.astype(np.float64), start.astype(np.float64), _ROUNDS
        )
    kmeans = KMeans(len(start), init=start, n_init=1, max_iter=_ROUNDS, tol=0, random_state=seed)
    with _threads().limit(limits=1):
        return np.asarray(kmeans.fit_predict(points, sample_weight=weights), np.int64)


@cache
def _threads() -> ThreadpoolController:
    """The libraries' threads; finding them takes milliseconds, so it is done once."""
    return ThreadpoolController()


def _spread_out(points: FloatArray, weights: FloatArray, n: int) -> NDArray[np.int64]:
    """Where k-means starts: the heaviest point, then always the one that costs most as it is.

    K-means++ (Arthur and Vassilvitskii, SODA 2007) without its dice: cost is squared distance to
    the nearest start times weight.
    """
    chosen = [int(np.argmax(weights))]
    distance = ((points - points[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < n:
        nearest = int(np.argmax(distance * weights))
        if distance[nearest] == 0:
            break
        chosen.append(nearest)
        distance = np.minimum(distance, ((points - points[nearest]) ** 2).sum(axis=1))
    return np.array(chosen)
