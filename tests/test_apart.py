import os
import signal
import subprocess
import sys
from contextlib import closing

import apart_answers
import psutil
import pytest
from patience import wait_for

from trendcolor.apart import pieces_apart
from trendcolor.errors import DataError, EndedError


def test_pieces_come_in_their_order_however_long():
    expected = [b"ab" * 2**power for power in range(20)]
    assert list(pieces_apart(apart_answers.doubled, b"ab")) == expected


def test_one_process_makes_all_pieces_and_is_gone_at_the_end():
    first, _, last = pieces_apart(apart_answers.ids, b"")
    assert first == last != str(os.getpid()).encode()
    assert not psutil.pid_exists(int(first))


@pytest.mark.parametrize(
    ("end", "told"),
    [
        (-signal.SIGABRT, "its reader was ended by SIGABRT: reading [31m went wrong"),
        (-signal.SIGSEGV, "its reader was ended by SIGSEGV: reading [31m went wrong"),
        (
            -signal.SIGKILL,
            "its reader was ended by SIGKILL, as the system does where memory is short: reading "
            "[31m went wrong",
        ),
        (3, "its reader ended with exit code 3: the last line"),
    ],
    ids=["abort", "crash", "kill", "exit"],
)
def test_a_process_that_ends_is_an_error_that_says_how(end, told):
    pieces = pieces_apart(apart_answers.ends, str(int(end)).encode())
    assert next(pieces) == b"a piece"
    with pytest.raises(EndedError) as caught:
        next(pieces)
    assert str(caught.value) == told


def test_our_errors_come_back_and_others_with_their_trace():
    with pytest.raises(DataError, match=r"^t\.parquet: is no table$"):
        list(pieces_apart(apart_answers.raises_ours, b""))
    with pytest.raises(RuntimeError, match=r"apart_answers\.py(.|\n)*ZeroDivisionError: a bug"):
        list(pieces_apart(apart_answers.raises_another, b""))


def test_what_libraries_print_is_no_piece():
    assert list(pieces_apart(apart_answers.prints, b"")) == [b"a piece"]


@pytest.mark.parametrize("answer", [apart_answers.ids, apart_answers.stands_still])
def test_closing_ends_the_process_whatever_it_does(answer):
    with closing(pieces_apart(answer, b"")) as pieces:
        process = psutil.Process(int(next(pieces)))
        assert process.is_running()
    assert not process.is_running()


def test_ctrl_c_is_the_parents_to_answer():
    with closing(pieces_apart(apart_answers.ids, b"")) as pieces:
        number = int(next(pieces))
        os.kill(number, signal.SIGINT)
        assert [len(next(pieces)), int(next(pieces))] == [1 << 20, number]


@pytest.mark.parametrize("answer", ["ids", "stands_still"])
def test_the_process_of_a_script_without_a_guard_ends_when_the_script_is_killed(tmp_path, answer):
    script = tmp_path / "script.py"
    script.write_text(
        f"""import sys, time
sys.path[:] = {sys.path!r}
import apart_answers
from trendcolor.apart import pieces_apart
pieces = pieces_apart(apart_answers.{answer}, b"")
print(next(pieces).decode(), flush=True)
time.sleep(600)
""",
        encoding="utf-8",
    )
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE) as parent:
        process = psutil.Process(int(parent.stdout.readline()))
        assert process.is_running()
        parent.kill()
    assert wait_for(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)


def test_the_process_of_a_table_loads_nothing_that_computes():
    (names,) = pieces_apart(apart_answers.loaded, b"")
    modules = {name.partition(".")[0] for name in names.decode().split()}
    assert "polars" in modules
    assert not modules & {"torch", "scipy", "sklearn", "skimage", "numba", "ray", "PIL", "cyclopts"}
