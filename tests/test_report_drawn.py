"""What a report drew is listed with its numbers, and comes out the same from them."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from report_runs import built_run, contents

from trendcolor.errors import RunError
from trendcolor.faceless.pictures import pictures_under
from trendcolor.report.brand import read_brand
from trendcolor.report.drawings import document_charts
from trendcolor.report.drawn import read_drawn, redrawn, unexplained_pictures
from trendcolor.report.folder import Look, write_report
from trendcolor.report.words import open_words


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return contents(built_run(tmp_path_factory.mktemp("run") / "run"))


@pytest.fixture(scope="module", params=["en", "zh-CN"])
def made(told, tmp_path_factory, request):
    """A report; tests only read it."""
    folder = tmp_path_factory.mktemp("made")
    write_report(told, folder, Look(words=open_words(request.param)))
    return folder


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def test_palette_cards_are_rebuilt_to_the_byte_from_the_list_s_numbers(made):
    drawn = read_drawn(made)
    assert len(drawn.swatches) > 3
    for name, content in redrawn(drawn).items():
        assert content == (made / "swatches" / name).read_bytes()
        (listed,) = [each for each in drawn.pictures if each.name == name]
        assert (listed.file, listed.kind) == (f"swatches/{name}", "palette card")
        assert listed.sha256 == sha256(content)


def test_other_numbers_give_another_card(made):
    drawn = read_drawn(made)
    first = replace(drawn.swatches[0], rgb=(1, 2, 3))
    changed = redrawn(replace(drawn, swatches=(first, *drawn.swatches[1:])))
    for name in ("colors.png", "colors.svg"):
        assert changed[name] != (made / "swatches" / name).read_bytes()


def test_charts_are_listed_and_drawn_from_the_answers_alone(told, made):
    drawn = read_drawn(made)
    charts = {each.name: each for each in drawn.pictures if each.kind == "chart"}
    again = document_charts(told, open_words(drawn.lang))
    assert {"evolution", "changes", "combinations"} & charts.keys()
    assert {name: each.sha256 for name, each in charts.items()} == {
        name: sha256(drawing.svg.encode()) for name, drawing in again.items()
    }
    for drawing in again.values():
        assert "<image" not in drawing.svg
        assert "data:" not in drawing.svg


def test_the_only_picture_of_a_report_is_the_card(made):
    (found,) = pictures_under(made)
    assert found.place == "swatches/colors.png"
    (listed,) = [each for each in read_drawn(made).pictures if each.pixels]
    assert found.pixels == listed.pixels
    assert unexplained_pictures(made) == []


def test_a_picture_that_is_only_listed_is_not_explained(told, tmp_path):
    write_report(told, tmp_path, Look(words=open_words("en"), pdf=False))
    noise = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "swatches" / "colors.png")
    (found,) = unexplained_pictures(tmp_path)
    drawn = json.loads((tmp_path / "drawn.json").read_text(encoding="utf-8"))
    drawn["pictures"][0]["pixels"] = found.pixels
    (tmp_path / "drawn.json").write_text(json.dumps(drawn), encoding="utf-8")
    assert unexplained_pictures(tmp_path) == [found]
    assert (found.place, found.width) == ("swatches/colors.png", 60)


def test_a_brand_s_logo_is_listed_as_its_own_picture(told, tmp_path):
    Image.new("RGB", (30, 20), (10, 90, 60)).save(tmp_path / "logo.png")
    (tmp_path / "brand.toml").write_text('name = "House"\nlogo = "logo.png"\n', encoding="utf-8")
    look = Look(words=open_words("en"), brand=read_brand(tmp_path / "brand.toml"), pdf=False)
    write_report(told, tmp_path / "report", look)
    (logo,) = [each for each in read_drawn(tmp_path / "report").pictures if each.kind == "logo"]
    assert logo.sha256 == sha256((tmp_path / "logo.png").read_bytes())
    places = {found.place.split(" > ")[0] for found in pictures_under(tmp_path / "report")}
    assert places == {"index.html", "changes.html", "swatches/colors.png"}
    assert unexplained_pictures(tmp_path / "report") == []


def test_a_report_without_a_list_is_refused(tmp_path):
    with pytest.raises(RunError, match=r"drawn\.json: no readable list of what was drawn \("):
        unexplained_pictures(tmp_path)
