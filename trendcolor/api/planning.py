"""How many looks a change takes, as text; and whether a run has them."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

from trendcolor.analysis.power import detectable_change, looks_needed
from trendcolor.api.opening import open_run
from trendcolor.api.queries import Run
from trendcolor.api.text import FORMATS
from trendcolor.errors import QueryError, UsageError

_NEIGHBORS = (0.5, 0.75, 1, 1.5, 2, 3)  # times the change asked for, that the table lists too

_DIGITS = 12  # of a sum of shares; what comes after is rounding, such as 0.060000000000000005


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanQuestion:
    """What `trendcolor plan` asks; the options of the command."""

    share: float  # in the first period, 0..1
    change: float  # to the second, a difference of shares
    power: float = 0.8
    confidence: float = 0.95
    design_effect: float = 1.0
    run: Path | None = None
    by: Sequence[str] = ()
    where: str | None = None


def plan_text(question: PlanQuestion, format: str) -> str:
    """The looks that a change takes, as a sentence and tables, as CSV, or as a JSON object.

    As CSV it is one table: of the run's groups where there is a run, else of changes.

    Raises:
        UsageError: a number is out of its range, or groups are asked for without a run.
        RunError: the run is missing or unfinished.
        QueryError: a column or the condition is unknown.
    """
    if question.run is None and (question.by or question.where is not None):
        raise UsageError("--by and --where are of a run's looks; name the run (--run RUN)")
    needed = _needed(question, question.change)
    changes = plan_changes(question)
    groups = None if question.run is None else plan_groups(_part(question), question)
    if format == "json":
        return _as_json(question, needed, changes, groups)
    if format != "table":
        return FORMATS[format](changes if groups is None else groups)
    parts = [_sentence(question, needed), "", FORMATS["table"](changes)]
    if groups is not None:
        way = "rise" if question.change > 0 else "fall"
        told = f"Looks of {question.run}, and the smallest {way} that two periods of so many show:"
        parts += ["", told, "", FORMATS["table"](groups)]
    return "\n".join(parts)


def plan_changes(question: PlanQuestion) -> pl.DataFrame:
    """The looks that the change asked for takes, and those of smaller and larger ones.

    Returns:
        The columns `share` (in the first period), `change`, `becomes` (share in the second) and
        `looks` (of each period). Changes to shares that can't be are left out.

    Raises:
        UsageError: a number is out of its range.
    """
    changes = [round(question.change * times, _DIGITS) for times in _NEIGHBORS]
    possible = [change for change in changes if 0 < question.share + change < 1]
    return pl.DataFrame(
        {
            "share": [question.share for _ in possible],
            "change": possible,
            "becomes": [round(question.share + change, _DIGITS) for change in possible],
            "looks": [_needed(question, change) for change in possible],
        },
        schema={
            "share": pl.Float64,
            "change": pl.Float64,
            "becomes": pl.Float64,
            "looks": pl.Int64,
        },
    )


def plan_groups(run: Run, question: PlanQuestion) -> pl.DataFrame:
    """The looks that each group of a run has, held against those that are needed.

    Returns:
        The columns `by`, `looks`, `effective` (independent looks that would tell as much: those of
        the run's own clusters, on average over the families, or by the design effect that was
        given), `needed`, `enough` (whether there are effectively as many) and `detectable` (the
        smallest change in that direction that two periods of so many looks show; empty where none
        is large enough). The looks of a group that rests on too few sources are empty.

    Raises:
        QueryError: a column is unknown.
    """
    told, raw = (
        run.shares(question.by, unit="looks", disclosure=each)
        .with_columns(_all=pl.lit(0))
        .group_by("_all", *question.by, maintain_order=True)
        .agg(looks=pl.col("denominator").max(), effective=pl.col("effective_n").mean())
        for each in ("public", "raw")
    )
    # What a group's looks tell is no figure of its cells: it goes with their number.
    effective = raw.select("_all", *question.by, "effective")
    keys = ["_all", *question.by]
    looks = told.drop("effective").join(
        effective, on=keys, how="left", nulls_equal=True, maintain_order="left"
    )
    has_looks = pl.col("looks").is_not_null()
    shown = looks.with_columns(effective=pl.when(has_looks).then("effective")).drop("_all")
    return _held_against(shown, question)


def _held_against(looks: pl.DataFrame, question: PlanQuestion) -> pl.DataFrame:
    needed = _needed(question, question.change)
    is_given = question.design_effect != 1
    effective = looks["looks"] / question.design_effect if is_given else looks["effective"]
    known = effective.fill_null(1).to_numpy()
    seen = detectable_change(
        question.share,
        known,
        known,
        power=question.power,
        confidence=question.confidence,
        falls=question.change < 0,
    )
    is_seen = effective.is_not_null() & pl.Series(seen).is_finite()
    return looks.with_columns(
        effective=effective,
        needed=pl.lit(needed),
        enough=effective * question.design_effect >= needed,
        detectable=pl.when(is_seen).then(pl.Series(seen)),
    )


def _part(question: PlanQuestion) -> Run:
    """The run that a question names, or what of it meets the condition."""
    run = open_run(Path(str(question.run)))
    if question.where is None:
        return run
    if not question.where.strip():
        raise QueryError("the condition is empty (--where \"region = 'EU'\")")
    return run.where(question.where)


def _needed(question: PlanQuestion, change: float) -> int:
    return looks_needed(
        question.share,
        change,
        power=question.power,
        confidence=question.confidence,
        design_effect=question.design_effect,
    )


def _sentence(question: PlanQuestion, needed: int) -> str:
    share, becomes = question.share, question.share + question.change
    return (
        f"To see {_percent(share)} become {_percent(becomes)}, each of the two periods needs "
        f"{needed:,} looks ({_percent(question.power)} power, {_percent(question.confidence)} "
        f"confidence, design effect {question.design_effect:g})."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"


def _as_json(
    question: PlanQuestion, needed: int, changes: pl.DataFrame, groups: pl.DataFrame | None
) -> str:
    asked = asdict(question) | {"run": None if question.run is None else str(question.run)}
    listed = {} if groups is None else {"groups": groups.to_dicts()}
    return json.dumps({**asked, "looks": needed, "changes": changes.to_dicts(), **listed})
