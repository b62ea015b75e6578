"""One photo to its records: the whole flow on one page.

Photo, label map, wearers, light, palettes, rows. Nothing here keeps a pixel.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trendcolor.cards import DeclaredLight
from trendcolor.color.counts import Regions, count_garments
from trendcolor.color.evidence import gather_photo
from trendcolor.color.illuminant import Illuminant, illuminant_of
from trendcolor.color.names import name_colors
from trendcolor.color.palette import EMPTY_PALETTE, Palette, dominant_colors, integer_weights
from trendcolor.color.pattern import pattern
from trendcolor.color.reference import PhotoLight, read_reference, without_card
from trendcolor.color.regions import (
    Size,
    count_pixels,
    number_regions,
    resample,
    trusted_regions,
)
from trendcolor.color.spaces import Rgb8, lab_to_srgb
from trendcolor.config import ColorConfig, Config, ImagesConfig, SegmentationConfig
from trendcolor.datasets.reference import PhotoRef
from trendcolor.errors import MaskError, PhotoError
from trendcolor.images.decode import Photo, open_photo
from trendcolor.images.screening import screen
from trendcolor.segmentation.opening import load_segmenter
from trendcolor.segmentation.pieces import join_pieces
from trendcolor.segmentation.segmenter import Segmentation, Segmenter
from trendcolor.segmentation.wearers import find_bystanders, find_wearers
from trendcolor.taxonomy import BACKGROUND, CLASSES, LabelMap

_BYSTANDER = SegmentationConfig().bystander
NO_GARMENT = "no garment: 0 pixels of any class, wanted 1 (images.screening.needs_garment)"


@dataclass(frozen=True, slots=True)
class PaletteColor:
    """One color of a garment."""

    rgb: tuple[int, int, int]  # sRGB 0..255, of the cloth under D65
    share: float  # of the garment, 0..1
    weight: int  # the share in 255ths; a palette's weights sum to 255
    name: str
    family: str
    common: str  # one of 26 common colors, within the family
    distance: float  # CIEDE2000 to the name's own color
    runner_up: str | None  # the second nearest name, where it would do nearly as well
    spread: float  # standard deviation of its pixels in CIELAB, shading included
    confidence: float  # how likely it is a color of the cloth, 0..1


@dataclass(frozen=True, slots=True)
class Garment:
    """One class of one wearer in one photo."""

    garment: str
    wearer: int  # people who stand apart; 0 is the largest
    pixels: int  # at the photo's upright full size, before erosion
    palette: tuple[PaletteColor, ...]  # largest share first; empty below `color.min_pixels`
    pattern: str  # solid, two-tone or multicolor; empty without a palette
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
            photo = open_photo(ref.file, self.images)
            unfit = screen(photo, self.images.screening) if self.images.screen else None
            if unfit is not None:
                return PhotoResult(ref, "screened", unfit)
            labels = self.label_map(ref, photo)
            analysis = analyze_photo(
                photo, labels, self.color, bystander=self.bystander, declared=ref.light
            )
            if self.needs_garment and not analysis.garments:
                return PhotoResult(ref, "screened", NO_GARMENT)
            return PhotoResult(ref, "ok", analysis=analysis)
        except PhotoError as error:
            return PhotoResult(ref, "rejected", str(error))

    @property
    def needs_garment(self) -> bool:
        """Whether a photo in which no garment is found is screened out."""
        return self.images.screen and self.images.screening.needs_garment

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

    Guarantees, each held by tests/test_pipeline_palettes.py:
        The number of threads, other garments and other photos have no effect on a palette. A
        mirrored photo has the same, to within 2 CIEDE2000 where the light's blocks fall
        otherwise. Half or double the size moves the palette of flat or folded cloth, solid or
        in broad stripes, by less than 1.5, and those of made-up photos by less on average.
        An accent of 4 % of the garment is kept. Highlights on a tenth of it are no color.
    """
    labels = given.labels if isinstance(given, Segmentation) else given
    reading = read_light(photo, _at_size_of(photo, labels), config, declared)
    if reading.corners is not None:
        labels = without_card(labels, reading.corners)
    wearers = find_wearers(labels)
    is_bystander = find_bystanders(labels, wearers, bystander)
    pixels = count_pixels(labels, wearers.map, Size(photo.height, photo.width))
    small, small_wearers = _at_size_of(photo, labels), _at_size_of(photo, wearers.map)
    numbers = np.zeros((256, 256), np.uint16)  # of garments that are read, from 1
    wanted = np.argwhere(pixels >= max(config.min_pixels, 1))
    numbers[wanted[:, 0] + 1, wanted[:, 1]] = np.arange(1, len(wanted) + 1)
    regions = number_regions(small, small_wearers, numbers, photo.opaque)
    if isinstance(given, Segmentation):
        regions = trusted_regions(regions, given.certainty, config)
    palettes = [EMPTY_PALETTE, *palettes_of(photo.rgb, regions, reading.light, config)]
    palettes += [EMPTY_PALETTE] * (len(wanted) + 1 - len(palettes))
    named = name_palettes(palettes)
    garments = tuple(
        Garment(
            garment=CLASSES[class_id],
            wearer=int(wearer),
            pixels=int(pixels[wearer, class_id]),
            palette=named[number],
            pattern=pattern(palettes[number].share),
            is_touching=bool(wearers.is_touching[wearer]),
            is_bystander=bool(is_bystander[wearer]),
        )
        for wearer, class_id in np.argwhere(pixels > 0)
        for number in [numbers[wearer + 1, class_id]]
    )
    return PhotoAnalysis(photo.width, photo.height, reading.light, garments, reading.refused)


def read_light(
    photo: Photo, labels: LabelMap, config: ColorConfig, declared: DeclaredLight | None
) -> PhotoLight:
    """The light as it was declared; estimated where nothing is, or where the card can't be read.

    Args:
        photo: The photo. Not modified.
        labels: Class ids at the size of `photo.rgb`. Not modified.
        config: Whether colors are corrected.
        declared: How the light is known; None: it is estimated.
    """
    if declared is None:
        return PhotoLight(light_of(photo, labels, config))
    reading = read_reference(photo.rgb, labels, declared, seen=photo.opaque, correct=config.correct)
    if reading.illuminant is None:
        return PhotoLight(light_of(photo, labels, config), refused=reading.refused)
    return PhotoLight(reading.illuminant, corners=reading.corners)


def light_of(photo: Photo, labels: LabelMap, config: ColorConfig) -> Illuminant:
    """The light of a photo, from what is no person and no garment.

    Args:
        photo: The photo. Not modified.
        labels: Class ids at the size of `photo.rgb`. Not modified.
        config: Whether colors are corrected.
    """
    background = labels == BACKGROUND
    if photo.opaque is not None:
        background &= photo.opaque
    return illuminant_of(gather_photo(photo.rgb, background), config)


def palettes_of(
    rgb8: Rgb8, regions: Regions, light: Illuminant, config: ColorConfig
) -> list[Palette]:
    """The dominant colors of the cloth of all garments of a photo, in a known light.

    Args:
        rgb8: The photo, shape (h, w, 3), 8-bit sRGB. Not modified.
        regions: The number of the garment at each pixel, from 1, shape (h, w). Not modified.
        light: As `light_of` gives it.
        config: How colors are found.

    Returns:
        One for each number up to the highest; an empty one where no pixel has the number.
    """
    return [
        dominant_colors(counts, light, config) if len(counts.area) else EMPTY_PALETTE
        for counts in count_garments(rgb8, regions, config)
    ]


def _at_size_of(photo: Photo, labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return resample(labels, photo.rgb.shape[0], photo.rgb.shape[1])


def name_palette(palette: Palette) -> tuple[PaletteColor, ...]:
    """A palette in 8 bits with names. A color is named as it is stored, in 8-bit sRGB."""
    return name_palettes([palette])[0]


def name_palettes(palettes: Sequence[Palette]) -> list[tuple[PaletteColor, ...]]:
    """Several palettes as `name_palette`, faster than one by one."""
    rgb8 = lab_to_srgb(np.concatenate([palette.lab for palette in palettes]))
    named = name_colors(rgb8)
    colors: list[tuple[PaletteColor, ...]] = []
    start = 0
    for palette in palettes:
        weights = integer_weights(palette.share)
        colors.append(
            tuple(
                PaletteColor(
                    rgb=(int(rgb8[i, 0]), int(rgb8[i, 1]), int(rgb8[i, 2])),
                    share=float(palette.share[rank]),
                    weight=int(weights[rank]),
                    name=str(named.name[i]),
                    family=str(named.family[i]),
                    common=str(named.common[i]),
                    distance=float(named.distance[i]),
                    runner_up=str(named.runner_up[i]) if named.is_close[i] else None,
                    spread=float(palette.spread[rank]),
                    confidence=float(palette.confidence[rank]),
                )
                for rank, i in enumerate(range(start, start + len(palette.share)))
            )
        )
        start += len(palette.share)
    return colors


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
