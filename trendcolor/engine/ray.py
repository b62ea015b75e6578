"""A run on Ray: Ray Data hands out the numbers of shards, and only receipts come back.

Photos, the index and what shards write lie where all machines see them; nothing of them travels
through Ray. So it may lose, repeat or reorder what it likes: a shard writes the same files under
the same names whoever does it, what has no receipt is handed out again, and what still has none is
finished alone.
"""

import logging
import os
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import ray
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from trendcolor.config import EngineConfig
from trendcolor.engine.ray_workers import BEAT, Reader, Round, answer_alone
from trendcolor.engine.served import ServedRun, told
from trendcolor.errors import EngineError
from trendcolor.runs import Receipt

_LOG = logging.getLogger(__name__)

_AT_ONCE = 10_000  # shards of one round: what Ray Data keeps in mind
# Seconds without a sign of life of any worker after which a round is given up and what it lacks is
# handed out again. A worker bounds its own work (`kept.py`), so that long shards are no reason.
_PATIENCE = 120.0
_SPEAK = 60.0  # seconds between words about workers that don't start
_GREETING = 10.0  # seconds in which a machine answers that there is something at the address
# Attempts of Ray to be understood there, of 40 s each; its own 20 are a quarter of an hour.
_ATTEMPTS = "1"
# Of Ray's store of objects, which holds numbers and receipts; Ray takes no less than 75 MB.
_OBJECT_STORE = 150_000_000


def run_shards(run: ServedRun, numbers: Sequence[int]) -> Iterator[Receipt]:
    """Finish shards on the machines of a Ray cluster; receipts come as they are ready.

    Args:
        run: The run, prepared, with its index in its own store.
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
    with _connected(run.config.engine):
        while some := list(islice(waiting, _AT_ONCE)):
            yield from _finish_all(run, some)


def _finish_all(run: ServedRun, numbers: Sequence[int]) -> Iterator[Receipt]:
    """Round after round until each shard has a receipt; what is left then, alone."""
    left = dict.fromkeys(numbers)
    failures: list[str] = []
    for attempt in range(run.config.engine.retries + 1):
        if attempt:
            _LOG.warning("%d shards came without a receipt and are handed out again", len(left))
        handed_out = _HandedOut(run, list(left))
        for receipt in handed_out.receipts():
            if receipt.shard in left:
                del left[receipt.shard]
                yield receipt
        if not left:
            return
        if handed_out.failure and not handed_out.answers:
            failures.append(handed_out.failure)
    if len(failures) > run.config.engine.retries:
        raise EngineError(
            f"Ray could keep no worker alive ({failures[-1]}; is the same trendcolor installed on "
            "each of its machines?)"
        )
    _LOG.warning("%d shards are finished alone", len(left))
    yield from _finish_apart(run, list(left))


class _HandedOut:
    """Shards handed out once by Ray Data, and what came back of them.

    The data set is read by an actor of its own: should it stand still, that can be ended, and all
    that it started ends with it.
    """

    def __init__(self, run: ServedRun, numbers: Sequence[int]) -> None:
        self._run, self._numbers = run, numbers
        self.answers = 0
        self.failure = ""  # why it ended before all shards were answered for

    def receipts(self) -> Iterator[Receipt]:
        """What comes back, as it comes; ends early where nothing comes any more."""
        node = ray.get_runtime_context().get_node_id()
        here = NodeAffinitySchedulingStrategy(node_id=node, soft=True)
        reader = ray.remote(num_cpus=0, max_concurrency=8, scheduling_strategy=here)(Reader)
        actor = reader.remote()
        answers = actor.answers.remote(self._round())
        watch = _Watch(actor, self._run.config.engine)
        try:
            while watch.wait(answers):
                receipt = told(ray.get(next(answers)))
                self.answers += 1
                yield receipt
            self.failure = f"no worker gave a sign of life for {_PATIENCE:g} s"
        except StopIteration:
            pass
        except (RayError, TimeoutError) as error:
            self.failure = _last_line(error)
        finally:
            ray.kill(actor)
        if self.failure:
            _LOG.warning("Ray ended a round early (%s)", self.failure)

    def _round(self) -> Round:
        run, engine, n_shards = self._run, self._run.config.engine, len(self._numbers)
        cores = int(ray.cluster_resources().get("CPU", 1))
        workers = cores if engine.workers == "auto" else engine.workers
        first = max(1, min(workers, n_shards))
        return Round(
            numbers=self._numbers,
            errand=run.errand(),
            alone=run.errand_alone(),
            takes=_takes(engine),
            first=first,
            # A cluster that scales itself is asked for more as long as there are shards.
            most=n_shards if engine.workers == "auto" else first,
        )


class _Watch:
    """Waits for answers, and knows when there is nothing more to wait for."""

    def __init__(self, reader: Any, config: EngineConfig) -> None:  # noqa: ANN401 (Ray's handle)
        self._reader, self._config = reader, config
        self._started = self._spoken = time.monotonic()

    def wait(self, answers: Any) -> bool:  # noqa: ANN401 (Ray's generator)
        """Whether there is an answer or an end; False where no worker gives a sign of life."""
        while not ray.wait([answers], timeout=BEAT)[0]:
            silence = ray.get(self._reader.silence.remote(), timeout=_PATIENCE)
            now = time.monotonic()
            if silence is not None and silence > _PATIENCE:
                return False
            if silence is None and now - self._spoken > _SPEAK:
                self._spoken = now
                _LOG.info("waiting %.0f s for workers: %s", now - self._started, self._wanted())
        return True

    def _wanted(self) -> str:
        names = {"num_cpus": "CPU", "memory": "memory", "num_gpus": "GPU"}
        wanted = {names[name]: value for name, value in _takes(self._config).items()}
        free = ray.available_resources()
        each = ", ".join(f"{name} {value:g}" for name, value in wanted.items())
        there = ", ".join(f"{name} {free.get(name, 0):g}" for name in wanted)
        return f"each takes {each}; the cluster has free {there}"


def _finish_apart(run: ServedRun, numbers: Sequence[int]) -> Iterator[Receipt]:
    """Finish shards that no round finished, each in a task; the driver does what no task does."""
    task = ray.remote(max_retries=run.config.engine.retries, **_takes(run.config.engine))
    finish, errand = task(answer_alone), run.errand_alone()
    under_way = {finish.remote(errand, number): number for number in numbers}
    while under_way:
        for done in ray.wait(list(under_way))[0]:
            number = under_way.pop(done)
            try:
                answer = ray.get(done)
            except RayError as error:
                _LOG.warning("shard %d: no task of Ray lived (%s)", number, _last_line(error))
                answer = None
            yield run.finish_alone(number) if answer is None else told(answer)


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
    try:
        _connect(config)
    except (OSError, OverflowError, RuntimeError, ValueError) as cause:
        raise EngineError(_unanswered(config.address, _last_line(cause))) from cause
    try:
        _check_gpus(config)
        yield
    finally:
        ray.shutdown()


def _connect(config: EngineConfig) -> None:
    quiet = {"log_to_driver": False, "configure_logging": False, "logging_level": logging.ERROR}
    if config.address:
        _greet(config.address)
        os.environ.setdefault("RAY_gcs_server_port_wait_time_s", _ATTEMPTS)
        ray.init(config.address, **quiet)
        return
    workers = 1 if config.workers == "auto" else config.workers
    # Ray's own 15 gives way to all else on this machine, whose runs without Ray don't.
    os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112 # its name
    ray.init(
        "local",
        num_cpus=max(os.cpu_count() or 1, workers),
        include_dashboard=False,
        object_store_memory=_OBJECT_STORE,
        **quiet,
    )


def _greet(address: str) -> None:
    """Find out whether anything listens at `host:port`; Ray itself would ask for minutes.

    Raises:
        OSError: nothing does.
        OverflowError: there is no such port.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():  # else a name of Ray's, as "auto"
        socket.create_connection((host.strip("[]"), int(port)), timeout=_GREETING).close()


def _unanswered(address: str, why: str) -> str:
    if not address:
        return f"Ray can't start on this machine ({why})"
    return (
        f"engine.address '{address}': no Ray answers there ({why}; give the host and port that "
        "`ray start --head` prints, or 'auto' on a machine of the cluster)"
    )


def _check_gpus(config: EngineConfig) -> None:
    if config.gpus and not ray.cluster_resources().get("GPU"):
        if not config.address:
            raise EngineError(
                f"engine.gpus is {config.gpus:g}, but Ray finds no GPU on this machine (set it to "
                "0, or name the address of a cluster that has some)"
            )
        _LOG.warning("engine.gpus is %g; the cluster has no GPU yet", config.gpus)


def _takes(config: EngineConfig) -> Mapping[str, float]:
    """What one worker takes of a machine, as options of Ray."""
    gpus = {"num_gpus": config.gpus} if config.gpus else {}
    return {"num_cpus": 1, "memory": config.memory, **gpus}


def _last_line(error: BaseException) -> str:
    """What happened, in one line: Ray's errors tell where first and end with it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
