"""A worker in a process of its own, kept from shard to shard by a scheduler's process.

A process that a scheduler starts can't be limited itself: one of Ray's holds 1.4 GB of private
memory before it has done anything (measured with Ray 2.60), and a photo that ended it would look
like a machine that failed. So the scheduler's process only keeps this one, which is limited as
those of `local.py` are, and therefore rejects the same photos.
"""

import logging
import multiprocessing
import time
from ctypes import c_int64
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.sharedctypes import RawValue

from trendcolor.engine.index import Index
from trendcolor.engine.shards import ShardWork
from trendcolor.engine.solo import end_with_parent, finish_alone
from trendcolor.engine.worker import NOWHERE, Limits, Worker, one_thread_each
from trendcolor.runs import Receipt, read_receipt, store_of

_LOG = logging.getLogger(__name__)

# Seconds, beyond those for one photo, in which a worker must come to another photo: time enough to
# load a network, to read its part of the index, and to write its files.
_GRACE = 600.0
_LOOK = 1.0  # seconds between looks at where it is


class KeptWorker:
    """Finishes shards of a run whose index lies in the run's own store."""

    def __init__(self, work: ShardWork, limits: Limits, retries: int) -> None:
        """Say what for; the process starts with the first shard.

        Args:
            work: What is the same for all shards.
            limits: What the process may take.
            retries: As in `finish_alone`.
        """
        self._work, self._limits, self._retries = work, limits, retries
        self._mark: c_int64 = RawValue(c_int64, NOWHERE)
        self._process: BaseProcess | None = None
        self._line: Connection | None = None

    def finish(self, number: int) -> Receipt:
        """Finish a shard, unless an earlier attempt did; alone, where the process dies of it.

        Raises:
            EngineError: workers die for no photo's sake.
            RunError: a file can't be written.
        """
        done = read_receipt(self._work.place, number)
        if done is None:
            done = self._ask(number)
        if done is None:
            _LOG.warning("a worker died; shard %d is tried again alone", number)
            done = read_receipt(self._work.place, number)
        if done is None:
            shard = Index(store_of(self._work.place))[number]
            done = finish_alone(self._work, shard, self._limits, self._retries)
        return done

    def close(self) -> None:
        """End the process."""
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.kill()
            self._process.join()
        self._line = self._process = None

    def _ask(self, number: int) -> Receipt | None:
        """The process's answer; None where it died, or stood still and was ended."""
        line = self._line or self._start()
        try:
            line.send(number)
            told: Receipt | BaseException | None = line.recv() if self._moves(line) else None
        except (EOFError, OSError):
            told = None
        if told is None:
            self.close()
        if isinstance(told, BaseException):
            raise told
        return told

    def _moves(self, line: Connection) -> bool:
        """Wait for an answer, as long as the process comes to other photos."""
        place, since = self._mark.value, time.monotonic()
        while not line.poll(_LOOK):
            now = time.monotonic()
            if self._mark.value != place:
                place, since = self._mark.value, now
            if now - since > self._limits.seconds + _GRACE:
                return False
        return True

    def _start(self) -> Connection:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        arguments = (theirs, self._work, self._limits, self._mark)
        self._mark.value = NOWHERE
        self._process = context.Process(target=_serve, args=arguments, daemon=True)
        with one_thread_each():
            self._process.start()
        theirs.close()
        self._line = ours
        return ours


def _serve(line: Connection, work: ShardWork, limits: Limits, mark: c_int64) -> None:
    """Answer for one shard after the other until nobody asks."""
    end_with_parent()
    worker = Worker(work, limits, mark)
    shards: Index | None = None
    while True:
        try:
            number = line.recv()
        except EOFError:
            return
        try:
            shards = shards or Index(store_of(work.place))
            line.send(worker.finish(shards[number], {}))
        except Exception as error:  # noqa: BLE001 # raised again by who keeps this process
            line.send(error)
