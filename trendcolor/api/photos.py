"""One photo, or a handful: read, labelled and analyzed at once, with nothing stored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from trendcolor.cards import DeclaredLight
from trendcolor.cards.light import parse_light
from trendcolor.color.regions import resample
from trendcolor.config import ColorConfig, ImagesConfig, SegmentationConfig
from trendcolor.datasets.index_masks import IndexMask
from trendcolor.errors import CardError, MaskError, PhotoError, UsageError
from trendcolor.images.decode import Photo, read_photo
from trendcolor.pipeline import PhotoAnalysis, analyze_photo, predict
from trendcolor.segmentation.label_files import write_label_map
from trendcolor.segmentation.opening import load_segmenter
from trendcolor.segmentation.segmenter import Segmentation, Segmenter
from trendcolor.taxonomy import OWN, LabelMap


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyzeOptions:
    """How `analyze_photos` reads label maps and colors."""

    masks_in: Path | None = None  # folder of label maps, <stem>.png; None: the segmenter's
    masks_out: Path | None = None  # folder to write label maps to
    correct: bool = True  # correct a color cast where there is evidence for it
    reference: DeclaredLight | None = None  # how the light is known; None: it is estimated


def analyze(
    photo: str | Path,
    *,
    masks: str | Path | None = None,
    correct: bool = True,
    reference: DeclaredLight | None = None,
) -> PhotoAnalysis:
    """The garments of one photo and the colors of their cloth.

    Args:
        photo: An image file.
        masks: A label map of the photo's upright size, PNG; without it the packaged segmenter
            makes one.
        correct: Correct a color cast where there is evidence for it.
        reference: How the light is known, such as
            `DeclaredLight(gray_card=GrayCard(box=(0.1, 0.7, 0.2, 0.8)))` of `trendcolor.cards`;
            without it, and where the card can't be read, the light is estimated.

    Raises:
        PhotoError: the photo or its label map can't be read.
        ModelError: the packaged weights can't be read.
    """
    image = read_photo(Path(photo), ImagesConfig())
    found = _predicted(image) if masks is None else _given(image, Path(masks))
    return analyze_photo(image, found, ColorConfig(correct=correct), declared=reference)


def analyze_photos(photos: Sequence[str], options: AnalyzeOptions) -> Iterator[dict[str, Any]]:
    """One JSON-ready answer a photo, in the order given; a rejected one says why.

    Args:
        photos: Paths, which come back as typed.
        options: Folders of label maps, whether to correct, and how the light is known.

    Raises:
        UsageError: no photo, or two photos of one stem where label maps are read or written.
        ModelError: the packaged weights can't be read.
    """
    check_stems(photos, options)
    for name in photos:
        try:
            analysis = _analyze_one(Path(name), options)
        except PhotoError as error:
            yield {"photo": name, "status": "rejected", "reason": str(error)}
        else:
            yield {"photo": name, "status": "ok", **_answer(analysis)}


def reference_of(
    *, white_point: str | None, gray_card: str | None, color_checker: str | None
) -> DeclaredLight | None:
    """What the command line's words declare of the light; None where they declare nothing.

    Args:
        white_point: `X,Y`.
        gray_card: `LEFT,TOP,RIGHT,BOTTOM`, and perhaps `,REFLECTANCE`.
        color_checker: `find`, or `LEFT,TOP,RIGHT,BOTTOM`.

    Raises:
        UsageError: a word is not of that form, or out of range, or several are given.
    """
    try:
        return parse_light(
            white_point=white_point, gray_card=gray_card, color_checker=color_checker
        )
    except CardError as error:
        raise UsageError(_as_options(str(error))) from error


def _as_options(faults: str) -> str:
    """Faults of a card's `[light]` in the words of the command line."""
    for key in ("white_point", "gray_card", "color_checker"):
        faults = faults.replace(f"light.{key}", f"--{key}").replace(key, key.replace("_", "-"))
    return faults.replace("light: ", "").replace("\n", "; ")


def check_stems(photos: Sequence[str], options: AnalyzeOptions) -> None:
    """Refuse a call whose label maps would share a file, or that has no photo.

    Raises:
        UsageError: two photos have one stem, no photo is given, or `masks_out` is no folder.
    """
    if not photos:
        raise UsageError("no photo given (trendcolor analyze PHOTO...)")
    if options.masks_in is None and options.masks_out is None:
        return
    owners: dict[str, str] = {}
    for name in photos:
        stem = Path(name).stem
        if stem in owners:
            raise UsageError(f"{owners[stem]} and {name} would share the label map {stem}.png")
        owners[stem] = name
    if options.masks_out is not None:
        try:
            options.masks_out.mkdir(parents=True, exist_ok=True)
        except OSError as cause:
            raise UsageError(f"{options.masks_out}: no folder to write to ({cause})") from cause


def _analyze_one(path: Path, options: AnalyzeOptions) -> PhotoAnalysis:
    photo = read_photo(path, ImagesConfig())
    found: LabelMap | Segmentation
    if options.masks_in is None:
        found = _predicted(photo)
    else:
        found = _given(photo, options.masks_in / f"{path.stem}.png")
    if options.masks_out is not None:
        labels = found.labels if isinstance(found, Segmentation) else found
        full = resample(labels, photo.height, photo.width)
        _write(full, options.masks_out / f"{path.stem}.png")
    config = ColorConfig(correct=options.correct)
    return analyze_photo(photo, found, config, declared=options.reference)


def _predicted(photo: Photo) -> Segmentation:
    return predict(_packaged_segmenter(), photo)


def _given(photo: Photo, path: Path) -> LabelMap:
    return IndexMask(path, OWN.name).read(photo.height, photo.width)


def _write(labels: LabelMap, path: Path) -> None:
    try:
        write_label_map(labels, path)
    except OSError as cause:
        reason = cause.strerror or cause
        raise MaskError(f"{path.name}: label map can't be written ({reason})") from cause


@cache
def _packaged_segmenter() -> Segmenter:
    return load_segmenter(SegmentationConfig())


def _answer(analysis: PhotoAnalysis) -> dict[str, Any]:
    """The keys of the `analyze` contract; keys may be added, none taken away."""
    light = analysis.illuminant
    return {
        "width": analysis.width,
        "height": analysis.height,
        "illuminant": {
            "x": round(light.x, 4),
            "y": round(light.y, 4),
            "method": light.method,
            "applied": light.applied,
            "confidence": round(light.confidence, 2),
            "exposure": round(light.exposure, 4),
            **({} if analysis.refused is None else {"refused": analysis.refused}),
        },
        "garments": [
            {
                "garment": garment.garment,
                "wearer": garment.wearer,
                "touching": garment.is_touching,
                "bystander": garment.is_bystander,
                "pixels": garment.pixels,
                "pattern": garment.pattern,
                "palette": [
                    {
                        "rgb": list(color.rgb),
                        "share": round(color.share, 4),
                        "name": color.name,
                        "family": color.family,
                        "common": color.common,
                        "distance": round(color.distance, 2),
                        "runner_up": color.runner_up,
                        "spread": round(color.spread, 1),
                        "confidence": round(color.confidence, 2),
                    }
                    for color in garment.palette
                ],
            }
            for garment in analysis.garments
        ],
    }
