"""The main job, whole: sample photos, the packaged segmenter, a report, a known answer.

Shares are compared with the story that the sample lookbook was designed to tell (its README): of
main garments by their largest color, truth gives butter yellow 14.8 % of SS26, burgundy and red
13.6 % of AW25 after 2.8 % of AW24, black 30.4 % of AW24 and 16.4 % of SS26, brown none of SS26.
"""

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from pictures import pictures_in_file

import trendcolor as tc
from trendcolor.segmentation.weights import PACKAGED_WEIGHTS
from trendcolor.taxonomy import MAIN_GARMENTS


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """What `trendcolor demo` printed, and the folder that it wrote."""
    out = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "trendcolor.cli", "demo", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout, out


@pytest.fixture(scope="module")
def shares(demo):
    """The rows of shares of main garments, by season and family."""
    run = tc.open_run(demo[1] / "run").garments(*MAIN_GARMENTS)
    rows = run.shares(by="season").rows(named=True)
    return {(row["season"], row["family"]): row for row in rows}


def test_the_page_is_all_that_stdout_says(demo):
    stdout, out = demo
    assert stdout == f"{out / 'report' / 'index.html'}\n"
    assert Path(stdout.strip()).is_file()


def test_every_sample_photo_is_analyzed_by_the_packaged_segmenter(demo):
    run = tc.open_run(demo[1] / "run")
    photos = run.photos()
    assert len(photos) == 120
    assert set(photos["status"]) == {"ok"}
    assert (photos["garments"] > 0).all()
    assert run.folder.manifest.header.weights == PACKAGED_WEIGHTS.name


@pytest.mark.parametrize(
    ("season", "family", "truth"),
    [
        ("AW24", "black", 0.304),
        ("SS26", "black", 0.164),
        ("SS26", "yellow", 0.148),
        ("AW24", "yellow", 0.014),
        ("AW25", "red", 0.136),
        ("AW24", "red", 0.028),
        ("AW25", "brown", 0.122),
        ("SS26", "brown", 0.0),
        ("SS25", "white", 0.217),
        ("AW25", "white", 0.041),
    ],
)
def test_the_truth_lies_within_the_printed_interval(shares, season, family, truth):
    row = shares[season, family]
    assert row["low"] <= truth <= row["high"]


def test_what_is_new_in_a_season_is_seen_to_be_new(shares):
    assert shares["SS26", "yellow"]["share"] > 2 * shares["SS25", "yellow"]["share"]
    assert shares["AW25", "red"]["share"] > 2 * shares["AW24", "red"]["share"]


def test_nothing_that_the_demo_writes_holds_a_picture(demo):
    files = [path for path in demo[1].rglob("*") if path.is_file()]
    assert len(files) > 30  # four for each of eight shards
    assert {path: pictures_in_file(path) for path in files} == {path: [] for path in files}
    data, report = {".parquet", ".json", ".html", ".csv"}, {".pdf", ".txt"}
    swatches = {".aco", ".ase", ".css", ".gpl", ".png", ".svg", ".xlsx"}
    assert {path.suffix for path in files} == data | report | swatches


def test_the_denominators_of_the_report_are_whole(demo):
    run = tc.open_run(demo[1] / "run")
    garments = run.records().filter(pl.col("rank") == 0).select(pl.len()).collect().item()
    assert set(run.shares()["denominator"]) == {garments}
    assert run.shares()["numerator"].sum() == garments
