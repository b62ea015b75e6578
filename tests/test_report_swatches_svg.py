import io
import re
from base64 import b64decode
from xml.etree import ElementTree

import numpy as np
import pytest
from browsers import CHROMIUM, browser
from hypothesis import given
from PIL import Image
from plm_swatches import AWKWARD, ENGLISH, Chinese, plm, swatch_lists

from trendcolor.report.swatches.card import lay_out
from trendcolor.report.swatches.svg import svg_text
from trendcolor.report.swatches.swatch import tidy

SVG = "{http://www.w3.org/2000/svg}"


def drawn(swatches, wording=ENGLISH, title="Street"):
    return svg_text(lay_out(tidy(swatches), wording, title))


def parsed(text):
    return ElementTree.fromstring(text.encode())


def texts(root):
    return [element.text for element in root.iter(f"{SVG}text")]


def test_the_card_has_real_text_and_says_what_it_is():
    root = parsed(drawn([plm()]))
    assert (root.tag, root.get("role"), root.get("lang")) == (f"{SVG}svg", "img", "en")
    labels = [root.find(f".//*[@id='{name}']") for name in root.get("aria-labelledby").split()]
    assert [(label.tag.removeprefix(SVG), label.text) for label in labels] == [
        ("title", "Street"),
        ("desc", "faded black #2a2a30 34.2% (31.6\N{EN DASH}37.0%)"),
    ]
    assert {"faded black", "褪色黑", "Headline colors", "RGB 42 42 48"} <= {*texts(root)}


@given(swatch_lists)
def test_fills_are_the_exact_rgb_and_names_are_text(swatches):
    tidied = tidy(swatches)
    root = parsed(drawn(swatches, title="<script>&"))
    rects = [r for r in root.iter(f"{SVG}rect") if r.get("class") == "swatch"]
    assert [rect.get("fill") for rect in rects] == [swatch.hex for swatch in tidied]
    tiles = [group.find(f"{SVG}title").text for group in root.iter(f"{SVG}g")]
    assert tiles == [f"{swatch.name} {swatch.hex}" for swatch in tidied]
    known = {"svg", "title", "desc", "rect", "g", "text"}
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= known


def test_nothing_is_asked_for_and_nothing_runs():
    text = drawn([plm(name=name) for name in AWKWARD])
    addresses = re.findall(r"[a-z]+://[^\"'\s<]+", text)
    assert set(addresses) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<(script|style|image|use|a)\b|href|url\(", text)


def test_long_names_are_cut_to_their_column_and_whole_in_the_title():
    root = parsed(drawn([plm(name="x" * 200), plm(name="深" * 200)]))
    names = [text for text in texts(root) if text[:2] in ("xx", "深深")]
    assert [name[-1] for name in names] == ["…", "…"]
    # 258 units at a size of 18 have room for 14 wide letters.
    assert len(names[1]) <= 15
    assert "x" * 200 in root.find(f".//{SVG}g/{SVG}title").text


def test_the_card_is_in_the_report_s_language():
    root = parsed(drawn([plm(share=None)], Chinese()))
    assert root.get("lang") == "zh-CN"
    assert {"褪色黑", "faded black", "热门色", "不公开"} <= {*texts(root)}


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_a_browser_paints_the_exact_colors_and_lays_no_text_over_another(tmp_path):
    long = [plm((i, 255, 255), name=letter * 60) for i, letter in enumerate("WMmw@%iåXØ")]
    swatches = tidy([plm(), plm((184, 50, 44), name="red"), *long])
    path = tmp_path / "colors.svg"
    path.write_text(drawn(swatches), encoding="utf-8")
    with browser(tmp_path / "profile") as page:
        page.open(path)
        # What a browser makes of a long name stays in its column.
        widths = page.js("[...document.querySelectorAll('text')].map(t => t.getBBox().width)")
        shot = page.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
    shown = np.asarray(Image.open(io.BytesIO(b64decode(shot["data"]))).convert("RGB"))
    card = lay_out(swatches, ENGLISH, "Street")
    for tile in card.tiles:
        middle = shown[tile.y + tile.height // 2, tile.x + tile.width // 2]
        assert tuple(middle) == tile.swatch.rgb
    lines = [*card.lines, *(line for tile in card.tiles for line in tile.lines if line.text)]
    room = [line.width for line in lines]
    assert all(width <= allowed for width, allowed in zip(widths, room, strict=True))


def test_without_colors_the_card_says_so():
    assert "No color to show" in texts(parsed(drawn([])))
