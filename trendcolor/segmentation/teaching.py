"""Label maps for photos that nobody labelled: what a trained segmenter says where it is sure.

Self-training as in Xie et al., "Self-training with Noisy Student improves ImageNet
classification", CVPR 2020: a teacher that sees each photo in several sizes and mirrored labels the
photos for a student that sees them bent. What a data set says of a photo, by tags or by a declared
column, limits what the teacher may find in it.
"""

import dataclasses
import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trendcolor.config import ImagesConfig, SegmentationConfig, TeacherConfig
from trendcolor.datasets.index_masks import IndexMask
from trendcolor.datasets.reference import PhotoRef
from trendcolor.images.decode import open_photo
from trendcolor.segmentation.label_files import write_label_map
from trendcolor.segmentation.opening import load_segmenter
from trendcolor.taxonomy import CLASSES, IGNORE, OWN, TOP, LabelMap

_LOG = logging.getLogger(__name__)
_TOLD_EVERY = 100  # photos


def teach(teacher: TeacherConfig, photos: Sequence[PhotoRef], folder: Path) -> list[PhotoRef]:
    """Label photos with a trained segmenter.

    Label maps that an earlier call wrote for the same teacher and possible classes are kept.

    Args:
        teacher: Which segmenter, how it looks, and how sure it has to be.
        photos: The photos; label maps that they name are not read.
        folder: Where the label maps go, in a folder of their own for each teacher.

    Returns:
        The photos with those label maps, in which doubtful pixels are `IGNORE`.

    Raises:
        ModelError: the segmenter can't be read.
        ImageError: a photo can't be read.
    """
    segmenter = load_segmenter(
        SegmentationConfig(weights=teacher.weights, labels=teacher.labels, views=teacher.heights)
    )
    how = _hash(segmenter.sha256, teacher.labels, teacher.heights, teacher.certainty)
    folder = folder / how[:8]
    folder.mkdir(parents=True, exist_ok=True)
    images = ImagesConfig(work_pixels=ImagesConfig().max_pixels)
    taught = []
    for number, ref in enumerate(photos):
        if number % _TOLD_EVERY == 0:
            _LOG.info("teacher: %d of %d photos labelled", number, len(photos))
        path = folder / f"{_hash(ref.file.place, sorted(ref.classes or ()))[:16]}.png"
        if not path.exists():
            likely = segmenter.likely(open_photo(ref.file, images).rgb)
            write_label_map(sure_classes(likely, ref.classes, teacher.certainty), path)
        taught.append(dataclasses.replace(ref, labels=IndexMask(path, OWN.name)))
    return taught


def _hash(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def sure_classes(
    likely: NDArray[np.float32], classes: frozenset[int] | None, certainty: float
) -> LabelMap:
    """The likeliest class of each pixel, or `IGNORE` where it is not sure.

    First garment or not, then which: where the possible classes say that a photo holds a shirt and
    no dress, what looks like dress is shirt and not background.

    Args:
        likely: Class probabilities, shape (13, height, width). Not modified.
        classes: The class ids that the photo may hold, background among them; None allows all.
        certainty: Probability that both answers need.
    """
    possible = [i for i in range(len(CLASSES)) if classes is None or i in classes]
    garments, rest = [i for i in possible if i >= TOP], [i for i in possible if i < TOP]
    garment, other = likely[TOP:].sum(0), likely[rest].sum(0)
    if not garments:
        garment = np.zeros_like(garment)
    is_garment = garment > other
    labels = np.where(is_garment, _winner(likely, garments), _winner(likely, rest)).astype(np.uint8)
    sure = np.maximum(garment, other) >= certainty * (garment + other)
    for group, where in ((garments, is_garment), (rest, ~is_garment)):
        if len(group) > 1:
            some = likely[group]
            sure &= ~where | (some.max(0) >= certainty * some.sum(0))
    return np.where(sure, labels, np.uint8(IGNORE))


def _winner(likely: NDArray[np.float32], group: Sequence[int]) -> NDArray[np.intp]:
    """The likeliest class of a group at each pixel."""
    if not group:
        return np.full(likely.shape[1:], IGNORE)
    return np.asarray(np.asarray(group)[likely[group].argmax(0)])
