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
    started: deque[Shard] = deque(islice(waiting, workers))
    while started:
        with _pool(work, limits, len(started)) as pool:
            yield from _finish_all(pool, started, waiting, workers)
        if started:
            _LOG.warning("a worker died; %d shards are tried again alone", len(started))
        for shard in started:
            done = work.finished(shard.number)
            yield done if done is not None else finish_alone(work, shard, limits, retries)
        started = deque(islice(waiting, workers))


def _finish_all(
    pool: ProcessPoolExecutor, started: deque[Shard], waiting: Iterator[Shard], workers: int
) -> Iterator[Any]:
    """What shards give, until all are done or a worker dies; `started` then holds what is not.

    Args:
        pool: The workers.
        started: The shards to begin with; those that are under way, as it goes on.
        waiting: All others; few are asked for ahead.
        workers: How many there are.
    """
    under_way: dict[Future[Any], Shard] = {}
    try:
        for shard in started:
            under_way[_submit(pool, _finish, shard)] = shard
        while started:
            for shard in islice(waiting, max(0, 2 * workers - len(started))):
                started.append(shard)
                under_way[_submit(pool, _finish, shard)] = shard
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                done = future.result()
                started.remove(under_way.pop(future))
                yield done
                for shard in islice(waiting, 1):
                    started.append(shard)
                    under_way[_submit(pool, _finish, shard)] = shard
    except BrokenProcessPool:
        return


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
