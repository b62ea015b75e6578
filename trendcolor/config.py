"""Run settings, read from `configs/*.toml`; an unknown key is an error.

`configs/default.toml` holds every setting with its meaning; the classes here hold the same
defaults and the bounds. Paths are relative to the file they stand in; `${NAME}` and
`${NAME:-default}` expand from the environment.
"""

import dataclasses
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from trendcolor.errors import ConfigError, TrendColorError, did_you_mean

T = TypeVar("T")

PACKAGE = Path(__file__).resolve().parent

# What `images/decode.py` reads, by name; a file with another ending is no photo.
PHOTO_SUFFIXES = frozenset(
    {
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".avif", ".avifs", ".tif"),
        *(".tiff", ".heic", ".heics", ".heif", ".heifs", ".hif", ".gif", ".bmp", ".dib"),
    }
)


def _at_least(section: str, minimum: float, **settings: float) -> None:
    for name, value in settings.items():
        if value < minimum:
            raise ConfigError(f"{section}.{name} must be at least {minimum:g}, got {value:g}")


def _fraction(section: str, **settings: float) -> None:
    for name, value in settings.items():
        if not 0 <= value <= 1:
            raise ConfigError(f"{section}.{name} must be within 0 to 1, got {value:g}")


def _multiple_of_32(section: str, **settings: int) -> None:
    for name, value in settings.items():
        if value < 32 or value % 32:
            raise ConfigError(f"{section}.{name} must be a multiple of 32, got {value}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataConfig:
    """One data set of a run: a `[[data]]` section."""

    card: Path
    root: Path  # the folder that photos and tables are relative to
    format: Literal["folder", "table", "ccp", "coco", "index-masks"] = "folder"
    table: Path | None = None  # CSV or Parquet with declared columns, one row a photo
    photo: str = "{path}"  # where a row's photo is, from the table's columns, relative to root
    split: Path | None = None  # a text file with one photo id a line: only these are taken
    annotations: Path | None = None  # of format "coco": the JSON file
    masks: Path | None = None  # of "index-masks", "table" and "folder": PNG maps, <photo stem>.png
    limit: int = 0  # take only the first so many photos; 0 takes all

    def __post_init__(self) -> None:
        _at_least("data", 0, limit=self.limit)
        if self.format == "table" and self.table is None:
            raise ConfigError('data.table is missing (format "table" needs a CSV or Parquet file)')
        if self.format == "coco" and self.annotations is None:
            raise ConfigError('data.annotations is missing (format "coco" needs its JSON file)')
        if self.format == "index-masks" and self.masks is None:
            raise ConfigError('data.masks is missing (format "index-masks" needs a folder)')


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagesConfig:
    """What is decoded, at which size, and what is screened out: the `[images]` section."""

    # A file that claims more is rejected before it is decoded. TIFF and WebP have a limit of their
    # own, 178,956,970 (Pillow's), which no setting lifts.
    max_pixels: int = 175_000_000
    work_pixels: int = 1_500_000  # a larger photo is decoded smaller, to about this many pixels
    screen: bool = True  # whether `run` leaves out photos that the thresholds below call unfit
    min_side: int = 120  # screen: shorter side, pixels
    # screen: 99th percentile of a pixel's largest minus smallest channel, 0..255; below this is a
    # gray photo. Gray copies have 0; the grayest of 1,784 real and rendered color photos has 9.
    min_colorfulness: float = 5.0
    # screen: fraction of pixels at full black or white. High, because a shop's photo of a slim
    # garment on pure white is fit; the most among the same 1,784 photos is 0.36.
    max_clipped: float = 0.95

    def __post_init__(self) -> None:
        _at_least("images", 1, max_pixels=self.max_pixels, work_pixels=self.work_pixels)
        _at_least("images", 0, min_side=self.min_side, min_colorfulness=self.min_colorfulness)
        _fraction("images", max_clipped=self.max_clipped)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentationConfig:
    """Where label maps come from: the `[segmentation]` section."""

    source: Literal["model", "masks"] = "model"  # the segmenter, or the data set's own masks
    weights: str = "packaged"  # "packaged", or the path of a safetensors file made by `train`

    def __post_init__(self) -> None:
        if not self.weights:
            raise ConfigError('segmentation.weights is empty (wanted "packaged" or a path)')


@dataclass(frozen=True, slots=True, kw_only=True)
class ColorConfig:
    """How colors are corrected and dominant colors found: the `[color]` section."""

    correct: bool = True  # correct a color cast where there is evidence for it
    n_colors: int = 5  # most colors kept for one garment
    min_pixels: int = 400  # a garment with fewer pixels at full size has no palette
    min_share: float = 0.03  # a color with less of the garment is dropped
    erode: int = 2  # pixels taken off a garment's edge before its colors are read
    seed: int = 0  # of k-means; same seed, same palette

    def __post_init__(self) -> None:
        _at_least("color", 1, n_colors=self.n_colors, min_pixels=self.min_pixels)
        _at_least("color", 0, erode=self.erode, seed=self.seed)
        _fraction("color", min_share=self.min_share)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineConfig:
    """How the work is spread: the `[engine]` section. No effect on the records."""

    workers: int = 0  # processes; 0 takes one per core
    shard_photos: int = 64  # photos in one shard, the unit that is retried and resumed
    retries: int = 2  # how often a shard is tried again after its worker died

    def __post_init__(self) -> None:
        _at_least("engine", 0, workers=self.workers, retries=self.retries)
        _at_least("engine", 1, shard_photos=self.shard_photos)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisConfig:
    """What answers carry: the `[analysis]` section."""

    confidence: float = 0.95  # of intervals
    min_cell: int = 10  # public tables hide cells with fewer distinct sources, wearers or photos

    def __post_init__(self) -> None:
        if not 0.5 <= self.confidence < 1:
            raise ConfigError(
                f"analysis.confidence must be within 0.5 to 1, got {self.confidence:g}"
            )
        _at_least("analysis", 1, min_cell=self.min_cell)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportConfig:
    """What the report shows: the `[report]` section."""

    title: str = ""  # the page's heading; empty takes the config's name
    by: tuple[str, ...] = ()  # declared columns to break down by; empty takes what suits
    headline: int = 10  # most colors among the headline cards

    def __post_init__(self) -> None:
        _at_least("report", 1, headline=self.headline)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A run's settings, whole."""

    purpose: str  # what the answers are for; each data card must allow it
    data: tuple[DataConfig, ...]
    images: ImagesConfig = field(default_factory=ImagesConfig)
    segmentation: SegmentationConfig = field(default_factory=SegmentationConfig)
    color: ColorConfig = field(default_factory=ColorConfig)
    engine: EngineConfig = field(default_factory=EngineConfig)
    analysis: AnalysisConfig = field(default_factory=AnalysisConfig)
    report: ReportConfig = field(default_factory=ReportConfig)

    def __post_init__(self) -> None:
        if not self.data:
            raise ConfigError("data is empty (wanted at least one [[data]] section)")


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
        _multiple_of_32("model", height=self.height, width=self.width)
        _at_least("model", 0, margin=self.margin)


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
        _at_least("training", 1, epochs=self.epochs, batch=self.batch)
        _at_least("training", 1, validate_every=self.validate_every)
        _multiple_of_32("training", crop_height=self.crop_height, crop_width=self.crop_width)
        _at_least("training", 0, threads=self.threads, seed=self.seed)
        _fraction("training", average=self.average, learning_rate=self.learning_rate)


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


def shipped_file(name: str) -> Path:
    """A file that ships with the package, such as `configs/demo.toml` or `data_cards/ccp.toml`.

    In the wheel these folders lie inside the package, in a checkout beside it.
    """
    inside = PACKAGE / name
    return inside if inside.exists() else PACKAGE.parent / name


def read_config(path: Path) -> Config:
    """A run's settings from a TOML file.

    Args:
        path: The file. Paths inside it are relative to it and come back absolute.

    Raises:
        ConfigError: the file is missing, is not TOML, or has faults; all are named at once.
    """
    config = read_toml(path, Config, ConfigError)
    weights = config.segmentation.weights
    if weights == "packaged":
        return config
    place = str((path.resolve().parent / expand_variables(weights)).resolve())
    return dataclasses.replace(
        config, segmentation=dataclasses.replace(config.segmentation, weights=place)
    )


def read_train_config(path: Path) -> TrainConfig:
    """A training's settings from a TOML file, as `read_config`."""
    return read_toml(path, TrainConfig, ConfigError)


def read_toml(path: Path, kind: type[T], error: Callable[[str], TrendColorError]) -> T:
    """A TOML file as one frozen dataclass, strictly.

    Args:
        path: The file.
        kind: The dataclass; nested dataclasses are tables, tuples of them arrays of tables.
        error: Which error to raise, `ConfigError` or `CardError`.

    Raises:
        TrendColorError: of the kind `error`, with every fault of the file, one a line, each with
            its place.
    """
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except OSError as cause:
        raise error(f"{path}: can't be read ({cause.strerror or cause})") from cause
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise error(f"{path}: not a TOML file ({cause})") from cause
    reader = _Reader(folder=path.resolve().parent, faults=[])
    value = reader.dataclass(table, kind, "")
    if reader.faults or value is None:
        raise error("\n".join(f"{path.name}: {fault}" for fault in reader.faults))
    return value


@dataclass(frozen=True, slots=True)
class _Reader:
    """Builds dataclasses from TOML tables and gathers faults instead of stopping at the first."""

    folder: Path
    faults: list[str]

    def dataclass(self, table: Mapping[str, Any], kind: type[T], place: str) -> T | None:
        before = len(self.faults)
        hints = get_type_hints(kind)
        fields = {f.name: f for f in dataclasses.fields(kind)}  # type: ignore[arg-type] # a dataclass
        for key in table.keys() - fields.keys():
            self.faults.append(f"unknown key {place}{key}{did_you_mean(key, list(fields))}")
        values = {}
        for name, spec in fields.items():
            if name in table:
                values[name] = self.value(table[name], hints[name], f"{place}{name}")
            elif _is_required(spec):
                self.faults.append(f"{place}{name} is missing")
        if len(self.faults) > before:
            return None
        try:
            return kind(**values)
        except TrendColorError as fault:
            self.faults.extend(str(fault).splitlines())
            return None

    def value(self, value: object, kind: Any, place: str) -> object:  # noqa: ANN401 # a type hint
        if dataclasses.is_dataclass(kind):
            return self.table(value, kind, place)
        item = get_args(kind)[0] if get_origin(kind) is tuple else None
        if item is not None and dataclasses.is_dataclass(item):
            if not isinstance(value, list):
                self.faults.append(f"{place}: expected an array of tables [[{place}]]")
                return ()
            rows = enumerate(value, start=1)
            return tuple(self.table(row, item, f"{place}[{i}]") for i, row in rows)
        try:
            if kind is Path or Path in get_args(kind):
                return self.path(msgspec.convert(value, str))
            return msgspec.convert(value, kind, strict=True)
        except (msgspec.ValidationError, ConfigError) as fault:
            self.faults.append(f"{place}: {str(fault)[0].lower()}{str(fault)[1:]}, got {value!r}")
            return None

    def table(self, value: object, kind: Any, place: str) -> object:  # noqa: ANN401 # a type hint
        if not isinstance(value, dict):
            self.faults.append(f"{place}: expected a table [{place}], got {value!r}")
            return None
        return self.dataclass(value, kind, f"{place}.")

    def path(self, text: str) -> Path:
        return (self.folder / expand_variables(text)).resolve()


def _is_required(spec: "dataclasses.Field[Any]") -> bool:
    missing = dataclasses.MISSING
    return spec.default is missing and spec.default_factory is missing


def expand_variables(text: str) -> str:
    """`${NAME}` and `${NAME:-default}` replaced from the environment; `~` too.

    `${package}` is the folder of the installed package, where sample photos and weights are.

    Raises:
        ConfigError: a variable without a default is not set.
    """

    def replace(match: re.Match[str]) -> str:
        name, default = match["name"], match["default"]
        if name == "package":
            return str(PACKAGE)
        value = os.environ.get(name) or default
        if value is None:
            raise ConfigError(f"environment variable {name} is not set")
        return value

    pattern = r"\$\{(?P<name>\w+)(?::-(?P<default>[^}]*))?\}"
    return os.path.expanduser(re.sub(pattern, replace, text))  # noqa: PTH111 # text may be no path yet
