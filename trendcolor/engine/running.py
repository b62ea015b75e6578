"""A plan carried out: what is left of it finished by an engine, then sealed."""

import logging
import time
from collections.abc import Collection, Iterator
from functools import partial
from importlib.util import find_spec

from trendcolor.engine.cores import n_workers
from trendcolor.engine.local import run_shards
from trendcolor.engine.plan import Plan
from trendcolor.engine.progress import RunProgress
from trendcolor.engine.served import ServedRun
from trendcolor.engine.shards import ShardWork
from trendcolor.engine.worker import Limits
from trendcolor.errors import EngineError
from trendcolor.pipeline import build_pipeline
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
    done = sum(receipt.photos for receipt in finished.values())
    with RunProgress(plan.header.photos, done) as progress:
        for receipt in _receipts(plan, place, finished):
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


def _receipts(plan: Plan, place: Place, finished: Collection[int]) -> Iterator[Receipt]:
    """What is left of a run, finished by the engine of the settings."""
    engine = plan.config.engine
    todo = [number for number in range(len(plan.shards)) if number not in finished]
    if engine.kind == "ray" and todo:
        return _receipts_by_ray(plan, place, todo)
    return run_shards(
        ShardWork.of(partial(build_pipeline, plan.config), place, plan.header),
        (plan.shards[number] for number in todo),
        workers=n_workers(engine, len(todo)),
        limits=Limits.of(engine),
        retries=engine.retries,
    )


def _receipts_by_ray(plan: Plan, place: Place, todo: list[int]) -> Iterator[Receipt]:
    if not (find_spec("ray") and find_spec("pyarrow")):
        raise EngineError(
            "engine.kind is \"ray\", which is not installed (pip install 'trendcolor[ray]')"
        )
    from trendcolor.engine import ray  # optional, and it takes a second

    store = store_of(place)
    folder = folder_of(store)
    plan.shards.copy_to(store)  # where the workers of all machines read it
    work = ShardWork.of(
        partial(build_pipeline, plan.config), folder.resolve() if folder else place, plan.header
    )
    return ray.run_shards(ServedRun(work, plan.config, plan.header), todo)
