"""Every figure of a report's pages is the API's public answer, to the last digit shown."""

import re
from itertools import chain

import polars as pl
import pytest
from garment_rows import BLACK, WHITE, garment
from report_pages import DASH, Page, interval, percent, points, shown
from report_runs import CROWD, KINDS, NAVY, built_run, contents

from trendcolor.analysis.legends import Level
from trendcolor.color.libraries import open_vocabulary
from trendcolor.color.names import FAMILIES, name_color
from trendcolor.report.page import render_changes, render_page

PUBLIC = {"disclosure": "public"}
PARTS = ({"season": "AW25"}, {"season": "AW26"})
SHAPES = {"up": "▲", "down": "▼", "no change shown": "=", "not enough data": "?"}
LINE = "name,hex\nink,#050505\nmoss,#4d6b3c\nsnow,#fdfdfd\n"


def outfits(top, trousers, n, season):
    """One look of two garments of each of n sources."""
    names = [(f"{season}-{top}-{trousers}-{i}", f"s{i}") for i in range(n)]
    return [
        [
            *garment(name, top, season=season, region="EU", source=source),
            *garment(name, trousers, garment="trousers", season=season, region="EU", source=source),
        ]
        for name, source in names
    ]


LOOKS = (
    *CROWD,
    *outfits(BLACK, NAVY, 45, "AW25"),
    *outfits(WHITE, NAVY, 30, "AW26"),
    *outfits(WHITE, BLACK, 20, "AW26"),
)


class Report:
    """A run, what its report shows, and the two pages."""

    def __init__(self, folder, *, is_free_of_people):
        sold = [[{**row, "sold": 2.0 + (i % 7)} for row in rows] for i, rows in enumerate(LOOKS)]
        kinds = {**KINDS, "sold": "weight"}
        self.run = built_run(folder / "run", sold, kinds=kinds, is_free_of_people=is_free_of_people)
        (folder / "line.csv").write_text(LINE, encoding="utf-8")
        self.told = contents(self.run, line=open_vocabulary(folder / "line.csv"))
        self.html = render_page(self.told), render_changes(self.told)
        self.page, self.changes = map(Page, self.html)


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """The same garments, of real people and of nobody."""
    return {
        is_free: Report(tmp_path_factory.mktemp("report"), is_free_of_people=is_free)
        for is_free in (False, True)
    }


@pytest.fixture(params=[False, True], ids=["guarded", "nothing withheld"])
def report(request, reports):
    return reports[request.param]


@pytest.fixture
def guarded(reports):
    return reports[False]


def by(answer, *columns):
    """Rows of an answer by some of their columns."""
    rows = {tuple(row[name] for name in columns): row for row in answer.rows(named=True)}
    return {key[0] if len(columns) == 1 else key: row for key, row in rows.items()}


def test_the_ranking(report):
    rows = report.page.tables["ranking-table"][1:]
    answer = report.run.shares(**PUBLIC).rows(named=True)
    assert [row[0] for row in rows] == [cell["family"] for cell in answer]
    for row, cell in zip(rows, answer, strict=True):
        if cell["share"] is None:
            assert row[2] == "withheld"
            assert not re.search(r"\d", row[3])
        else:
            counts = f"{cell['numerator']:,} of {cell['denominator']:,}"
            assert row[2:] == [percent(cell["share"]), interval(cell), counts]


@pytest.mark.parametrize(
    ("unit", "head"),
    [
        ("garments", "Share of garments"),
        ("looks", "Share of looks"),
        ("area", "Share of garment pixels"),
        ("weight", "Share of weight (sold)"),
    ],
)
def test_each_unit(report, unit, head):
    answer = by(report.run.shares(unit=unit, **PUBLIC), "family")
    whole = next(cell["denominator"] for cell in answer.values())
    of = "withheld" if whole is None else f"of {whole:,.0f}"
    cells = report.page.column("units-table", f"{head} {of}")
    assert cells == {family: shown(answer[family]) for family in FAMILIES}


def test_weight_beside_garments(report):
    for unit, head in (("garments", "Share of garments"), ("weight", "Share of weight (sold)")):
        answer = by(report.run.shares(unit=unit, **PUBLIC), "family")
        cells = report.page.column("weight-table", head)
        assert cells == {family: shown(answer[family]) for family in FAMILIES}


@pytest.mark.parametrize(("table", "column"), [(1, "garment"), (2, "season"), (3, "region")])
def test_families_by_group(report, table, column):
    answer = by(report.run.shares(column, **PUBLIC), column, "family")
    rows = {row[0]: row for row in report.page.tables[f"by-{table}-table"][1:]}
    assert rows.keys() == {str(group) for group, _ in answer}
    for (group, family), cell in answer.items():
        row = rows[str(group)]
        if cell["denominator"] is None:
            assert row[1] == "withheld"
            assert row[2].startswith("withheld (the whole group rests on too few sources")
        else:
            assert row[1] == f"{cell['denominator']:,}"
            assert row[2 + FAMILIES.index(family)] == shown(cell)


def test_families_over_time(report):
    answer = by(report.run.shares("season", **PUBLIC), "season", "family")
    head, *rows = report.page.tables["evolution-table"]
    assert [each.split()[0] for each in head[1:]] == ["AW25", "AW26"]
    for row in rows:
        assert row[1:] == [shown(answer[season, row[0]]) for season in ("AW25", "AW26")]


def test_neutrals_and_chromatics(report):
    head, whole, *rows = report.page.tables["tones-table"]
    tones = [each.lower() for each in head[3:]]
    answer = by(report.run.shares(colors="tone", **PUBLIC), "tone")
    assert whole[3:] == [shown(answer[tone]) for tone in tones]
    columns = list(dict.fromkeys(row[0] for row in rows))
    assert columns == ["garment", "season", "region"]
    for column in columns:
        answer = by(report.run.shares(column, colors="tone", **PUBLIC), column, "tone")
        for row in rows:
            if row[0] == column:
                assert row[3:] == [shown(answer[row[1], tone]) for tone in tones]


def test_patterns(report):
    head, whole, *rows = report.page.tables["patterns-table"]
    names = [each.lower() for each in head[2:]]
    answer = by(report.run.patterns(**PUBLIC), "pattern")
    assert whole[2:] == [shown(answer[name]) for name in names]
    answer = by(report.run.patterns("garment", **PUBLIC), "garment", "pattern")
    for row in rows:
        assert row[2:] == [shown(answer[row[0], name]) for name in names]


def test_pairs(report):
    told = report.run.combinations(**PUBLIC).drop_nulls("share")
    rows = report.page.tables["combinations-table"][1:]
    assert len(rows) == min(15, told.height)
    for row, cell in zip(rows, told.rows(named=True), strict=False):
        assert row[0] == f"{cell['color']} and {cell['with']}"
        assert row[1:3] == [f"{cell['looks']:,}", shown(cell)]
        if cell["lift"] is not None and cell["lift_low"] is not None:
            ends = f"{cell['lift_low']:.2f}{DASH}{cell['lift_high']:.2f}"
            assert row[3] == f"{cell['lift']:.2f} {ends}"
        if cell["p_adjusted"] is not None:
            p = cell["p_adjusted"]
            assert row[4] == ("<0.001" if p < 0.001 else f"{p:.3f}")
            assert ("no different" in row[5]) == (p > 0.05)


def test_signatures(report):
    answer = report.run.signatures(family=FAMILIES, **PUBLIC).rows(named=True)
    for cell in answer:
        if cell["n"] == 0:
            continue
        row = report.page.row("signatures-table", cell["family"])
        if cell["color"] is None:
            assert row[1] == "withheld"
            assert not any(re.search(r"\d", each) for each in row[1:])
            continue
        assert row[1] == f"{cell['color']} {cell['name']}"
        assert row[2] == f"{cell['r']}, {cell['g']}, {cell['b']}"
        told = [
            DASH if cell[each] is None else f"{cell[each]:.1f}" for each in ("radius", "spread")
        ]
        assert row[4:7] == [*told, f"{cell['n']:,}"]
        assert row[7] == shown(cell)


def test_the_error_budget(report):
    for cell in report.run.error_budget(**PUBLIC).rows(named=True):
        row = report.page.row("budget-table", cell["family"])
        if cell["share"] is None:
            assert row[1:] == ["withheld", DASH, DASH, DASH, DASH]
            continue
        expected = [percent(cell["share"]), f"±{100 * cell['sampling']:.1f} pp"]
        for part in ("segmentation", "color"):
            if cell[part] is None:
                expected.append("not known")
            else:
                shift = points(cell[f"{part}_shift"])
                expected.append(f"±{100 * cell[part]:.1f} pp shift {shift}")
        total = cell["total"]
        expected.append("not known" if total is None else f"±{100 * total:.1f} pp")
        assert row[1:] == expected


def change_row(cell):
    """What a table of changes says of one row of an answer."""
    parts = [
        "withheld" if cell[each] is None else percent(cell[each]) for each in ("share_a", "share_b")
    ]
    if cell["change"] is None:
        return [*parts, "", "withheld", DASH]
    change = f"{points(cell['change'])} {points(cell['low'])} to {points(cell['high'])}"
    return [*parts, "", change, f"{SHAPES[cell['verdict']]} {cell['verdict']}"]


def test_changes_of_families(report):
    answer = by(report.run.compare(*PARTS, **PUBLIC), "family")
    for page, table in ((report.page, "changes-table"), (report.changes, "change-families")):
        rows = {row[0]: row[1:] for row in page.tables[table][1:]}
        assert rows == {family: change_row(cell) for family, cell in answer.items()}


def test_changes_of_shades(report):
    answer = report.run.compare(*PARTS, colors="shade", overall=False, **PUBLIC)
    is_told = pl.col("share_a").is_not_null() | pl.col("share_b").is_not_null()
    cells = by(answer.filter(pl.col("shade") != "other", is_told), "shade")
    rows = {row[0].split()[-1]: row[1:] for row in report.changes.tables["change-shades"][1:]}
    assert rows == {shade: change_row(cell) for shade, cell in cells.items()}


def test_changes_by_garment(report):
    head, *rows = report.page.tables["changes-by-garment"]
    assert head[1:] == list(FAMILIES)
    assert rows
    for row in rows:
        garments = report.run.garments(row[0])
        answer = by(garments.compare(*PARTS, overall=False, **PUBLIC), "family")
        for family, text in zip(FAMILIES, row[1:], strict=True):
            cell = answer[family]
            if cell["change"] is None:
                assert text == "withheld"
            else:
                verdict = cell["verdict"]
                assert text == f"{SHAPES[verdict]} {points(cell['change'])} , {verdict}"
        table = {each[0]: each[1:] for each in report.changes.tables[f"change-{row[0]}"][1:]}
        assert table == {family: change_row(cell) for family, cell in answer.items()}


def test_the_line(report):
    shades = by(report.run.shares(colors="shade", **PUBLIC), "shade")
    assert [row[0].split()[0] for row in report.page.tables["line-table"][1:]] == [
        *("ink", "moss", "snow"),
    ]
    for row, color in zip(
        report.page.tables["line-table"][1:], report.told.line.colors, strict=True
    ):
        nearest = row[1].split()[-1]
        assert nearest == color.nearest
        assert row[2] == f"{color.distance:.1f}"
        assert row[3] == shown(shades[nearest])
        assert ("in the season" in row[4]) == (color.distance <= 7)
    assert f"make up {percent(report.told.line.covered)} of garments" in report.page.text


def cards_of(html):
    """The text of each card, by its color; a color may be in both groups."""
    for found in re.findall(r'<li class="card" data-color="(#\w+)">(.*?)</dl>\n</li>', html, re.S):
        page = Page(found[1])
        yield found[0], page.text, [tag.get("aria-label") for _, tag in page.tags]


def test_cards(report):
    run = report.run
    shades = by(run.shares(colors="shade", **PUBLIC), "shade")
    seasons = by(run.shares("season", colors="shade", **PUBLIC), "shade", "season")
    changes = by(run.compare(*PARTS, colors="shade", overall=False, **PUBLIC), "shade")
    found = list(cards_of(report.html[0]))
    told = [code for code, cell in shades.items() if cell["share"] and code != "other"]
    assert [code for code, *_ in found][: len(told[:10])] == told[:10]
    for code, text, labels in found:
        cell, change = shades[code], changes[code]
        assert f"{percent(cell['share'])} interval {interval(cell)}" in text
        assert f"{cell['numerator']:,} of {cell['denominator']:,} garments" in text
        rgb = tuple(bytes.fromhex(code[1:]))
        assert f"RGB {rgb[0]}, {rgb[1]}, {rgb[2]}" in text
        assert text.lower().startswith(name_color(rgb).name)
        if change["change"] is None:
            assert "Against AW25: withheld" in text
        else:
            assert f"{points(change['change'])} {change['verdict']}" in text
        line = ", ".join(
            f"{season} {'withheld' if share is None else percent(share)}"
            for season, share in (
                (season, seasons[code, season]["share"]) for season in ("AW25", "AW26")
            )
        )
        assert line in labels


def test_where_a_color_is_strong(report):
    tables = {
        column: by(report.run.shares(column, colors="shade", **PUBLIC), "shade", column)
        for column in ("garment", "region")
    }
    said = 0
    for code, text, _ in cards_of(report.html[0]):
        for group, share in re.findall(r"Strong in (\w+): ([\d.]+%)", text):
            cells = [table[code, group] for table in tables.values() if (code, group) in table]
            assert share in [percent(cell["share"]) for cell in cells if cell["share"] is not None]
            said += 1
    assert said or not report.told.manifest.is_free_of_people  # so few may be told otherwise


def test_the_map(report):
    (found,) = [each for each in report.page.data() if "states" in each]
    step = report.told.gamut.step
    for state in found["states"]:
        chosen = {name: state[name] for name in ("garment", "period") if state[name] is not None}
        columns = ["season" if name == "period" else name for name in chosen]
        level = report.told.gamut.states.filter(
            pl.col("garment").eq_missing(state["garment"]),
            pl.col("period").eq_missing(state["period"]),
        )["level"].item()
        finest = Level(colors=level, step=step) if level == "bin" else Level(colors=level)
        answer = report.run.shares(columns, colors=finest, **PUBLIC)
        for column, value in zip(columns, chosen.values(), strict=True):
            answer = answer.filter(pl.col(column) == value)
        told = answer.filter(pl.col("share") > 0)
        figures = told.select("numerator", "share", "low", "high").rows()
        assert sorted(tuple(cell[1:]) for cell in state["cells"]) == sorted(figures)


# How charts look, and what a whole lacks, which is 1 less what is told of it.
NO_FIGURES = ("mark", "encoding", "config", "withheld")


def numbers(data):
    """All figures in what scripts are given."""
    if isinstance(data, dict):
        told = (value for key, value in data.items() if key not in NO_FIGURES)
        yield from chain.from_iterable(map(numbers, told))
    elif isinstance(data, list):
        yield from chain.from_iterable(map(numbers, data))
    elif isinstance(data, int | float) and not isinstance(data, bool):
        yield float(data)


def withheld(run):
    """The shares of cells that are withheld, but for those that are a told cell's too."""
    hidden, told = set(), set()
    for column in (None, "garment", "season", "region", ["garment", "season"]):
        for colors in ("family", "shade", "tone"):
            raw, public = (
                run.shares(column, colors=colors, disclosure=disclosure)
                for disclosure in ("raw", "public")
            )
            keys = [name for name in raw.columns if name in ("garment", "season", "region", colors)]
            both = raw.select(*keys, "share").join(
                public.select(*keys, guarded="share"), on=keys, nulls_equal=True
            )
            is_hidden = pl.col("guarded").is_null() & (pl.col("share") > 0)
            hidden |= set(both.filter(is_hidden)["share"])
            told |= set(both["guarded"].drop_nulls())
    # Bands end at 1, whatever they hold.
    told.add(1.0)
    return {share for share in hidden if all(abs(share - other) > 1e-6 for other in told)}


def test_what_is_withheld_is_nowhere(guarded):
    hidden = withheld(guarded.run)
    assert len(hidden) >= 5
    found = list(numbers(guarded.page.data()))
    assert len(found) > 1000
    close = [share for share in hidden if any(abs(share - number) < 1e-7 for number in found)]
    assert close == []
    for html in guarded.html:
        # To six digits, which no other figure has by chance; scripts were looked through above.
        read = re.sub(r"<script.*?</script>", "", html, flags=re.S)
        assert not [share for share in hidden if f"{share:.8f}"[:8] in read]
        assert "#15b01a" not in html.lower()  # the green of three garments
        assert "withheld" in html
