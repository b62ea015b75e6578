"""Random groups of whole clusters, from which the uncertainty of a figure is read.

Garments of one source, wearer or brand are alike. Counted apart in random groups of whole sources,
a figure tells by how much it would differ had other sources been asked (the random group method:
Wolter, Introduction to Variance Estimation, 2nd ed., chapter 2). Groups add up over shards, where
counts of each source would be as many rows as the records.
"""

import zlib

import numpy as np
import polars as pl

# More groups tell a variance better (its own relative error is about sqrt(2 / 63)) and cost rows.
REPLICATES = 64


def replicate(cluster: pl.Expr) -> pl.Expr:
    """The random group of each cluster, 0 to `REPLICATES` - 1 (UInt8).

    A group follows from the cluster's text alone, by CRC-32: it is the same in each shard and in
    each version. A missing cluster is one cluster.

    Args:
        cluster: A column of text.
    """
    return cluster.map_batches(_replicates, return_dtype=pl.UInt8, is_elementwise=True)


def _replicates(clusters: pl.Series) -> pl.Series:
    """Each distinct text is hashed once."""
    coded = clusters.fill_null("").cast(pl.Categorical)
    texts = pl.DataFrame({"text": coded, "code": coded.to_physical()}).unique("code")
    # The middle of a product, so that ids that count up don't go round the groups in turn.
    crc = np.array([zlib.crc32(str(text).encode()) for text in texts["text"]], np.uint64)
    group = (crc * np.uint64(2654435761) >> np.uint64(20)) % np.uint64(REPLICATES)
    code = texts["code"].to_numpy()
    lookup = np.zeros(int(code.max(initial=0)) + 1, np.uint8)
    lookup[code] = group
    return pl.Series(clusters.name, lookup[coded.to_physical().to_numpy()], pl.UInt8)
