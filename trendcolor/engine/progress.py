"""How far a run is: a bar on a terminal, a log line every 30 seconds elsewhere."""

import logging
import sys
import time
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from trendcolor.runs import Receipt

_LOG = logging.getLogger(__name__)
_EVERY = 30.0  # seconds between log lines


class RunProgress:
    """Counts photos as shards finish; a context manager around a run."""

    def __init__(self, total: int, done: int) -> None:
        """Start counting at `done` of `total` photos."""
        self._total = total
        self._done = self._resumed = done
        self._left_out = 0
        self._started = self._spoken = time.monotonic()
        self._bar: Progress | None = None
        if sys.stderr.isatty():
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
            )
            self._task = self._bar.add_task("photos", total=total, completed=done, rate="")

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        if self._resumed:
            _LOG.info("resumed: %d of %d photos are done", self._resumed, self._total)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def add(self, receipt: Receipt) -> None:
        """Count a finished shard."""
        self._done += receipt.photos + receipt.forgotten
        self._left_out += receipt.screened + receipt.rejected
        now = time.monotonic()
        rate = (self._done - self._resumed) / max(now - self._started, 1e-3)
        if self._bar is not None:
            text = f"{rate:.1f} photos/s, {self._left_out} left out"
            self._bar.update(self._task, completed=self._done, rate=text)
        elif now - self._spoken >= _EVERY or self._done == self._total:
            self._spoken = now
            _LOG.info(
                "%d of %d photos, %.1f photos/s, %.0f s left, %d left out",
                self._done,
                self._total,
                rate,
                (self._total - self._done) / max(rate, 1e-3),
                self._left_out,
            )
