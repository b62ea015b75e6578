"""Tables of shares and of errors, as `Run.shares` and an audit give them."""

import numpy as np
import polars as pl

from trendcolor.analysis.intervals import wilson
from trendcolor.analysis.misclassification import ErrorTable
from trendcolor.color.vocabularies import FAMILIES


def share_table(counts, group=None, labels=FAMILIES, unit="garments", level="family", n=None):
    """Shares of one group, largest first; `group` is its value of `season`.

    `n` is an effective n below the number of garments; without it there is no such column.
    """
    counts = np.asarray(counts, float)
    share = counts / counts.sum()
    found = wilson(share, counts.sum() if n is None else n)
    table = pl.DataFrame(
        {
            level: labels,
            "share": share,
            "low": found.low,
            "high": found.high,
            "numerator": counts,
            "denominator": counts.sum(),
            "unit": unit,
        }
    )
    if n is not None:
        table = table.with_columns(effective_n=pl.lit(float(n)))
    if group is not None:
        table = table.select(pl.lit(group).alias("season"), pl.all())
    return table.sort("share", descending=True, maintain_order=True)


def errors_of(counts, invented=None, missed=None, labels=FAMILIES, **fields):
    """A table of errors from rows of right by measured counts."""
    k = len(labels)
    return ErrorTable(
        labels=tuple(labels),
        counts=np.asarray(counts, float),
        invented=np.zeros(k) if invented is None else np.asarray(invented, float),
        missed=None if missed is None else np.asarray(missed, float),
        **fields,
    )


def perfect(garments, labels=FAMILIES, **fields):
    """So many garments of each label, all right."""
    return errors_of(np.eye(len(labels)) * garments, labels=labels, **fields)


def leaking(right, measured, part, garments=1000):
    """So many garments of each family, of which a part of one is measured as another."""
    counts = np.eye(len(FAMILIES)) * garments
    i, j = FAMILIES.index(right), FAMILIES.index(measured)
    counts[i, i], counts[i, j] = (1 - part) * garments, part * garments
    return errors_of(counts)
