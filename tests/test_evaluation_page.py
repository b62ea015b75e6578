import re

import numpy as np
import polars as pl
import pytest
from photos import figure, paint
from pictures import pictures_in

from trendcolor.evaluation.curve import CertaintyCounts, no_certainty
from trendcolor.evaluation.page import PageContents, chart, render_page
from trendcolor.evaluation.pictures import picture_of
from trendcolor.evaluation.tables import Table
from trendcolor.images.label_pictures import CLASS_COLORS
from trendcolor.segmentation.confusion import confusion
from trendcolor.taxonomy import TOP

STRANGE = '<script>alert(1)</script>"'
LEVELS = np.arange(256)
CURVE = CertaintyCounts(garment=LEVELS**2, rest=(255 - LEVELS) ** 2).curve()


def contents(**changes):
    true = figure(60, 40)
    predicted = np.full_like(true, TOP)
    picture = picture_of(STRANGE, confusion(true, predicted), true, predicted, None)
    parts = {
        "head": STRANGE,
        "tables": [Table(STRANGE, STRANGE, pl.DataFrame({STRANGE: [STRANGE]}))],
        "chart": chart(CURVE, 0.9, 0.8),
        "worst": [picture],
        "unreadable": [STRANGE],
    }
    return PageContents(**{**parts, **changes})


def test_the_page_asks_for_no_other_file():
    page = render_page(contents())
    assert "<script" not in page
    assert set(re.findall(r'(?:src|href)="([^"]{0,22})', page)) == {"data:image/png;base64,"}
    assert not re.search(r"url\(|@import|<(link|iframe|object|embed|video|audio)\b|https?:", page)
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in page


def test_what_strangers_wrote_is_text():
    page = render_page(contents())
    assert "alert(1)" in page
    assert STRANGE not in page
    assert 'alt="true label map of &lt;script&gt;alert(1)&lt;/script&gt;&#34;"' in page


def test_the_legend_names_each_class():
    page = render_page(contents())
    for name in CLASS_COLORS:
        assert f"</span>{name}</li>" in page


def test_a_caption_has_the_photo_s_id_and_figures():
    (picture,) = contents().worst
    page = render_page(contents())
    figures = (picture.garment_iou, picture.garment_purity, picture.garment_recall)
    assert "garment IoU {:.4f}, purity {:.4f}, recall {:.4f}".format(*figures) in page


def test_photo_pixels_are_on_the_page_only_where_they_were_given():
    page = render_page(contents())
    assert page.count("<img") == 2
    assert "whose card allows showing it" not in page
    assert "JPEG" not in pictures_in(page.encode())
    true = figure(60, 40)
    shown = picture_of("a", confusion(true, true), true, true, paint(true))
    page = render_page(contents(worst=[shown]))
    assert page.count("<img") == 3
    assert 'src="data:image/jpeg;base64,' in page
    assert "whose card allows showing it" in page


def test_a_page_without_photos_has_tables_alone():
    page = render_page(contents(chart=None, worst=[], unreadable=[]))
    assert "<svg" not in page
    assert "<img" not in page
    assert "Not scored" not in page


def test_the_chart_is_drawn_between_its_axes():
    drawn = chart(CURVE, 0.9, 0.8)
    points = [tuple(map(float, point.split(","))) for point in drawn.line.split()]
    assert len(points) > 50
    for x, y in [*points, *((mark.x, mark.y) for mark in (*drawn.marks, drawn.maps))]:
        assert 60 <= x <= 580
        assert 16 <= y <= 396
    assert [mark.text for mark in drawn.marks] == ["0.05", "0.20", "0.40", "0.60", "0.80", "0.95"]
    assert drawn.ticks[-1].text == "1"
    assert (drawn.ticks[-1].x, drawn.ticks[-1].y) == (580, 16)


def test_the_chart_begins_below_all_thresholds_that_somebody_would_use():
    # At any threshold in use purity is .9 and recall .6: the axes begin at .6.
    counts = no_certainty()
    counts.garment[[0, 255]] = 36, 54
    counts.rest[[0, 255]] = 100, 6
    drawn = chart(counts.curve(), 0.9, 0.3)
    assert drawn.ticks[0].text == "0.6"
    assert drawn.maps is None  # the label maps are outside
    assert drawn.marks[0].x == 60
    assert drawn.marks[0].y == pytest.approx(16 + 380 / 4)


def test_without_pixels_there_is_no_chart():
    assert chart(no_certainty().curve(), float("nan"), float("nan")) is None
