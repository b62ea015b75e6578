import os
import pickle

import psutil
import pytest
from errands import DIES, IS_SLOW, STANDS_STILL, serve

from trendcolor.engine.kept import Errand, KeptProcess


@pytest.fixture
def kept():
    process = KeptProcess(Errand(pickle.dumps(serve), {"ERRAND": "set"}, patience=3.0))
    yield process
    process.close()


def asked(kept, number):
    told, pid, variable = kept.ask(number).decode().split()
    assert (told, variable) == (str(number), "set")
    return int(pid)


def test_one_process_answers_for_one_number_after_the_other(kept):
    pid = asked(kept, 1)
    assert pid != os.getpid()
    assert asked(kept, 2) == pid


def test_a_process_that_dies_gives_no_answer_and_another_goes_on(kept):
    pid = asked(kept, 1)
    assert kept.ask(DIES) is None
    assert asked(kept, 2) != pid


def test_a_process_that_is_killed_while_nobody_asks_is_noticed(kept):
    psutil.Process(asked(kept, 1)).kill()
    assert kept.ask(2) is None
    asked(kept, 3)


def test_a_process_that_stands_still_is_ended(kept):
    pid = asked(kept, 1)
    assert kept.ask(STANDS_STILL) is None
    assert not psutil.pid_exists(pid)


def test_a_process_that_moves_may_take_longer_than_the_patience(kept):
    assert asked(kept, IS_SLOW)  # four seconds, half a second for each step


def test_a_process_ends_with_its_keeper(kept):
    pid = asked(kept, 1)
    kept.close()
    assert not psutil.pid_exists(pid)
