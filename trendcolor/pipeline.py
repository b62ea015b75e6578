"""One photo to its records: the whole flow on one page.

Photo, label map, wearers, light, palettes, rows. Nothing here keeps a pixel.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from trendcolor.cards import DeclaredLight
from trendcolor.color.counts import count_colors
from trendcolor.color.illuminant import Illuminant, estimate_illuminant, unclipped
from trendcolor.color.names import name_colors
from trendcolor.color.palette import (
    EMPTY_PALETTE,
    Palette,
    dominant_colors,
    integer_weights,
)
from trendcolor.color.reference import read_reference, without_card
from trendcolor.color.spaces import FloatArray, Mask, Rgb8, lab_to_srgb, srgb_to_linear
from trendcolor.config import ColorConfig, Config, ImagesConfig, SegmentationConfig
from trendcolor.datasets.reference import PhotoRef
from trendcolor.errors import MaskError, PhotoError
from trendcolor.images.decode import Photo, read_photo
from trendcolor.images.screen import screen
from trendcolor.segmentation.opening import load_segmenter
from trendcolor.segmentation.pieces import join_pieces
from trendcolor.segmentation.sampling import CertaintyMap
from trendcolor.segmentation.segmenter import Segmentation, Segmenter
from trendcolor.segmentation.wearers import find_bystanders, find_wearers
from trendcolor.taxonomy import BACKGROUND, CLASSES, LabelMap, is_garment

_BYSTANDER = SegmentationConfig().bystander
_TRUSTED_LEAST = 0.2  # of a garment's pixels; where fewer are trusted, all are read


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
    is_touching: bool  # its wearer is probably several people who touch
    is_bystander: bool  # its wearer is small beside the largest: a run leaves the garment out


@dataclass(frozen=True, slots=True, eq=False)
class PhotoAnalysis:
    """What one photo shows: colors, counts and garment categories, and no picture."""

    width: int  # upright, full size
    height: int
    illuminant: Illuminant
    garments: tuple[Garment, ...]  # by wearer, then class
    refused: str | None = None  # why the light is not read as was declared; None where it is

    @property
    def foreground(self) -> tuple[Garment, ...]:
        """The garments of those who are no bystanders."""
        return tuple(garment for garment in self.garments if not garment.is_bystander)


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
    bystander: float = _BYSTANDER  # as `segmentation.bystander`

    def __call__(self, ref: PhotoRef) -> PhotoResult:
        """One photo of a run; a photo that can't be analyzed comes back with its reason."""
        try:
            photo = read_photo(ref.path, self.images)
            unfit = screen(photo, self.images) if self.images.screen else None
            if unfit is not None:
                return PhotoResult(ref, "screened", unfit)
            labels = self.label_map(ref, photo)
            analysis = analyze_photo(
                photo, labels, self.color, bystander=self.bystander, declared=ref.light
            )
            return PhotoResult(ref, "ok", analysis=analysis)
        except PhotoError as error:
            return PhotoResult(ref, "rejected", str(error))

    def label_map(self, ref: PhotoRef, photo: Photo) -> LabelMap | Segmentation:
        """The data set's own label map at full size, or the segmenter's at `photo.rgb`'s size.

        Raises:
            MaskError: label maps are given, and this photo's is missing or does not fit.
        """
        if self.segmenter is not None:
            return predict(self.segmenter, photo)
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
        segmenter = load_segmenter(config.segmentation)
    return Pipeline(
        segmenter=segmenter,
        images=config.images,
        color=config.color,
        bystander=config.segmentation.bystander,
    )


def predict(segmenter: Segmenter, photo: Photo) -> Segmentation:
    """The segmenter's answer at the size of `photo.rgb`; what is transparent is background.

    Clothes that nobody wears are one class a piece.
    """
    found = segmenter.segment(photo.rgb)
    labels, certainty = join_pieces(found.labels), found.certainty
    if photo.opaque is not None:
        labels = np.where(photo.opaque, labels, np.uint8(BACKGROUND))
        certainty = np.where(photo.opaque, certainty, np.uint8(0))
    return Segmentation(labels, certainty)


def analyze_photo(
    photo: Photo,
    given: LabelMap | Segmentation,
    config: ColorConfig,
    *,
    bystander: float = _BYSTANDER,
    declared: DeclaredLight | None = None,
) -> PhotoAnalysis:
    """The garments of a photo and the colors of their cloth.

    All pixels of a garment count for its area; its colors are read where the segmenter is certain
    that it sees a garment.

    Args:
        photo: The photo, perhaps decoded smaller than its file. Not modified.
        given: Class ids at the size of `photo.rgb` or at the file's full size, or the segmenter's
            answer with its certainty. Not modified.
        config: How colors are corrected and found.
        bystander: As `segmentation.bystander`.
        declared: How the light is known; None: it is estimated.
    """
    labels = given.labels if isinstance(given, Segmentation) else given
    reading = read_light(photo, _at_size_of(photo, labels), config, declared)
    if reading.corners is not None:
        labels = without_card(labels, reading.corners)
    wearers = find_wearers(labels)
    is_bystander = find_bystanders(labels, wearers, bystander)
    pixels = _count_pixels(labels, wearers.map, photo)
    small, small_wearers = _at_size_of(photo, labels), _at_size_of(photo, wearers.map)
    opaque = _opaque(photo)
    regions = small_wearers.astype(np.int32) * len(CLASSES) + small
    regions[~(is_garment(small) & opaque)] = 0
    boxes = dict(enumerate(ndimage.find_objects(regions), start=1))

    def palette(wearer: int, class_id: int) -> Palette:
        region = (wearer + 1) * len(CLASSES) + class_id
        box = boxes.get(region)
        if pixels[wearer, class_id] < config.min_pixels or box is None:
            return EMPTY_PALETTE
        mask = regions[box] == region
        if isinstance(given, Segmentation):
            mask = trusted_pixels(mask, given.certainty[box], config)
        return palette_of(photo.rgb[box], mask, reading.light, config)

    garments = tuple(
        Garment(
            garment=CLASSES[class_id],
            wearer=int(wearer),
            pixels=int(pixels[wearer, class_id]),
            palette=name_palette(palette(wearer, class_id)),
            is_touching=bool(wearers.is_touching[wearer]),
            is_bystander=bool(is_bystander[wearer]),
        )
        for wearer, class_id in np.argwhere(pixels > 0)
    )
    return PhotoAnalysis(photo.width, photo.height, reading.light, garments, reading.refused)


@dataclass(frozen=True, slots=True, eq=False)
class _LightReading:
    """The light of a photo, and what became of the card that was declared."""

    light: Illuminant
    corners: FloatArray | None = None  # of a card that was read
    refused: str | None = None


def read_light(
    photo: Photo, labels: LabelMap, config: ColorConfig, declared: DeclaredLight | None
) -> _LightReading:
    """The light as it was declared; estimated where nothing is, or where the card can't be read.

    Args:
        photo: The photo. Not modified.
        labels: Class ids at the size of `photo.rgb`. Not modified.
        config: Whether colors are corrected.
        declared: How the light is known; None: it is estimated.
    """
    if declared is None:
        return _LightReading(light_of(photo, labels, config))
    reading = read_reference(photo.rgb, labels, declared, seen=photo.opaque, correct=config.correct)
    if reading.illuminant is None:
        return _LightReading(light_of(photo, labels, config), refused=reading.refused)
    return _LightReading(reading.illuminant, corners=reading.corners)


def light_of(photo: Photo, labels: LabelMap, config: ColorConfig) -> Illuminant:
    """The light of a photo, from what is no person and no garment.

    Args:
        photo: The photo. Not modified.
        labels: Class ids at the size of `photo.rgb`. Not modified.
        config: Whether colors are corrected.
    """
    evidence = (labels == BACKGROUND) & _opaque(photo) & unclipped(photo.rgb)
    return estimate_illuminant(srgb_to_linear(photo.rgb), evidence, config)


def trusted_pixels(mask: Mask, certainty: CertaintyMap, config: ColorConfig) -> Mask:
    """The part of a garment whose color can be trusted: where it is certain to be garment.

    A garment that is nowhere certain enough is read as a whole.

    Args:
        mask: The garment, shape (h, w). Not modified.
        certainty: Probability of garment in 255ths, shape (h, w). Not modified.
        config: How certain is certain enough.
    """
    trusted = mask & (certainty >= config.trust * 255)
    enough = np.count_nonzero(trusted) >= _TRUSTED_LEAST * np.count_nonzero(mask)
    return trusted if enough else mask


def palette_of(rgb8: Rgb8, mask: Mask, light: Illuminant, config: ColorConfig) -> Palette:
    """The dominant colors of the cloth under a mask that is not empty, in a known light.

    Args:
        rgb8: A part of the photo, shape (h, w, 3), 8-bit sRGB. Not modified.
        mask: The garment, shape (h, w). Not modified.
        light: As `light_of` gives it.
        config: How colors are found.
    """
    return dominant_colors(count_colors(rgb8, mask, config), light, config)


def _opaque(photo: Photo) -> Mask:
    return np.ones(photo.rgb.shape[:2], bool) if photo.opaque is None else photo.opaque


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
    """The rows of `records.py` that one photo gives, in order of wearer, class and rank.

    Garments of bystanders give none.
    """
    if result.analysis is None:
        return
    for garment in result.analysis.foreground:
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
        garments, everybody = result.analysis.foreground, result.analysis.garments
        row |= {
            "width": result.analysis.width,
            "height": result.analysis.height,
            "wearers": len({garment.wearer for garment in garments}),
            "touching": len({garment.wearer for garment in garments if garment.is_touching}),
            "bystanders": len({each.wearer for each in everybody if each.is_bystander}),
            "garments": sum(bool(garment.palette) for garment in garments),
            "small_garments": sum(not garment.palette for garment in garments),
            "light_x": result.analysis.illuminant.x,
            "light_y": result.analysis.illuminant.y,
            "corrected": result.analysis.illuminant.applied,
            "light_method": result.analysis.illuminant.method,
            "exposure": result.analysis.illuminant.exposure,
            "light_refused": result.analysis.refused,
        }
    return {**row, **result.ref.columns}
