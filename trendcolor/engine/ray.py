"""A run on Ray: Ray Data hands out the numbers of shards, and only receipts come back.

Photos, the index and what shards write lie where all machines see them; nothing of them travels
through Ray. So it may lose, repeat or reorder what it likes: a shard writes the same files under
the same names whoever does it, what has no receipt is handed out again, and what still has none is
finished alone.
"""

import logging
import os
import pickle
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from socket import gethostname
from typing import Any

import msgspec
import numpy as np
import ray
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from trendcolor.config import Config, EngineConfig
from trendcolor.engine.index import Index
from trendcolor.engine.kept import KeptWorker
from trendcolor.engine.shards import ShardWork
from trendcolor.engine.solo import finish_alone
from trendcolor.engine.worker import Limits
from trendcolor.errors import EngineError
from trendcolor.runs import Header, Receipt, code_version, read_receipt, store_of
from trendcolor.segmentation.opening import prepare_segmenter

_LOG = logging.getLogger(__name__)

_AT_ONCE = 10_000  # shards of one round: what Ray Data keeps in the driver's memory
_BEAT = 5.0  # seconds between signs of life of a worker that has a shard under way
# Seconds without a sign of life of any worker after which a round is given up and what it lacks is
# handed out again. A worker bounds its own work (`kept.py`), so that long shards are no reason.
_PATIENCE = 120.0
_SPEAK = 60.0  # seconds between words about workers that don't start
# Of Ray's store of objects, which holds numbers and receipts; Ray takes no less than 75 MB.
_OBJECT_STORE = 150_000_000

Batch = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RayWork:
    """What travels to each worker; small."""

    work: ShardWork
    config: Config
    header: Header

    @property
    def limits(self) -> Limits:
        """What a worker may take."""
        return Limits.of(self.config.engine)


def run_shards(work: RayWork, numbers: Sequence[int]) -> Iterator[Receipt]:
    """Finish shards on the machines of a Ray cluster; receipts come as they are ready.

    Args:
        work: The run, prepared, with its index in its own store, and its settings.
        numbers: What to do.

    Raises:
        EngineError: no cluster answers, a machine of it does not fit, or workers can't be kept
            alive.
        RunError: a file can't be written.

    Guarantees, each held by tests/test_engine_ray.py:
        One receipt for each number, whatever dies meanwhile but the driver. The files are those of
        `local.py`, byte for byte, whatever the number of workers.
    """
    waiting = iter(numbers)
    with _connected(work.config.engine):
        while some := list(islice(waiting, _AT_ONCE)):
            yield from _finish_all(work, some)


def _finish_all(work: RayWork, numbers: Sequence[int]) -> Iterator[Receipt]:
    """Round after round until each shard has a receipt; what is left then, alone."""
    left = dict.fromkeys(numbers)
    failures: list[str] = []
    for attempt in range(work.config.engine.retries + 1):
        if attempt:
            _LOG.warning("%d shards came without a receipt and are handed out again", len(left))
        round_ = _Round(work, list(left))
        for receipt in round_.receipts():
            if receipt.shard in left:
                del left[receipt.shard]
                yield receipt
        if not left:
            return
        failures += [round_.failure] if round_.failure and not round_.answers else []
    if len(failures) > work.config.engine.retries:
        raise EngineError(
            f"Ray could keep no worker alive ({failures[-1]}; is the same trendcolor installed on "
            "each of its machines?)"
        )
    _LOG.warning("%d shards are finished alone", len(left))
    yield from _finish_apart(work, list(left))


class _Round:
    """Shards handed out once by Ray Data, and what came back of them.

    The data set is read by an actor of its own: should it stand still, that can be ended, and all
    that it started ends with it.
    """

    def __init__(self, work: RayWork, numbers: Sequence[int]) -> None:
        self._work, self._numbers = work, numbers
        self.answers = 0
        self.failure = ""  # why the round ended before all shards were answered for

    def receipts(self) -> Iterator[Receipt]:
        """What comes back, as it comes; ends early where nothing comes any more."""
        node = ray.get_runtime_context().get_node_id()
        here = NodeAffinitySchedulingStrategy(node_id=node, soft=True)
        options = {"num_cpus": 0, "max_concurrency": 8, "scheduling_strategy": here}
        reader = ray.remote(**options)(_Reader).remote()
        answers = reader.answers.remote(self._work, self._numbers)
        watch = _Watch(reader, self._work.config.engine)
        try:
            while watch.wait(answers):
                receipt = _told(ray.get(next(answers)))
                self.answers += 1
                yield receipt
        except StopIteration:
            pass
        except RayError as error:
            self.failure = _last_line(error)
        else:
            self.failure = f"no worker gave a sign of life for {_PATIENCE:g} s"
        finally:
            ray.kill(reader)
        if self.failure:
            _LOG.warning("Ray ended a round early (%s)", self.failure)


class _Watch:
    """Waits for answers, and knows when there is nothing more to wait for."""

    def __init__(self, reader: Any, config: EngineConfig) -> None:  # noqa: ANN401 (Ray's handle)
        self._reader, self._config = reader, config
        self._started = self._spoken = time.monotonic()

    def wait(self, answers: Any) -> bool:  # noqa: ANN401 (Ray's generator)
        """Whether there is an answer or an end; False where no worker gives a sign of life."""
        while not ray.wait([answers], timeout=_BEAT)[0]:
            silence = ray.get(self._reader.silence.remote(), timeout=_PATIENCE)
            now = time.monotonic()
            if silence is not None and silence > _PATIENCE:
                return False
            if silence is None and now - self._spoken > _SPEAK:
                self._spoken = now
                _LOG.info("waiting %.0f s for workers: %s", now - self._started, self._wanted())
        return True

    def _wanted(self) -> str:
        wanted = _resources(self._config)
        free = ray.available_resources()
        each = ", ".join(f"{name} {value:g}" for name, value in wanted.items())
        there = ", ".join(f"{name} {free.get(name, 0):g}" for name in wanted)
        return f"each takes {each}; the cluster has free {there}"


class _Reader:
    """Reads the data set of a round, in a process of its own."""

    def __init__(self) -> None:
        self._beat: float | None = None

    def beat(self) -> None:
        """A worker has a shard under way."""
        self._beat = time.monotonic()

    def silence(self) -> float | None:
        """Seconds since the last sign of life; None before the first."""
        return None if self._beat is None else time.monotonic() - self._beat

    def answers(self, work: RayWork, numbers: Sequence[int]) -> Iterator[bytes]:
        """What workers answer, in any order; a shard whose worker died has none."""
        import ray.data as data

        _quiet(data.DataContext.get_current())
        items = [{"shard": number} for number in numbers]
        shards = data.from_items(items, override_num_blocks=len(items))
        least = _first_workers(work.config.engine, len(items))
        most = least if work.config.engine.workers != "auto" else len(items)
        done = shards.map_batches(
            _ShardWorker,
            fn_constructor_args=(work, ray.get_runtime_context().current_actor),
            batch_size=1,
            compute=data.ActorPoolStrategy(
                min_size=1, max_size=most, initial_size=least, max_tasks_in_flight_per_actor=2
            ),
            # A worker that is killed is started again wherever there is room. Its shards are not
            # tried again with it: where there is no room they would wait for ever.
            max_restarts=-1,
            max_task_retries=0,
            **_remote(work.config.engine),
        )
        for row in done.iter_rows():
            yield row["answer"]


class _ShardWorker:
    """One of the workers that Ray Data starts; keeps a process that does the work."""

    def __init__(self, work: RayWork, reader: Any) -> None:  # noqa: ANN401 (Ray's handle)
        self._work, self._reader = work, reader
        self._is_busy = threading.Event()
        self._kept: KeptWorker | None = None
        _as_plain_process()
        threading.Thread(target=self._beat, daemon=True).start()

    def __call__(self, batch: Batch) -> Batch:
        """The answer for one shard."""
        self._is_busy.set()
        try:
            answer = _answer(lambda: self._finish(int(batch["shard"][0])))
        finally:
            self._is_busy.clear()
        return {"answer": np.array([answer], dtype=object)}

    def _finish(self, number: int) -> Receipt:
        if self._kept is None:
            _check_machine(self._work)
            retries = self._work.config.engine.retries
            self._kept = KeptWorker(self._work.work, self._work.limits, retries)
        return self._kept.finish(number)

    def _beat(self) -> None:
        while self._is_busy.wait():
            self._reader.beat.remote()
            time.sleep(_BEAT)


def _finish_apart(work: RayWork, numbers: Sequence[int]) -> Iterator[Receipt]:
    """Finish shards that no round finished, each in a task; the driver does what no task does."""
    retries = work.config.engine.retries
    finish = ray.remote(max_retries=retries, **_remote(work.config.engine))(_finish_alone)
    tasks = {finish.remote(work, number): number for number in numbers}
    while tasks:
        for task in ray.wait(list(tasks))[0]:
            number = tasks.pop(task)
            try:
                yield _told(ray.get(task))
            except RayError as error:
                _LOG.warning("shard %d: tried here, since %s", number, _last_line(error))
                yield _alone(work, number)


def _finish_alone(work: RayWork, number: int) -> bytes:
    _as_plain_process()
    _check_machine(work)
    return _answer(lambda: _alone(work, number))


def _alone(work: RayWork, number: int) -> Receipt:
    done = read_receipt(work.work.place, number)
    if done is not None:
        return done
    shard = Index(store_of(work.work.place))[number]
    return finish_alone(work.work, shard, work.limits, work.config.engine.retries)


def _answer(finish: Callable[[], Receipt]) -> bytes:
    """A receipt, or the error in its place, which would else look like a worker's death."""
    try:
        return msgspec.json.encode(finish())
    except Exception as error:  # noqa: BLE001 # raised again by the driver
        return pickle.dumps(error)


def _told(answer: bytes) -> Receipt:
    """A receipt; an error is raised as it is."""
    if answer.startswith(b"{"):
        return msgspec.json.decode(answer, type=Receipt)
    raise pickle.loads(answer)  # of our own workers


def _check_machine(work: RayWork) -> None:
    """Refuse a machine that would make other records, or none.

    Raises:
        EngineError: its code, weights or runtime differ, or it does not see the run or the photos.
    """
    host, header, store = gethostname(), work.header, store_of(work.work.place)
    if code_version()[1] != header.code_hash:
        raise EngineError(f"{host}: has another trendcolor (install {header.code_version} there)")
    if store.read("settings.json") is None:
        raise EngineError(
            f"{host}: does not see the run {store.place} (on several machines it must be a folder "
            "that all share, or an address such as s3://bucket/run)"
        )
    for section in work.config.data:
        if not section.root.is_dir():
            raise EngineError(f"{host}: does not see the photos {section.root} (data.root)")
    if work.config.segmentation.source == "model":
        model = prepare_segmenter(work.config.segmentation)
        if (model.sha256, model.runtime) != (header.weights_hash, header.runtime):
            raise EngineError(
                f"{host}: has {model.runtime} with weights {model.sha256[:8]}, the driver "
                f"{header.runtime} with {header.weights_hash[:8]} (install the same)"
            )


@contextmanager
def _connected(config: EngineConfig) -> Iterator[None]:
    """Ray at the address, or one of this machine that ends with the run.

    A connection that the process has already is used and kept.

    Raises:
        EngineError: nothing answers at the address, or the cluster can't have what is asked.
    """
    if ray.is_initialized():
        yield
        return
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    logging.getLogger("ray").setLevel(logging.ERROR)
    quiet = {"log_to_driver": False, "configure_logging": False, "logging_level": logging.ERROR}
    try:
        if config.address:
            ray.init(config.address, **quiet)
        else:
            cpus = max(os.cpu_count() or 1, _first_workers(config, 0))
            ray.init(
                "local",
                num_cpus=cpus,
                include_dashboard=False,
                object_store_memory=_OBJECT_STORE,
                **quiet,
            )
    except (ConnectionError, RuntimeError, ValueError) as cause:
        where = config.address or "this machine"
        raise EngineError(
            f"engine.address '{config.address}': no Ray answers at {where} ({_last_line(cause)})"
        ) from cause
    try:
        _check_gpus(config)
        yield
    finally:
        ray.shutdown()


def _check_gpus(config: EngineConfig) -> None:
    if config.gpus and not ray.cluster_resources().get("GPU"):
        if not config.address:
            raise EngineError(
                f"engine.gpus is {config.gpus:g}, but Ray finds no GPU on this machine (set it to "
                "0, or name the address of a cluster that has some)"
            )
        _LOG.warning("engine.gpus is %g; the cluster has no GPU yet", config.gpus)


def _first_workers(config: EngineConfig, n_shards: int) -> int:
    """How many workers to ask for at once: those of the settings, or one for each core."""
    if config.workers != "auto":
        return max(1, config.workers if not n_shards else min(config.workers, n_shards))
    if not n_shards:
        return 1
    return max(1, min(n_shards, int(ray.cluster_resources().get("CPU", 1))))


def _resources(config: EngineConfig) -> Mapping[str, float]:
    """What one worker takes, in Ray's words."""
    gpus = {"GPU": config.gpus} if config.gpus else {}
    return {"CPU": 1, "memory": config.memory, **gpus}


def _remote(config: EngineConfig) -> Mapping[str, float]:
    gpus = {"num_gpus": config.gpus} if config.gpus else {}
    return {"num_cpus": 1, "memory": config.memory, **gpus}


def _quiet(context: Any) -> None:  # noqa: ANN401 (Ray has no types that could be read)
    """Ray Data without bars and words, going on whatever becomes of one shard."""
    context.enable_progress_bars = False
    context.max_errored_blocks = -1
    context.max_consecutive_actor_init_deaths = 10


def _as_plain_process() -> None:
    """Let processes that this one spawns not import Ray's main module, and so Ray."""
    vars(sys.modules["__main__"]).pop("__file__", None)


def _last_line(error: BaseException) -> str:
    """What happened, in one line: Ray's errors tell where first and end with it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
