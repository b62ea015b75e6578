"""Damaged files at every door; benchmarks/fuzz.py goes on for longer."""

import random
import re
import sys

import fuzz
import pytest
from fuzz_damage import damaged


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited and read as on Linux")
@pytest.mark.parametrize(
    ("seconds", "seed"),
    [(20, 2), pytest.param(600, 3, marks=pytest.mark.slow)],
)
def test_no_damage_is_more_than_refused(seconds, seed, capsys):
    findings = fuzz.report(fuzz.fuzz(seconds, seed))
    told = capsys.readouterr().out
    assert findings == 0, told
    cases = int(re.search(r"(\d+) cases", told)[1])
    assert cases > 20, told  # a busy machine takes long to start


def test_every_real_file_is_read(tmp_path):
    for door in fuzz.doors(tmp_path):
        for i, content in enumerate(door.seeds):
            path = tmp_path / f"real-{i}{door.suffix}"
            path.write_bytes(content)
            assert fuzz.answer(door, path) == "read", f"{door.name} {i}"


def test_an_exception_that_is_none_of_ours_is_a_finding(tmp_path):
    def broken(path):
        return {}[path]

    path = tmp_path / "a"
    answer = fuzz.answer(fuzz.Door("broken", "", (b"",), broken), path)
    assert answer.startswith("KeyError at test_fuzz.py:")


def test_findings_and_growth_are_counted(capsys):
    cases = [fuzz.Case(i, "PNG", "read", 10**8 + i * 10**6) for i in range(1000)]
    cases.append(fuzz.Case(1000, "PNG", "process died (-11)", 10**9))
    assert fuzz.report(iter(cases)) == 2
    assert "FINDING process died (-11) (1 times, first in case 1000)" in capsys.readouterr().out


def test_the_same_number_gives_the_same_case(tmp_path):
    doors = fuzz.doors(tmp_path)
    everything = [content for door in doors for content in door.seeds]
    one, other = (
        damaged(doors[0].seeds, everything, random.Random("0 7"), is_text=False) for _ in range(2)
    )
    assert one == other
    assert any(one != seed for seed in doors[0].seeds)
