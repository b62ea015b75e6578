"""What benchmarks/kills.py tells of its runs; the runs themselves take minutes."""

from collections import Counter

from kills import Fell, Toll, line


def test_only_what_fell_is_a_kill():
    toll = Toll(Counter({("worker", "start"): 2, ("driver", "middle"): 3, ("ctrl-c", "late"): 4}))
    assert toll.kills == 5


def test_a_run_is_told_with_its_kills_and_whether_it_is_the_same():
    fallen = [
        Fell("disk full", "start", is_done=False),
        Fell("driver", "middle", is_done=False),
        Fell("disk full", "middle", is_done=False),
        Fell("ctrl-c", "late", is_done=True),
    ]
    toll = Toll(Counter({("driver", "middle"): 7}), runs=3, differing=1)
    assert line(toll, fallen, is_same=False) == (
        "run 3: 3 kills (2 disk full, 1 driver), 1 too late: DIFFERS; 7 kills so far"
    )
    assert line(toll, fallen[3:], is_same=True) == (
        "run 3: no kill, 1 too late: same; 7 kills so far"
    )
