"""Whole jobs with the segmenter, from a config to a folder: run, demo, train, evaluate."""

from dataclasses import dataclass
from pathlib import Path

from trendcolor.api.reports import report
from trendcolor.cards import admit
from trendcolor.config import address_of, read_config, read_train_config, shipped_file
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
