"""A plan carried out: what is left of it finished by an engine, then sealed."""

import logging
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from trendcolor.config import Config
from trendcolor.engine.cores import n_workers
from trendcolor.engine.local import run_shards
from trendcolor.engine.plan import Plan
from trendcolor.engine.progress import RunProgress
from trendcolor.engine.shards import ShardWork
from trendcolor.engine.worker import Limits
from trendcolor.errors import UsageError
from trendcolor.pipeline import Pipeline, build_pipeline, warmed
from trendcolor.runs import (
    Manifest,
    Place,
    Receipt,
    finished_shards,
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
    work = ShardWork.of(partial(_build, plan.config), place, plan.header, plan.shards)
    done = sum(receipt.photos + receipt.forgotten for receipt in finished.values())
    with RunProgress(plan.header.photos, done) as progress:
        engine = plan.config.engine
        receipts = run_shards(
            work,
            (plan.shards[each] for each in left),
            workers=n_workers(engine, len(left)),
            limits=Limits.of(engine),
            retries=engine.retries,
        )
        for receipt in receipts:
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


def _build(config: Config) -> Pipeline:
    return warmed(build_pipeline(config))
