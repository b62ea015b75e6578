"""The page around the answers: header, controls, and the place where answers go."""

from collections.abc import Mapping, Sequence

from dash import dcc, html
from dash.development.base_component import Component

from trendcolor.explore.asked import MOST_WITHIN, WITHIN
from trendcolor.explore.map_figure import PLANE_NAMES
from trendcolor.explore.offer import Column, Offer
from trendcolor.explore.words import count

# Up to so many values are ticked in a list; a longer list is opened first.
_FEW = 8
VIEW_NAMES: Mapping[str, str] = {
    "shares": "Shares",
    "map": "Map",
    "combinations": "Combinations",
    "compare": "Compare",
    "signatures": "Signatures",
}
_LEVEL_NAMES: Mapping[str, str] = {
    "family": "12 families",
    "common": "26 common colors",
    "name": "names",
    "shade": "shades of this run",
    "bin": "cells of the color grid",
}
_UNIT_NAMES: Mapping[str, str] = {
    "garments": "garments, by main color",
    "looks": "looks that show it",
    "area": "area of garments",
    "weight": "declared weight",
}
_RAW = "Nothing is withheld: don't pass these figures on."
_PUBLIC = "What rests on too few sources is withheld."
_FREE = "Nothing is withheld: the cards say that nobody real is in the pictures."


def page(offer: Offer) -> Component:
    """The whole page."""
    return html.Div(
        [
            html.A("Skip to the answer", href="#answer", className="skip"),
            _header(offer),
            html.Div([_controls(offer), _answer(offer)], className="columns"),
        ],
        className="page",
    )


def _header(offer: Offer) -> Component:
    mode = "Public" if offer.is_public else "Raw"
    words = _PUBLIC if offer.is_public else _RAW
    facts = f"{count(offer.n_garments)} garments in {count(offer.n_photos)} photos"
    return html.Header(
        [
            html.Div([html.P("trendcolor explore", className="over"), html.H1(offer.name)]),
            html.Div([html.P(facts), *(html.P(note) for note in offer.notes)], className="facts"),
            html.P(
                [html.B(mode), html.Span(_FREE if offer.is_free_of_people else words)],
                className=f"mode {mode.lower()}",
                id="mode",
            ),
        ]
    )


def _answer(offer: Offer) -> Component:
    views = [{"label": VIEW_NAMES[view], "value": view} for view in offer.views]
    return html.Main(
        [
            _group(
                "View",
                dcc.RadioItems(views, offer.views[0], id="view", className="tabs"),
                kind="views",
            ),
            dcc.Loading(
                html.Div(id="answer", tabIndex=-1, **{"aria-live": "polite"}),
                delay_show=400,
                overlay_style={"visibility": "visible", "opacity": 0.5},
            ),
            html.P(
                f"Intervals are of {offer.confidence:.0%} confidence. The swatch of a family, "
                "common color or name is the color that the default vocabulary gives that name; "
                "those of shades, cells, signatures and palettes are measured.",
                className="note foot",
            ),
            html.P("Before the lines of Python above:", className="note"),
            html.Pre(html.Code(offer.setup), className="setup", tabIndex=0),
        ]
    )


def _group(name: str, *children: Component, kind: str = "") -> Component:
    """Controls with a name in common."""
    return html.Fieldset([html.Legend(name), *children], className=f"group {kind}".strip())


def _controls(offer: Offer) -> Component:
    parts = [_by(offer)]
    if len(offer.levels) > 1:
        parts.append(_choice("Colors", "colors", offer.levels, _LEVEL_NAMES, kind="no-map"))
    if len(offer.units) > 1:
        parts.append(_choice("Unit", "unit", offer.units, _UNIT_NAMES, kind="no-pairs"))
    if "map" in offer.views:
        parts.append(
            _choice("Axes of the map", "plane", [*PLANE_NAMES], PLANE_NAMES, kind="only-map")
        )
    if len(offer.parts) > 1:
        parts.append(_comparison(offer))
    if not offer.is_public:
        parts += [_near(), _filters(offer)]
    else:
        parts.append(_rule())
    return html.Div(parts, id="controls", className="controls", role="search")


def _by(offer: Offer) -> Component:
    options = [{"label": name, "value": name} for name in offer.groups]
    return _group(
        f"Group by (at most {offer.most_by})",
        dcc.Checklist(options, [], id="by", className="ticks"),
        kind="no-map no-compare" if not offer.is_public else "no-compare no-signatures",
    )


def _choice(
    name: str, id: str, values: Sequence[str], names: Mapping[str, str], *, kind: str = ""
) -> Component:
    options = [{"label": names[value], "value": value} for value in values]
    return _group(name, dcc.RadioItems(options, values[0], id=id, className="ticks"), kind=kind)


def _comparison(offer: Offer) -> Component:
    options = [
        {"label": f"{column} {value}", "value": i} for i, (column, value) in enumerate(offer.parts)
    ]
    first, last = usual_parts(offer)
    return _group(
        "Compare a with b",
        *(
            _group(side, dcc.RadioItems(options, chosen, id=side, className="ticks long"))
            for side, chosen in (("a", first), ("b", last))
        ),
        kind="only-compare",
    )


def usual_parts(offer: Offer) -> tuple[int, int]:
    """The two parts that a comparison starts with: the last two values of the first period."""
    first = 0
    for kind in ("season", "period"):
        for column in offer.columns:
            if column.kind == kind and len(column.values) > 1:
                last = offer.parts.index((column.name, column.values[-1]))
                return last - 1, last
    return first, min(1, len(offer.parts) - 1)


def _near() -> Component:
    return _group(
        "Near a color",
        dcc.Checklist(
            [{"label": "Only garments near it", "value": "on"}],
            [],
            id="near-on",
            className="ticks",
        ),
        html.Label("Color", htmlFor="near-color"),
        dcc.Input("#1f2a44", id="near-color", type="color"),
        html.Label("or its name or hex", htmlFor="near-name"),
        dcc.Input("", id="near-name", type="text", placeholder="navy", maxLength=60, debounce=0.5),
        html.Label("Within (CIEDE2000)", htmlFor="within"),
        html.Div(
            [
                dcc.Input(WITHIN, id="within", type="range", min=0, max=MOST_WITHIN, step=0.5),
                html.Output(f"{WITHIN:g}", id="within-told", htmlFor="within"),
            ],
            className="slide",
        ),
        kind="no-pairs",
    )


def _filters(offer: Offer) -> Component:
    garments = Column(name="garment", kind="garment", values=offer.garments)
    parts = [_filter("garments", garments)]
    parts += [_filter(f"filter-{i}", column) for i, column in enumerate(offer.columns)]
    return _group("Only these", *parts, kind="filters")


def _filter(id: str, column: Column) -> Component:
    """Values to choose; none chosen is all."""
    options = [{"label": value, "value": value} for value in column.values]
    if len(options) <= _FEW:
        chosen = dcc.Checklist(options, [], id=id, className="ticks")
        return _group(column.name, chosen, kind="inner")
    chosen = dcc.Checklist(options, [], id=id, className="ticks long")
    summary = html.Summary(f"{column.name} ({len(options)} values)")
    return html.Details([summary, _group(column.name, chosen, kind="unseen")], className="inner")


def _rule() -> Component:
    return html.P(
        "This page tells the tables by the columns above, over the whole run, and nothing else. "
        "Filters, other units and other colors could be subtracted from each other.",
        className="note",
    )
