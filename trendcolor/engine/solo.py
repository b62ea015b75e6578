"""A shard whose worker died, finished alone: the photos that end a worker are found and rejected.

Any scheduler calls it for what it could not finish, on whichever machine.
"""

import logging
import multiprocessing
import os
import signal
import threading
from collections import Counter
from collections.abc import Mapping
from ctypes import c_int64
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import RawValue

from trendcolor.engine.index import Shard
from trendcolor.engine.worker import (
    NOWHERE,
    TOOK_TOO_LONG,
    Done,
    Found,
    Limits,
    Work,
    Worker,
    one_thread_each,
)
from trendcolor.errors import EngineError

_LOG = logging.getLogger(__name__)

# A photo under which a worker died so often is taken for the cause; once may be an accident.
_OFTEN = 2


@dataclass(frozen=True, slots=True)
class _Death:
    """How an attempt ended without a receipt."""

    place: int  # of the photo in its shard that was looked at, or `NOWHERE`
    exit_code: int | None


def finish_alone(work: Work[Found, Done], shard: Shard, limits: Limits, retries: int) -> Done:
    """Finish a shard whose worker may have died of it, each attempt in a process of its own.

    The worker notes which photo it looks at. One under which it died twice is rejected with that
    reason, and the shard is tried again without it.

    Args:
        work: What is the same for all shards.
        shard: The photos.
        limits: What a worker may take.
        retries: How many deaths are forgiven that no photo seems to cause.

    Raises:
        EngineError: workers die for no photo's sake.
    """
    deaths: Counter[int] = Counter()
    poison: dict[str, str] = {}
    for _ in range(retries + 1 + _OFTEN * len(shard.photos)):
        end = _attempt(work, shard, limits, poison)
        if not isinstance(end, _Death):
            if poison:
                _LOG.warning("shard %d: rejected %s", shard.number, ", ".join(sorted(poison)))
            return end
        deaths[end.place] += 1
        if end.place == NOWHERE:
            if deaths[NOWHERE] > retries:
                raise EngineError(
                    f"shard {shard.number}: workers die at once (exit code {end.exit_code}; too "
                    "little memory? lower engine.workers)"
                )
        elif deaths[end.place] >= _OFTEN:
            poison[shard.photos[end.place].id] = _reason(end, limits)
    raise EngineError(
        f"shard {shard.number} ends its worker process though no single photo does "
        "(too little memory? lower images.work_pixels or engine.workers)"
    )


def _reason(end: _Death, limits: Limits) -> str:
    if end.exit_code == TOOK_TOO_LONG:
        return f"took longer than {limits.seconds:g} s (images.max_seconds)"
    return "its analysis ended the worker process"


def _attempt(
    work: Work[Found, Done], shard: Shard, limits: Limits, poison: Mapping[str, str]
) -> Done | _Death:
    """One attempt; an error that it raises is raised here."""
    context = multiprocessing.get_context("spawn")
    mark = RawValue(c_int64, NOWHERE)
    ours, theirs = context.Pipe(duplex=False)
    arguments = (theirs, work, limits, mark, shard, poison)
    process = context.Process(target=_finish, args=arguments, daemon=True)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with one_thread_each():
            process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    theirs.close()
    try:
        told: Done | BaseException = ours.recv()
    except EOFError:
        process.join()
        return _Death(mark.value, process.exitcode)
    finally:
        if process.is_alive():
            process.join(timeout=1)
            process.kill()
        ours.close()
    if isinstance(told, BaseException):
        raise told
    return told


def _finish(
    answers: Connection,
    work: Work[Found, Done],
    limits: Limits,
    mark: c_int64,
    shard: Shard,
    poison: Mapping[str, str],
) -> None:
    end_with_parent()
    try:
        answers.send(Worker(work, limits, mark).finish(shard, poison))
    except Exception as error:  # noqa: BLE001 # raised again by the parent
        answers.send(error)


def end_with_parent() -> None:
    """End this process when its parent dies, so that none is left behind."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
