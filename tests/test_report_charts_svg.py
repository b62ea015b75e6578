"""Pictures of charts: nothing is loaded, ids are apart, text is text, inks follow the page."""

import re
import xml.etree.ElementTree as ET

import altair as alt
import pytest
from chart_frames import compared, met, no_changes, no_pairs
from chart_pages import all_families, no_shares, rows_in, shares_of

from trendcolor.errors import UsageError
from trendcolor.report.charts.bands import bands
from trendcolor.report.charts.changes import changes
from trendcolor.report.charts.evolution import evolution
from trendcolor.report.charts.neutrals import neutrals
from trendcolor.report.charts.pairs import pairs_list, pairs_matrix
from trendcolor.report.charts.patterns import patterns
from trendcolor.report.charts.ranking import ranking
from trendcolor.report.charts.svg import print_svg, static_svg
from trendcolor.report.charts.theme import NARROW, WIDE
from trendcolor.report.charts.weighted import weighted
from trendcolor.report.words import open_words

REGIONS = shares_of(
    {"EU": all_families(20), "NA <b>": all_families(15)}, withheld={("NA <b>", "red")}
)
WHOLE = shares_of({"all": all_families(20)}, withheld={("all", "pink")}).drop("region")
KINDS = shares_of(
    {"top": {"solid": 6, "two-tone": 3, "multicolor": 1}}, column="garment", part="pattern"
)
CHARTS = {
    "bands": lambda w, x: bands(REGIONS, w, column="region", width=x),
    "evolution": lambda w, x: evolution(
        REGIONS, w, column="region", periods=["EU", "NA <b>"], width=x
    ),
    "neutrals": lambda w, x: neutrals(REGIONS, w, column="region", width=x),
    "ranking": lambda w, x: ranking(WHOLE, w, width=x),
    "weighted": lambda w, x: weighted(WHOLE, WHOLE, w, width=x),
    "patterns": lambda w, x: patterns(KINDS, w, width=x),
    "changes": lambda w, x: changes(compared(), w, width=x),
    "pairs_matrix": lambda w, x: pairs_matrix(met(), w, width=x),
    "pairs_list": lambda w, x: pairs_list(met(), w, width=x),
}
EMPTY = {
    "bands": lambda w: bands(no_shares(), w, column="region"),
    "evolution": lambda w: evolution(no_shares(), w, column="region", periods=[]),
    "neutrals": lambda w: neutrals(no_shares(), w, column="region"),
    "ranking": lambda w: ranking(no_shares().drop("region"), w),
    "weighted": lambda w: weighted(no_shares().drop("region"), no_shares().drop("region"), w),
    "patterns": lambda w: patterns(no_shares("garment", "pattern"), w),
    "changes": lambda w: changes(no_changes(), w),
    "pairs_matrix": lambda w: pairs_matrix(no_pairs(), w),
    "pairs_list": lambda w: pairs_list(no_pairs(), w),
}
each_chart = pytest.mark.parametrize("name", CHARTS)


def drawn(name, *, lang="en", width=WIDE):
    return CHARTS[name](open_words(lang), width)


@each_chart
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_spec_is_vega_lite(name, width):
    alt.Chart.from_dict(drawn(name, width=width), validate=True)


@each_chart
@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("flavor", ["page", "print"])
def test_a_picture_loads_nothing_and_runs_nothing(name, width, flavor):
    chart = drawn(name, width=width)
    svg = (
        static_svg(chart, name="x") if flavor == "page" else print_svg(chart, name="x", font="Noto")
    )
    tree = ET.fromstring(svg)
    for element in tree.iter():
        assert element.tag.rpartition("}")[2] in {"svg", "g", "path", "text", "line", "rect"}
        for attribute, value in element.attrib.items():
            assert not attribute.rpartition("}")[2].startswith("on")
            assert attribute.rpartition("}")[2] not in ("href", "src")
            assert "url(" not in value
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


@each_chart
def test_a_picture_has_a_role_a_label_and_text_as_text(name):
    tree = ET.fromstring(static_svg(drawn(name), name="x"))
    assert tree.attrib["role"] == "img"
    assert len(tree.attrib["aria-label"]) > 10
    assert [text.text for text in tree.iter("{http://www.w3.org/2000/svg}text") if text.text]


@each_chart
def test_two_pictures_share_no_id(name):
    one, other = (
        set(re.findall(r'\bid="([^"]+)"', static_svg(drawn(name), name=prefix)))
        for prefix in ("one", "other")
    )
    assert not one & other
    assert all(found.startswith("one-") for found in one)


def test_ids_that_a_chart_has_begin_with_the_name():
    chart = drawn("ranking")
    clipped = {**chart, "layer": [{**chart["layer"][0], "mark": {"type": "bar", "clip": True}}]}
    svg = static_svg(clipped, name="mine")
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert ids
    assert all(found.startswith("mine-") for found in ids)
    assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= set(ids)


@each_chart
def test_inks_are_variables_in_a_page_and_literal_in_print(name):
    chart = drawn(name)
    page = static_svg(chart, name="x")
    assert 'fill="var(--ink, #171717)"' in page
    assert "font-family" not in page
    printed = print_svg(chart, name="x", font="Source Sans 3")
    assert "var(" not in printed
    assert 'font-family="Source Sans 3"' in printed
    assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', printed)) <= {
        "none", "transparent", *re.findall(r'"(#[0-9a-f]{6})"', printed)
    }  # fmt: skip


@each_chart
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_picture_is_no_wider_than_asked(name, width):
    svg = static_svg(drawn(name, width=width), name="x")
    found = float(re.search(r'viewBox="0 0 ([\d.]+) ', svg)[1])
    # Labels of the axis of figures may take some pixels more than was thought of.
    assert width * 0.8 <= found <= width + 6


@each_chart
def test_chinese_words_are_drawn(name):
    svg = static_svg(drawn(name, lang="zh-CN"), name="x")
    assert re.search(r"<text[^>]*>[^<]*[\u4e00-\u9fff]", svg)


@pytest.mark.parametrize("name", EMPTY)
def test_an_empty_frame_gives_an_empty_picture(name):
    chart = EMPTY[name](open_words("en"))
    ET.fromstring(static_svg(chart, name="x"))
    assert [row for row in rows_in(chart) if row.get("share") is not None] == []


def test_what_strangers_wrote_is_text():
    svg = static_svg(drawn("bands"), name="x")
    assert "NA &lt;b&gt;" in svg
    assert "<b>" not in svg


def test_a_name_that_no_id_may_begin_with_is_refused():
    with pytest.raises(UsageError, match=r"a picture can't be named 'a b' \(letters"):
        static_svg(drawn("ranking"), name="a b")
