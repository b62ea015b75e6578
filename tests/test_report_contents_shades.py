import polars as pl
import pytest
from garment_rows import BLACK, WHITE
from report_runs import asked, built_run, contents, people

from trendcolor.color.names import name_color
from trendcolor.report.contents import report_contents


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    return built_run(tmp_path_factory.mktemp("crowd") / "run")


@pytest.fixture(scope="module")
def told(crowd):
    return contents(crowd)


@pytest.fixture(scope="module")
def free(tmp_path_factory):
    """The same garments in pictures of nobody, so that nothing is withheld."""
    folder = tmp_path_factory.mktemp("free") / "run"
    return contents(built_run(folder, is_free_of_people=True))


def public(run, by=None):
    return run.shares(by, colors="shade", disclosure="public")


def by_name(cards):
    return {card.name: card for card in cards}


def test_headline_colors_are_the_most_frequent_shades_that_may_be_told(crowd, told):
    rows = public(crowd).filter(pl.col("share") > 0).rows(named=True)
    assert [card.shade for card in told.cards.headline] == [row["shade"] for row in rows]
    for card, row in zip(told.cards.headline, rows, strict=True):
        for figure in ("share", "low", "high", "numerator", "denominator"):
            assert getattr(card, figure) == row[figure]


def test_a_shade_of_three_sources_has_no_card(told):
    assert "green" not in {card.family for card in told.cards.headline}
    assert told.cards.n_withheld >= 1


def test_a_card_names_and_measures_its_shade(told):
    for card in told.cards.headline:
        named = name_color(card.rgb)
        assert (card.name, card.family) == (named.name, named.family)
        assert card.shade == "#{:02x}{:02x}{:02x}".format(*card.rgb)
        assert card.code == f"TC-{card.shade[1:].upper()}"


def test_a_change_is_what_compare_says(crowd, told):
    wanted = {"season": "AW25"}, {"season": "AW26"}
    table = crowd.compare(*wanted, colors="shade", disclosure="public")
    rows = {row["shade"]: row for row in table.rows(named=True)}
    for card in told.cards.headline:
        row, change = rows[card.shade], card.change
        assert (change.before, change.after) == (row["share_a"], row["share_b"])
        assert (change.change, change.low, change.high) == (row["change"], row["low"], row["high"])
        assert change.verdict == row["verdict"]


def test_shares_by_period_are_those_of_the_public_table(crowd, told):
    rows = {(row["shade"], row["season"]): row for row in public(crowd, "season").rows(named=True)}
    for card in told.cards.headline:
        shares = [each["share"] for each in card.by_period]
        told_shares = [rows.get((card.shade, season), {}) for season in ("AW25", "AW26")]
        assert shares == [row.get("share") for row in told_shares]
    assert any(each["share"] for card in told.cards.headline for each in card.by_period)


def test_a_color_that_most_of_one_group_wear_is_strong_there(free):
    red = next(card for card in free.cards.headline if card.family == "red")
    assert ("garment", "dress") in {(each.column, each.label) for each in red.strong}
    dress = next(each for each in red.strong if each.label == "dress")
    assert dress.share == 1
    assert dress.times == pytest.approx(1 / red.share)
    assert [each.times for each in red.strong] == sorted(
        (each.times for each in red.strong), reverse=True
    )


def test_a_color_of_the_same_share_everywhere_is_strong_nowhere(tmp_path):
    garments = [*people(BLACK, 50), *people(WHITE, 50)]
    garments += [*people(BLACK, 50, region="UK"), *people(WHITE, 50, region="UK")]
    made = contents(built_run(tmp_path / "run", garments))
    assert all(card.strong == () for card in made.cards.headline)


def test_classics_are_steady_over_the_periods(free):
    classics = by_name(free.cards.classics)
    assert {card.family for card in classics.values()} == {"black", "blue"}
    # White falls from 40 to 15 and red rises from 12 to 45.
    assert all(card.is_classic == (card.name in classics) for card in free.cards.headline)


def test_without_periods_there_are_no_classics(tmp_path):
    made = contents(built_run(tmp_path / "run", [*people(BLACK, 50), *people(WHITE, 50)]))
    assert made.cards.classics == ()
    assert made.periods is None
    assert made.changes is None
    assert all(card.change is None and card.by_period == () for card in made.cards.headline)


def test_a_strip_goes_from_dark_to_light_and_holds_what_garments_show(tmp_path):
    shades = [(20 + i, 20 + i, 22 + i) for i in range(10)]
    garments = [each for i, color in enumerate(shades) for each in people(color, 30, start=30 * i)]
    (card,) = contents(built_run(tmp_path / "run", garments)).cards.headline
    assert len(card.strip) == 24
    assert list(card.strip) == sorted(card.strip)
    assert card.strip[0] == "#141416"
    assert card.strip[-1] == "#1d1d1f"


def test_most_garments_of_a_color_decide_how_it_is_worn(free):
    patterns = {card.family: card.pattern for card in free.cards.headline}
    assert patterns["red"] == "solid"
    black = next(card for card in free.cards.headline if card.family == "black")
    # 40 skirts of black and white among 250 black garments.
    assert black.solid == pytest.approx(210 / 250)


def test_headline_colors_are_at_most_as_many_as_the_setting(tmp_path):
    from trendcolor.config import ReportConfig

    run = built_run(tmp_path / "run", report=ReportConfig(headline=2))
    assert len(contents(run).cards.headline) == 2


def test_a_withheld_figure_is_told_nowhere(crowd, told):
    raw = crowd.shares(colors="shade").filter(pl.col("numerator") == 3)
    green = raw["shade"][0]
    assert green not in {card.shade for card in told.cards.headline}
    for frame in (told.families, told.tones, *(each.shares for each in told.breakdowns)):
        assert not frame.filter(pl.col("numerator").is_between(1, 9)).height


def test_cards_of_nobody_withhold_nothing(free):
    assert "green" in {card.family for card in free.cards.headline}
    assert free.cards.n_withheld == 0


def test_a_run_without_garments_has_a_report(tmp_path):
    made = report_contents(asked(built_run(tmp_path / "run", [])))
    assert made.cards.headline == ()
    assert made.gamut.cells.is_empty()
    assert made.patterns.is_empty()
