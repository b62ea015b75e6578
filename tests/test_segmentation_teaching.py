from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from photos import figure, labelled_photo, paint
from PIL import Image

from trendcolor.config import PACKAGE, TeacherConfig
from trendcolor.datasets.files import LocalFile
from trendcolor.datasets.index_masks import IndexMask
from trendcolor.datasets.reference import PhotoRef
from trendcolor.segmentation.teaching import sure_classes, teach
from trendcolor.taxonomy import (
    BACKGROUND,
    CLASSES,
    DRESS,
    HAIR,
    IGNORE,
    OUTERWEAR,
    SKIN,
    SKIRT,
    TOP,
)

PEOPLE = {BACKGROUND, SKIN, HAIR}


def pixel(**likely):
    """The probabilities of one pixel, by class name; what is left is background's."""
    values = [likely.get(name, 0.0) for name in CLASSES]
    values[BACKGROUND] += 1 - sum(values)
    return np.array(values, np.float32)[:, None, None]


def answer(classes, certainty=0.7, **likely):
    possible = None if classes is None else frozenset(classes)
    return int(sure_classes(pixel(**likely), possible, certainty)[0, 0])


def test_the_likeliest_class_is_the_answer_where_it_is_sure():
    assert answer(None, top=0.9) == TOP
    assert answer(None, skin=0.9) == SKIN
    assert answer(None, top=0.1) == BACKGROUND


def test_a_doubtful_pixel_teaches_nothing():
    assert answer(None, top=0.6) == IGNORE  # garment or background
    assert answer(None, top=0.5, outerwear=0.45) == IGNORE  # which garment
    assert answer(None, top=0.5, outerwear=0.45, certainty=0.5) == TOP
    assert answer(None, skin=0.5, hair=0.45) == IGNORE


def test_a_garment_that_cannot_be_there_is_the_likeliest_that_can():
    assert answer(PEOPLE | {TOP, SKIRT}, dress=0.8, top=0.15, skirt=0.02) == TOP
    assert answer(PEOPLE | {TOP, SKIRT}, dress=0.8, top=0.08, skirt=0.07) == IGNORE
    assert answer(PEOPLE | {DRESS}, top=0.9) == DRESS


def test_where_nobody_can_be_skin_counts_for_nothing():
    assert answer({BACKGROUND, TOP}, skin=0.9, top=0.08) == TOP
    assert answer({BACKGROUND, TOP}, skin=0.9) == BACKGROUND


def test_a_photo_without_garments_has_none():
    assert answer(PEOPLE, top=0.9) == BACKGROUND
    assert answer({BACKGROUND}, outerwear=0.5, top=0.5) == BACKGROUND


@given(
    st.lists(st.floats(0, 1), min_size=13, max_size=13),
    st.sets(st.sampled_from(range(len(CLASSES)))),
    st.floats(0.5, 1),
)
def test_only_possible_classes_are_answered(likely, classes, certainty):
    planes = np.array(likely, np.float32)[:, None, None]
    (answered,) = sure_classes(planes, frozenset({BACKGROUND, *classes}), certainty).ravel()
    assert answered in {BACKGROUND, IGNORE, *classes}


def sample(**changes):
    """A photo of the demo, with its true label map and its size."""
    (path, *_) = sorted((PACKAGE / "samples" / "lookbook" / "images").glob("*.jpg"))
    true = IndexMask(path.parent.parent / "masks" / f"{path.stem}.png", "trendcolor")
    with Image.open(path) as image:
        size = (image.height, image.width)
    return PhotoRef(id=path.stem, file=LocalFile(path), **changes), true.read(*size), size


def test_what_the_teacher_is_sure_of_is_mostly_right(tmp_path):
    ref, true, size = sample()
    (taught,) = teach(TeacherConfig(weights="packaged", heights=(448,)), [ref], tmp_path)
    assert (taught.id, taught.file) == (ref.id, ref.file)
    found = taught.labels.read(*size)
    known = (found != IGNORE) & (true != IGNORE)
    assert 0.8 < known.mean() < 1
    assert ((found >= TOP) == (true >= TOP))[known].mean() > 0.98


def test_the_teacher_keeps_to_what_the_data_set_says(tmp_path):
    ref, _, size = sample(classes=frozenset({BACKGROUND, OUTERWEAR}))
    (taught,) = teach(TeacherConfig(weights="packaged", heights=(448,)), [ref], tmp_path)
    assert set(np.unique(taught.labels.read(*size))) == {BACKGROUND, OUTERWEAR, IGNORE}


def test_label_maps_are_kept_for_the_same_teacher_only(tmp_path):
    labels = figure()
    ref = labelled_photo(tmp_path, "a", labels, paint(labels))
    teacher = TeacherConfig(weights="packaged", heights=(224,))
    (first,) = teach(teacher, [ref], tmp_path / "taught")
    stamp = first.labels.path.stat().st_mtime_ns
    (again,) = teach(teacher, [ref], tmp_path / "taught")
    assert again == first
    assert again.labels.path.stat().st_mtime_ns == stamp
    limited = replace(ref, classes=frozenset({BACKGROUND, SKIRT}))
    (other,) = teach(teacher, [limited], tmp_path / "taught")
    assert other.labels.path != first.labels.path
    assert set(np.unique(other.labels.read(*labels.shape))) <= {BACKGROUND, SKIRT, IGNORE}
    (stricter,) = teach(replace(teacher, certainty=0.9), [ref], tmp_path / "taught")
    assert stricter.labels.path != first.labels.path
    unsure = [(other.labels.read(*labels.shape) == IGNORE).sum() for other in (first, stricter)]
    assert unsure[0] < unsure[1]
