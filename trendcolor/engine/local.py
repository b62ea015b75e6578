"""A run on one machine: a pool of spawned processes that is rebuilt when a worker dies."""

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from threadpoolctl import threadpool_limits

from trendcolor.datasets.reference import PhotoRef
from trendcolor.engine.plan import Plan, Shard
from trendcolor.engine.progress import RunProgress
from trendcolor.engine.shards import Analyze, ShardWork, finish_shard
from trendcolor.errors import EngineError
from trendcolor.pipeline import build_pipeline
from trendcolor.runs import (
    Manifest,
    Receipt,
    only_writer,
    prepare_run_folder,
    read_receipt,
    seal,
)
from trendcolor.segmentation.runtimes import set_threads

T = TypeVar("T")

_LOG = logging.getLogger(__name__)

# One thread a worker, photos in parallel: pools of threads inside workers fight over the cores.
_ONE_THREAD = {
    name: "1"
    for name in (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "POLARS_MAX_THREADS",
    )
}


def run_plan(plan: Plan, folder: Path, *, fresh: bool = False) -> Manifest:
    """Do what is left of a run and seal it.

    Finished shards of the same settings are skipped, so that a run that was broken off at any
    point goes on, with the same records as an unbroken one.

    Args:
        plan: The photos and settings.
        folder: The run folder, new or of the same settings.
        fresh: Replace what the folder holds.

    Raises:
        RunError: the folder holds something else, another run is writing to it, or it can't be
            written.
        EngineError: workers can't be kept alive.
    """
    with only_writer(folder):
        return _run_plan(plan, folder, fresh=fresh)


def _run_plan(plan: Plan, folder: Path, *, fresh: bool) -> Manifest:
    started = time.monotonic()
    prepare_run_folder(folder, plan.header, fresh=fresh)
    finished = [read_receipt(folder, shard.number) for shard in plan.shards]
    todo = [s for s, receipt in zip(plan.shards, finished, strict=True) if receipt is None]
    work = ShardWork(
        build=partial(build_pipeline, plan.config),
        folder=folder,
        columns={column.name: column.kind for column in plan.header.columns},
    )
    done = sum(receipt.photos for receipt in finished if receipt is not None)
    with RunProgress(plan.header.photos, done) as progress:
        engine = plan.config.engine
        for receipt in run_shards(work, todo, workers=engine.workers, retries=engine.retries):
            progress.add(receipt)
    seconds = time.monotonic() - started if todo else 0.0
    manifest = seal(folder, plan.header, len(plan.shards), seconds)
    screened, rejected = manifest.total("screened"), manifest.total("rejected")
    if screened or rejected:
        _LOG.info(
            "%d photos were screened out and %d rejected; %s lists each with its reason",
            screened,
            rejected,
            folder / "photos",
        )
    return manifest


def run_shards(
    work: ShardWork, shards: Sequence[Shard], *, workers: int = 0, retries: int = 2
) -> Iterator[Receipt]:
    """Finish shards in a pool of processes; receipts come as they are ready.

    When a worker dies, the shards that were under way are each tried again alone. One that still
    ends its worker after `retries` tries is searched photo by photo, and the photos that end a
    worker are rejected with that reason.

    Args:
        work: What is the same for all shards.
        shards: What to do.
        workers: Processes; 0 takes one per core.
        retries: How often a shard that ended its worker is tried again.

    Raises:
        EngineError: workers die before they can do anything.
    """
    n_workers = min(workers or _cores(), max(1, len(shards)))
    waiting = deque(shards)
    while waiting:
        under_way: dict[Future[Receipt], Shard] = {}
        try:
            with _pool(work, n_workers) as pool:
                while waiting or under_way:
                    while waiting and len(under_way) < 2 * n_workers:
                        future = _submit(pool, _finish, waiting[0])
                        under_way[future] = waiting.popleft()
                    for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                        receipt = future.result()
                        del under_way[future]
                        yield receipt
        except BrokenProcessPool:
            _LOG.warning("a worker died; %d shards are tried again alone", len(under_way))
            for shard in under_way.values():
                done = read_receipt(work.folder, shard.number)
                yield done if done is not None else _finish_alone(work, shard, retries)


def _cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _finish_alone(work: ShardWork, shard: Shard, retries: int) -> Receipt:
    """Finish a shard whose worker may have died of it."""
    for _ in range(max(1, retries)):
        receipt = _try(work, _finish, shard)
        if receipt is not None:
            return receipt
    poison = _poison(work, shard)
    _LOG.warning("shard %d: rejected %s", shard.number, ", ".join(sorted(poison)))
    receipt = _try(work, partial(_finish, poison=poison), shard)
    if receipt is None:
        raise EngineError(
            f"shard {shard.number} ends its worker process though no single photo does "
            "(too little memory? lower images.work_pixels or engine.workers)"
        )
    return receipt


def _poison(work: ShardWork, shard: Shard) -> frozenset[str]:
    """The photos of a shard that end the worker which tries them."""
    poison: set[str] = set()
    waiting = deque(shard.photos)
    while waiting:
        tried = -1
        try:
            with _pool(work, 1) as pool:
                _submit(pool, _build).result()
                tried = 0
                for ref in waiting:
                    _submit(pool, _probe, ref).result()
                    tried += 1
                return frozenset(poison)
        except BrokenProcessPool as error:
            if tried < 0:
                raise EngineError(f"shard {shard.number}: workers die at once") from error
            poison.add(waiting[tried].id)
            waiting = deque(list(waiting)[tried + 1 :])
    return frozenset(poison)


def _try(work: ShardWork, task: Callable[[Shard], Receipt], shard: Shard) -> Receipt | None:
    """One attempt in a process of its own; None where the process died."""
    try:
        with _pool(work, 1) as pool:
            return _submit(pool, task, shard).result()
    except BrokenProcessPool:
        return None


@contextmanager
def _pool(work: ShardWork, n_workers: int) -> Iterator[ProcessPoolExecutor]:
    """A pool of spawned workers, each with its pipeline; ended at once on any error."""
    with _environment(_ONE_THREAD):
        pool = ProcessPoolExecutor(
            n_workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start_worker,
            initargs=(work,),
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


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Environment variables for processes that start meanwhile."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


class _Worker:
    """What a worker process builds once; loading the model costs more than using it."""

    work: ShardWork
    analyze: Analyze | None = None


def _start_worker(work: ShardWork) -> None:
    _end_with_parent()
    set_threads(1)
    threadpool_limits(limits=1)
    _Worker.work = work


def _analyze() -> Analyze:
    """The pipeline, built by a task: an error on the way reaches the parent as it is."""
    if _Worker.analyze is None:
        _Worker.analyze = _Worker.work.build()
    return _Worker.analyze


def _end_with_parent() -> None:
    """End this process when its parent dies, so that none is left behind."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _finish(shard: Shard, poison: frozenset[str] = frozenset()) -> Receipt:
    return finish_shard(_analyze(), _Worker.work, shard, poison)


def _build() -> None:
    _analyze()


def _probe(ref: PhotoRef) -> None:
    _analyze()(ref)
