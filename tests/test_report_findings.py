from dataclasses import replace

import polars as pl
import pytest
from report_runs import built_run, contents
from share_tables import share_table

from trendcolor.color.vocabularies import FAMILIES
from trendcolor.report import findings
from trendcolor.report.words import open_words

ENGLISH = open_words("en")


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return contents(built_run(tmp_path_factory.mktemp("run") / "run"))


def counts(**garments):
    return share_table([garments.get(family, 0) for family in FAMILIES])


@pytest.mark.parametrize(("n_black", "n_blue", "is_doubtful"), [(32, 30, True), (90, 15, False)])
def test_an_order_is_called_uncertain_where_intervals_overlap(n_black, n_blue, is_doubtful):
    text = findings.finding(counts(black=n_black, blue=n_blue, red=10), ENGLISH)
    assert text.startswith("Black is the most frequent main color")
    assert ("which of the two leads is not certain" in text) == is_doubtful


def test_where_families_are_withheld_the_lead_is_among_the_others():
    table = counts(black=90, blue=10)
    hidden = table.with_columns(
        pl.when(pl.col("family") == "red").then(None).otherwise(pl.col("share")).alias("share")
    )
    assert findings.finding(hidden, ENGLISH).startswith("Of the families that can be shown, black")


@pytest.mark.parametrize(
    ("table", "text"),
    [
        (counts(black=1).clear(), "No garment with a readable color was found."),
        (
            counts(black=1).with_columns(share=pl.lit(None, pl.Float64)),
            "Too few sources: no share of a color family can be shown.",
        ),
    ],
    ids=["no garment", "all withheld"],
)
def test_nothing_is_claimed_of_nothing(table, text):
    assert findings.finding(table, ENGLISH) == text


def test_what_rises_and_falls_is_what_verdicts_say(told):
    changes = told.changes
    text = findings.change_finding(changes, ENGLISH)
    assert text.startswith("From AW25 to AW26")
    for row in changes.families.rows(named=True):
        told_of = f"{row['family']} (" in text
        assert told_of == (row["verdict"] in ("up", "down"))


def test_many_families_are_counted_not_listed(told):
    families = told.changes.families.with_columns(verdict=pl.lit("up"), change=pl.lit(0.01))
    text = findings.change_finding(replace(told.changes, families=families), ENGLISH)
    assert "and 8 more." in text
    quiet = families.with_columns(verdict=pl.lit("no change shown"))
    text = findings.change_finding(replace(told.changes, families=quiet), ENGLISH)
    assert text == "From AW25 to AW26 no family is shown to rise or fall."


def test_a_distance_has_its_chance(told):
    text = findings.distance_finding(told.changes, ENGLISH)
    assert f"CIEDE2000 {told.changes.distance:.1f} apart" in text
    assert f"a chance of {told.changes.distance_p:.3f}" in text
    hidden = told.changes.families.with_columns(distance=pl.lit(None, pl.Float64))
    assert findings.distance_finding(replace(told.changes, families=hidden), ENGLISH) == ""


def test_neutrals_are_told_with_their_interval(told):
    row = told.tones.row(by_predicate=pl.col("tone") == "neutral", named=True)
    text = findings.tone_finding(told, ENGLISH)
    assert text.startswith(f"{row['share']:.1%} of {row['denominator']:,} garments are neutral")
    hidden = told.tones.with_columns(share=pl.lit(None, pl.Float64))
    assert "can't be shown" in findings.tone_finding(replace(told, tones=hidden), ENGLISH)
