"""Settings of runs: what `trendcolor run` and `evaluate` read.

`configs/default.toml` holds every setting with its meaning; the classes here hold the same
defaults and the bounds.
"""

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from trendcolor.config.bounds import (
    no_fraction,
    no_multiple_of_32,
    no_named_colors,
    refuse,
    too_large,
    too_small,
)
from trendcolor.config.location import Location
from trendcolor.config.privacy import PrivacyConfig
from trendcolor.config.reading import expand_variables, read_toml
from trendcolor.config.screening import ScreeningConfig
from trendcolor.errors import ConfigError

# What `images/decode.py` reads, by name; a file with another ending is no photo.
PHOTO_SUFFIXES = frozenset(
    {
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".avif", ".avifs", ".tif"),
        *(".tiff", ".heic", ".heics", ".heif", ".heifs", ".hif", ".gif", ".bmp", ".dib"),
    }
)

# Languages of reports, as BCP 47 names them; `zh` is taken as `zh-CN`.
LANGUAGES = ("en", "zh-CN")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataConfig:
    """One data set of a run: a `[[data]]` section."""

    card: Path
    # The folder or address that photos are relative to; of "webdataset" and "parquet" it may also
    # be one file, or several with a pattern such as shard-{000000..000041}.tar.
    root: Location
    format: Literal["folder", "table", "webdataset", "parquet", "ccp", "coco", "index-masks"] = (
        "folder"
    )
    table: Location | None = None  # CSV or Parquet with declared columns, one row a photo
    # Where a row's photo is, relative to root, from the table's columns. Of "parquet" the column
    # of images, "{image}"; of "webdataset" the ending of the photos, "{jpg}". "{path}" there takes
    # what is usual.
    photo: str = "{path}"
    split: Location | None = None  # a text file with one photo id a line: only these are taken
    annotations: Path | None = None  # of format "coco": the JSON file
    # Of "index-masks", "table" and "folder": PNG maps, <photo stem>.png.
    masks: Location | None = None
    limit: int = 0  # take only the first so many photos; 0 takes all

    def __post_init__(self) -> None:
        faults = too_small("data", 0, limit=self.limit)
        if self.format == "table" and self.table is None:
            faults.append('data.table is missing (format "table" needs a CSV or Parquet file)')
        if self.format == "coco" and self.annotations is None:
            faults.append('data.annotations is missing (format "coco" needs its JSON file)')
        if self.format == "index-masks" and self.masks is None:
            faults.append('data.masks is missing (format "index-masks" needs a folder)')
        refuse(*faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagesConfig:
    """What is decoded, at which size, and what is screened out: the `[images]` section."""

    # A file that claims more is rejected before it is decoded. TIFF and WebP have a limit of their
    # own, 178,956,970 (Pillow's), which no setting lifts.
    max_pixels: int = 175_000_000
    max_bytes: int = 200_000_000  # a larger file is rejected before it is read
    # Bytes that decoding one photo may take, told from its header (images/memory.py); one that
    # would take more is rejected before it is decoded.
    max_memory: int = 320_000_000
    # Seconds of one photo, decoding to records, after which its worker is ended and it is rejected.
    max_seconds: float = 60.0
    work_pixels: int = 1_500_000  # a larger photo is decoded smaller, to about this many pixels
    screen: bool = True  # whether `run` leaves out photos that `screening` calls unfit
    screening: ScreeningConfig = field(default_factory=ScreeningConfig)
    # Which photos that repeat an earlier one of the whole data set are left out: "exact" takes
    # those of the same picture, "near" re-encoded, resized, slightly cropped or edited ones too.
    duplicates: Literal["near", "exact", "off"] = "near"
    duplicate_bits: int = 5  # near: of 64 bits of luminance, the most that differ
    # near: the most that one of 64 cells is off, CIELAB units. A garment of another dye is off by
    # more, a filter that changes colors for good too.
    duplicate_color: float = 7.0

    def __post_init__(self) -> None:
        refuse(
            *too_small("images", 1, max_pixels=self.max_pixels, work_pixels=self.work_pixels),
            *too_small("images", 1, max_bytes=self.max_bytes, max_seconds=self.max_seconds),
            *too_small("images", 50_000_000, max_memory=self.max_memory),
            *too_small("images", 0, duplicate_bits=self.duplicate_bits),
            *too_small("images", 0, duplicate_color=self.duplicate_color),
            *too_large("images", 11, duplicate_bits=self.duplicate_bits),
            *too_large("images", 100, duplicate_color=self.duplicate_color),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentationConfig:
    """Where label maps come from: the `[segmentation]` section."""

    source: Literal["model", "masks"] = "model"  # the segmenter, or the data set's own masks
    # "packaged", a safetensors file made by `train`, the folder of a model that
    # `save_pretrained` of segmentation-models-pytorch or transformers wrote, or
    # hub:OWNER/NAME@REVISION.
    weights: str = "packaged"
    labels: str = ""  # label set of such a model's classes, where their names don't tell
    # What computes the network; "auto" takes the fastest that is installed.
    runtime: Literal["auto", "openvino", "onnxruntime", "pytorch"] = "auto"
    # "int8" takes a third of the time for a tenth of a point of garment IoU, where the processor
    # has 8-bit instructions (AVX-512 VNNI, AMX); not with PyTorch, nor with models of others.
    precision: Literal["float32", "int8"] = "float32"
    # Input heights at which each photo is seen, plain and mirrored, and the answers averaged: truer
    # outlines for as many times the time. Empty: once, at the size that the weights name.
    views: tuple[int, ...] = ()
    # A person below this fraction of the largest person's pixels is a bystander, whose garments
    # `run` leaves out; 0 keeps everybody. The default is about 0.45 of the height.
    bystander: float = 0.2

    def __post_init__(self) -> None:
        faults = no_fraction("segmentation", bystander=self.bystander)
        for height in self.views:
            faults += no_multiple_of_32("segmentation", views=height)
        if not self.weights:
            faults.append('segmentation.weights is empty (wanted "packaged" or a path)')
        refuse(*faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColorConfig:
    """How colors are corrected and dominant colors found: the `[color]` section."""

    correct: bool = True  # correct a color cast where there is evidence for it
    n_colors: int = 5  # most colors kept for one garment
    min_pixels: int = 400  # a garment with fewer pixels at full size has no palette
    min_share: float = 0.03  # a color with less of the garment is dropped
    # Probability of being garment from which the segmenter's pixels are read for color; all count
    # for area. 0 reads all.
    trust: float = 0.8
    erode: int = 2  # pixels taken off a garment's edge before its colors are read
    seed: int = 0  # of k-means; same seed, same palette

    def __post_init__(self) -> None:
        refuse(
            *too_small("color", 1, n_colors=self.n_colors, min_pixels=self.min_pixels),
            *too_small("color", 0, erode=self.erode, seed=self.seed),
            *no_fraction("color", min_share=self.min_share, trust=self.trust),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineConfig:
    """How the work is spread: the `[engine]` section. Only the shards' size is seen in a run."""

    kind: Literal["local", "ray"] = "local"  # this machine's processes, or a cluster's by Ray
    address: str = ""  # of kind "ray": the cluster's; empty starts a Ray on this machine
    # The part of a GPU that each worker takes; 0 computes on processors. Needs runtime "pytorch".
    gpus: float = 0.0
    # Processes, or "auto": one per core, and no more than memory allows.
    workers: int | Literal["auto"] = "auto"
    shard_photos: int = 64  # most photos in one shard, the unit that is retried and resumed
    shard_bytes: int = 1_000_000_000  # a shard ends when its files have so many bytes together
    retries: int = 2  # how often a shard is tried again after its worker died
    # Bytes that a worker may hold, its own 600 million included. A photo that needs more is
    # rejected.
    memory: int = 1_000_000_000

    def __post_init__(self) -> None:
        workers = 1 if self.workers == "auto" else self.workers
        faults = []
        if self.address and self.kind != "ray":
            faults.append(
                f'engine.address is "{self.address}", but engine.kind is "{self.kind}" (only '
                '"ray" has one: --engine ray)'
            )
        refuse(
            *faults,
            *too_small("engine", 0, retries=self.retries, gpus=self.gpus),
            *too_small("engine", 1, workers=workers, shard_photos=self.shard_photos),
            *too_small("engine", 1, shard_bytes=self.shard_bytes),
            *too_small("engine", 500_000_000, memory=self.memory),
        )


_MIN_CELL = 10  # sources; going below takes a reason


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisConfig:
    """What answers carry: the `[analysis]` section."""

    confidence: float = 0.95  # of intervals
    min_cell: int = 10  # public tables hide cells with fewer distinct sources, wearers or photos
    min_cell_reason: str = ""  # why fewer than 10 are enough; kept in the manifest
    change: float = 0.02  # smallest change of a share that matters to who compares
    # Names of the user's own for signature colors, by color: {"#161418": "95-degree black"}.
    names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        faults = too_small("analysis", 1, min_cell=self.min_cell)
        if 1 <= self.min_cell < _MIN_CELL and not self.min_cell_reason.strip():
            faults.append(
                f"analysis.min_cell is {self.min_cell}, below {_MIN_CELL}: say why in "
                "analysis.min_cell_reason, which the manifest keeps"
            )
        if not 0 < self.change < 1:
            faults.append(f"analysis.change must be above 0 and below 1, got {self.change:g}")
        faults += no_named_colors("analysis", names=self.names)
        if not 0.5 <= self.confidence < 1:
            faults.append(f"analysis.confidence must be within 0.5 to 1, got {self.confidence:g}")
        refuse(*faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportConfig:
    """What the report shows: the `[report]` section."""

    title: str = ""  # the page's heading; empty takes the config's name
    by: tuple[str, ...] = ()  # declared columns to break down by; empty takes what suits
    headline: int = 10  # most colors among the headline cards
    lang: Literal["en", "zh-CN", "zh"] = "en"  # of the page; `--lang` overrides it

    def __post_init__(self) -> None:
        refuse(*too_small("report", 1, headline=self.headline))


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
    privacy: PrivacyConfig = field(default_factory=PrivacyConfig)

    def __post_init__(self) -> None:
        if not self.data:
            raise ConfigError("data is empty (wanted at least one [[data]] section)")
        if self.engine.gpus and self.segmentation.runtime != "pytorch":
            raise ConfigError(
                f"engine.gpus is {self.engine.gpus:g}, but segmentation.runtime is "
                f'"{self.segmentation.runtime}" (only "pytorch" computes on a GPU)'
            )


def read_config(path: Path) -> Config:
    """A run's settings from a TOML file.

    Args:
        path: The file. Paths inside it are relative to it and come back absolute.

    Raises:
        ConfigError: the file is missing, is not TOML, or has faults; all are named at once.
    """
    config = read_toml(path, Config, ConfigError)
    weights = located_weights(config.segmentation.weights, path)
    key = config.privacy.key and _located(config.privacy.key, path)
    return dataclasses.replace(
        config,
        segmentation=dataclasses.replace(config.segmentation, weights=weights),
        privacy=dataclasses.replace(config.privacy, key=key),
    )


def located_weights(weights: str, config: Path) -> str:
    """The setting `weights` of a config file, with a path made absolute."""
    if weights == "packaged" or weights.startswith("hub:"):
        return weights
    return _located(weights, config)


def _located(text: str, config: Path) -> str:
    return str((config.resolve().parent / expand_variables(text)).resolve())
