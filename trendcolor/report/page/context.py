"""What templates of a page know: a report's contents, sentences about them, and words."""

import datetime
from functools import cache, partial
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from trendcolor.analysis.disclosure import DOMINANCE
from trendcolor.analysis.modes import CERTAINTY, FEWEST_SOURCES
from trendcolor.cards import PURPOSE_MEANINGS
from trendcolor.color.names import FAMILIES
from trendcolor.report import findings
from trendcolor.report.contents import ReportContents
from trendcolor.report.families import FAMILY_COLORS, ink
from trendcolor.report.groups import (
    axis,
    breakdown_groups,
    cells_by,
    denominator,
    groups,
    guard,
    tone_groups,
    units,
)
from trendcolor.report.page.changing import SHAPES, change_tables, shade_names
from trendcolor.report.page.lines import HEIGHT, WIDTH, pieces
from trendcolor.report.words import Words, open_words

_FOLDERS = ("page", "charts")  # of templates
_LEAST_P = 0.001  # p-values below are told to be so


@cache
def environment(words: Words) -> Environment:
    """Templates that escape what they are given and speak a language.

    They are kept, since reading them takes as long as filling them.
    """
    made = Environment(
        loader=ChoiceLoader(
            [PackageLoader("trendcolor", f"report/templates/{folder}") for folder in _FOLDERS]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words.install(made)
    made.globals.update(
        words=words,
        chinese=open_words("zh-CN"),
        families=FAMILIES,
        family_colors=FAMILY_COLORS,
        shapes=SHAPES,
        pieces=pieces,
        line_size=(WIDTH, HEIGHT),
        groups=groups,
        breakdown_groups=breakdown_groups,
        tone_groups=tone_groups,
        cells_by=cells_by,
        shade_names=shade_names,
    )
    made.filters.update(
        percent=words.percent,
        points=words.points,
        plain_points=lambda size: words.points(size).removeprefix("+"),
        chance=partial(_chance, words),
        count=words.count,
        number=words.number,
        interval=lambda row: words.interval(row["low"], row["high"]),
        group=partial(_group, words),
        day=lambda text: words.date(datetime.date.fromisoformat(text)),
        lab=lambda lab: ", ".join(f"{round(axis, 1) + 0.0:.1f}" for axis in lab),  # no -0.0
        ink=ink,
        sentence=findings.sentence,
    )
    return made


def context(contents: ReportContents, words: Words) -> dict[str, Any]:
    """What the sections are filled with, but for charts."""
    changes = contents.changes
    return {
        "contents": contents,
        "manifest": contents.manifest,
        "header": contents.manifest.header,
        "settings": contents.manifest.settings,
        "garments": denominator(contents.families),
        "guard": guard(contents.manifest),
        "axis": axis(contents.families),
        "units": units(contents, words),
        "changing": None if changes is None else change_tables(changes, words),
        "finding": findings.finding(contents.families, words),
        "signature_finding": findings.signature_finding(contents.signatures, words),
        "tone_finding": findings.tone_finding(contents, words),
        "change_finding": "" if changes is None else findings.change_finding(changes, words),
        "distance_finding": "" if changes is None else findings.distance_finding(changes, words),
        "certainty": CERTAINTY,
        "fewest_sources": FEWEST_SOURCES,
        "purposes": PURPOSE_MEANINGS,
        "dominance": DOMINANCE,
    }


def _chance(words: Words, p: float) -> str:
    """A p-value; below a thousandth only that it is."""
    return f"<{words.decimal(_LEAST_P, 3)}" if p < _LEAST_P else words.decimal(p, 3)


def _group(words: Words, label: str | None, is_garment: bool) -> str:
    """A group's name; values of declared columns stay as their owner wrote them."""
    if label is None:
        return words.text("not declared")
    return words.garment(label) if is_garment else label
