"""A plan carried out: what is left of it finished by an engine, then sealed."""

import logging
import time
from functools import partial

from trendcolor.config import Config
from trendcolor.engine.cores import n_workers
from trendcolor.engine.local import run_shards
from trendcolor.engine.plan import Plan
from trendcolor.engine.progress import RunProgress
from trendcolor.engine.shards import ShardWork
from trendcolor.engine.worker import Limits
from trendcolor.pipeline import Pipeline, build_pipeline, warmed
from trendcolor.runs import (
    Manifest,
    Place,
    finished_shards,
    only_writer,
    prepare_run_folder,
    seal,
    store_of,
)

_LOG = logging.getLogger(__name__)


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
        return _run_plan(plan, place, fresh=fresh)


def _run_plan(plan: Plan, place: Place, *, fresh: bool) -> Manifest:
    started = time.monotonic()
    prepare_run_folder(place, plan.header, fresh=fresh)
    finished = finished_shards(place, len(plan.shards))
    n_left = len(plan.shards) - len(finished)
    todo = (plan.shards[each] for each in range(len(plan.shards)) if each not in finished)
    work = ShardWork.of(partial(_build, plan.config), place, plan.header)
    done = sum(receipt.photos for receipt in finished.values())
    with RunProgress(plan.header.photos, done) as progress:
        engine = plan.config.engine
        receipts = run_shards(
            work,
            todo,
            workers=n_workers(engine, n_left),
            limits=Limits.of(engine),
            retries=engine.retries,
        )
        for receipt in receipts:
            progress.add(receipt)
    seconds = time.monotonic() - started if n_left else 0.0
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
