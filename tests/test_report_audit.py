import json
import re
import time
from html import unescape

import polars as pl
import pytest
from browsers import CHROMIUM, browser
from garment_rows import BLACK, BLUE, RED, WHITE, garment, records
from pictures import pictures_in
from test_runs import HEADER

from trendcolor.analysis.audit_sample import AUDIT_FIELDS, draw_garments
from trendcolor.color.names import FAMILIES
from trendcolor.corrections import VERDICTS
from trendcolor.errors import RunError
from trendcolor.report.audit import AuditContents, marked_garments, render_audit, write_audit
from trendcolor.report.audit_pictures import AuditPicture
from trendcolor.report.families import contrast
from trendcolor.taxonomy import GARMENTS

STRANGE = "<script>alert(1)</script>\",\n'&.jpg"
PICTURE = AuditPicture("data:image/png;base64,AAAA")
SHOWN = AuditPicture("data:image/png;base64,AAAA", "data:image/jpeg;base64,BBBB", STRANGE)


def sample(*photos):
    colors = (RED, BLUE, BLACK, WHITE)
    run = records(
        *(
            garment(photo, (colors[i % 4], 200), (BLACK if i % 4 != 2 else RED, 55))
            for i, photo in enumerate(photos)
        )
    )
    return draw_garments(run, len(photos))


def contents(*photos, pictures=None, **changed):
    drawn = sample(*(photos or ("a", "b", "c", "d")))
    parts = {"header": HEADER, "sample": drawn, "by_family": False, "pictures": pictures}
    return AuditContents(**(parts | changed))


def sheet_of(page):
    (text,) = re.findall(r'<script type="application/json" id="sheet">(.*?)</script>', page, re.S)
    return json.loads(text)


def test_the_page_asks_for_no_other_file_and_cannot():
    page = render_audit(contents(pictures=dict.fromkeys(range(4), SHOWN)))
    assert set(re.findall(r'(?:src|href)="([^"]{0,15})', page)) == {
        "data:image/png;",
        "data:image/jpeg",
    }
    assert not re.search(
        r"url\(|@import|<(link|iframe|object|embed|video|audio|form)\b|https?:", page
    )
    assert not re.search(r"fetch\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon|import\(", page)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    assert re.fullmatch(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-[^']{44}'; "
        "img-src data:; base-uri 'none'; form-action 'none'",
        unescape(policy),
    )


def test_what_strangers_wrote_is_text():
    page = render_audit(contents(STRANGE, pictures={0: SHOWN}, notices=[STRANGE]))
    assert "<script>alert" not in page
    assert page.count("<script") == 2
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 5  # heading, alts, fault, notice
    assert sheet_of(page)["rows"][0][0] == STRANGE


def test_the_sheet_has_the_cells_of_the_table():
    drawn = contents("a", "b", "c")
    sheet = sheet_of(render_audit(drawn))
    assert sheet["columns"] == list(AUDIT_FIELDS)
    assert sheet["rows"] == [
        list(row) for row in drawn.sample.items.cast(pl.String).fill_null("").rows()
    ]


def test_each_item_has_its_palette_in_words():
    page = render_audit(contents("a", "b"))
    assert len(re.findall("<article", page)) == 2
    for part in (
        "#e50000",
        "#0343df",
        "<strong>78%</strong>",
        "<strong>22%</strong>",
        "red<",
        "blue<",
    ):
        assert part in page


def test_all_answers_can_be_given():
    page = render_audit(contents())
    for kind, values in (("verdict", VERDICTS), ("family", FAMILIES), ("garment", GARMENTS)):
        assert [unescape(v) for v in re.findall(f'data-{kind}="([^"]*)"', page)] == list(values)


def test_photo_pixels_are_there_only_where_they_were_given():
    assert pictures_in(render_audit(contents()).encode()) == []
    page = render_audit(contents(pictures=dict.fromkeys(range(4), PICTURE)))
    assert page.count("<img") == 4
    assert "data:image/jpeg" not in page
    assert "shows outlines of people" in page
    page = render_audit(contents(pictures=dict.fromkeys(range(4), SHOWN)))
    assert page.count("<img") == 8
    assert "whose card allows showing it" in page


def test_text_can_be_read_in_light_and_dark():
    page = render_audit(contents())
    light, dark = re.findall(r":root \{([^}]*)\}", page)
    for scheme in (light, dark):
        color = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", scheme))
        # 4.5 for text, 3 for the edges of what can be used (WCAG 2.2, 1.4.3 and 1.4.11).
        for text in ("ink", "soft"):
            for ground in ("paper", "panel"):
                assert contrast(color[text], color[ground]) >= 4.5
        assert contrast(color["on-focus"], color["focus"]) >= 4.5
        assert contrast(color["line"], color["paper"]) >= 3
        assert contrast(color["focus"], color["paper"]) >= 3


def test_answers_are_kept_under_a_name_of_the_sheet_alone():
    names = {
        sheet_of(render_audit(each))["key"]
        for each in (contents("a", "b"), contents("a", "c"), contents("a", "b"))
    }
    assert len(names) == 2


def test_both_files_are_written(tmp_path):
    drawn = contents(STRANGE, "b")
    sheet = write_audit(drawn, tmp_path / "new")
    assert {path.name for path in sheet.page.parent.iterdir()} == {"audit.html", "audit.csv"}
    back = pl.read_csv(sheet.table, infer_schema=False)
    assert back.rows() == drawn.sample.items.cast(pl.String).rows()
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(RunError, match="can't be written"):
        write_audit(drawn, file)


def test_items_are_drawn_in_their_measured_color():
    drawn = sample("a", "b")
    assert {(item.photo, item.rgb) for item in marked_garments(drawn)} == {("a", RED), ("b", BLUE)}


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_a_person_marks_a_sheet_with_keys_and_mouse(tmp_path):
    drawn = contents(
        STRANGE, "b", "c", "d", "e", "f", pictures=dict.fromkeys(range(6), AuditPicture(None))
    )
    sheet = write_audit(drawn, tmp_path)
    items = drawn.sample.items
    marked = tmp_path / "audit-marked.csv"
    with browser(tmp_path) as page:
        page.open(sheet.page)
        assert page.js("document.getElementById('count').textContent") == "0 of 6 marked"
        page.press("1")  # ok
        wanted = next(name for name in FAMILIES if name != items["family"][1])
        page.js("document.querySelector('[data-verdict=\"wrong color\"]').click()")
        assert page.js("document.querySelectorAll('article:not([hidden])').length") == 1
        page.js(f"document.querySelector('[data-family={wanted}]').click()")
        page.press("3")
        other = next(name for name in FAMILIES if name != items["family"][2])
        page.press("abcdefghijkl"[FAMILIES.index(other)], shift=True)
        page.press("c")  # dress
        page.press("4", "5", "2")  # the last one is not finished: a family is missing
        assert page.js("document.getElementById('count').textContent") == "5 of 6 marked"
        page.press("ArrowLeft", "x", "u")
        assert page.js("document.getElementById('count').textContent") == "4 of 6 marked"
        page.open(sheet.page)  # answers were kept, and the first open item is shown
        assert page.js("document.getElementById('count').textContent") == "4 of 6 marked"
        assert (
            page.js("document.querySelector('article:not([hidden]) .number').textContent")
            == "5 of 6"
        )
        page.press("5")
        page.js("document.getElementById('keys').checked = false")
        page.press("x", "1")
        page.js("document.getElementById('save').click()")
        saved_at = time.monotonic()
        while not marked.exists() and time.monotonic() < saved_at + 20:
            time.sleep(0.05)
        assert {url.partition(":")[0] for url in page.requests} <= {"file", "data", "blob"}
        assert sum(url.startswith("file") for url in page.requests) == 2
    rows = pl.read_csv(marked, infer_schema=False)
    kept = [
        name for name in AUDIT_FIELDS if name not in ("right_garment", "right_family", "verdict")
    ]
    assert rows.select(kept).rows() == items.select(kept).cast(pl.String).rows()
    assert rows.select("right_garment", "right_family", "verdict").rows() == [
        ("top", items["family"][0], "ok"),
        ("top", wanted, "wrong color"),
        ("dress", other, "wrong garment"),
        (None, None, "not a garment"),
        (None, None, "can't tell"),
        (None, None, None),
    ]
