import csv
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import polars as pl
import pytest
from garment_rows import BLACK, BLUE, GREEN, RED, WHITE, garment, records
from made_runs import made_header

from trendcolor.api.opening import open_run
from trendcolor.color.names import FAMILIES, name_color
from trendcolor.color.spaces import srgb_to_lab
from trendcolor.config import (
    AnalysisConfig,
    ColorConfig,
    ImagesConfig,
    ReportConfig,
    SegmentationConfig,
)
from trendcolor.errors import QueryError, RunError
from trendcolor.records import frame, photo_schema
from trendcolor.report.contents import reason_group, report_contents
from trendcolor.report.page import FAMILY_COLORS, contrast, ink, render_page, write_page
from trendcolor.report.words import open_words
from trendcolor.runs import (
    RunCard,
    RunColumn,
    prepare_run_folder,
    seal,
    write_shard,
)

DASH = "\N{EN DASH}"
HOSTILE = "<script>alert('x')</script><img src=x onerror=y>"
NAVY = (20, 30, 70)
KINDS = {"season": "season", "region": "region", "source": "source"}
CARD = RunCard(
    name="street",
    version="2026-1",
    title="Street photos",
    homepage="https://example.org/street",
    license="CC-BY-4.0",
    license_class="commercial",
    attribution="A. Photographer & friends",
    people="real",
    consent_basis="consent",
    period="2025",
    frame="every tenth passer-by",
    biases=("one city only",),
    purposes_allowed=("research", "publication"),
    sha256="c" * 64,
)


def people(color, n, *, season="AW25", region="EU", kind="top", start=0):
    """One garment of each of n sources."""
    return [
        garment(
            f"{season}-{region}-{kind}-{color}-{i}",
            color,
            garment=kind,
            season=season,
            region=region,
            source=f"s{start + i}",
        )
        for i in range(n)
    ]


CROWD = (
    *people(BLACK, 40),
    *people((2, 2, 4), 1),
    *people(WHITE, 15, region="UK"),
    *people(NAVY, 25, season="SS26", kind="dress"),
    *people(RED, 12, season="SS26", region="UK", kind="dress"),
    *people(GREEN, 3, season="AW25", region=None),
)


def header(**changed):
    usual = {
        "segmentation": SegmentationConfig(weights="segmenter.safetensors"),
        "report": ReportConfig(title="Winter & summer"),
        "cards": (CARD,),
        "weights": "segmenter.safetensors",
        "weights_hash": "3e" * 32,
        "runtime": "torch 2",
    }
    return made_header(KINDS, declared_by="the photographers", **usual | changed)


LIGHT_METHODS = ("consensus", "gray-card", "color-checker", "consensus", "white-point")


def built_run(folder, garments=CROWD, *, left_out=(), **changed):
    """A finished run of one photo a garment, and of photos that were left out."""
    whole = header(**changed)
    kinds = {column.name: column.kind for column in whole.columns}
    ok = [
        {
            **{"photo": rows[0]["photo"], "status": "ok", "garments": 1, "small_garments": 1},
            **{"light_method": LIGHT_METHODS[i % len(LIGHT_METHODS)]},
            **{"light_refused": "gray card is too dark" if i == 3 else None},
            **{"corrected": i < 7, "touching": int(i < 3), "bystanders": 2 * (i < 5)},
            **{name: rows[0].get(name) for name in kinds},
        }
        for i, rows in enumerate(garments)
    ]
    lost = [
        {"photo": f"lost-{i}.jpg", "status": status, "reason": reason}
        for i, (status, reason) in enumerate(left_out)
    ]
    photos = frame([*ok, *lost], photo_schema(kinds))
    whole = replace(whole, photos=len(photos))
    prepare_run_folder(folder, whole, fresh=False)
    write_shard(folder, 0, declared_records(garments, kinds), photos)
    seal(folder, whole, 1, 2.5)
    return open_run(folder)


def declared_records(garments, kinds):
    numbers = [name for name, kind in kinds.items() if kind == "weight"]
    texts = [name for name in kinds if name not in numbers]
    return records(*garments, columns=texts, numbers=numbers).collect()


class Page(HTMLParser):
    """Tags with attributes, text, and the text of each table's cells by row."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.tables, self.words = [], {}, []
        self._table = self._cell = self._skip = None
        self.feed(html)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.tags.append((tag, found))
        if tag == "style":
            self._skip = tag
        if tag == "table":
            self._table = self.tables.setdefault(found.get("id", f"matrix-{len(self.tables)}"), [])
        if tag == "tr":
            self._table.append([])
        if tag in ("td", "th"):
            self._cell = []

    def handle_endtag(self, tag):
        if tag == self._skip:
            self._skip = None
        if tag in ("td", "th"):
            self._table[-1].append(" ".join("".join(self._cell).split()))
            self._cell = None

    def handle_data(self, text):
        if self._skip is None:
            self.words.append(text)
        if self._cell is not None:
            self._cell.append(text + " ")

    def row(self, table, first):
        return next(row for row in self.tables[table] if row[0] == first)


def page_of(run):
    return Page(render_page(report_contents(run)))


def printed(cell):
    """How the page's ranking prints one row of an answer."""
    if cell["share"] is None:
        whole = "" if cell["denominator"] is None else f" of {cell['denominator']:,}"
        return ["withheld", DASH, f"{DASH}{whole}"]
    return [
        f"{cell['share']:.1%}",
        f"{100 * cell['low']:.1f}{DASH}{cell['high']:.1%}",
        f"{cell['numerator']:,} of {cell['denominator']:,}",
    ]


def test_each_section_is_there(tmp_path):
    page = page_of(built_run(tmp_path / "run"))
    ids = {
        attributes["id"] for tag, attributes in page.tags if tag == "section" and "id" in attributes
    }
    sections = (
        "headline",
        "signatures",
        "ranking",
        "breakdowns",
        "screening",
        "sources",
        "method",
        "cite",
    )
    assert ids == set(sections)
    linked = [a["href"] for tag, a in page.tags if tag == "a" and a["href"].startswith("#")]
    targets = {a["id"] for _, a in page.tags if "id" in a}
    assert {link.removeprefix("#") for link in linked} <= targets
    assert {f"#{name}" for name in sections} <= set(linked)


def test_the_ranking_says_what_the_public_answer_says(tmp_path):
    run = built_run(tmp_path / "run")
    table = page_of(run).tables["ranking-table"][1:]
    answer = run.shares(disclosure="public").rows(named=True)
    assert [row[0] for row in table] == [cell["family"] for cell in answer]
    assert [row[2:] for row in table] == [printed(cell) for cell in answer]
    assert any(cell["share"] is None for cell in answer)


@pytest.mark.parametrize(("place", "unit"), [(1, "garments"), (2, "looks"), (3, "area")])
def test_each_unit_says_what_its_public_answer_says(tmp_path, place, unit):
    run = built_run(tmp_path / "run")
    table = page_of(run).tables["units-table"]
    for cell in run.shares(unit=unit, disclosure="public").rows(named=True):
        row = next(row for row in table if row[0] == cell["family"])
        assert row[place] == " ".join(printed(cell)[: 1 if cell["share"] is None else 2])


def test_a_declared_weight_is_a_unit_of_its_own(tmp_path):
    columns = (
        RunColumn(name="source", kind="source"),
        RunColumn(name="sold", kind="weight"),
    )
    garments = [*people(BLACK, 20, season=None), *people(RED, 15, season=None)]
    garments = [[{**row, "sold": 2.0} for row in rows] for rows in garments]
    table = page_of(built_run(tmp_path / "run", garments, columns=columns)).tables["units-table"]
    assert table[0][-1] == "Share of weight (sold) of 70"


@pytest.mark.parametrize(
    ("table", "by"), [("matrix-3", "garment"), ("matrix-4", "season"), ("matrix-5", "region")]
)
def test_breakdowns_say_what_the_public_answers_say(tmp_path, table, by):
    run = built_run(tmp_path / "run")
    page = page_of(run)
    answers = run.shares(by, disclosure="public").partition_by(by, as_dict=True)
    assert len(page.tables[table]) == 1 + len(answers)
    for (group,), answer in answers.items():
        row = page.row(table, "not declared" if group is None else group)
        if answer["denominator"].null_count():
            assert row[1:] == ["withheld", "withheld (the whole group rests on too few sources)"]
            continue
        cells = {cell["family"]: cell for cell in answer.rows(named=True)}
        assert row[1] == str(answer["denominator"][0])
        for family, text in zip(FAMILIES, row[2:], strict=True):
            cell = cells[family]
            assert text == " ".join(printed(cell)[: 1 if cell["share"] is None else 2])


def test_headline_cards_say_what_the_public_answer_says(tmp_path):
    run = built_run(tmp_path / "run")
    text = page_of(run).text
    shown = run.shares(colors="shade", disclosure="public").filter(pl.col("share") > 0)
    assert shown.height >= 3
    for cell in shown.rows(named=True):
        share, interval, counts = printed(cell)
        assert f"{share} of garments interval {interval} {counts} garments" in text


def test_headline_colors_are_as_many_as_the_setting_says(tmp_path):
    run = built_run(tmp_path / "run", report=ReportConfig(headline=2))
    contents = report_contents(run)
    assert contents.headline.height == 2
    assert sum(a.get("class") == "card" for _, a in page_of(run).tags) == 2


def test_a_withheld_shade_has_no_card(tmp_path):
    run = built_run(tmp_path / "run")
    green = "#{:02x}{:02x}{:02x}".format(*GREEN)
    assert run.shares(colors="shade").filter(shade=green)["numerator"].item() == 3
    contents = report_contents(run)
    assert green not in contents.headline["shade"]
    assert contents.n_withheld_shades >= 1


def test_a_headline_color_is_named_and_measured_as_its_shade(tmp_path):
    headline = report_contents(built_run(tmp_path / "run")).headline
    for row in headline.rows(named=True):
        rgb = (row["r"], row["g"], row["b"])
        assert row["shade"] == "#{:02x}{:02x}{:02x}".format(*rgb)
        assert (row["name"], row["family"]) == (name_color(rgb).name, name_color(rgb).family)
        lab = srgb_to_lab(np.array([rgb], np.uint8))[0]
        np.testing.assert_array_equal([row["l"], row["a*"], row["b*"]], lab.astype(float))


def test_signature_colors_say_what_the_public_answer_says(tmp_path):
    run = built_run(tmp_path / "run", analysis=AnalysisConfig(names={"#000000": "house black"}))
    page = page_of(run)
    answer = run.signatures(family=FAMILIES, disclosure="public").rows(named=True)
    told = {row["family"]: row for row in answer if row["color"] is not None}
    assert set(told) == {"black", "blue", "white"}
    for family, row in told.items():
        cells = page.row("signatures-table", family)
        assert cells[1] == f"{row['color']} {row['name']}"
        assert cells[2] == f"{row['r']}, {row['g']}, {row['b']}"
        assert cells[4:7] == [f"{row['radius']:.1f}", f"{row['spread']:.1f}", str(row["n"])]
    assert told["black"]["name"] == "house black"
    plus_minus = f"{told['black']['color']} \N{PLUS-MINUS SIGN} {told['black']['radius']:.1f}"
    assert f"The run's black is {plus_minus} (house black), found among 41 garments." in page.text


def test_a_chinese_page_has_the_figures_of_the_english_one(tmp_path):
    contents = report_contents(built_run(tmp_path / "run"))
    english = Page(render_page(contents))
    chinese = Page(render_page(contents, open_words("zh-CN")))
    assert next(found for tag, found in chinese.tags if tag == "html") == {"lang": "zh-CN"}
    assert english.tables.keys() == chinese.tables.keys()
    for name, table in english.tables.items():
        for row, other in zip(table, chinese.tables[name], strict=True):
            # "3 of 12" is "3 / 12", and 31.6 to 37.0% has its sign twice.
            assert [figures(cell) for cell in other] == [figures(cell) for cell in row]


def figures(text):
    return re.findall(r"\d[\d.,]*\d|\d", text)


def test_a_chinese_page_has_no_english_but_names_and_what_was_declared(tmp_path):
    run = built_run(tmp_path / "run", left_out=[("rejected", "truncated JPEG")])
    chinese = Page(render_page(report_contents(run), open_words("zh-CN")))
    declared = (CARD.title, CARD.frame, *CARD.biases, CARD.attribution, "the photographers")
    text = chinese.text
    for each in declared:
        text = text.replace(each, "|")
    assert re.findall(r"[a-z]{2,} (?:[a-z]+ )+[a-z]{2,}", text) == []
    assert "黑色是最常见的主色" in text
    assert chinese.row("reasons-table", "图像不完整")[1:] == ["无法使用", "1"]
    assert "按“季节”分组" in text  # a column that is called as its kind is
    names = {row[0]: row[1] for row in chinese.tables["signatures-table"][1:]}
    assert names["白色"] == "#ffffff 白色"


def test_strangers_words_are_text_on_a_chinese_page_too(tmp_path):
    card = replace(CARD, title=HOSTILE, license_class=HOSTILE, purposes_allowed=(HOSTILE,))
    run = built_run(tmp_path / "run", cards=(card,), report=ReportConfig(title=HOSTILE))
    html = render_page(report_contents(run), open_words("zh-CN"))
    assert {tag for tag, _ in Page(html).tags}.isdisjoint({"script", "img"})
    assert Page(html).text.count(HOSTILE) >= 6


def test_a_withheld_signature_has_no_color_on_the_page(tmp_path):
    cells = page_of(built_run(tmp_path / "run")).row("signatures-table", "green")
    assert cells[1:] == ["withheld", *[DASH] * 4, "withheld", "withheld"]


def test_nothing_is_loaded_and_no_picture_is_there(tmp_path):
    html = render_page(report_contents(built_run(tmp_path / "run")))
    page = Page(html)
    tags = {tag for tag, _ in page.tags}
    assert tags.isdisjoint(
        {"img", "script", "link", "iframe", "object", "embed", "video", "picture"}
    )
    assert not [a for _, a in page.tags if {"src", "srcset", "poster", "background"} & a.keys()]
    assert not re.search(r"url\(|@import|data:|javascript:", html)
    assert "default-src 'none'" in html
    outside = [a["href"] for _, a in page.tags if not a.get("href", "#").startswith("#")]
    assert outside == ["colors.csv", CARD.homepage]


def test_every_swatch_has_its_words_and_hides_from_screen_readers(tmp_path):
    page = page_of(built_run(tmp_path / "run"))
    painted = [a for _, a in page.tags if "background:" in a.get("style", "")]
    assert painted
    hidden = {"bar", "segment"}  # their parents are hidden
    assert all(a.get("aria-hidden") == "true" or a["class"] in hidden for a in painted)
    heads = [a for tag, a in page.tags if tag == "th"]
    assert heads
    assert all(a.get("scope") in ("row", "col") for a in heads)


def test_what_strangers_wrote_is_text(tmp_path):
    card = {name: HOSTILE for name in CARD.__dataclass_fields__ if name != "purposes_allowed"}
    run = built_run(
        tmp_path / "run",
        [*people(BLACK, 12, season=HOSTILE), *people(RED, 12, season="AW25")],
        left_out=[("rejected", HOSTILE)],
        report=ReportConfig(title=HOSTILE),
        cards=(replace(CARD, **{**card, "biases": (HOSTILE,)}),),
        columns=(
            RunColumn(name="season", kind="season", declared_by=HOSTILE),
            RunColumn(name="source", kind="source", declared_by=HOSTILE),
        ),
    )
    html = render_page(report_contents(run))
    page = Page(html)
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "img"})
    assert "<script" not in html
    assert page.text.count(HOSTILE) >= 10
    assert not [a for _, a in page.tags if a.get("href", "").startswith("<")]


@pytest.mark.parametrize("homepage", ["javascript:alert(1)", "data:text/html,x", "file:///etc"])
def test_a_homepage_that_is_no_web_address_is_no_link(tmp_path, homepage):
    run = built_run(tmp_path / "run", cards=(replace(CARD, homepage=homepage),))
    page = page_of(run)
    assert homepage in page.text
    assert homepage not in [a.get("href") for _, a in page.tags]


REASONS = [
    ("too small: shorter side 90 pixels, wanted 120 (images.min_side)", "too small"),
    ("badly exposed: 99% of pixels at full black or white, wanted at most 95%", "badly exposed"),
    ("gray photo: colorfulness 1.0, wanted 5 (images.min_colorfulness)", "gray photo"),
    ("truncated JPEG", "truncated image"),
    ("claims 9 x 9 pixels, more than 5 (images.max_pixels)", "claims too many"),
    ("named .png but holds JPEG", "named as another"),
    ("jane-doe.png: label map has 2 x 2 pixels, its photo 3 x 3", "label map of another size"),
    ("label map jane-doe.png is missing", "label map is missing"),
    ("the data set has no label map for jane-doe", "label map is missing"),
    ("jane-doe.mat: no such label map", "label map is missing"),
    ("jane-doe.png: unknown class ids [99], wanted 0 to 12 or 255", "label map holds unknown"),
    ("jane-doe.png: damaged PNG (x)", "label map can't be read"),
    ("its analysis ended the worker process", "its analysis ended"),
    ("jane-doe did something new", "another reason"),
]


@pytest.mark.parametrize(("reason", "words"), REASONS)
def test_a_reason_is_told_without_naming_a_file(reason, words):
    assert reason_group(reason).startswith(words)
    assert "jane" not in reason_group(reason)


def test_reasons_are_counted(tmp_path):
    left_out = [
        ("screened", "too small: shorter side 90 pixels, wanted 120 (images.min_side)"),
        ("screened", "too small: shorter side 91 pixels, wanted 120 (images.min_side)"),
        ("rejected", "truncated JPEG"),
    ]
    page = page_of(built_run(tmp_path / "run", left_out=left_out))
    assert [row[1:] for row in page.tables["reasons-table"][1:]] == [
        ["screened", "2"],
        ["rejected", "1"],
    ]
    outcome = [row[1] for row in page.tables["outcome-table"][1:]]
    assert outcome == [str(len(CROWD)), "2", "1"]
    quality = [row[1] for row in page.tables["quality-table"][1:]]
    assert quality == ["7", "0", str(len(CROWD)), "3", "10"]
    assert "lost-0" not in page.text


def test_what_is_withheld_is_nowhere_on_the_page(tmp_path):
    few = people(BLACK, 9)
    page = page_of(built_run(tmp_path / "run", few))
    assert "No shade can be shown" in page.text
    assert [row[2] for row in page.tables["ranking-table"][1:]] == ["withheld"] * 12
    assert not re.search(r"\b\d+ of \d+ garments|100\.0%", page.text)


def test_pictures_without_people_withhold_nothing(tmp_path):
    page = page_of(built_run(tmp_path / "run", people(BLACK, 3), is_free_of_people=True))
    assert page.row("ranking-table", "black")[-1] == "3 of 3"
    assert "nothing is withheld" in page.text


def test_a_run_without_garments_has_a_page(tmp_path):
    page = page_of(built_run(tmp_path / "run", [], left_out=[("rejected", "truncated JPEG")]))
    assert "No garment with a readable color was found." in page.text


def test_seasons_stand_in_their_order(tmp_path):
    garments = [
        each
        for season in ("AW24", "SS26", "SS25", "AW25")
        for each in people(BLACK, 12, season=season)
    ]
    (_, seasons) = report_contents(built_run(tmp_path / "run", garments)).breakdowns
    assert seasons.shares["season"].unique(maintain_order=True).to_list() == [
        *("AW24", "SS25", "AW25", "SS26"),
    ]


def test_a_column_of_many_values_is_shown_only_where_asked_for(tmp_path):
    garments = [each for i in range(13) for each in people(BLACK, 1, region=f"r{i}", start=i)]
    whole = report_contents(built_run(tmp_path / "run", garments))
    assert [each.column for each in whole.breakdowns] == ["garment"]
    asked = built_run(tmp_path / "asked", garments, report=ReportConfig(by=("region",)))
    assert [each.column for each in report_contents(asked).breakdowns] == ["garment", "region"]


def test_a_column_that_does_not_exist_is_refused(tmp_path):
    run = built_run(tmp_path / "run", report=ReportConfig(by=("seson",)))
    with pytest.raises(QueryError, match="no column 'seson', did you mean 'season'"):
        report_contents(run)


METHODS = [
    ({"segmentation": SegmentationConfig(source="masks")}, "no segmenter was run"),
    ({}, "weights segmenter.safetensors"),
    ({"segmentation": SegmentationConfig(bystander=0.25)}, "less than 25% of the pixels"),
    ({"segmentation": SegmentationConfig(bystander=0)}, "segmentation.bystander is 0"),
    ({"color": ColorConfig(correct=False)}, "Off (color.correct)"),
    ({}, "7 of 96 photos"),
    ({"color": ColorConfig(n_colors=3)}, "at most 3 colors"),
    ({"analysis": AnalysisConfig(confidence=0.9)}, "intervals, 90%"),
    ({"analysis": AnalysisConfig(min_cell=25)}, "fewer than 25 distinct sources"),
    ({"columns": ()}, "fewer than 10 distinct photos"),
    ({"images": ImagesConfig(screen=False)}, "were not screened"),
    ({}, "No face is detected"),
    ({"cards": (replace(CARD, purposes_allowed=("research",)),)}, "Not for publication."),
]


@pytest.mark.parametrize(("changed", "words"), METHODS)
def test_the_method_is_told_from_the_settings(tmp_path, changed, words):
    assert words in page_of(built_run(tmp_path / "run", **changed)).text


def test_the_page_and_its_table_are_written_whole(tmp_path):
    run = built_run(tmp_path / "run")
    page = write_page(report_contents(run), tmp_path / "out" / "report")
    assert page == tmp_path / "out" / "report" / "index.html"
    assert sorted(path.name for path in page.parent.iterdir()) == ["colors.csv", "index.html"]
    with (page.parent / "colors.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    answer = run.shares(disclosure="public")
    assert [row["family"] for row in rows] == answer["family"].to_list()
    assert float(rows[0]["share"]) == answer["share"][0]
    again = write_page(report_contents(run), tmp_path / "again")
    assert again.read_bytes() == page.read_bytes()


def test_key_colors_are_of_their_families_and_carry_readable_text():
    assert tuple(FAMILY_COLORS) == FAMILIES
    for family, color in FAMILY_COLORS.items():
        assert name_color(tuple(bytes.fromhex(color[1:]))).family == family
        assert contrast(color, ink(color)) >= 4.5  # WCAG AA for small text


def test_contrast_of_black_and_white_is_the_largest():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == 1


@pytest.mark.parametrize(("n_black", "n_blue", "is_doubtful"), [(32, 30, True), (90, 15, False)])
def test_an_order_is_called_uncertain_where_intervals_overlap(
    tmp_path, n_black, n_blue, is_doubtful
):
    garments = [*people(BLACK, n_black), *people(BLUE, n_blue), *people(RED, 10)]
    text = page_of(built_run(tmp_path / "run", garments)).text
    assert "black is the most frequent main color" in text
    assert ("which of the two leads is not certain" in text) == is_doubtful


def test_a_report_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    contents = report_contents(built_run(tmp_path / "run"))
    with pytest.raises(RunError, match="can't be written"):
        write_page(contents, tmp_path / "file" / "report")


def test_the_method_says_how_the_light_was_known(tmp_path):
    page = page_of(built_run(tmp_path / "run")).text
    # Of the first 7 photos, which are corrected: 1, 2 and 6 by cards, 4 by a white point.
    assert "For 3 of these the light and the exposure were read from a gray card" in page
    assert "For 1 of these the light is the white point that the data card declares" in page
    assert "In 1 photos the declared card could not be read" in page
