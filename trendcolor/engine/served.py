"""What a process on whichever machine does for a run: finish the shard of a number."""

import pickle
from collections.abc import Callable
from ctypes import c_int64
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from socket import gethostname

import msgspec

from trendcolor.config import Config
from trendcolor.engine.index import Index
from trendcolor.engine.kept import Errand
from trendcolor.engine.shards import ShardWork
from trendcolor.engine.solo import end_with_parent, finish_alone
from trendcolor.engine.worker import ONE_THREAD, Limits, Worker
from trendcolor.errors import EngineError
from trendcolor.pipeline import PhotoResult
from trendcolor.runs import Header, Receipt, code_version, store_of
from trendcolor.segmentation.opening import prepare_segmenter

# Seconds, beyond those for one photo, in which a worker must come to another photo: time enough to
# load a network, to read its part of the index, and to write its files.
_GRACE = 600.0

Answer = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class ServedRun:
    """A run whose index lies in its own store; small, it travels to each machine."""

    work: ShardWork
    config: Config
    header: Header

    @property
    def limits(self) -> Limits:
        """What a worker may take."""
        return Limits.of(self.config)

    def errand(self) -> Errand:
        """To finish shards one after the other."""
        serve = pickle.dumps(partial(_serve, self))
        return Errand(serve, ONE_THREAD, self.limits.seconds + _GRACE)

    def errand_alone(self) -> Errand:
        """To finish shards whose worker died, as `solo.finish_alone` does."""
        serve = pickle.dumps(partial(_serve_alone, self))
        return Errand(serve, ONE_THREAD, float("inf"), spawns=True)

    def finish_alone(self, number: int) -> Receipt:
        """As `solo.finish_alone`, unless an earlier attempt finished the shard."""
        done = self.work.finished(number)
        if done is not None:
            return done
        shard = Index(store_of(self.work.place))[number]
        return finish_alone(self.work, shard, self.limits, self.config.engine.retries)


def told(answer: bytes) -> Receipt:
    """The receipt in an answer; an error in its place is raised as it is."""
    if answer.startswith(b"{"):
        return msgspec.json.decode(answer, type=Receipt)
    raise pickle.loads(answer)  # of our own workers


def check_machine(run: ServedRun) -> None:
    """Refuse a machine that would make other records, or none.

    Raises:
        EngineError: its code, weights or runtime differ, or it does not see the run or the photos.
    """
    host, header, store = gethostname(), run.header, store_of(run.work.place)
    if code_version()[1] != header.code_hash:
        raise EngineError(f"{host}: has another trendcolor (install {header.code_version} there)")
    if store.read("settings.json") is None:
        raise EngineError(
            f"{host}: does not see the run {store.place} (on several machines it must be a folder "
            "that all share, or an address such as s3://bucket/run)"
        )
    for section in run.config.data:
        if isinstance(section.root, Path) and not _without_pattern(section.root).exists():
            raise EngineError(f"{host}: does not see the photos {section.root} (data.root)")
    if run.config.segmentation.source == "model":
        model = prepare_segmenter(run.config.segmentation)
        runtime = model.runtime + ("-cuda" if run.config.engine.gpus else "")
        if (model.sha256, runtime) != (header.weights_hash, header.runtime):
            raise EngineError(
                f"{host}: has {runtime} with weights {model.sha256[:8]}, the driver "
                f"{header.runtime} with {header.weights_hash[:8]} (install the same)"
            )


def _without_pattern(path: Path) -> Path:
    """A path up to its first part that stands for several, such as shard-{000..041}.tar."""
    return next(each for each in (path, *path.parents) if not set("{*?[") & set(str(each)))


def _serve(run: ServedRun, mark: c_int64) -> Answer:
    """Finish shards in this process, within its limits."""
    end_with_parent()
    worker: list[Worker[PhotoResult, Receipt]] = []
    shards: list[Index] = []

    def finish(number: int) -> Receipt:
        done = run.work.finished(number)
        if done is not None:  # by an attempt whose receipt was lost on its way
            return done
        if not worker:
            check_machine(run)
            worker.append(Worker(run.work, run.limits, mark))
            shards.append(Index(store_of(run.work.place)))
        return worker[0].finish(shards[0][number], {})

    return partial(_answer, finish)


def _serve_alone(run: ServedRun, _: c_int64) -> Answer:
    end_with_parent()

    def finish(number: int) -> Receipt:
        check_machine(run)
        return run.finish_alone(number)

    return partial(_answer, finish)


def _answer(finish: Callable[[int], Receipt], number: int) -> bytes:
    """A receipt, or the error in its place, which would else look like a worker's death."""
    try:
        return msgspec.json.encode(finish(number))
    except Exception as error:  # noqa: BLE001 # raised again by the driver
        return pickle.dumps(error)
