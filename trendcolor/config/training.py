"""Settings of trainings: what `trendcolor train` reads."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from trendcolor.config.bounds import no_fraction, no_multiple_of_32, refuse, too_small
from trendcolor.config.reading import read_toml
from trendcolor.config.running import DataConfig, located_weights
from trendcolor.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig:
    """The network to train: the `[model]` section of a training config."""

    architecture: str = "FPN"  # a class of segmentation-models-pytorch
    encoder: str = "mobilenet_v2"  # an encoder of segmentation-models-pytorch
    encoder_weights: Path | None = None  # safetensors state dict of the encoder to start from
    start: Path | None = None  # or a whole network that `trendcolor train` made, to go on from
    height: int = 384  # input size of the training, pixels; photos are fitted into it
    width: int = 256
    # Input size at which labels are predicted, chosen after the training; 0 takes the training's.
    predict_height: int = 0
    predict_width: int = 0
    decoder: dict[str, int] = field(default_factory=dict)  # further arguments of the architecture
    margin: float = 0.0  # logits by which skin, hair and background are preferred to garments
    # Part of `start` in the finished weights, which are averaged with the trained ones: keeps of
    # the older photos what a training on other photos would forget.
    blend: float = 0.0

    def __post_init__(self) -> None:
        refuse(
            *no_multiple_of_32("model", height=self.height, width=self.width),
            *_no_pair(self.predict_height, self.predict_width),
            *too_small("model", 0, margin=self.margin),
            *no_fraction("model", blend=self.blend),
        )
        if self.blend and self.start is None:
            raise ConfigError("model.blend needs model.start, whose weights are to be kept in part")
        if self.start is not None and self.encoder_weights is not None:
            raise ConfigError("model.start and model.encoder_weights are two beginnings; keep one")


def _no_pair(height: int, width: int) -> list[str]:
    if height == width == 0:
        return []
    return no_multiple_of_32("model", predict_height=height, predict_width=width)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """How to train: the `[training]` section."""

    epochs: int = 22
    calm_epochs: int = 0  # the last so many see photos nearer to what they are
    batch: int = 8
    learning_rate: float = 1e-3  # of the decoder at its peak; the encoder takes a third of it
    weight_decay: float = 1e-4
    average: float = 0.998  # decay of the moving average of weights that is evaluated and kept
    crop_height: int = 256  # pixels of the photo at its input size that are learned from at once
    crop_width: int = 192
    validate_every: int = 2  # epochs between validations; the last epoch is always validated
    # Leading names of encoder parameters that stay as they start, e.g. "features.0."; with any, the
    # encoder's batch norm keeps its statistics too.
    frozen: tuple[str, ...] = ()
    precision: Literal["float32", "bfloat16"] = "float32"  # "bfloat16" where the processor has it
    threads: int = 0  # of torch; 0 takes one per core
    seed: int = 0

    def __post_init__(self) -> None:
        refuse(
            *too_small("training", 1, epochs=self.epochs, batch=self.batch),
            *too_small("training", 1, validate_every=self.validate_every),
            *no_multiple_of_32(
                "training", crop_height=self.crop_height, crop_width=self.crop_width
            ),
            *too_small("training", 0, threads=self.threads, seed=self.seed),
            *too_small("training", 0, calm_epochs=self.calm_epochs),
            *no_fraction("training", average=self.average, learning_rate=self.learning_rate),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlabelledConfig(DataConfig):
    """Photos without label maps that the teacher labels: an `[[unlabelled]]` section.

    What the data set says of a photo limits what the teacher may find in it: a declared column, or
    the tags that come with format "ccp".
    """

    garment: str = ""  # a declared column that names the photo's only garment
    garments: dict[str, str] = field(default_factory=dict)  # its values as classes; others are left

    def __post_init__(self) -> None:
        DataConfig.__post_init__(self)  # slots=True makes another class, which super() misses
        if bool(self.garment) != bool(self.garments):
            raise ConfigError("unlabelled.garment and unlabelled.garments need each other")


@dataclass(frozen=True, slots=True, kw_only=True)
class TeacherConfig:
    """The segmenter that labels the unlabelled photos: the `[teacher]` section."""

    weights: str  # as segmentation.weights of a run
    labels: str = ""  # as segmentation.labels of a run
    # Input heights at which a photo is seen, plain and mirrored; their mean is what it says.
    heights: tuple[int, ...] = (384, 512, 576)
    certainty: float = 0.7  # probability below which a pixel teaches nothing

    def __post_init__(self) -> None:
        faults = [] if self.heights else ["teacher.heights is empty"]
        for height in self.heights:
            faults += no_multiple_of_32("teacher", heights=height)
        refuse(*faults, *no_fraction("teacher", certainty=self.certainty))


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """What `trendcolor train` reads, whole."""

    out: Path  # folder for the weights, the log and the checkpoint
    data: tuple[DataConfig, ...]
    validation: tuple[DataConfig, ...]
    unlabelled: tuple[UnlabelledConfig, ...] = ()
    teacher: TeacherConfig | None = None
    model: ModelConfig = field(default_factory=ModelConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)

    def __post_init__(self) -> None:
        if not self.data or not self.validation:
            raise ConfigError("a training config needs [[data]] and [[validation]] sections")
        if bool(self.unlabelled) != (self.teacher is not None):
            raise ConfigError("[[unlabelled]] photos and a [teacher] need each other")


def read_train_config(path: Path) -> TrainConfig:
    """A training's settings from a TOML file, as `read_config`."""
    config = read_toml(path, TrainConfig, ConfigError)
    if config.teacher is None:
        return config
    weights = located_weights(config.teacher.weights, path)
    return replace(config, teacher=replace(config.teacher, weights=weights))
