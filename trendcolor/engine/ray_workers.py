"""What runs in Ray's own processes; it imports little, since each of them would hold it.

The reader of a round asks Ray Data for the answers to shards' numbers. A worker keeps a process
that gives them (`kept.py`).
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import ray
import ray.data

from trendcolor.engine.kept import Errand, KeptProcess

BEAT = 5.0  # seconds between signs of life of a worker that has a shard under way

Batch = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Round:
    """Shards to hand out, and to whom."""

    numbers: Sequence[int]
    errand: Errand
    alone: Errand  # for a shard whose process died
    takes: Mapping[str, float]  # resources of one worker, as options of Ray
    first: int  # how many workers to ask for at once
    most: int


class Reader:
    """Reads the data set of a round, in a process of its own, which can be ended."""

    def __init__(self) -> None:
        """No worker has given a sign of life."""
        self._beat: float | None = None

    def beat(self) -> None:
        """A worker has a shard under way."""
        self._beat = time.monotonic()

    def silence(self) -> float | None:
        """Seconds since the last sign of life; None before the first."""
        return None if self._beat is None else time.monotonic() - self._beat

    def answers(self, given: Round) -> Iterator[bytes]:
        """What workers answer, in any order; a shard whose worker died has none."""
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.max_errored_blocks = -1
        shards = ray.data.from_items(
            [{"shard": number} for number in given.numbers],
            override_num_blocks=len(given.numbers),
        )
        pool = ray.data.ActorPoolStrategy(
            min_size=1,
            max_size=given.most,
            initial_size=given.first,
            max_tasks_in_flight_per_actor=2,
        )
        done = shards.map_batches(
            ShardWorker,
            fn_constructor_args=(given, ray.get_runtime_context().current_actor),
            batch_size=1,
            compute=pool,
            # A worker that is killed is started again wherever there is room. Its shards are not
            # tried again with it: where there is no room they would wait for ever.
            max_restarts=-1,
            max_task_retries=0,
            **given.takes,
        )
        for row in done.iter_rows():
            if row["answer"]:
                yield row["answer"]


class ShardWorker:
    """One of the workers that Ray Data starts."""

    def __init__(self, given: Round, reader: Any) -> None:  # noqa: ANN401 (Ray's handle)
        """Start to give signs of life; the process that works starts with the first shard."""
        self._kept, self._alone, self._reader = KeptProcess(given.errand), given.alone, reader
        self._is_busy = threading.Event()
        threading.Thread(target=self._beat, daemon=True).start()

    def __call__(self, batch: Batch) -> Batch:
        """The answer for one shard; empty where even alone its process dies."""
        self._is_busy.set()
        try:
            number = int(batch["shard"][0])
            answer = self._kept.ask(number) or answer_alone(self._alone, number) or b""
        finally:
            self._is_busy.clear()
        return {"answer": np.array([answer], dtype=object)}

    def _beat(self) -> None:
        while self._is_busy.wait():
            self._reader.beat.remote()
            time.sleep(BEAT)


def answer_alone(errand: Errand, number: int) -> bytes | None:
    """The answer for one shard of a process that then ends."""
    kept = KeptProcess(errand)
    try:
        return kept.ask(number)
    finally:
        kept.close()
