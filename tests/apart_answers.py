"""What processes of their own answer in tests, in a module that they import at once."""

import os
import signal
import sys
import time

from trendcolor.errors import DataError


def doubled(request):
    """The request again and again, each twice as long as the one before."""
    for power in range(20):
        yield request * 2**power


def ids(_):
    """The process's id, then nothing until it is asked for more, then its id again."""
    yield str(os.getpid()).encode()
    yield bytes(1 << 20)  # more than a pipe holds
    yield str(os.getpid()).encode()


def stands_still(_):
    """The process's id, and then it does something that has no end."""
    yield str(os.getpid()).encode()
    time.sleep(600)
    yield b""


def ends(request):
    """A piece, words on standard error, and the end that is asked for: a signal, or an exit."""
    yield b"a piece"
    os.write(2, b"reading\x1b[31m went wrong\nthe last line\n")
    number = int(request)
    if number < 0:
        os.kill(os.getpid(), -number)
        signal.pause()
    os._exit(number)


def raises_ours(_):
    yield b"a piece"
    raise DataError("t.parquet: is no table")


def raises_another(_):
    yield b"a piece"
    raise ZeroDivisionError("a bug")


def prints(_):
    os.write(1, b"what a library prints")
    yield b"a piece"


def loaded(_):
    """What is loaded once a table can be read."""
    import trendcolor.parquet_tables  # noqa: F401

    yield " ".join(sys.modules).encode()
