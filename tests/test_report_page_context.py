"""What sections say; those with charts are in test_report_page_numbers.py and _writing.py."""

import re
from dataclasses import replace

import pytest
from carded_runs import CARD, SOME, carded_header, carded_run
from garment_rows import BLACK
from report_pages import DASH, section_of
from report_runs import contents, people

from trendcolor.config import AnalysisConfig, ColorConfig, ImagesConfig, SegmentationConfig
from trendcolor.report.page.context import environment
from trendcolor.report.words import open_words

LEFT_OUT = [
    ("screened", "too small: shorter side 90 pixels, wanted 120 (images.screening.min_side)"),
    ("screened", "too small: shorter side 91 pixels, wanted 120 (images.screening.min_side)"),
    ("rejected", "truncated JPEG"),
]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return contents(carded_run(tmp_path_factory.mktemp("run") / "run", left_out=LEFT_OUT))


def with_header(told, **changed):
    """The contents of a run with other settings."""
    header = carded_header(photos=len(SOME) + len(LEFT_OUT), **changed)
    manifest = replace(told.manifest, header=header)
    return replace(told, manifest=manifest)


METHODS = [
    ({"segmentation": SegmentationConfig(source="masks")}, "method", "no segmenter was run"),
    ({}, "method", "weights segmenter.safetensors"),
    ({"segmentation": SegmentationConfig(bystander=0.25)}, "method", "less than 25% of the pixels"),
    ({"segmentation": SegmentationConfig(bystander=0)}, "method", "segmentation.bystander is 0"),
    ({"color": ColorConfig(correct=False)}, "method", "Off (color.correct)"),
    ({}, "method", "7 of 96 photos"),
    ({"color": ColorConfig(n_colors=3)}, "method", "at most 3 colors"),
    ({"analysis": AnalysisConfig(confidence=0.9)}, "method", "intervals, 90%"),
    ({"analysis": AnalysisConfig(min_cell=25)}, "method", "fewer than 25 distinct sources"),
    ({"columns": ()}, "method", "fewer than 10 distinct photos"),
    ({"is_free_of_people": True}, "method", "nothing is withheld"),
    ({"images": ImagesConfig(screen=False)}, "screening", "were not screened"),
    ({}, "method", "No face is detected"),
    (
        {"cards": (replace(CARD, purposes_allowed=("research",)),)},
        "summary",
        "Not for publication.",
    ),
]


@pytest.mark.parametrize(("changed", "section", "words"), METHODS)
def test_the_method_is_told_from_the_settings(told, changed, section, words):
    assert words in section_of(with_header(told, **changed), section).text


def test_the_method_says_how_the_light_was_known(told):
    page = section_of(told, "method").text
    # Of the first 7 photos, which are corrected: 1, 2 and 6 by cards, 4 by a white point.
    assert "For 3 of these the light and the exposure were read from a gray card" in page
    assert "For 1 of these the light is the white point that the data card declares" in page
    assert "In 1 photos the declared card could not be read" in page


def test_reasons_are_counted(told):
    page = section_of(told, "screening")
    assert [row[1:] for row in page.tables["reasons-table"][1:]] == [
        ["screened", "2"],
        ["rejected", "1"],
    ]
    outcome = [row[1] for row in page.tables["outcome-table"][1:]]
    assert outcome == [str(len(SOME)), "2", "1"]
    quality = [row[1] for row in page.tables["quality-table"][1:]]
    assert quality == ["7", "0", str(len(SOME)), "3", "10"]
    assert "lost-0" not in page.text


@pytest.mark.parametrize("homepage", ["javascript:alert(1)", "data:text/html,x", "file:///etc"])
def test_a_homepage_that_is_no_web_address_is_no_link(told, homepage):
    page = section_of(with_header(told, cards=(replace(CARD, homepage=homepage),)), "sources")
    assert homepage in page.text
    assert homepage not in [a.get("href") for _, a in page.tags]


def test_a_withheld_signature_has_no_color(told):
    cells = section_of(told, "signatures").row("signatures-table", "green")
    assert cells[1:] == ["withheld", *[DASH] * 4, "withheld", "withheld"]


def test_a_family_is_withheld_without_a_figure(told):
    cells = section_of(told, "ranking").row("ranking-table", "green")
    assert cells[2:] == ["withheld", DASH, f"{DASH} of {len(SOME)}"]


def test_where_all_is_withheld_nothing_is_told(tmp_path):
    few = contents(carded_run(tmp_path / "run", people(BLACK, 9)))
    assert "No shade can be shown" in section_of(few, "headline").text
    page = section_of(few, "ranking")
    assert [row[2] for row in page.tables["ranking-table"][1:]] == ["withheld"] * 12
    for name in ("summary", "headline", "classics", "signatures", "ranking", "changes", "cite"):
        assert not re.search(r"\b\d+ of \d+ garments|100\.0%", section_of(few, name).text)


def test_a_citation_names_data_and_counts(told):
    text = section_of(told, "cite").text
    assert "Winter & summer. Shares of garments by main color, 96 garments in 96 photos." in text
    assert "Street photos (2026-1), A. Photographer & friends, CC-BY-4.0" in text


@pytest.mark.parametrize(("p", "printed"), [(0.0004, "<0.001"), (0.001, "0.001"), (0.25, "0.250")])
def test_a_small_chance_is_told_to_be_small(p, printed):
    assert environment(open_words("en")).filters["chance"](p) == printed
