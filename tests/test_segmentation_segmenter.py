from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from networks import TINY
from photos import figure, paint

from trendcolor.config import SegmentationConfig
from trendcolor.errors import ModelError
from trendcolor.segmentation.network import build_network, save_network
from trendcolor.segmentation.opening import load_segmenter
from trendcolor.segmentation.runtimes import runtime_name
from trendcolor.segmentation.segmenter import ModelCard, input_size, resize
from trendcolor.segmentation.weights import weights_hash
from trendcolor.taxonomy import ACCESSORY, CLASSES, TOP, is_garment

SIZES = [(64, 64), (1, 1), (97, 61), (33, 250), (400, 7), (2, 300), (129, 128)]
sides = st.integers(1, 20_000)
inputs = st.integers(1, 24).map(lambda n: 32 * n)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("segmenter") / "weights.safetensors"
    save_network(build_network(TINY), TINY, path)
    return path


def load(path):
    return load_segmenter(SegmentationConfig(weights=str(path), runtime="pytorch"))


def card(height, width):
    return ModelCard(name="a network", sha256="0" * 64, height=height, width=width)


def firmer(segmenter, margin):
    return replace(segmenter, model=replace(segmenter.model, margin=margin))


@pytest.fixture(scope="module")
def segmenter(weights):
    return load(weights)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_label_map_has_its_photo_s_size(segmenter, size):
    rgb = paint(figure(*size), noise=5)
    before = rgb.copy()
    labels = segmenter.label_map(rgb)
    assert labels.shape == size
    assert labels.dtype == np.uint8
    assert labels.max() <= ACCESSORY
    np.testing.assert_array_equal(rgb, before)


def test_the_batch_has_no_effect(segmenter):
    photos = [paint(figure(*size), noise=40, seed=i) for i, size in enumerate([*SIZES, *SIZES])]
    together = segmenter.label_maps(photos)
    assert len(together) == len(photos)
    for rgb, labels in zip(photos, together, strict=True):
        np.testing.assert_array_equal(labels, segmenter.label_map(rgb))
    assert len(np.unique(together[0])) > 1  # else the network could not show a difference


def test_a_margin_takes_pixels_from_garments_and_gives_them_none(segmenter):
    rgb = paint(figure(90, 70), noise=40)
    plain = is_garment(segmenter.label_map(rgb))
    assert plain.any()
    firm = firmer(segmenter, 0.2).label_map(rgb)
    assert not np.any(is_garment(firm) & ~plain)
    assert np.count_nonzero(is_garment(firm)) < np.count_nonzero(plain)
    certain = firmer(segmenter, 1e3).label_map(rgb)
    assert not is_garment(certain).any()


@pytest.mark.parametrize("margin", [0.0, 0.2], ids=str)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_segmentation_has_the_labels_of_the_label_map(segmenter, size, margin):
    rgb = paint(figure(*size), noise=40)
    segmentation = firmer(segmenter, margin).segment(rgb)
    np.testing.assert_array_equal(segmentation.labels, firmer(segmenter, margin).label_map(rgb))
    assert segmentation.certainty.shape == size
    assert segmentation.certainty.dtype == np.uint8


def test_certainty_ignores_the_margin(segmenter):
    rgb = paint(figure(90, 70), noise=40)
    plain, firm = segmenter.segment(rgb), firmer(segmenter, 0.2).segment(rgb)
    assert np.any(plain.labels != firm.labels)
    # Adding and taking away the margin rounds its last bit: one step of 255 at most.
    np.testing.assert_allclose(firm.certainty.astype(int), plain.certainty, atol=1)
    assert len(np.unique(plain.certainty)) > 3  # else it would have nothing to ignore


def test_no_photos_have_no_label_maps(segmenter):
    assert segmenter.label_maps([]) == []


def test_the_same_photo_has_the_same_label_map_each_time(weights, segmenter):
    rgb = paint(figure(90, 70), noise=40)
    again = load(weights)
    np.testing.assert_array_equal(segmenter.label_map(rgb), segmenter.label_map(rgb))
    np.testing.assert_array_equal(segmenter.label_map(rgb), again.label_map(rgb))


def test_a_segmenter_knows_its_weights(weights, segmenter):
    assert segmenter.sha256 == weights_hash(weights)
    model = segmenter.model
    assert (model.name, model.height, model.width) == (weights.name, TINY.height, TINY.width)
    assert model.margin == TINY.margin
    assert segmenter.runtime.name == runtime_name("pytorch")


def test_a_segmenter_without_weights_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"none\.safetensors: no readable weights"):
        load(tmp_path / "none.safetensors")


@given(sides, sides, inputs, inputs)
def test_input_sizes_are_multiples_of_32_near_the_trained_area(height, width, tall, wide):
    size = input_size(height, width, card(tall, wide))
    assert all(side >= 32 and side % 32 == 0 for side in size)
    # A side is rounded by at most 16, and no side is less than 32.
    aspect = min(max(height / width, 1 / 4), 4)
    area = tall * wide
    for side, exact in zip(size, ((area * aspect) ** 0.5, (area / aspect) ** 0.5), strict=True):
        assert abs(side - max(exact, 32)) <= 16 + 1e-9


@given(sides, sides, inputs, inputs)
def test_input_sizes_of_a_turned_photo_are_turned(height, width, tall, wide):
    model = card(tall, wide)
    size, turned = input_size(height, width, model), input_size(width, height, model)
    assert turned == size[::-1]


@pytest.mark.parametrize(
    ("height", "width", "expected"),
    [
        (384, 256, (384, 256)),
        (1536, 1024, (384, 256)),
        (825, 550, (384, 256)),
        (256, 384, (256, 384)),
        (500, 500, (320, 320)),
        (4000, 10, (640, 160)),  # no longer than 4 to 1
    ],
)
def test_input_sizes_of_a_network_for_384_by_256(height, width, expected):
    assert input_size(height, width, card(384, 256)) == expected


def test_a_flat_photo_stays_flat_at_each_size():
    flat = np.full((37, 91, 3), (200, 32, 40), np.uint8)
    resized = resize(flat, (64, 32))
    np.testing.assert_array_equal(resized, np.broadcast_to(np.uint8((200, 32, 40)), (64, 32, 3)))


def often(segmenter, *views):
    return replace(segmenter, views=views)


def test_probabilities_of_several_views_are_their_mean(segmenter):
    rgb = paint(figure(), noise=5)
    likely = often(segmenter, 64, 96).likely(rgb)
    assert likely.shape == (len(CLASSES), *rgb.shape[:2])
    np.testing.assert_allclose(likely.sum(0), 1, atol=1e-5)
    mirrored = often(segmenter, 64, 96).likely(rgb[:, ::-1])
    np.testing.assert_allclose(mirrored[:, :, ::-1], likely, atol=1e-5)
    each = [often(segmenter, height).likely(rgb) for height in (64, 96)]
    np.testing.assert_allclose(likely, np.mean(each, axis=0), atol=1e-6)
    assert np.abs(each[0] - each[1]).max() > 0.001  # the sizes do see different things
    plain = segmenter.likely(rgb)
    turned = segmenter.likely(rgb[:, ::-1])[:, :, ::-1]
    np.testing.assert_allclose(each[0], (plain + turned) / 2, atol=1e-6)  # 64 is its own height


def test_several_views_say_what_their_probabilities_say(segmenter):
    rgb = paint(figure(), noise=5)
    likely = often(segmenter, 64, 96).likely(rgb)
    found = often(segmenter, 64, 96).segment(rgb)
    garment = likely[TOP:].sum(0)
    np.testing.assert_array_equal(found.labels >= TOP, garment > 0.5)
    np.testing.assert_allclose(found.certainty / 255, garment, atol=0.5 / 255 + 1e-6)
    np.testing.assert_array_equal(often(segmenter, 64, 96).label_map(rgb), found.labels)
    strict = replace(often(segmenter, 64, 96), model=replace(segmenter.model, margin=1.0))
    np.testing.assert_array_equal(strict.segment(rgb).labels >= TOP, garment > 1 / (1 + np.exp(-1)))
    np.testing.assert_array_equal(strict.segment(rgb).certainty, found.certainty)


def test_the_margin_takes_no_part_in_probabilities(segmenter):
    rgb = paint(figure())
    strict = replace(segmenter, model=replace(segmenter.model, margin=5.0))
    np.testing.assert_allclose(strict.likely(rgb), segmenter.likely(rgb), atol=1e-6)
