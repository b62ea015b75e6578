"""Settings of trainings: what `trendcolor train` reads."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from trendcolor.config.bounds import no_fraction, no_multiple_of_32, refuse, too_small
from trendcolor.config.reading import read_toml
from trendcolor.config.running import DataConfig
from trendcolor.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig:
    """The network to train: the `[model]` section of a training config."""

    architecture: str = "FPN"  # a class of segmentation-models-pytorch
    encoder: str = "mobilenet_v2"  # an encoder of segmentation-models-pytorch
    encoder_weights: Path | None = None  # safetensors state dict of the encoder to start from
    height: int = 384  # input size, pixels; photos are resized to it
    width: int = 256
    decoder: dict[str, int] = field(default_factory=dict)  # further arguments of the architecture
    margin: float = 0.0  # logits by which skin, hair and background are preferred to garments

    def __post_init__(self) -> None:
        refuse(
            *no_multiple_of_32("model", height=self.height, width=self.width),
            *too_small("model", 0, margin=self.margin),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """How to train: the `[training]` section."""

    epochs: int = 22
    batch: int = 8
    learning_rate: float = 1e-3  # of the decoder at its peak; the encoder takes a third of it
    weight_decay: float = 1e-4
    average: float = 0.998  # decay of the moving average of weights that is evaluated and kept
    crop_height: int = 256  # pixels of the photo at its input size that are learned from at once
    crop_width: int = 192
    validate_every: int = 2  # epochs between validations; the last epoch is always validated
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
            *no_fraction("training", average=self.average, learning_rate=self.learning_rate),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """What `trendcolor train` reads, whole."""

    out: Path  # folder for the weights, the log and the checkpoint
    data: tuple[DataConfig, ...]
    validation: tuple[DataConfig, ...]
    model: ModelConfig = field(default_factory=ModelConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)

    def __post_init__(self) -> None:
        if not self.data or not self.validation:
            raise ConfigError("a training config needs [[data]] and [[validation]] sections")


def read_train_config(path: Path) -> TrainConfig:
    """A training's settings from a TOML file, as `read_config`."""
    return read_toml(path, TrainConfig, ConfigError)
