"""From Altair's layers to one Vega-Lite spec.

Altair copies a chart, with all that is in it, each time that something is added to it or that it is
put beside another. So layers are made with Altair one by one, and put together here as what they
are in the end: JSON.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import altair as alt
from altair.utils.schemapi import debug_mode

from trendcolor.report.charts.theme import CONFIG, Plot, Row

Spec = dict[str, Any]  # Vega-Lite


@contextmanager
def unchecked() -> Iterator[None]:
    """Around what draws: Altair does not hold each part against the schema of Vega-Lite.

    That takes as long as all else. Tests hold whole charts against it.
    """
    with debug_mode(False):
        yield


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The data of a layer, which Altair passes on as it is."""

    rows: Sequence[Row]
    name: str = ""  # for scripts that bring rows of their own


def drawn_on(rows: Sequence[Row]) -> alt.Chart:
    """A layer of some rows; layers of the same one share its data."""
    return alt.Chart(Rows(rows))


@dataclass(slots=True)
class Data:
    """The data sets of a spec, each once."""

    names: dict[int, str] = field(default_factory=dict)
    sets: dict[str, list[Row]] = field(default_factory=dict)
    _kept: list[Rows] = field(default_factory=list)  # so that no id is given twice

    def name(self, rows: Rows) -> str:
        """The name of a data set."""
        if id(rows) not in self.names:
            self.names[id(rows)] = rows.name or f"rows-{len(self.names)}"
            self.sets[self.names[id(rows)]] = [dict(row) for row in rows.rows]
            self._kept.append(rows)
        return self.names[id(rows)]


def layered(layers: Sequence[alt.Chart], data: Data) -> Spec:
    """Layers as the part of a spec, from the lowest to the highest."""
    return {"layer": [_layer(layer, data) for layer in layers]}


def _layer(layer: alt.Chart, data: Data) -> Spec:
    bare = layer.copy(deep=False)
    rows, bare.data = layer.data, alt.Undefined
    spec: Spec = bare.to_dict(validate=False, context={"top_level": False, "datasets": {}})
    spec.pop("data", None)  # layers of a facet have none of their own
    return {**spec, "data": {"name": data.name(rows)}} if isinstance(rows, Rows) else spec


def whole(part: Spec, data: Data, *, label: str) -> Spec:
    """A spec with its data, its label for who can't see it, and the theme."""
    return {**part, "datasets": data.sets, "description": label, "config": dict(CONFIG)}


def finished(
    layers: Sequence[alt.Chart], *, label: str, plot: Plot, key: Sequence[alt.Chart] = ()
) -> Spec:
    """The spec of one chart of fixed size.

    Args:
        layers: From the lowest to the highest.
        label: What the chart shows, for who can't see it.
        plot: Sizes.
        key: Layers in pixels, apart from the scales of the others.
    """
    data = Data()
    part = layered(layers, data)
    if key:
        apart: Mapping[str, Any] = {"scale": {"x": "independent", "y": "independent"}}
        part = {"layer": [part, layered(key, data)], "resolve": apart}
    sizes = {
        "width": plot.width,
        "height": plot.height,
        "padding": {
            "left": plot.left, "right": plot.right, "top": plot.top, "bottom": plot.bottom
        },
        "autosize": {"type": "none"},
    }  # fmt: skip
    return whole({**part, **sizes}, data, label=label)
