"""Looks whose garments draw their colors by themselves, for tests of what chance does."""

import numpy as np
import polars as pl
from garment_rows import BLACK, BLUE, GREEN, RED, WHITE

from trendcolor.records import FIELDS

COLORS = np.array([BLACK, RED, BLUE, WHITE, GREEN])
CLASSES = ("top", "trousers", "footwear", "bag")
# Of each class: the chance of each color, and how many looks show one.
CHANCES = np.array(
    [
        [0.4, 0.1, 0.2, 0.2, 0.1],
        [0.25, 0.25, 0.1, 0.3, 0.1],
        [0.8, 0.02, 0.08, 0.05, 0.05],
        [0.5, 0.2, 0.1, 0.1, 0.1],
    ]
)
WORN = (0.95, 0.8, 0.9, 0.4)


def drawn(chances, size, random):
    """Colors drawn by their chances."""
    return (random.random(size)[..., None] > np.cumsum(chances)[:-1]).sum(axis=-1)


def dressed(n_draws, n_looks, *, clusters=0, loyal=0.0, seed=1):
    """Independent draws of looks, as records with the columns `draw` and `source`.

    A source of `clusters` has a favorite color for each class, drawn by itself, and its garments
    have that color with the chance `loyal`: colors are independent, looks are not.
    """
    random = np.random.default_rng(seed)
    n = n_draws * n_looks
    draw = np.repeat(np.arange(n_draws), n_looks)
    source = random.integers(0, clusters, n) if clusters else np.arange(n)
    frames = []
    for name, chances, worn in zip(CLASSES, CHANCES, WORN, strict=True):
        color = drawn(chances, n, random)
        if clusters:
            favorite = drawn(chances, (n_draws, clusters), random)
            color = np.where(random.random(n) < loyal, favorite[draw, source], color)
        rows = np.flatnonzero(random.random(n) < worn)
        columns = {"photo": rows, "draw": draw[rows], "source": source[rows]}
        columns |= dict(zip("rgb", COLORS[color[rows]].T, strict=True))
        frames.append(pl.DataFrame(columns).with_columns(garment=pl.lit(name)))
    texts = pl.col("photo", "draw", "source").cast(pl.String).str.zfill(9)
    whole = {"wearer": 0, "rank": 0, "weight": 255, "pixels": 1000}
    constants = [pl.lit(value).alias(name) for name, value in whole.items()]
    return pl.concat(frames).with_columns(texts, *constants).cast(dict(FIELDS)).lazy()
