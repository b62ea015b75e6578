"""A process of its own that a scheduler's process keeps, and asks for one shard after the other.

A process that a scheduler starts can't be limited itself: one of Ray's maps 1.4 GB of private
memory before it has done anything (measured with Ray 2.60), and a photo that ended it would look
like a machine that failed. So it only keeps another one, which is limited as those of `local.py`
are, and therefore rejects the same photos. What is kept travels as bytes, so that who keeps it
imports nothing of it.
"""

import multiprocessing
import os
import pickle
import sys
import time
from collections.abc import Mapping
from ctypes import c_int64
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.sharedctypes import RawValue

_LOOK = 1.0  # seconds between looks at where the process is


@dataclass(frozen=True, slots=True)
class Errand:
    """What a process is kept for; made where all of it is imported."""

    serve: bytes  # pickled: takes the mark, gives a function of a number to an answer in bytes
    environment: Mapping[str, str]  # set in the process before it imports anything
    patience: float  # seconds within which it must set the mark anew or answer
    spawns: bool = False  # whether it starts processes itself; then `close` it, or its keeper waits


class KeptProcess:
    """A process that answers for numbers; it starts with the first, and again after it died."""

    def __init__(self, errand: Errand) -> None:
        """Say what for."""
        self._errand = errand
        self._mark: c_int64 = RawValue(c_int64, -1)
        self._process: BaseProcess | None = None
        self._line: Connection | None = None

    def ask(self, number: int) -> bytes | None:
        """The answer for a number; None where the process died, or stood still and was ended."""
        line = self._line or self._start()
        try:
            line.send(number)
            if self._moves(line):
                return line.recv_bytes()
        except (EOFError, OSError):
            pass
        self.close()
        return None

    def close(self) -> None:
        """End the process."""
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.kill()
            self._process.join()
        self._line = self._process = None

    def _moves(self, line: Connection) -> bool:
        """Wait for an answer, as long as the process sets its mark anew."""
        place, since = self._mark.value, time.monotonic()
        while not line.poll(_LOOK):
            now = time.monotonic()
            if self._mark.value != place:
                place, since = self._mark.value, now
            if now - since > self._errand.patience:
                return False
        return True

    def _start(self) -> Connection:
        # Else the new process would import the main module of Ray's, and with it all of Ray.
        vars(sys.modules["__main__"]).pop("__file__", None)
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        arguments = (theirs, self._errand, self._mark)
        self._process = context.Process(
            target=_serve, args=arguments, daemon=not self._errand.spawns
        )
        self._process.start()
        theirs.close()
        self._line = ours
        return ours


def _serve(line: Connection, errand: Errand, mark: c_int64) -> None:
    """Answer until nobody asks."""
    os.environ.update(errand.environment)
    answer = pickle.loads(errand.serve)(mark)
    while True:
        try:
            number = line.recv()
        except EOFError:
            return
        line.send_bytes(answer(number))
