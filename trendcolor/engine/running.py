"""A plan carried out: what is left of it finished by an engine, then sealed."""

import logging
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec

from trendcolor.config import Config
from trendcolor.engine.cores import n_workers
from trendcolor.engine.local import run_shards
from trendcolor.engine.plan import Plan
from trendcolor.engine.progress import RunProgress
from trendcolor.engine.served import ServedRun
from trendcolor.engine.shards import ShardWork
from trendcolor.engine.worker import Limits
from trendcolor.errors import EngineError, UsageError
from trendcolor.pipeline import Pipeline, build_pipeline, warmed
from trendcolor.runs import (
    Manifest,
    Place,
    Receipt,
    finished_shards,
    folder_of,
    only_writer,
    prepare_run_folder,
    seal,
    store_of,
)

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Part:
    """Which shards of a run one machine does: every `of`-th, from `number` on."""

    number: int  # from 1
    of: int

    @classmethod
    def read(cls, text: str) -> "Part":
        """A part as it is written, `2/4`.

        Raises:
            UsageError: it is no such text.
        """
        found = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text.strip())
        part = cls(*map(int, found.groups())) if found else cls(0, 0)
        if not 1 <= part.number <= part.of:
            raise UsageError(f"no part '{text}' (wanted the second of four as 2/4)")
        return part

    def has(self, shard: int) -> bool:
        """Whether a shard is of it."""
        return shard % self.of == self.number - 1


_WHOLE = Part(1, 1)


def run_plan(plan: Plan, place: Place, *, fresh: bool = False) -> Manifest:
    """Do what is left of a run and seal it.

    Finished shards of the same settings are skipped, so that a run that was broken off at any
    point goes on, with the same records as an unbroken one.

    Args:
        plan: The photos and settings.
        place: The run folder or address, new or of the same settings.
        fresh: Replace what is there.

    Raises:
        RunError: something else is there, another run is writing to it, or it can't be written.
        EngineError: workers can't be kept alive.
    """
    with only_writer(place):
        started = time.monotonic()
        n_done = _finish(plan, place, _WHOLE, fresh=fresh)
        return _sealed(plan, place, time.monotonic() - started if n_done else 0.0)


def run_part(plan: Plan, place: Place, part: Part) -> Mapping[int, Receipt]:
    """Do what is left of some shards of a run; `seal` ends it when all are there.

    Several machines may each do a part, into folders of their own that `merge` puts together, or
    into one address.

    Args:
        plan: The photos and settings, the same on each machine.
        place: The run folder or address, new or of the same settings.
        part: Which shards.

    Returns:
        The receipts of all shards that are there now, by number.

    Raises:
        RunError: as of `run_plan`.
        EngineError: workers can't be kept alive.
    """
    with only_writer(place):
        _finish(plan, place, part, fresh=False)
        return finished_shards(place, len(plan.shards))


def _finish(plan: Plan, place: Place, part: Part, *, fresh: bool) -> int:
    """Finish the shards of a part that are left; how many these were."""
    prepare_run_folder(place, plan.header, fresh=fresh)
    finished = finished_shards(place, len(plan.shards))
    left = [each for each in range(len(plan.shards)) if part.has(each) and each not in finished]
    done = sum(receipt.photos + receipt.forgotten for receipt in finished.values())
    with RunProgress(plan.header.photos, done) as progress:
        for receipt in _receipts(plan, place, left):
            progress.add(receipt)
    return len(left)


def _sealed(plan: Plan, place: Place, seconds: float) -> Manifest:
    manifest = seal(place, plan.header, len(plan.shards), seconds)
    screened, rejected = manifest.total("screened"), manifest.total("rejected")
    if screened or rejected:
        _LOG.info(
            "%d photos were screened out and %d rejected; %s/photos lists each with its reason",
            screened,
            rejected,
            store_of(place).place,
        )
    return manifest


def _receipts(plan: Plan, place: Place, left: Sequence[int]) -> Iterator[Receipt]:
    """What is left of a run, finished by the engine of the settings."""
    engine = plan.config.engine
    if engine.kind == "ray" and left:
        return _receipts_by_ray(plan, place, left)
    return run_shards(
        ShardWork.of(partial(_build, plan.config), place, plan.header, plan.shards),
        (plan.shards[number] for number in left),
        workers=n_workers(engine, len(left)),
        limits=Limits.of(plan.config),
        retries=engine.retries,
    )


def _receipts_by_ray(plan: Plan, place: Place, left: Sequence[int]) -> Iterator[Receipt]:
    if not (find_spec("ray") and find_spec("pyarrow")):
        raise EngineError(
            "engine.kind is \"ray\", which is not installed (pip install 'trendcolor[ray]')"
        )
    from trendcolor.engine import ray  # optional, and it takes a second

    store = store_of(place)
    folder = folder_of(store)
    plan.shards.copy_to(store)  # where the workers of all machines read it
    work = ShardWork.of(
        partial(_build, plan.config),
        folder.resolve() if folder else place,
        plan.header,
        plan.shards,
    )
    return ray.run_shards(ServedRun(work, plan.config, plan.header), list(left))


def _build(config: Config) -> Pipeline:
    return warmed(build_pipeline(config))
