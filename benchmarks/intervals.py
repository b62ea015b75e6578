"""How often intervals of shares hold the truth where garments come in clusters.

    python benchmarks/intervals.py

Draws clusters of garments whose colors are alike, puts whole clusters into 64 groups by chance, as
a hash does, and counts how many of 2,000 intervals of 95 % hold the true share. Prints Markdown.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trendcolor.analysis.design import cluster_interval, design_effect
from trendcolor.analysis.intervals import wilson

FloatArray = NDArray[np.float64]

DRAWS = 2000
GROUPS = 64
SHARES = np.array([0.02, 0.1, 0.35, 0.25, 0.2, 0.08])  # of six colors
LISTED = (0, 1, 2)  # of them, those that the tables show
GARMENTS = 20  # of a cluster, on average
CORRELATIONS = (0.0, 0.05, 0.2)
CLUSTERS = (20, 60, 200, 1000)
SIZES = ("equal", "unequal")
_CHUNK = 250  # draws made at once, for memory


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Samples of one population."""

    hits: FloatArray  # (draws, k, GROUPS), garments of each color
    whole: FloatArray  # (draws, GROUPS), garments


def cluster_sizes(clusters: int, sizes: str) -> NDArray[np.int64]:
    """Garments of each cluster: all 20, or after Zipf, the first one n times the n-th."""
    if sizes == "equal":
        return np.full(clusters, GARMENTS)
    shares = 1 / np.arange(1, clusters + 1)
    return np.maximum(np.rint(shares / shares.sum() * clusters * GARMENTS), 1).astype(np.int64)


def draw(
    random: np.random.Generator,
    garments: NDArray[np.int64],
    shares: FloatArray,
    correlation: float,
    *,
    draws: int = DRAWS,
    houses: tuple[int, ...] = (),
) -> Drawn:
    """Draw samples of clusters whose own shares are Dirichlet's around the true ones.

    Args:
        random: Where chance comes from.
        garments: Of each cluster.
        shares: True ones, shape (k,), sum to 1.
        correlation: Of two garments of one cluster having a color, 0..1.
        draws: How many samples.
        houses: Colors that alone come in clusters, where others hardly do: a part of the clusters
            has one of them as the house's own, and all clusters are alike but for that.
    """
    chunks = []
    for some in np.diff([*range(0, draws, _CHUNK), draws]):
        shape = (int(some), len(garments))
        own = _house_shares if houses else _dirichlet_shares
        theirs = own(random, shape, shares, correlation, houses)
        chunks.append(_draw(random, np.broadcast_to(garments, shape), theirs))
    return Drawn(
        hits=np.concatenate([chunk.hits for chunk in chunks]),
        whole=np.concatenate([chunk.whole for chunk in chunks]),
    )


def _dirichlet_shares(
    random: np.random.Generator,
    shape: tuple[int, int],
    shares: FloatArray,
    correlation: float,
    _: tuple[int, ...],
) -> FloatArray:
    if not correlation:
        return np.broadcast_to(shares, (*shape, len(shares)))
    own = random.standard_gamma(
        np.broadcast_to(shares * (1 / correlation - 1), (*shape, len(shares)))
    )
    return own / own.sum(-1, keepdims=True)


def _house_shares(
    random: np.random.Generator,
    shape: tuple[int, int],
    shares: FloatArray,
    correlation: float,
    houses: tuple[int, ...],
) -> FloatArray:
    colors = len(shares)
    is_house = np.isin(np.arange(colors), houses)
    rest = np.where(is_house, 0, shares)
    favorite = random.choice(colors, p=shares, size=shape)
    favored = np.where(is_house[favorite][..., None], np.eye(colors)[favorite], rest / rest.sum())
    strength = np.sqrt(correlation)
    return strength * favored + (1 - strength) * shares


def _draw(random: np.random.Generator, garments: NDArray[np.int64], own: FloatArray) -> Drawn:
    colors = random.multinomial(garments, own)
    draws = len(garments)
    cell = random.integers(0, GROUPS, garments.shape) + GROUPS * np.arange(draws)[:, None]

    def summed(amounts: NDArray[np.int64]) -> FloatArray:
        sums = np.bincount(cell.ravel(), amounts.ravel(), draws * GROUPS)
        return sums.reshape(draws, GROUPS)

    hits = np.stack([summed(colors[..., color]) for color in range(own.shape[-1])], axis=1)
    return Drawn(hits=hits, whole=summed(garments))


def coverage(drawn: Drawn, shares: FloatArray) -> FloatArray:
    """The part of the 95 % intervals that hold the true share, of each color."""
    n = drawn.whole.sum(-1)
    design = design_effect(drawn.hits, drawn.whole, n)
    found = cluster_interval(drawn.hits.sum(-1) / n[:, None], design)
    return ((found.low <= shares) & (shares <= found.high)).mean(0)


def naive_coverage(drawn: Drawn, shares: FloatArray) -> FloatArray:
    """The same of Wilson's interval, which takes garments as independent."""
    n = drawn.whole.sum(-1)[:, None]
    found = wilson(drawn.hits.sum(-1) / n, n)
    return ((found.low <= shares) & (shares <= found.high)).mean(0)


def alone(share: float) -> FloatArray:
    """The shares where one color is asked for, and the rest is the rest."""
    return np.array([share, 1 - share])


def main() -> None:
    """Print the tables."""
    listed = list(LISTED)
    print("| clusters | sizes | correlation | Wilson | six colors | house colors | color alone |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for clusters in CLUSTERS:
        for sizes in SIZES:
            for correlation in CORRELATIONS:
                random = np.random.default_rng(0)
                garments = cluster_sizes(clusters, sizes)
                drawn = draw(random, garments, SHARES, correlation)
                single = [
                    coverage(draw(random, garments, alone(share), correlation), alone(share))[0]
                    for share in SHARES[listed]
                ]
                houses = draw(random, garments, SHARES, correlation, houses=LISTED)
                parts = [
                    naive_coverage(drawn, SHARES)[listed],
                    coverage(drawn, SHARES)[listed],
                    coverage(houses, SHARES)[listed],
                    single,
                ]
                told = [" ".join(f"{100 * value:.1f}" for value in part) for part in parts]
                print(f"| {clusters} | {sizes} | {correlation} | {' | '.join(told)} |", flush=True)


if __name__ == "__main__":
    main()
