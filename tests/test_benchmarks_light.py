"""The benchmark of the light: its figures are what they say, and it runs."""

import subprocess
import sys
from pathlib import Path

import light
import numpy as np
import pytest

from trendcolor.color.illuminant import NEUTRAL, Illuminant

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


def test_a_trusted_light_is_counted_as_warmth():
    # CIE A by hand: X 1.0985, Y 1, Z 0.3558 give R 1.845 and B 0.233 in linear sRGB.
    tungsten = Illuminant(0.44758, 0.40745, "known", True, 0.44758, 0.40745)
    assert light.trusted_warmth(tungsten) == pytest.approx(np.log(1.845 / 0.233), abs=0.005)
    assert light.trusted_warmth(NEUTRAL) == pytest.approx(0, abs=1e-9)


def test_a_correction_that_is_not_applied_changes_no_color():
    (photo,) = light.scene_photos(3, 0, True)
    warm = Illuminant(0.3466, 0.3585, "known", True, 0.3466, 0.3585)
    # What rounding leaves of the way to linear light and back.
    assert list(light.changes(photo, NEUTRAL)) == pytest.approx([0], abs=1e-9)
    assert min(light.changes(photo, warm)) > 1


def test_photos_are_taken_evenly():
    assert light.evenly(range(10), 3) == [0, 4, 9]
    assert light.evenly(range(2), 5) == [0, 1]
    assert light.evenly(range(4), 0) == []


def test_the_benchmark_prints_its_table(tmp_path):
    command = [sys.executable, str(BENCHMARKS / "light.py"), "--scenes", "3", "--photos", "3"]
    command += ["--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "no renders: left out" in done.stderr
    assert "no ccp: left out" in done.stderr
    rows = [line.split(" | ") for line in done.stdout.splitlines() if line.startswith("| ")]
    head, _, *rows = rows
    assert head[2] == "no correction"
    assert {len(row) for row in rows} == {len(head)}
    assert sum(int(row[1]) for row in rows) == 3 + 3 + 3
    for row in rows:
        is_neutral = row[0].endswith("neutral")
        assert (float(row[2].split(" / ")[0]) < 0.05) == is_neutral
        assert bool(row[-1].strip(" |")) == is_neutral
    assert np.isfinite([float(row[-2].split(" / ")[0]) for row in rows]).all()
