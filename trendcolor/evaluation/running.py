"""A segmenter over the labelled photos of a data set."""

from collections.abc import Sequence

from trendcolor.color.regions import resample
from trendcolor.config import Config
from trendcolor.datasets.reference import PhotoRef
from trendcolor.errors import ConfigError, DataError, PhotoError
from trendcolor.evaluation.result import Evaluation
from trendcolor.evaluation.scores import Compared, no_scores, score_photo
from trendcolor.images.decode import Photo, open_photo
from trendcolor.pipeline import build_pipeline, predict
from trendcolor.segmentation.segmenter import Segmenter
from trendcolor.taxonomy import LabelMap


def evaluate(
    config: Config, photos: Sequence[PhotoRef], *, may_show_photos: bool = False
) -> Evaluation:
    """Score the segmenter on labelled photos, at each photo's own size.

    Args:
        config: Which weights, how photos are decoded and colors found; screening takes no part.
        photos: With label maps.
        may_show_photos: Whether the photos' cards allow the page to show photo pixels.

    Raises:
        ConfigError: the config takes label maps from the data set instead of the segmenter.
        DataError: no photo has a label map.
        ModelError: the weights can't be read.
    """
    segmenter = build_pipeline(config).segmenter
    if segmenter is None:
        raise ConfigError('segmentation.source must be "model" to evaluate the segmenter')
    labelled = [(ref, ref.labels) for ref in photos if ref.labels is not None]
    if not labelled:
        raise DataError("none of the photos has a label map to compare with")
    scores = no_scores()
    unreadable = []
    for ref, labels in labelled:
        try:
            photo = open_photo(ref.file, config.images)
            true = labels.read(photo.height, photo.width)
        except PhotoError as error:
            unreadable.append(f"{ref.id}: {error}")
            continue
        compared = _compare(segmenter, ref.id, photo, true)
        scores += score_photo(compared, config.color, may_show=may_show_photos)
    return Evaluation(weights_hash=segmenter.sha256, unreadable=tuple(unreadable), scores=scores)


def _compare(segmenter: Segmenter, photo_id: str, photo: Photo, true: LabelMap) -> Compared:
    """The photo with the segmenter's answer."""
    found = predict(segmenter, photo)
    return Compared(
        id=photo_id,
        photo=photo,
        true=true,
        predicted=resample(found.labels, photo.height, photo.width),
        certainty=resample(found.certainty, photo.height, photo.width),
    )
