"""Pages, frames and readers for tests of charts."""

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined

from trendcolor.color.names import FAMILIES
from trendcolor.report.charts.live import chart_styles, content_hash, page_script

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
script-src '{{ hash }}'; base-uri 'none'; form-action 'none'">
<title>charts</title>
<style>:root { --ink: #171717; --soft: #595959; --line: #dedede; --paper: #fff; --panel: #f5f5f5; }
{{ styles | safe }}</style>
<body>
{% from "charts/map.html" import color_map %}
{% from "charts/chart.html" import chart %}
{% if map %}{{ color_map(map) }}{% endif %}
{% for each in charts %}{{ chart(each) }}{% endfor %}
<script>{{ script | safe }}</script>
"""


def write_page(path, *, charts=(), map=None):
    """A page of charts under a content policy that forbids all but its own script."""
    loader = PackageLoader("trendcolor", "report/templates")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    script = page_script()
    page = environment.from_string(_PAGE).render(
        charts=charts, map=map, script=script, hash=content_hash(script), styles=chart_styles()
    )
    path.write_text(page, encoding="utf-8", newline="\n")
    return path


def shares_of(groups, *, column="region", withheld=(), part="family"):
    """Public shares made up: {group: {part: numerator}}; `withheld` are (group, part)."""
    rows = []
    for group, counts in groups.items():
        whole = sum(counts.values())
        for name, numerator in counts.items():
            share = numerator / whole
            is_told = (group, name) not in withheld
            rows.append(
                {
                    column: group,
                    part: name,
                    "share": share if is_told else None,
                    "low": max(0.0, share - 0.05) if is_told else None,
                    "high": min(1.0, share + 0.05) if is_told else None,
                    "numerator": numerator if is_told else None,
                    "denominator": whole,
                    "unit": "garments",
                }
            )
    return pl.DataFrame(rows, schema_overrides={column: pl.String}, infer_schema_length=None)


def no_shares(column="region", part="family"):
    """Shares of nothing."""
    floats = dict.fromkeys(("share", "low", "high"), pl.Float64)
    counts = dict.fromkeys(("numerator", "denominator"), pl.Int64)
    texts = {column: pl.String, part: pl.String}
    return pl.DataFrame(schema={**texts, **floats, **counts, "unit": pl.String})


def all_families(first):
    """Counts of all twelve families: `first`, then one less each."""
    return {family: max(0, first - place) for place, family in enumerate(FAMILIES)}


def rows_in(chart):
    """All rows of all data that a chart's spec holds."""
    found = []

    def look(node):
        if isinstance(node, dict):
            if isinstance(node.get("values"), list) and "axis" not in node:
                found.extend(row for row in node["values"] if isinstance(row, dict))
            for name, value in node.items():
                if name == "datasets":
                    for rows in value.values():
                        found.extend(rows)
                else:
                    look(value)
        elif isinstance(node, list):
            for value in node:
                look(value)

    look(chart)
    return found


def rows_with(chart, *keys):
    """The rows that have all of these keys, each of them once."""
    seen = []
    for row in rows_in(chart):
        if all(row.get(key) is not None for key in keys) and row not in seen:
            seen.append(row)
    return seen
