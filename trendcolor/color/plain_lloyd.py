"""Lloyd's algorithm where numba is not installed: that of scikit-learn.

A module of its own, because importing scikit-learn takes seconds that nobody waits for who has
numba.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from threadpoolctl import ThreadpoolController

from trendcolor.color.spaces import FloatArray


def assign(
    points: FloatArray, weights: FloatArray, start: FloatArray, rounds: int, seed: int
) -> NDArray[np.int64]:
    """A cluster for each point, as `lloyd.assign`, which says what the arguments are.

    Args:
        points: Shape (m, 3). Not modified.
        weights: Shape (m,). Not modified.
        start: Centers to begin with, shape (k, 3). Not modified.
        rounds: How often centers are moved, at most.
        seed: Of scikit-learn.
    """
    kmeans = KMeans(len(start), init=start, n_init=1, max_iter=rounds, tol=0, random_state=seed)
    with _threads().limit(limits=1):
        return np.asarray(kmeans.fit_predict(points, sample_weight=weights), np.int64)


@cache
def _threads() -> ThreadpoolController:
    """The libraries' threads; finding them takes milliseconds, so it is done once."""
    return ThreadpoolController()
