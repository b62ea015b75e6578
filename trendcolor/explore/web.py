"""The page's wiring: what the controls say becomes a question, its answer becomes the page."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from importlib import resources
from threading import Lock
from urllib.parse import quote

import polars as pl
from dash import Dash, Input, Output, html
from dash.development.base_component import Component
from flask import Flask, Response, make_response, request

from trendcolor.api.queries import Run
from trendcolor.errors import QueryError, TrendColorError
from trendcolor.explore import panels
from trendcolor.explore.asked import Asked, Sent, as_sent, read_asked
from trendcolor.explore.guard import Guard, protect
from trendcolor.explore.layout import page
from trendcolor.explore.offer import Offer, offer_of, public_offer, usual_columns
from trendcolor.explore.questions import Asking, answer, askings
from trendcolor.explore.release import Release, open_release
from trendcolor.explore.words import counted

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<meta name="color-scheme" content="light dark">
<title>{%title%}</title>
{%favicon%}
{%css%}
</head>
<body>
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Desk:
    """What answers: a run with all that may be asked of it, or what of it is public."""

    source: Run | Release
    offer: Offer
    lock: Lock = field(default_factory=Lock)  # one question at a time: each takes all cores

    def askings(self, asked: Asked) -> tuple[Asking, ...]:
        """What a question, which was checked, asks the run.

        Raises:
            QueryError: its view has no answer.
        """
        return askings(asked, is_public=self.offer.is_public)

    def answer(self, asking: Asking) -> pl.DataFrame:
        """The answer of one of them."""
        with self.lock:
            return answer(self.source, asking)


def make_app(run: Run, guard: Guard) -> Flask:
    """The server of a run's page, for those who may see its records."""
    return _app(Desk(source=run, offer=offer_of(run)), guard)


def make_public_app(run: Run, by: Sequence[str], guard: Guard) -> Flask:
    """The server of a run's page for everybody.

    Args:
        run: A whole run.
        by: At most two columns; none: the usual ones.
        guard: Who may ask.

    Raises:
        QueryError: a column is unknown or can't be told to the public.
    """
    release = open_release(run, by or usual_columns(run))
    return _app(Desk(source=release, offer=public_offer(release)), guard)


def _app(desk: Desk, guard: Guard) -> Flask:
    server = Flask("trendcolor.explore", static_folder=None)
    app = Dash(
        "trendcolor.explore",
        server=server,
        assets_folder=str(resources.files("trendcolor.explore") / "assets"),
        title=_as_text(f"{desk.offer.name} - trendcolor"),
        update_title=None,
        index_string=_PAGE,
        serve_locally=True,
        enable_mcp=False,
    )
    app.layout = page(desk.offer)
    _wire(app, desk)
    server.add_url_rule("/answer.csv", view_func=lambda: _csv(desk))
    protect(server, guard, app.csp_hashes())
    return server


def _as_text(title: str) -> str:
    """A title that is neither HTML nor one of the page's places: Dash takes it as it is."""
    return escape(title).replace("{", "&#123;")


def _wire(app: Dash, desk: Desk) -> None:
    def show(**values: object) -> tuple[list[Component], str]:
        try:
            sent = sent_of(values, desk.offer)
            asked = read_asked(sent, desk.offer)
        except TrendColorError as error:
            return [_error(error)], "controls"
        kind = f"controls view-{asked.view}"
        try:
            return answer_parts(desk, asked), kind
        except TrendColorError as error:
            return [_error(error)], kind

    app.callback(
        Output("answer", "children"),
        Output("controls", "className"),
        inputs={name: Input(id, "value") for name, id in control_ids(desk.offer).items()},
    )(show)
    if not desk.offer.is_public:
        app.callback(Output("within-told", "children"), Input("within", "value"))(str)


def _error(error: TrendColorError) -> Component:
    return html.P(str(error), role="alert", className="error")


def control_ids(offer: Offer) -> dict[str, str]:
    """The controls of the page: what each sends, and its id."""
    ids = {"view": "view", "by": "by"}
    if len(offer.parts) > 1:
        ids |= {"a": "a", "b": "b"}
    if not offer.is_public:
        names = ("colors", "unit", "plane", "garments", "near-on", "near-color", "near-name")
        ids |= {name.replace("-", "_"): name for name in (*names, "within")}
        ids |= {f"filter_{i}": f"filter-{i}" for i in range(len(offer.columns))}
    return ids


def sent_of(values: Mapping[str, object], offer: Offer) -> Sent:
    """The question that the values of the controls make, unchecked."""
    plain = ("view", "by", "colors", "unit", "plane", "garments")
    sent = {name: values[name] for name in plain if name in values}
    sent |= {side: _part(values.get(side), offer) for side in ("a", "b") if side in values}
    wanted = {
        column.name: values[f"filter_{i}"]
        for i, column in enumerate(offer.columns)
        if values.get(f"filter_{i}")
    }
    if values.get("near_on"):
        sent["near"] = values.get("near_name") or values.get("near_color")
        sent["within"] = _number(values.get("within"))
    return sent | ({"wanted": wanted} if wanted else {})


def _part(value: object, offer: Offer) -> object:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(offer.parts):
        return offer.parts[value]
    if value is None:
        return None
    raise QueryError("a and b are none of the parts that there are")


def _number(value: object) -> object:
    """A number, where a text is one: browsers send either."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def answer_parts(desk: Desk, asked: Asked) -> list[Component]:
    """The answers of a view, each with its line of Python.

    Raises:
        TrendColorError: what was asked has no answer.
    """
    parts = []
    for n, asking in enumerate(desk.askings(asked)):
        frame = desk.answer(asking)
        told = [_told(asking, asked, n, frame), *_panel(asking, asked, frame)]
        parts.append(html.Section(told, className="answer"))
    return parts


def _told(asking: Asking, asked: Asked, n: int, frame: pl.DataFrame) -> Component:
    """What was asked: the line of Python to copy, and the whole table to save."""
    href = f"/answer.csv?n={n}&asked={quote(json.dumps(as_sent(asked)))}"
    link = html.A("CSV", href=href, download=f"{asking.about}.csv", className="button")
    code = html.Pre(html.Code(asking.code), tabIndex=0, **{"aria-label": "The same in Python"})
    about = f"{asking.about.capitalize()}: {counted(len(frame), 'row')}"
    copy = html.Button("Copy", type="button", className="button copy", title="Copy the line")
    return html.Div([html.H2(about), code, copy, link], className="asked")


def _panel(asking: Asking, asked: Asked, frame: pl.DataFrame) -> list[Component]:
    by, level = asked.by, asked.colors
    if asking.about == "shares":
        return panels.shares_panel(frame, by, level)
    if asking.about == "cells":
        return panels.map_panel(frame, asked.plane)
    if asking.about == "pairs":
        return panels.combinations_panel(frame, by, level)
    if asking.about == "changes":
        a, b = (" ".join(part or ()) for part in (asked.a, asked.b))
        return panels.compare_panel(frame, level, a, b)
    if asking.about == "palette":
        return panels.palette_panel(frame, by)
    return panels.signatures_panel(frame, by)


def _csv(desk: Desk) -> Response:
    """An answer as CSV; the same checks as on the page."""
    try:
        sent = json.loads(request.args.get("asked", "{}"))
        n = int(request.args.get("n", "0"))
        if not isinstance(sent, dict):
            raise QueryError("asked is no object")
        found = desk.askings(read_asked(sent, desk.offer))
        if not 0 <= n < len(found):
            raise QueryError(f"no answer {n}; there are {len(found)}")
        response = make_response(desk.answer(found[n]).write_csv())
    except (TrendColorError, ValueError, RecursionError) as error:
        said = str(error) if isinstance(error, TrendColorError) else "the question can't be read"
        response = make_response(f"{said}\n", 400)
        response.mimetype = "text/plain"
        return response
    response.mimetype = "text/csv"
    response.headers["Content-Disposition"] = 'attachment; filename="answer.csv"'
    return response
