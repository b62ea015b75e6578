import json
import re
from dataclasses import replace

import numpy as np
import pytest

from trendcolor.color.vocabularies import FAMILIES
from trendcolor.evaluation import Evaluation
from trendcolor.evaluation.curve import CertaintyCounts
from trendcolor.evaluation.leak import NONE, no_leaks
from trendcolor.evaluation.pictures import Picture
from trendcolor.evaluation.scores import no_scores
from trendcolor.evaluation.strata import in_strata
from trendcolor.segmentation.confusion import Confusion, no_confusion
from trendcolor.taxonomy import BACKGROUND, CLASSES, GARMENTS, SKIN, TOP, TROUSERS

DOT = np.zeros((1, 1), np.uint8)
IN_STRATA = {
    "garment size": "small",
    "body": "upper part",
    "lightness": "dark",
    "contrast": "high",
}


def counted(*cells):
    """A confusion from (true class, predicted class, pixels)."""
    counts = no_confusion().counts
    for true, predicted, pixels in cells:
        counts[true, predicted] = pixels
    return Confusion(counts)


def certainty(ends):
    """Pixels by certainty: so many are surely garment, so many surely not."""
    counts = np.zeros(256, np.int64)
    counts[[255, 0]] = ends
    return counts


def hand_worked():
    """1,000 pixels: 400 true garment, 320 predicted, 300 both; 20 away from edges are wrong."""
    whole = counted(
        (BACKGROUND, BACKGROUND, 480),
        (BACKGROUND, TOP, 20),
        (SKIN, SKIN, 100),
        (TOP, TOP, 200),
        (TOP, TROUSERS, 50),
        (TOP, BACKGROUND, 100),
        (TROUSERS, TROUSERS, 50),
    )
    away = counted((BACKGROUND, BACKGROUND, 80), (TOP, TOP, 100), (TOP, BACKGROUND, 20))
    families = no_leaks().families
    families[GARMENTS.index("top"), [0, 0, NONE, 9], [0, 9, 0, NONE]] = [7, 2, 3, 4]
    scores = replace(
        no_scores(),
        photos=3,
        leaks=replace(no_leaks(), families=families),
        whole=whole,
        away_from_edges=away,
        certainty=CertaintyCounts(certainty([300, 100]), certainty([20, 580])),
        strata=in_strata(IN_STRATA, whole),
        worst=(Picture("a<b>", 0.25, 0.5, 0.75, DOT, DOT, None),),
    )
    return Evaluation(
        weights_hash="0123456789abcdef", unreadable=("b: truncated JPEG",), scores=scores
    )


TABLES = hand_worked().tables()


def test_the_summary_agrees_with_a_count_by_hand():
    summary = hand_worked().summary()
    assert summary.columns == ["figure", "all_pixels", "away_from_edges"]
    # IoU by class: background 480/600, skin 1, top 200/370, trousers 50/100; away 80/100, 100/120.
    mean_iou = (480 / 600 + 1 + 200 / 370 + 50 / 100) / 4
    assert summary.rows() == [
        ("background inside garment area", 20 / 320, 0.0),
        ("garment purity", 300 / 320, 1.0),
        ("garment recall", 300 / 400, 100 / 120),
        ("garment IoU", 300 / 420, 100 / 120),
        ("mean IoU, 13 classes", pytest.approx(mean_iou), pytest.approx((0.8 + 100 / 120) / 2)),
    ]


def test_each_class_has_its_figures():
    table = hand_worked().by_class()
    assert table["class"].to_list() == list(CLASSES)
    rows = {row["class"]: row for row in table.to_dicts()}
    assert rows["top"] == {
        "class": "top",
        "iou": 200 / 370,
        "purity": 200 / 220,
        "recall": 200 / 350,
        "iou_away_from_edges": 100 / 120,
        "true_share": 350 / 1000,
    }
    assert rows["trousers"]["purity"] == 50 / 100
    assert np.isnan(rows["hair"]["iou"])
    assert sum(table["true_share"]) == pytest.approx(1)


def test_the_other_tables_are_those_of_their_parts():
    evaluation = hand_worked()
    assert evaluation.by_stratum()["by"].to_list() == list(IN_STRATA)
    assert evaluation.by_stratum()["garment_purity"].to_list() == [300 / 320] * 4
    assert evaluation.leaks()["compared"].sum() == 0
    assert evaluation.curve().height == 256
    assert evaluation.curve().row(255, named=True)["purity"] == 300 / 320
    assert evaluation.recall_at_purity()["recall"].to_list() == [0.75, None, None, None, None]
    assert evaluation.calibration()["pixels"].sum() == 1000


def test_markdown_holds_the_figures():
    text = hand_worked().markdown()
    assert "3 photos at their own size, weights 0123456789ab." in text
    assert "without 3 pixels on each side" in text
    assert "| garment purity | 0.9375 | 1.0000 |" in text
    assert "| garment recall | 0.7500 | 0.8333 |" in text
    assert "| top | 0.5405 | 0.9091 | 0.5714 | 0.8333 | 0.3500 |" in text
    assert "| hair | - | - | - | - | 0.0000 |" in text
    assert "| body | upper part | 1 | 0.9375 | 0.7500 | 0.7143 |" in text
    assert "| top | 0 | 0 | 0 | - | - | - | - |" in text
    assert f"| black | 7{' | 0' * 8} | 2 | 0 | 0 | 0 |" in text
    assert f"| blue{' | 0' * 12} | 4 |" in text
    assert f"| no such garment | 3{' | 0' * 12} |" in text
    assert "| 0.2000 | 0.9375 | 0.7500 | 0.7143 | 0 | 0 |" in text
    assert "| 0.0000 | 0.4000 | 1.0000 | 0.4000 | 100 | 580 |" in text
    assert "Expected calibration error: 0.1200." in text  # .0625 of 320 pixels, .1471 of 680
    assert text.endswith("\nnot scored: b: truncated JPEG")
    assert re.findall("^## (.*)", text, re.MULTILINE) == [one.title for one in TABLES]


def test_written_files_hold_the_figures(tmp_path):
    folder = tmp_path / "new" / "folder"
    hand_worked().write(folder)
    names = {path.name for path in folder.iterdir()}
    assert names == {"evaluation.md", "evaluation.json", "evaluation.html"}
    assert (folder / "evaluation.md").read_text() == hand_worked().markdown() + "\n"

    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    text = (folder / "evaluation.json").read_text()
    figures = json.loads(text, parse_constant=refuse)
    assert (figures["photos"], figures["weights"]) == (3, "0123456789abcdef")
    assert figures["not_scored"] == ["b: truncated JPEG"]
    summary = {row["figure"]: row["all_pixels"] for row in figures["summary"]}
    assert summary["garment purity"] == 0.9375
    classes = {row["class"]: row for row in figures["classes"]}
    assert classes["top"]["recall"] == 200 / 350
    assert classes["hair"]["iou"] is None
    assert figures["counts"] == hand_worked().scores.whole.counts.tolist()
    assert [row["stratum"] for row in figures["strata"]] == list(IN_STRATA.values())
    assert figures["leaks"][0]["main_median"] is None
    top = figures["main_colors"]["garments"]["top"]
    assert figures["main_colors"]["labels"] == list(FAMILIES)
    assert (top["counts"][0][0], top["counts"][0][9]) == (7, 2)
    assert (top["invented"][0], top["missed"][9]) == (3, 4)
    assert list(figures["main_colors"]["garments"]) == list(GARMENTS)
    assert (len(figures["curve"]), len(figures["calibration"])) == (256, 10)
    assert figures["calibration_error"] == pytest.approx(0.12)
    assert figures["worst"] == [
        {"photo": "a<b>", "garment_iou": 0.25, "garment_purity": 0.5, "garment_recall": 0.75}
    ]


def test_the_page_holds_every_table_and_the_worst_photos(tmp_path):
    hand_worked().write(tmp_path)
    page = (tmp_path / "evaluation.html").read_text(encoding="utf-8")
    for table in TABLES:
        assert f"<h2>{table.title}</h2>" in page
    assert '<td class="text">garment purity</td><td>0.9375</td><td>1.0000</td>' in page
    assert "b: truncated JPEG" in page
    assert "<strong>a&lt;b&gt;</strong>" in page


def test_an_evaluation_of_no_photo_has_no_figures(tmp_path):
    nothing = Evaluation(weights_hash="0" * 64, unreadable=("a: no such file",), scores=no_scores())
    assert "0 photos at their own size" in nothing.markdown()
    assert nothing.by_stratum().is_empty()
    nothing.write(tmp_path)
    figures = json.loads((tmp_path / "evaluation.json").read_text(encoding="utf-8"))
    assert figures["calibration_error"] is None
    assert figures["strata"] == figures["worst"] == []
    assert "<svg" not in (tmp_path / "evaluation.html").read_text(encoding="utf-8")
