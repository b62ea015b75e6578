from dataclasses import replace

import pytest
from carded_runs import CARD
from report_runs import built_run, contents

from trendcolor.errors import RunError
from trendcolor.report.attribution import attribution_text, write_attribution
from trendcolor.report.words import open_words

ENGLISH = open_words("en")


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The contents of a report whose run has two cards."""
    other = replace(
        CARD,
        title="Shop photos",
        attribution="Shop\nLicense: none",
        license="LicenseRef-shop",
        annotations_license="CC-BY-SA-4.0",
        homepage="",
        sha256="d" * 64,
    )
    run = built_run(tmp_path_factory.mktemp("run") / "run", cards=(CARD, other))
    return contents(run)


def decided(told, **changed):
    """The same contents with another decision of the gate."""
    header = told.manifest.header
    decision = replace(header.decision, **changed)
    return replace(told, manifest=replace(told.manifest, header=replace(header, decision=decision)))


def test_each_source_is_named_with_license_homepage_and_changes(told):
    blocks = attribution_text(told, ENGLISH).strip().split("\n\n")
    assert blocks[0].startswith("Name these sources wherever figures of “")
    assert blocks[1].splitlines() == [
        "Street photos (2026-1)",
        "Attribution: A. Photographer & friends",
        "License: CC-BY-4.0 (https://spdx.org/licenses/CC-BY-4.0.html)",
        "Homepage: https://example.org/street",
        "Changes made: figures measured from the photos; no photo is shown again.",
    ]
    assert blocks[2].splitlines() == [
        "Shop photos (2026-1)",
        "Attribution: Shop License: none",  # on one line, whatever the card says
        "License: LicenseRef-shop",
        "License of the labels: CC-BY-SA-4.0 (https://spdx.org/licenses/CC-BY-SA-4.0.html)",
        "Changes made: figures measured from the photos; no photo is shown again.",
    ]
    assert len(blocks) == 3


def test_licenses_of_photos_and_of_figures_are_named_where_there_are_any(told):
    text = attribution_text(
        decided(told, photo_licenses=("CC-BY-2.0",), license_of_figures="CC-BY-SA-4.0"), ENGLISH
    )
    photos, figures = text.splitlines()[-2:]
    assert photos == (
        "Licenses of single photos: CC-BY-2.0 (https://spdx.org/licenses/CC-BY-2.0.html)"
    )
    assert "under CC-BY-SA-4.0 (https://spdx.org/licenses/CC-BY-SA-4.0.html): their" in figures


def test_in_chinese_what_cards_say_stays(told):
    text = attribution_text(told, open_words("zh-CN"))
    assert "A. Photographer & friends" in text
    assert "Changes made" not in text
    assert "许可" in text


def test_a_folder_that_can_not_be_written_is_refused(told, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="can't be written"):
        write_attribution(told, tmp_path / "file" / "report", ENGLISH)
