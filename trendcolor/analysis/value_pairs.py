"""Which values of two columns occur together, as a graph, and what sums over either tell of pairs.

Values are nodes, a pair that occurs is an edge between them: from a value of the one column to one
of the other. A table by each column tells what the edges of each node sum to. Where an edge is a
bridge, the nodes on one side of it tell what it holds: those of the one column less those of the
other. Beside bridges no edge follows, as what one edge of a ring has more the next can have less
(a classic of contingency tables: Gusfield, SIAM J. Comput. 17(3), 1988).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order, connected_components

Nodes = NDArray[np.int64]
_SEED = 0  # of the labels that rings are told apart by


@dataclass(frozen=True, slots=True, eq=False)
class ValuePairs:
    """The pairs of two columns' values that occur, each once."""

    one: Nodes  # of each pair, the value of the one column, from 0 on
    other: Nodes  # that of the other column

    @property
    def n_one(self) -> int:
        """Values of the one column."""
        return int(self.one.max(initial=-1)) + 1

    @property
    def n_nodes(self) -> int:
        """Values of both columns: those of the one come first."""
        return self.n_one + int(self.other.max(initial=-1)) + 1

    def bridges(self) -> Iterator[tuple[int, Nodes]]:
        """Each pair that connects what hangs together by it alone.

        Yields:
            The pair's number, and the nodes on its smaller side.
        """
        ends = np.stack([self.one, self.other + self.n_one], axis=1)
        graph = _graph(ends, self.n_nodes)
        for number in self._ring_free(ends, graph):
            without = _graph(np.delete(ends, number, axis=0), self.n_nodes)
            label = connected_components(without, directed=False)[1]
            sides = [np.flatnonzero(label == label[end]) for end in ends[number]]
            yield int(number), min(sides, key=len)

    def _ring_free(self, ends: Nodes, graph: sparse.csr_array) -> Nodes:
        """Pairs that are part of no ring, in order.

        Each pair beside a spanning tree closes a ring, of which the label goes to both ends. A pair
        of the tree is in none where the labels beyond it cancel out.
        """
        above, labels = np.full(self.n_nodes, -1), np.zeros(self.n_nodes, np.int64)
        _, roots = np.unique(connected_components(graph, directed=False)[1], return_index=True)
        orders = []
        for root in roots:
            order, before = breadth_first_order(graph, root, directed=False)
            above[order] = before[order]
            orders.append(order)
        up, down = above[ends[:, 0]] == ends[:, 1], above[ends[:, 1]] == ends[:, 0]
        beside = np.flatnonzero(~(up | down))
        drawn = np.random.default_rng(_SEED).integers(1, 2**63 - 1, len(beside))
        for side in (0, 1):
            np.bitwise_xor.at(labels, ends[beside, side], drawn)
        for order in orders:
            for node in order[:0:-1]:
                labels[above[node]] ^= labels[node]
        lower = np.where(up, ends[:, 0], ends[:, 1])
        return np.flatnonzero((up | down) & (labels[lower] == 0))

    def knots(self, is_worn: NDArray[np.bool_]) -> Nodes:
        """Which nodes hang together by what can be moved while all sums stay.

        What a pair holds can be more, and where it holds something less. So there is a way along
        each pair from the one value to the other, and a way back where it holds something. Where
        two nodes can be reached from each other, a ring of such ways leads over the pairs between.

        Args:
            is_worn: Of each color (a row) and pair, whether the pair holds something of it.

        Returns:
            Shape (colors, nodes): a label of each node. A pair between two labels is a zero for who
            knows all sums and that nothing is below zero; all others can be moved.
        """
        n_colors = len(is_worn)
        first = np.arange(n_colors)[:, None] * self.n_nodes
        tail, head = first + self.one, first + self.other + self.n_one
        starts = np.concatenate([tail.ravel(), head[is_worn]])
        stops = np.concatenate([head.ravel(), tail[is_worn]])
        n = n_colors * self.n_nodes
        ways = sparse.csr_array((np.ones(len(starts), np.int8), (starts, stops)), shape=(n, n))
        label = connected_components(ways, directed=True, connection="strong")[1]
        found: Nodes = label.astype(np.int64).reshape(n_colors, self.n_nodes)
        return found


def _graph(ends: Nodes, n: int) -> sparse.csr_array:
    return sparse.csr_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(n, n))
