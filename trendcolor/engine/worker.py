"""One worker process: limited in threads, memory and time, so that no photo can hold up a run."""

import os
import resource
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from ctypes import c_int64
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from threadpoolctl import threadpool_limits

from trendcolor.config import Config
from trendcolor.datasets.reference import PhotoRef
from trendcolor.engine.ahead import reading_ahead
from trendcolor.engine.index import Shard
from trendcolor.segmentation.runtimes import set_device, set_threads

# One thread a worker, photos in parallel: pools of threads inside workers fight over the cores.
ONE_THREAD = {
    name: "1"
    for name in (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "POLARS_MAX_THREADS",
    )
}
TOOK_TOO_LONG = 86  # exit code of a worker that ends itself over a photo
NOWHERE = -1  # where a worker is before its first photo
_LOOKS = 20  # times that a worker looks at the clock within the time for one photo


Found = TypeVar("Found")  # what one photo gives
Done = TypeVar("Done", covariant=True)  # what one shard gives


class Work(Protocol[Found, Done]):
    """What is to be done with each shard, the same for all; small, it travels to each worker."""

    @property
    def build(self) -> Callable[[], Callable[[PhotoRef], Found]]:
        """Gives what looks at a photo; called once a process."""

    def finish(
        self, look: Callable[[PhotoRef], Found], shard: Shard, poison: Mapping[str, str]
    ) -> Done:
        """Do a shard, which asks `look` for each photo that is not poison, in order."""

    def refused(self, ref: PhotoRef, reason: str) -> Found:
        """What a photo gives that can't be looked at."""

    def finished(self, number: int) -> Done | None:
        """What a shard gave that is done; None where it is not."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one worker may take."""

    memory: int  # bytes
    seconds: float  # wall time for one photo
    gpu: bool = False  # whether it computes on a GPU

    @classmethod
    def of(cls, config: Config) -> "Limits":
        """Those of a config."""
        return cls(config.engine.memory, config.images.max_seconds, config.engine.gpus > 0)


class Worker(Generic[Found, Done]):
    """What a process builds once; loading the model costs more than using it."""

    def __init__(
        self, work: Work[Found, Done], limits: Limits, mark: c_int64 | None = None
    ) -> None:
        """Limit this process.

        Args:
            work: What is the same for all shards.
            limits: What it may take.
            mark: Shared with the parent; holds the place in its shard of the photo looked at.
        """
        set_threads(1)
        threadpool_limits(limits=1)
        set_device("cuda" if limits.gpu else "cpu")
        self._work, self._limits, self._mark = work, limits, mark
        self._analyze: Callable[[PhotoRef], Found] | None = None
        self._deadline: float | None = None
        threading.Thread(target=self._watch, daemon=True).start()

    def finish(self, shard: Shard, poison: Mapping[str, str]) -> Done:
        """Do a shard. The first one builds what looks at photos, so that its errors are told."""
        if self._analyze is None:
            self._analyze = self._work.build()
            # From now on: compiling what is not compiled yet takes more than photos do.
            if not self._limits.gpu:  # a GPU's driver maps far more than it holds
                _limit_memory(self._limits.memory)
        analyze = self._analyze
        places = {ref.id: place for place, ref in enumerate(shard.photos)}

        def look(ref: PhotoRef) -> Found:
            if self._mark is not None:
                self._mark.value = places[ref.id]
            self._deadline = time.monotonic() + self._limits.seconds
            try:
                return analyze(near(ref))
            except MemoryError:
                reason = f"needs more memory than {self._limits.memory} bytes (engine.memory)"
                return self._work.refused(ref, reason)
            finally:
                self._deadline = None

        to_do = (ref for ref in shard.photos if ref.id not in poison)
        with reading_ahead(to_do, self._waiting) as near:
            return self._work.finish(look, shard, poison)

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        """No time counts while a store is waited for, which has a limit of its own."""
        self._deadline = None
        try:
            yield
        finally:
            self._deadline = time.monotonic() + self._limits.seconds

    def _watch(self) -> None:
        """End this process when a photo takes too long: no decoder can be asked to stop."""
        while True:
            time.sleep(self._limits.seconds / _LOOKS)
            deadline = self._deadline
            if deadline is not None and time.monotonic() > deadline:
                os._exit(TOOK_TOO_LONG)


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Environment variables for processes that start meanwhile: one thread in each."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _limit_memory(most: int) -> None:
    """Let this process hold so many bytes of its own; beyond, an allocation fails (getrlimit(2)).

    Linux counts all private writable memory since 4.7. Elsewhere the limit may count less.
    """
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
