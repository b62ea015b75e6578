"""Training and scoring the segmenter, from a config to a result."""

import dataclasses
from pathlib import Path

from trendcolor.cards import admit
from trendcolor.config import read_config, read_train_config
from trendcolor.datasets import open_dataset
from trendcolor.datasets.named_garment import with_named_garment
from trendcolor.datasets.photo_licenses import by_license
from trendcolor.datasets.pseudonyms import pseudonyms_of
from trendcolor.datasets.reference import PhotoRef
from trendcolor.engine.plan import list_photos
from trendcolor.evaluation import Evaluation, evaluate
from trendcolor.segmentation.training import TrainingResult, train

_TRAINING = "model-training"


def train_segmenter(config: str | Path) -> TrainingResult:
    """Train a segmenter as a training config says; goes on where an earlier call ended.

    Raises:
        ConfigError: the config has faults.
        RefusedError: a card does not allow model training.
        DataError: a data set is not on disk as its config says.
    """
    settings = read_train_config(Path(config))
    data, validation = settings.data, settings.validation
    cards = admit((*data, *validation, *settings.unlabelled), _TRAINING)
    photos = list_photos(data, cards[: len(data)], _TRAINING)
    checked = list_photos(validation, cards[len(data) : len(data) + len(validation)], _TRAINING)
    unlabelled: list[PhotoRef] = []
    rest = cards[len(data) + len(validation) :]
    for section, card in zip(settings.unlabelled, rest, strict=True):
        refs = by_license(open_dataset(card, section), card, _TRAINING)
        let_in = [ref for ref in refs if ref.refused is None]
        unlabelled += with_named_garment(let_in, section, card)
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
    # Of what a data set declares an evaluation keeps ids alone.
    ids = dataclasses.replace(settings.privacy, pseudonyms="declared")
    photos = list_photos(settings.data, cards, settings.purpose, pseudonyms_of(ids, cards))
    return evaluate(settings, photos, may_show_photos=may_show)
