"""A run, from a config to a folder."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from trendcolor.config import address_of
from trendcolor.engine.plan import Plan, plan
from trendcolor.engine.running import Part, run_plan
from trendcolor.engine.running import run_part as run_part_of_plan
from trendcolor.runs import Manifest

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run folder and what is in it."""

    folder: Path | str  # the text of its address, where it is at one
    manifest: Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """Settings of `[engine]` to take in place of the config's; None leaves them as they are."""

    engine: Literal["local", "ray"] | None = None
    address: str | None = None  # of a Ray cluster
    workers: int | Literal["auto"] | None = None

    def settings(self) -> Mapping[str, object]:
        """What is given, by the settings' names."""
        address = "" if self.engine == "local" and self.address is None else self.address
        named = {"kind": self.engine, "address": address, "workers": self.workers}
        return {name: value for name, value in named.items() if value is not None}


def run(
    config: str | Path,
    *,
    out: str | Path | None = None,
    fresh: bool = False,
    options: RunOptions | None = None,
) -> FinishedRun:
    """Analyze the data sets of a config into a run folder; goes on where an earlier call ended.

    Args:
        config: A TOML file; `configs/default.toml` explains each setting.
        out: The run folder, or an address such as `s3://bucket/run`; None takes
            `runs/<config>-<first 8 of the settings' hash>`.
        fresh: Replace a run of other settings in that folder.
        options: How the work is spread, which records don't depend on.

    Raises:
        ConfigError: the config has faults.
        EngineError: no Ray answers, or workers can't be kept alive.
        RefusedError: a card does not allow the config's purpose.
        DataError: a data set is not on disk as its config says.
        RunError: the folder holds something else.
    """
    planned = plan(Path(config), options.settings() if options else None)
    folder = _folder(planned, out)
    return FinishedRun(folder, run_plan(planned, folder, fresh=fresh))


def run_part(
    config: str | Path,
    part: str,
    *,
    out: str | Path | None = None,
    options: RunOptions | None = None,
) -> Path | str:
    """Analyze every so-many-th shard of a config's run, for one of several machines.

    `trendcolor.api.runs.merge` puts the folders of all together.

    Args:
        config: A TOML file, with the same data on each machine.
        part: Which shards: "2/4" for the second of four machines.
        out: The run folder; None takes that of `run`.
        options: As of `run`.

    Returns:
        The run folder, which is not sealed.

    Raises:
        UsageError: there is no such part.
        ConfigError, RefusedError, DataError, RunError: as of `run`.
    """
    asked = Part.read(part)
    planned = plan(Path(config), options.settings() if options else None)
    folder = _folder(planned, out)
    done = run_part_of_plan(planned, folder, asked)
    _LOG.info(
        "%d of %d shards are there; `trendcolor seal` ends the run when all are, and `trendcolor "
        "merge` puts the folders of several machines together",
        *(len(done), len(planned.shards)),
    )
    return folder


def _folder(planned: Plan, out: str | Path | None) -> Path | str:
    if out is None:
        return Path("runs") / f"{planned.header.name}-{planned.header.settings_hash[:8]}"
    address = address_of(out)
    return Path(out) if address is None else str(address)
