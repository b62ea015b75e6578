"""Whole jobs with the segmenter, from a config to a folder: run, demo, train, evaluate."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from trendcolor.api.reports import report
from trendcolor.cards import admit
from trendcolor.config import read_config, read_train_config, shipped_file
from trendcolor.datasets import open_dataset
from trendcolor.datasets.named_garment import with_named_garment
from trendcolor.datasets.reference import PhotoRef
from trendcolor.engine.plan import list_photos, plan
from trendcolor.engine.running import run_plan
from trendcolor.evaluation import Evaluation, evaluate
from trendcolor.runs import Manifest
from trendcolor.segmentation.training import TrainingResult, train


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run folder and what is in it."""

    folder: Path
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
        out: The run folder; None takes `runs/<config>-<first 8 of the settings' hash>`.
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
    name = f"{planned.header.name}-{planned.header.settings_hash[:8]}"
    folder = Path("runs") / name if out is None else Path(out)
    return FinishedRun(folder, run_plan(planned, folder, fresh=fresh))


def demo(out: str | Path = "trendcolor-demo") -> Path:
    """Run the sample photos of the package through every stage, anew, and report.

    Returns:
        The report's page; the run is beside it in `run`.
    """
    done = run(shipped_file("configs/demo.toml"), out=Path(out) / "run", fresh=True)
    return report(done.folder, out=Path(out) / "report")


def train_segmenter(config: str | Path) -> TrainingResult:
    """Train a segmenter as a training config says; goes on where an earlier call ended.

    Raises:
        ConfigError: the config has faults.
        RefusedError: a card does not allow model training.
        DataError: a data set is not on disk as its config says.
    """
    settings = read_train_config(Path(config))
    data, validation = settings.data, settings.validation
    cards = admit((*data, *validation, *settings.unlabelled), "model-training")
    photos = list_photos(data, cards[: len(data)])
    checked = list_photos(validation, cards[len(data) : len(data) + len(validation)])
    unlabelled: list[PhotoRef] = []
    rest = cards[len(data) + len(validation) :]
    for section, card in zip(settings.unlabelled, rest, strict=True):
        unlabelled += with_named_garment(open_dataset(card, section), section, card)
    return train(settings, photos, checked, unlabelled)


def evaluate_segmenter(config: str | Path) -> Evaluation:
    """Score a segmenter on the labelled photos of a config.

    The page shows photo pixels only where every card of the config allows it.

    Raises:
        ConfigError: the config has faults.
        RefusedError: a card does not allow the config's purpose.
        DataError: a data set is not on disk as its config says, or has no label maps.
    """
    settings = read_config(Path(config))
    cards = admit(settings.data, settings.purpose)
    may_show = all(card.may_show_photos for card in cards)
    return evaluate(settings, list_photos(settings.data, cards), may_show_photos=may_show)
