"""A run on one machine: a pool of spawned processes that is rebuilt when a worker dies."""

import logging
import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

from trendcolor.engine.index import Shard
from trendcolor.engine.solo import end_with_parent, finish_alone
from trendcolor.engine.worker import Done, Found, Limits, Work, Worker, one_thread_each

T = TypeVar("T")

_LOG = logging.getLogger(__name__)


def run_shards(
    work: Work[Found, Done],
    shards: Iterable[Shard],
    *,
    workers: int,
    limits: Limits,
    retries: int = 2,
) -> Iterator[Done]:
    """Finish shards in a pool of processes; what they give comes as it is ready.

    When a worker dies, the shards that were under way are each finished alone (`solo.py`), which
    finds the photos that end a worker and rejects them with that reason.

    Args:
        work: What is the same for all shards.
        shards: What to do; few are asked for ahead.
        workers: Processes.
        limits: What each may take.
        retries: How often a shard is tried again whose worker died for no photo's sake.

    Raises:
        EngineError: workers die before they can do anything.
        RunError: a file can't be written.
    """
    waiting = iter(shards)
    broken: deque[Shard] = deque()
    first = list(islice(waiting, workers))
    while first or broken:
        for shard in broken:
            done = work.finished(shard.number)
            yield done if done is not None else finish_alone(work, shard, limits, retries)
        broken.clear()
        under_way: dict[Future[Done], Shard] = {}
        try:
            with _pool(work, limits, min(workers, len(first)) or 1) as pool:
                for shard in first:
                    under_way[_submit(pool, _finish, shard)] = shard
                while under_way:
                    for shard in islice(waiting, max(0, 2 * workers - len(under_way))):
                        under_way[_submit(pool, _finish, shard)] = shard
                    for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                        receipt = future.result()
                        del under_way[future]
                        yield receipt
            first = []
        except BrokenProcessPool:
            _LOG.warning("a worker died; %d shards are tried again alone", len(under_way))
            broken.extend(under_way.values())
            first = list(islice(waiting, workers))


@contextmanager
def _pool(work: Work[Found, Done], limits: Limits, n_workers: int) -> Iterator[ProcessPoolExecutor]:
    """A pool of spawned workers, each with its pipeline; ended at once on any error."""
    with one_thread_each():
        pool = ProcessPoolExecutor(
            n_workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start_worker,
            initargs=(work, limits),
        )
        try:
            yield pool
        except BaseException:
            for process in list((pool._processes or {}).values()):  # no public way to end them
                process.terminate()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
        pool.shutdown(wait=True)


def _submit(pool: ProcessPoolExecutor, task: Callable[..., T], *arguments: object) -> "Future[T]":
    """Give a pool a task; a worker that this starts never sees Ctrl-C, which the parent answers.

    Without it, one that is still importing would write its trace between the parent's words.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(task, *arguments)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Here:
    """The worker of this process."""

    worker: Worker[Any, Any]


def _start_worker(work: Work[Any, Any], limits: Limits) -> None:
    end_with_parent()
    _Here.worker = Worker(work, limits)


def _finish(shard: Shard) -> Any:  # noqa: ANN401 # what the work gives
    return _Here.worker.finish(shard, {})
