"""One photo to its records: the whole flow on one page.

Photo, label map, wearers, light, palettes, rows. Nothing here keeps a pixel.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from trendcolor.color.adaptation import adapt_to_d65
from trendcolor.color.illuminant import Illuminant, estimate_illuminant, unclipped
from trendcolor.color.names import name_colors
from trendcolor.color.palette import (
    EMPTY_PALETTE,
    Palette,
    dominant_colors,
    integer_weights,
    readable_pixels,
)
from trendcolor.color.spaces import lab_to_srgb, linear_to_lab, srgb_to_linear
from trendcolor.config import ColorConfig, Config, ImagesConfig
from trendcolor.datasets.reference import PhotoRef
from trendcolor.errors import MaskError, PhotoError
from trendcolor.images.decode import Photo, read_photo
from trendcolor.images.screen import screen
from trendcolor.segmentation.network import weights_path
from trendcolor.segmentation.pieces import join_pieces
from trendcolor.segmentation.segmenter import Segmenter, load_segmenter
from trendcolor.segmentation.wearers import wearer_map
from trendcolor.taxonomy import BACKGROUND, CLASSES, LabelMap, is_garment


@dataclass(frozen=True, slots=True)
class PaletteColor:
    """One color of a garment."""

    rgb: tuple[int, int, int]  # sRGB 0..255, of the cloth under D65
    share: float  # of the garment, 0..1
    weight: int  # the share in 255ths; a palette's weights sum to 255
    name: str
    family: str


@dataclass(frozen=True, slots=True)
class Garment:
    """One class of one wearer in one photo."""

    garment: str
    wearer: int  # people who stand apart; 0 is the largest
    pixels: int  # at the photo's upright full size, before erosion
    palette: tuple[PaletteColor, ...]  # largest share first; empty below `color.min_pixels`


@dataclass(frozen=True, slots=True, eq=False)
class PhotoAnalysis:
    """What one photo shows: colors, counts and garment categories, and no picture."""

    width: int  # upright, full size
    height: int
    illuminant: Illuminant
    garments: tuple[Garment, ...]  # by wearer, then class


@dataclass(frozen=True, slots=True, eq=False)
class PhotoResult:
    """What became of one photo of a run."""

    ref: PhotoRef
    status: str  # ok, screened or rejected
    reason: str | None = None  # None when ok
    analysis: PhotoAnalysis | None = None  # None unless ok


@dataclass(frozen=True, slots=True, eq=False)
class Pipeline:
    """The stages with what they need, built once a process."""

    segmenter: Segmenter | None  # None: label maps are given
    images: ImagesConfig
    color: ColorConfig

    def __call__(self, ref: PhotoRef) -> PhotoResult:
        """One photo of a run; a photo that can't be analyzed comes back with its reason."""
        try:
            photo = read_photo(ref.path, self.images)
            unfit = screen(photo, self.images) if self.images.screen else None
            if unfit is not None:
                return PhotoResult(ref, "screened", unfit)
            labels = self.label_map(ref, photo)
            return PhotoResult(ref, "ok", analysis=analyze_photo(photo, labels, self.color))
        except PhotoError as error:
            return PhotoResult(ref, "rejected", str(error))

    def label_map(self, ref: PhotoRef, photo: Photo) -> LabelMap:
        """The data set's own label map at full size, or the segmenter's at `photo.rgb`'s size.

        Raises:
            MaskError: label maps are given, and this photo's is missing or does not fit.
        """
        if self.segmenter is not None:
            return predict_labels(self.segmenter, photo)
        if ref.labels is None:
            raise MaskError(f"the data set has no label map for {ref.id}")
        return ref.labels.read(photo.height, photo.width)


def build_pipeline(config: Config) -> Pipeline:
    """The pipeline that a run's settings describe.

    Raises:
        ModelError: the segmenter's weights can't be read.
    """
    segmenter = None
    if config.segmentation.source == "model":
        segmenter = load_segmenter(weights_path(config.segmentation.weights))
    return Pipeline(segmenter=segmenter, images=config.images, color=config.color)


def predict_labels(segmenter: Segmenter, photo: Photo) -> LabelMap:
    """The segmenter's label map at the size of `photo.rgb`; what is transparent is background.

    Clothes that nobody wears are one class a piece.
    """
    labels = join_pieces(segmenter.label_map(photo.rgb))
    if photo.opaque is not None:
        labels = np.where(photo.opaque, labels, np.uint8(BACKGROUND))
    return labels


def analyze_photo(photo: Photo, labels: LabelMap, config: ColorConfig) -> PhotoAnalysis:
    """The garments of a photo and the colors of their cloth.

    Args:
        photo: The photo, perhaps decoded smaller than its file. Not modified.
        labels: Class ids at the size of `photo.rgb` or at the file's full size. Not modified.
        config: How colors are corrected and found.
    """
    wearers = wearer_map(labels)
    pixels = _count_pixels(labels, wearers, photo)
    small, small_wearers = _at_size_of(photo, labels), _at_size_of(photo, wearers)
    linear = srgb_to_linear(photo.rgb)
    opaque = np.ones(small.shape, bool) if photo.opaque is None else photo.opaque
    evidence = (small == BACKGROUND) & opaque & unclipped(photo.rgb)
    light = estimate_illuminant(linear, evidence, config)

    regions = small_wearers.astype(np.int32) * len(CLASSES) + small
    regions[~(is_garment(small) & opaque)] = 0
    boxes = dict(enumerate(ndimage.find_objects(regions), start=1))

    def palette(wearer: int, class_id: int) -> Palette:
        region = (wearer + 1) * len(CLASSES) + class_id
        box = boxes.get(region)
        if pixels[wearer, class_id] < config.min_pixels or box is None:
            return EMPTY_PALETTE
        readable = readable_pixels(photo.rgb[box], regions[box] == region, config)
        return dominant_colors(linear_to_lab(adapt_to_d65(linear[box][readable], light)), config)

    garments = tuple(
        Garment(
            garment=CLASSES[class_id],
            wearer=int(wearer),
            pixels=int(pixels[wearer, class_id]),
            palette=name_palette(palette(wearer, class_id)),
        )
        for wearer, class_id in np.argwhere(pixels > 0)
    )
    return PhotoAnalysis(photo.width, photo.height, light, garments)


def _count_pixels(labels: LabelMap, wearers: NDArray[np.uint8], photo: Photo) -> NDArray[np.int64]:
    """Garment pixels at full size by wearer and class, shape (n wearers, 13).

    Labels of a smaller size stand for the pixels that they cover at full size.
    """
    tall = np.bincount(_source(photo.height, labels.shape[0]), minlength=labels.shape[0])
    wide = np.bincount(_source(photo.width, labels.shape[1]), minlength=labels.shape[1])
    rows, columns = np.nonzero(is_garment(labels))
    wearer = wearers[rows, columns].astype(np.int64) - 1
    cells = wearer * len(CLASSES) + labels[rows, columns]
    n_wearers = int(wearer.max(initial=-1)) + 1
    counts = np.bincount(
        cells, weights=tall[rows] * wide[columns], minlength=n_wearers * len(CLASSES)
    )
    return np.rint(counts).astype(np.int64).reshape(n_wearers, len(CLASSES))


def _source(length: int, of: int) -> NDArray[np.int64]:
    """For each of `length` pixels the nearest of `of` samples."""
    return ((2 * np.arange(length, dtype=np.int64) + 1) * of) // (2 * length)


def resample(labels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """A map of ids at another size, each pixel the id of the nearest sample."""
    if labels.shape == (height, width):
        return labels
    rows, columns = _source(height, labels.shape[0]), _source(width, labels.shape[1])
    return labels[rows[:, None], columns]


def _at_size_of(photo: Photo, labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return resample(labels, photo.rgb.shape[0], photo.rgb.shape[1])


def name_palette(palette: Palette) -> tuple[PaletteColor, ...]:
    """A palette in 8 bits with names. A color is named as it is stored, in 8-bit sRGB."""
    rgb8 = lab_to_srgb(palette.lab)
    named = name_colors(rgb8)
    return tuple(
        PaletteColor(
            rgb=(int(rgb[0]), int(rgb[1]), int(rgb[2])),
            share=float(share),
            weight=int(weight),
            name=str(name),
            family=str(family),
        )
        for rgb, share, weight, name, family in zip(
            rgb8,
            palette.share,
            integer_weights(palette.share),
            named.name,
            named.family,
            strict=True,
        )
    )


def record_rows(result: PhotoResult) -> Iterator[Mapping[str, object]]:
    """The rows of `records.py` that one photo gives, in order of wearer, class and rank."""
    if result.analysis is None:
        return
    for garment in result.analysis.garments:
        for rank, color in enumerate(garment.palette):
            yield {
                "photo": result.ref.id,
                "wearer": garment.wearer,
                "garment": garment.garment,
                "rank": rank,
                "r": color.rgb[0],
                "g": color.rgb[1],
                "b": color.rgb[2],
                "weight": color.weight,
                "pixels": garment.pixels,
                **result.ref.columns,
            }


def photo_row(result: PhotoResult) -> Mapping[str, object]:
    """The row of the table of photos for one photo, whatever became of it."""
    row: dict[str, object] = {
        "photo": result.ref.id,
        "status": result.status,
        "reason": result.reason,
    }
    if result.analysis is not None:
        garments = result.analysis.garments
        row |= {
            "width": result.analysis.width,
            "height": result.analysis.height,
            "wearers": len({garment.wearer for garment in garments}),
            "garments": sum(bool(garment.palette) for garment in garments),
            "small_garments": sum(not garment.palette for garment in garments),
            "light_x": result.analysis.illuminant.x,
            "light_y": result.analysis.illuminant.y,
            "corrected": result.analysis.illuminant.applied,
        }
    return {**row, **result.ref.columns}
