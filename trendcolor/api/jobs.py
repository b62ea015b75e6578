"""A run, from a config to a folder."""

from dataclasses import dataclass
from pathlib import Path

from trendcolor.config import address_of
from trendcolor.engine.plan import plan
from trendcolor.engine.running import run_plan
from trendcolor.runs import Manifest


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run folder and what is in it."""

    folder: Path | str  # the text of its address, where it is at one
    manifest: Manifest


def run(config: str | Path, *, out: str | Path | None = None, fresh: bool = False) -> FinishedRun:
    """Analyze the data sets of a config into a run folder; goes on where an earlier call ended.

    Args:
        config: A TOML file; `configs/default.toml` explains each setting.
        out: The run folder, or an address such as `s3://bucket/run`; None takes
            `runs/<config>-<first 8 of the settings' hash>`.
        fresh: Replace a run of other settings in that folder.

    Raises:
        ConfigError: the config has faults.
        RefusedError: a card does not allow the config's purpose.
        DataError: a data set is not on disk as its config says.
        RunError: the folder holds something else.
    """
    planned = plan(Path(config))
    name = f"{planned.header.name}-{planned.header.settings_hash[:8]}"
    address = None if out is None else address_of(out)
    folder = Path("runs") / name if out is None else Path(out)
    if address is not None:
        return FinishedRun(str(address), run_plan(planned, str(address), fresh=fresh))
    return FinishedRun(folder, run_plan(planned, folder, fresh=fresh))
