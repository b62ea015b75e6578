"""Which columns of a population are parts of others, as months are of quarters.

Where regions of one season are never those of another, what seasons sum to is told by a table of
regions too. Two columns are compared by the groups that occur: values of either that hang together
by groups make a block, and the blocks are a coarser column that both are parts of. Mostly that is
one of the two, or all is one block.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Nesting:
    """The coarser columns of each column."""

    groups: pl.DataFrame = field(default_factory=pl.DataFrame)  # that occur, with blocks
    below: Mapping[str, frozenset[str]] = field(default_factory=dict)
    columns: tuple[str, ...] = ()  # that were given, without blocks
    sparse: tuple[tuple[str, str], ...] = ()  # two columns of which a block lacks a pair of values

    def of(self, by: Sequence[str], *, without: Collection[str] = ()) -> dict[str, frozenset[str]]:
        """Of some columns, and of the coarser ones of these, what they are parts of.

        Args:
            by: Columns.
            without: Columns that are left out.
        """
        names = {*by}.union(*(self.below.get(name, ()) for name in by if name not in without))
        names -= {*without} - {*by}
        return {
            name: self.below.get(name, frozenset()) - {*without}
            if name not in without
            else frozenset()
            for name in sorted(names)
        }

    def widened(self, groups: pl.DataFrame, below: Mapping[str, frozenset[str]]) -> pl.DataFrame:
        """Groups with the coarser columns: the columns named in `below`."""
        known = groups
        for name, coarser in below.items():
            missing = sorted(coarser - {*known.columns})
            if name in known.columns and missing:
                values = self.groups.select(name, *missing).unique()
                known = known.join(
                    values, on=name, how="left", nulls_equal=True, maintain_order="left"
                )
        return known.select(*below)


NO_NESTING = Nesting()


def nesting(groups: pl.DataFrame) -> Nesting:
    """How the columns of a population are nested.

    Args:
        groups: The combinations of values that occur, a column for each.

    Guarantees, each held by tests/test_analysis_nesting.py:
        A column is part of another where each of its values occurs with one value of that. Two
        columns are part of the blocks that their values hang together in. They are `sparse` where
        not every value of one occurs with every value of the other of the same block.
    """
    names = sorted(groups.columns)
    found = {name: _first_seen(groups[name].cast(pl.String)) for name in names}
    # Columns that tell the same are one, by the first name.
    named = {found[name].tobytes(): name for name in reversed(names)}
    coarser = {name: found[name] for name in named.values()}
    lacking = []
    for one, other in combinations(names, 2):
        block = _blocks(found[one], found[other])
        if _lacks_pairs(found[one], found[other], block):
            lacking.append((one, other))
        if block.any() and block.tobytes() not in named:
            named[block.tobytes()] = name = f"_block{len(named)}"
            coarser[name] = block
    coarser = {name: codes for name, codes in coarser.items() if codes.any()}
    below = {
        name: frozenset(
            each for each, block in coarser.items() if each != name and _is_part(codes, block)
        )
        for name, codes in (found | coarser).items()
    }
    # Of columns that tell the same, the first is not part of the others.
    blocks = {name: codes for name, codes in coarser.items() if name not in found}
    return Nesting(
        groups.with_columns(pl.Series(name, codes) for name, codes in blocks.items()),
        below,
        tuple(names),
        tuple(lacking),
    )


def _first_seen(values: pl.Series) -> Codes:
    """Numbers of values in the order in which they are first seen."""
    return _renumbered(values.rank("dense").fill_null(0).to_numpy().astype(np.int64))


def _renumbered(codes: Codes) -> Codes:
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    place = np.empty(len(first), np.int64)
    place[np.argsort(first)] = np.arange(len(first))
    return place[inverse.reshape(-1)]


def _blocks(one: Codes, other: Codes) -> Codes:
    """Which block each row is of: rows that share a value are of the same."""
    n = int(one.max(initial=-1)) + 1
    shape = (n, int(other.max(initial=-1)) + 1)
    met = sparse.coo_array((np.ones(len(one)), (one, other)), shape=shape).tocsr()
    graph = sparse.bmat([[None, met], [met.T, None]], format="csr")
    return _renumbered(connected_components(graph, directed=False)[1][one].astype(np.int64))


def _lacks_pairs(one: Codes, other: Codes, block: Codes) -> bool:
    """Whether two values of the same block occur apart, but never together."""
    pairs = np.unique(np.stack([block, one, other], axis=1), axis=0)
    sizes = [np.bincount(np.unique(pairs[:, [0, i]], axis=0)[:, 0], minlength=1) for i in (1, 2)]
    return bool((np.bincount(pairs[:, 0], minlength=1) < sizes[0] * sizes[1]).any())


def _is_part(codes: Codes, block: Codes) -> bool:
    """Whether each value occurs in one block alone."""
    pairs = np.unique(np.stack([codes, block], axis=1), axis=0)
    return len(pairs) == len(np.unique(codes))
