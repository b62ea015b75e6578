from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch
from cards_in_photos import chart_photo, field_corners, place, taken
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from photos import COLORS, figure, labelled_photo, paint, photo_of, write_jpeg, write_png

from trendcolor import records
from trendcolor.cards import DeclaredLight, GrayCard
from trendcolor.color.regions import resample, trusted_regions
from trendcolor.color.spaces import color_difference, srgb_to_lab, srgb_to_linear
from trendcolor.config import (
    ColorConfig,
    Config,
    DataConfig,
    ImagesConfig,
    ScreeningConfig,
    SegmentationConfig,
)
from trendcolor.datasets.files import LocalFile
from trendcolor.datasets.reference import PhotoRef
from trendcolor.errors import ModelError
from trendcolor.images.decode import open_photo, read_photo
from trendcolor.pipeline import (
    Pipeline,
    analyze_photo,
    build_pipeline,
    photo_row,
    predict,
    record_rows,
)
from trendcolor.segmentation.network import build_network, save_network
from trendcolor.segmentation.segmenter import Segmentation, Segmenter
from trendcolor.segmentation.weights import NetworkSpec
from trendcolor.taxonomy import (
    BACKGROUND,
    CLASSES,
    FOOTWEAR,
    HAIR,
    IGNORE,
    SKIN,
    TOP,
    TROUSERS,
    is_garment,
)

CONFIG = ColorConfig()
RAW = ColorConfig(correct=False)
IMAGES = ImagesConfig()
# Decodes a photo of 480 x 320 at half its sides.
SMALL_WORK = ImagesConfig(work_pixels=240 * 160)
KINDS = {"season": "season", "sold": "weight"}

ids = st.sampled_from([*range(len(CLASSES)), IGNORE])
maps = arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=ids)
sides = st.integers(1, 30)
colors = st.tuples(*[st.integers(0, 255)] * 3)


class Oracle:
    """A segmenter that knows the label map of the photo that it sees, at whatever size."""

    def __init__(self, labels):
        self.labels = labels

    def segment(self, rgb):
        labels = resample(self.labels, *rgb.shape[:2])
        return Segmentation(labels, np.where(is_garment(labels), 255, 0).astype(np.uint8))


def by_name(analysis):
    return {garment.garment: garment for garment in analysis.garments}


def away(garment, color):
    """How far a garment's main color is from the true one, CIEDE2000."""
    main = srgb_to_lab(np.uint8([garment.palette[0].rgb]))
    return float(color_difference(main, srgb_to_lab(np.uint8([color])))[0])


def figure_with_shoes():
    """The figure with shoes of 3 x 12 pixels each, too few for a palette."""
    labels = figure()
    labels[227:230, 55:67] = labels[227:230, 93:105] = FOOTWEAR
    return labels


def two_people():
    """A large figure at the left and one of a quarter of its area at the right."""
    labels = np.full((240, 260), BACKGROUND, np.uint8)
    labels[:, :160] = figure()
    labels[60:180, 170:250] = figure(120, 80)
    return labels


# The first is exact, because an 8-bit color that fills a garment is its own mean. With noise the
# lit part of the cloth is read, above the median by at most the noise's deviation, 1 CIEDE2000.
@pytest.mark.parametrize(("noise", "tolerance"), [(0, 0), (3, 1)], ids=["flat", "noise"])
@pytest.mark.parametrize("config", [CONFIG, RAW], ids=["corrected", "raw"])
def test_true_colors_come_back(noise, tolerance, config):
    labels = figure()
    garments = by_name(analyze_photo(photo_of(paint(labels, noise=noise)), labels, config))
    assert list(garments) == ["top", "trousers"]
    assert away(garments["top"], COLORS[TOP]) <= tolerance
    assert away(garments["trousers"], COLORS[TROUSERS]) <= tolerance
    families = [garment.palette[0].family for garment in garments.values()]
    assert families == ["red", "blue"]


def test_cloth_that_turns_into_shade_has_one_color_that_of_its_lit_part():
    labels = figure()
    rgb = paint(labels, noise=3, shade=0.9)
    clean = paint(labels, shade=0.9)
    garments = by_name(analyze_photo(photo_of(rgb), labels, CONFIG))
    for name, class_id in (("top", TOP), ("trousers", TROUSERS)):
        assert len(garments[name].palette) == 1
        columns = np.flatnonzero((labels == class_id).any(axis=0))
        row = np.flatnonzero(labels[:, columns[0]] == class_id)[0]
        # The light falls from left to right. What is read lies between quantiles .6 and .95 of
        # lightness; 1 is the noise's, as above.
        lit = clean[row, columns[[int(0.05 * len(columns)), int(0.4 * len(columns))]]]
        reach = float(color_difference(*srgb_to_lab(lit)))
        assert away(garments[name], lit[0]) <= reach + 1
        assert away(garments[name], lit[1]) <= reach + 1


def test_true_colors_come_back_from_a_jpeg(tmp_path):
    labels = figure()
    photo = read_photo(write_jpeg(tmp_path / "a.jpg", paint(labels, noise=3)), IMAGES)
    garments = by_name(analyze_photo(photo, labels, CONFIG))
    # JPEG of quality 95 rounds its coefficients to a few steps of 8 bits, beside the noise.
    assert away(garments["top"], COLORS[TOP]) <= 1.5
    assert away(garments["trousers"], COLORS[TROUSERS]) <= 1.5


def test_two_colors_of_a_garment_have_their_shares():
    labels = figure()
    rgb = paint(labels)
    top = np.argwhere(labels == TOP)
    upper = top[top[:, 0] < np.quantile(top[:, 0], 0.25)]
    rgb[tuple(upper.T)] = COLORS[TROUSERS]
    palette = by_name(analyze_photo(photo_of(rgb), labels, CONFIG))["top"].palette
    assert [color.rgb for color in palette] == [COLORS[TOP], COLORS[TROUSERS]]
    # Two pixels come off each edge and as many off the seam, of 18 and 54 rows.
    assert palette[0].share == pytest.approx(0.75, abs=0.04)


@settings(deadline=None, max_examples=25)
@given(st.lists(colors, min_size=1, max_size=4), st.integers(0, 2**32 - 1))
def test_shares_sum_to_1_and_weights_to_255(cloth, seed):
    labels = np.full((40, 40), TOP, np.uint8)
    spots = np.random.default_rng(seed).integers(0, len(cloth), (5, 5)).repeat(8, 0).repeat(8, 1)
    (garment,) = analyze_photo(photo_of(np.uint8(cloth)[spots]), labels, CONFIG).garments
    shares = [color.share for color in garment.palette]
    assert sum(shares) == pytest.approx(1, abs=1e-9)  # of double precision
    assert shares == sorted(shares, reverse=True)
    assert sum(color.weight for color in garment.palette) == 255
    assert all(color.weight >= 1 for color in garment.palette)


def test_pixels_are_the_mask_s_before_erosion():
    labels = figure_with_shoes()
    analysis = analyze_photo(photo_of(paint(labels)), labels, CONFIG)
    for garment in analysis.garments:
        class_id = CLASSES.index(garment.garment)
        assert garment.pixels == np.count_nonzero(labels == class_id)
    assert (analysis.height, analysis.width) == labels.shape


@settings(deadline=None, max_examples=60)
@given(maps, sides, sides)
def test_a_smaller_label_map_counts_the_pixels_that_it_covers_at_full_size(labels, more, wider):
    full = (labels.shape[0] + more, labels.shape[1] + wider)
    photo = photo_of(paint(labels), full_size=full)
    analysis = analyze_photo(photo, labels, CONFIG)
    covered = np.bincount(resample(labels, *full).ravel(), minlength=256)
    for class_id in np.flatnonzero(is_garment(np.arange(256, dtype=np.uint8))):
        counted = sum(g.pixels for g in analysis.garments if g.garment == CLASSES[class_id])
        assert counted == covered[class_id]


@pytest.mark.parametrize("given_map", [True, False], ids=["given at full size", "predicted"])
def test_a_photo_decoded_smaller_counts_pixels_at_full_size(tmp_path, given_map):
    labels = figure(480, 320)
    ref = labelled_photo(tmp_path, "a", labels, paint(labels, noise=3))
    pipeline = Pipeline(None if given_map else Oracle(labels), SMALL_WORK, CONFIG)
    assert open_photo(ref.file, SMALL_WORK).rgb.shape == (240, 160, 3)
    analysis = pipeline(ref).analysis
    assert (analysis.width, analysis.height) == (320, 480)
    garments = by_name(analysis)
    for name, class_id in (("top", TOP), ("trousers", TROUSERS)):
        true = np.count_nonzero(labels == class_id)
        # Half as fine, a map may be off by half a pixel of its own on each side of a garment,
        # which is one pixel of the file: at most its circumference.
        slack = 0 if given_map else 2 * (480 + 320)
        assert abs(garments[name].pixels - true) <= slack
        assert away(garments[name], COLORS[class_id]) <= 1  # as for noise above


def test_a_garment_below_min_pixels_has_an_empty_palette():
    labels = figure_with_shoes()
    count = np.count_nonzero(labels == FOOTWEAR)
    assert count == 72
    photo = photo_of(paint(labels))
    shoes = by_name(analyze_photo(photo, labels, replace(CONFIG, min_pixels=73)))["footwear"]
    assert (shoes.pixels, shoes.palette) == (72, ())
    shoes = by_name(analyze_photo(photo, labels, replace(CONFIG, min_pixels=72)))["footwear"]
    assert shoes.palette[0].rgb == COLORS[FOOTWEAR]


def test_min_pixels_counts_at_full_size():
    labels = figure(120, 80)
    config = replace(CONFIG, min_pixels=4 * np.count_nonzero(labels == TOP))
    photo = photo_of(paint(labels), full_size=(240, 160))
    assert by_name(analyze_photo(photo, labels, config))["top"].palette
    assert not by_name(analyze_photo(photo_of(paint(labels)), labels, config))["top"].palette


def test_people_who_stand_apart_are_told_apart():
    labels = two_people()
    rgb = paint(labels)
    rgb[60:180, 170:250][labels[60:180, 170:250] == TOP] = COLORS[FOOTWEAR]
    garments = analyze_photo(photo_of(rgb), labels, CONFIG).garments
    assert [(g.wearer, g.garment) for g in garments] == [
        (0, "top"),
        (0, "trousers"),
        (1, "top"),
        (1, "trousers"),
    ]
    assert garments[0].palette[0].rgb == COLORS[TOP]
    assert garments[2].palette[0].rgb == COLORS[FOOTWEAR]
    assert garments[0].pixels > garments[2].pixels


def test_a_garment_s_colors_are_its_own_whoever_stands_beside():
    alone, both = figure(), two_people()
    one = analyze_photo(photo_of(paint(alone)), alone, RAW).garments
    other = analyze_photo(photo_of(paint(both)), both, RAW).garments
    assert one == other[: len(one)]


def test_ignored_pixels_are_neither_garment_nor_evidence():
    labels = figure()
    rgb = paint(labels)
    hidden = labels.copy()
    hidden[labels == TROUSERS] = IGNORE
    assert list(by_name(analyze_photo(photo_of(rgb), hidden, CONFIG))) == ["top"]
    hidden[labels == BACKGROUND] = IGNORE
    light = analyze_photo(photo_of(rgb), hidden, CONFIG).illuminant
    assert (light.method, light.applied) == ("none", False)


def test_a_photo_of_nobody_has_no_garments():
    labels = np.full((50, 40), BACKGROUND, np.uint8)
    assert analyze_photo(photo_of(paint(labels)), labels, CONFIG).garments == ()


def test_transparent_pixels_do_not_vote():
    labels = figure()
    rgb = paint(labels)
    opaque = np.ones(labels.shape, bool)
    opaque[:, :80] = False
    light = analyze_photo(photo_of(rgb, opaque), labels, CONFIG).illuminant
    rgb[:, :80] = (220, 150, 70)
    analysis = analyze_photo(photo_of(rgb, opaque), labels, CONFIG)
    garments = by_name(analysis)
    assert [color.rgb for color in garments["top"].palette] == [COLORS[TOP]]
    assert [color.rgb for color in garments["trousers"].palette] == [COLORS[TROUSERS]]
    assert analysis.illuminant == light


def test_a_garment_that_is_transparent_all_over_has_no_palette():
    labels = figure()
    opaque = labels != TOP
    garments = by_name(analyze_photo(photo_of(paint(labels), opaque), labels, CONFIG))
    assert garments["top"].palette == ()
    assert garments["top"].pixels == np.count_nonzero(labels == TOP)
    assert garments["trousers"].palette[0].rgb == COLORS[TROUSERS]


def test_what_is_transparent_is_predicted_as_background():
    labels = figure()
    opaque = labels != TOP
    predicted = predict(Oracle(labels), photo_of(paint(labels), opaque)).labels
    np.testing.assert_array_equal(predicted, np.where(labels == TOP, BACKGROUND, labels))
    assert predicted.dtype == np.uint8


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1), colors, colors, colors)
def test_without_correction_only_the_cloth_s_own_pixels_matter(seed, skin, hair, ground):
    labels = figure_with_shoes()
    rgb = paint(labels, noise=8)
    others = paint(labels, {SKIN: skin, HAIR: hair, BACKGROUND: ground}, noise=30, seed=seed)
    recolored = np.where(is_garment(labels)[..., None], rgb, others)
    one, other = (analyze_photo(photo_of(p), labels, RAW) for p in (rgb, recolored))
    assert one.garments == other.garments


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1), colors, colors)
def test_skin_and_hair_have_no_effect_at_all(seed, skin, hair):
    labels = figure()
    rgb = paint(labels, {BACKGROUND: (200, 150, 80)}, noise=8)  # a warm light, which is corrected
    others = paint(labels, {SKIN: skin, HAIR: hair}, noise=30, seed=seed)
    recolored = np.where(np.isin(labels, (SKIN, HAIR))[..., None], others, rgb)
    one, other = (analyze_photo(photo_of(p), labels, CONFIG) for p in (rgb, recolored))
    assert one.illuminant == other.illuminant
    assert one.garments == other.garments


def test_nothing_that_is_handed_over_is_modified():
    labels = figure()
    rgb, opaque = paint(labels, noise=3), np.ones(labels.shape, bool)
    before = [values.copy() for values in (labels, rgb, opaque)]
    analyze_photo(photo_of(rgb, opaque), labels, CONFIG)
    for values, kept in zip((labels, rgb, opaque), before, strict=True):
        np.testing.assert_array_equal(values, kept)


@given(maps, sides, sides)
def test_resampling_invents_no_id_and_keeps_its_source(labels, height, width):
    before = labels.copy()
    resampled = resample(labels, height, width)
    assert resampled.shape == (height, width)
    assert resampled.dtype == np.uint8
    assert set(np.unique(resampled)) <= set(np.unique(labels))
    np.testing.assert_array_equal(labels, before)


@given(maps, st.integers(1, 4), st.integers(1, 4))
def test_a_map_enlarged_by_whole_numbers_repeats_each_pixel_and_comes_back(labels, tall, wide):
    large = resample(labels, labels.shape[0] * tall, labels.shape[1] * wide)
    np.testing.assert_array_equal(large, labels.repeat(tall, 0).repeat(wide, 1))
    np.testing.assert_array_equal(resample(large, *labels.shape), labels)


def test_resampling_takes_the_nearest_sample():
    # Pixels of the smaller map have their middles at .83, 2.5 and 4.17 of the larger one's sides.
    np.testing.assert_array_equal(resample(np.uint8([[1, 2, 3, 4, 5]]), 1, 3), [[1, 3, 5]])
    np.testing.assert_array_equal(resample(np.uint8([[1, 2, 3]]), 1, 5), [[1, 1, 2, 3, 3]])


def pipeline(labels=None, images=IMAGES):
    return Pipeline(None if labels is None else Oracle(labels), images, CONFIG)


@pytest.mark.parametrize("given_map", [True, False], ids=["given", "predicted"])
def test_a_fit_photo_is_ok(tmp_path, given_map):
    labels = figure()
    ref = labelled_photo(tmp_path, "a", labels, paint(labels, noise=3))
    result = pipeline(None if given_map else labels)(ref)
    assert (result.ref, result.status, result.reason) == (ref, "ok", None)
    assert list(by_name(result.analysis)) == ["top", "trousers"]


def test_a_photo_that_can_t_be_read_is_rejected_with_the_reason(tmp_path):
    missing = PhotoRef("a", LocalFile(tmp_path / "a.jpg"))
    text = PhotoRef("b", LocalFile(tmp_path / "b.jpg"))
    text.file.path.write_text("no photo")
    cut = PhotoRef("c", LocalFile(write_jpeg(tmp_path / "c.jpg", paint(figure()))))
    cut.file.path.write_bytes(cut.file.path.read_bytes()[:1500])
    results = [pipeline(figure())(ref) for ref in (missing, text, cut)]
    assert [result.status for result in results] == ["rejected"] * 3
    assert [result.analysis for result in results] == [None] * 3
    assert results[0].reason == "no such file"
    assert results[1].reason.startswith("not an image of a known kind")
    assert results[2].reason == "truncated JPEG"


def test_a_photo_whose_label_map_does_not_fit_is_rejected_with_the_reason(tmp_path):
    rgb = paint(figure(), noise=3)
    small = labelled_photo(tmp_path, "small", figure(120, 80), rgb)
    unknown = labelled_photo(tmp_path, "unknown", np.full(figure().shape, 77, np.uint8), rgb)
    bare = replace(small, id="bare", labels=None)
    results = [pipeline()(ref) for ref in (small, unknown, bare)]
    assert [result.status for result in results] == ["rejected"] * 3
    assert "small.png: label map has 80 x 120 pixels, its photo 160 x 240" in results[0].reason
    assert "label ids [77] are not in label set 'trendcolor'" in results[1].reason
    assert results[2].reason == "the data set has no label map for bare"


def test_a_photo_whose_colors_say_nothing_is_screened_out_unless_screening_is_off(tmp_path):
    labels = figure()
    gray = np.repeat(paint(labels)[..., :1], 3, axis=-1)
    ref = labelled_photo(tmp_path, "gray", labels, gray)
    result = pipeline()(ref)
    assert (result.status, result.analysis) == ("screened", None)
    assert result.reason.startswith("gray photo: colorfulness 0.0, wanted 5")
    assert pipeline(images=replace(IMAGES, screen=False))(ref).status == "ok"


def test_a_photo_without_a_garment_is_screened_out_unless_that_is_off(tmp_path):
    bare = np.where(figure() == TOP, BACKGROUND, np.where(figure() == TROUSERS, 0, figure()))
    ref = labelled_photo(tmp_path, "bare", bare.astype(np.uint8), paint(figure(), noise=3))
    result = pipeline()(ref)
    assert (result.status, result.analysis) == ("screened", None)
    assert result.reason == (
        "no garment: 0 pixels of any class, wanted 1 (images.screening.needs_garment)"
    )
    kept = replace(IMAGES, screening=ScreeningConfig(needs_garment=False))
    for images in (kept, replace(IMAGES, screen=False)):
        result = pipeline(images=images)(ref)
        assert (result.status, result.analysis.garments) == ("ok", ())


def test_a_fault_that_is_not_the_photo_s_is_not_hidden(tmp_path):
    ref = PhotoRef("a", LocalFile(write_png(tmp_path / "a.png", paint(figure(), noise=3))))
    broken = Pipeline(Oracle(None), IMAGES, CONFIG)
    with pytest.raises(AttributeError, match="shape"):
        broken(ref)


def test_rows_match_the_schemas(tmp_path):
    labels = two_people()
    labels[230:233, 10:20] = FOOTWEAR  # joins the larger person, with too few pixels for a palette
    ref = labelled_photo(tmp_path, "a", labels, paint(labels, noise=3), season="AW25", sold=2.5)
    result = pipeline()(ref)
    rows = records.frame(list(record_rows(result)), records.record_schema(KINDS))
    assert rows.schema == records.record_schema(KINDS)
    assert rows.select("wearer", "garment").unique(maintain_order=True).rows() == [
        (0, "top"),
        (0, "trousers"),
        (1, "top"),
        (1, "trousers"),
    ]
    assert rows.group_by("wearer", "garment").agg(pl.col("weight").sum())["weight"].to_list() == (
        [255] * 4
    )
    assert set(rows.select("photo", "season", "sold").rows()) == {("a", "AW25", 2.5)}
    first = rows.row(0, named=True)
    assert first["rank"] == 0
    assert first["pixels"] == np.count_nonzero(figure() == TOP)
    photos = records.frame([photo_row(result)], records.photo_schema(KINDS))
    light = result.analysis.illuminant
    assert photos.schema == records.photo_schema(KINDS)
    assert photos.row(0, named=True) == {
        **{"photo": "a", "status": "ok", "reason": None, "width": 260, "height": 240},
        **{"wearers": 2, "touching": 0, "bystanders": 0},
        **{"garments": 4, "small_garments": 1, "corrected": light.applied},
        # As float32 holds them.
        "light_x": pytest.approx(light.x, abs=1e-7),
        "light_y": pytest.approx(light.y, abs=1e-7),
        **{"light_method": light.method, "exposure": 1.0, "light_refused": None},
        **{"season": "AW25", "sold": 2.5},
    }


def with_bystander():
    """A large figure, and one of a tenth of its area beside it, with shoes of too few pixels."""
    labels = np.full((240, 260), BACKGROUND, np.uint8)
    labels[:, :160] = figure()
    labels[60:140, 180:233] = figure(80, 53)
    labels[135:138, 196:202] = FOOTWEAR
    return labels


def test_a_bystander_s_garments_are_shown_and_leave_no_record(tmp_path):
    labels = with_bystander()
    ref = labelled_photo(tmp_path, "a", labels, paint(labels, noise=3))
    result = pipeline()(ref)
    shown = [(g.wearer, g.garment, g.is_bystander) for g in result.analysis.garments]
    assert shown == [
        *((0, "top", False), (0, "trousers", False)),
        *((1, "top", True), (1, "trousers", True), (1, "footwear", True)),
    ]
    assert result.analysis.garments[2].palette
    assert {row["wearer"] for row in record_rows(result)} == {0}
    row = photo_row(result)
    assert (row["wearers"], row["bystanders"]) == (1, 1)
    assert (row["garments"], row["small_garments"]) == (2, 0)


def test_a_bystander_of_0_keeps_everybody(tmp_path):
    labels = with_bystander()
    ref = labelled_photo(tmp_path, "a", labels, paint(labels, noise=3))
    result = replace(pipeline(), bystander=0)(ref)
    assert {row["wearer"] for row in record_rows(result)} == {0, 1}
    row = photo_row(result)
    assert (row["wearers"], row["bystanders"]) == (2, 0)
    assert (row["garments"], row["small_garments"]) == (4, 1)


def test_two_who_touch_are_one_wearer_who_is_flagged(tmp_path):
    labels = np.full((240, 245), BACKGROUND, np.uint8)
    labels[:, :160] = figure()
    labels[:, 85:][figure() != BACKGROUND] = figure()[figure() != BACKGROUND]
    ref = labelled_photo(tmp_path, "a", labels, paint(labels, noise=3))
    result = pipeline()(ref)
    assert [(g.wearer, g.is_touching) for g in result.analysis.garments] == [(0, True)] * 2
    row = photo_row(result)
    assert (row["wearers"], row["touching"]) == (1, 1)


def test_a_photo_without_analysis_has_no_records_and_a_row_with_its_reason(tmp_path):
    result = pipeline(figure())(PhotoRef("a", LocalFile(tmp_path / "none.jpg"), {"season": None}))
    assert list(record_rows(result)) == []
    photos = records.frame([photo_row(result)], records.photo_schema({"season": "season"}))
    found = {name: value for name, value in photos.row(0, named=True).items() if value is not None}
    assert found == {"photo": "a", "status": "rejected", "reason": "no such file"}


def test_a_photo_of_a_crowd_fits_the_schemas():
    labels = np.zeros((200, 200), np.uint8)
    labels[::5, ::5] = labels[1::5, ::5] = TOP
    labels[::5, 1::5] = labels[1::5, 1::5] = TROUSERS  # 1,600 people of 2 garments
    result = replace(
        pipeline(figure())(PhotoRef("a", LocalFile(Path("none.jpg")))),
        status="ok",
        reason=None,
        analysis=analyze_photo(photo_of(paint(labels)), labels, replace(CONFIG, min_pixels=3)),
    )
    photos = records.frame([photo_row(result)], records.photo_schema({}))
    assert photos["wearers"].item() == 255
    assert photos["garments"].item() + photos["small_garments"].item() == 510


def config(**segmentation):
    data = DataConfig(card=Path("card.toml"), root=Path())
    return Config(purpose="research", data=(data,), segmentation=SegmentationConfig(**segmentation))


def test_a_pipeline_is_built_from_a_config(tmp_path):
    spec = NetworkSpec(architecture="FPN", encoder="mobilenet_v2", height=64, width=64)
    torch.manual_seed(0)
    save_network(build_network(spec), spec, tmp_path / "weights.safetensors")
    built = build_pipeline(config(weights=str(tmp_path / "weights.safetensors")))
    assert isinstance(built.segmenter, Segmenter)
    labels = figure()
    result = built(labelled_photo(tmp_path, "a", labels, paint(labels, noise=3)))
    assert (result.status, result.analysis.width) == ("ok", 160)
    assert build_pipeline(config(source="masks")).segmenter is None
    assert build_pipeline(config(source="masks", bystander=0.4)).bystander == 0.4


def test_a_pipeline_without_its_weights_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"none\.safetensors: no readable weights"):
        build_pipeline(config(weights=str(tmp_path / "none.safetensors")))


def stained(trust):
    """A figure whose top has a blue right half, of which the segmenter is less certain."""
    labels = figure()
    rgb = paint(labels)
    right = (labels == TOP) & (np.arange(labels.shape[1]) >= labels.shape[1] // 2)
    rgb[right] = (20, 40, 200)
    certainty = np.where(right, 128, 255).astype(np.uint8)
    found = Segmentation(labels, certainty)
    return by_name(analyze_photo(photo_of(rgb), found, replace(RAW, trust=trust)))["top"], labels


def test_colors_are_read_where_the_segmenter_is_certain_and_all_pixels_count():
    (certain, labels), (all_read, _) = stained(0.8), stained(0)
    assert len(certain.palette) == 1
    assert away(certain, COLORS[TOP]) < 2  # 8-bit rounding and the palette's cells
    assert len(all_read.palette) == 2
    assert certain.pixels == all_read.pixels == np.count_nonzero(labels == TOP)


def test_a_garment_that_is_nowhere_certain_is_read_as_a_whole():
    labels = figure()
    photo = photo_of(paint(labels))
    doubt = Segmentation(labels, np.full(labels.shape, 100, np.uint8))
    assert analyze_photo(photo, doubt, RAW).garments == analyze_photo(photo, labels, RAW).garments


@pytest.mark.parametrize(("certain", "expected"), [(19, 100), (20, 20), (60, 60)])
def test_less_than_a_fifth_of_certain_pixels_are_too_few(certain, expected):
    mask = np.ones((10, 10), bool)
    certainty = np.where(np.arange(100) < certain, 255, 0).astype(np.uint8).reshape(10, 10)
    regions = mask.astype(np.uint16)
    assert np.count_nonzero(trusted_regions(regions, certainty, CONFIG)) == expected


def test_without_a_threshold_an_answer_reads_as_its_label_map_does():
    labels = figure()
    photo = photo_of(paint(labels, noise=5))
    certainty = np.random.default_rng(0).integers(0, 256, labels.shape).astype(np.uint8)
    config = replace(CONFIG, trust=0.0)
    found = analyze_photo(photo, Segmentation(labels, certainty), config)
    assert found.garments == analyze_photo(photo, labels, config).garments


CARD_BOX = (0.02, 0.05, 0.2, 0.3)
WITH_CARD = DeclaredLight(gray_card=GrayCard(box=CARD_BOX))


def in_lamp_light(labels, stops=-0.7, card=0.18):
    """A drawn photo with a gray card in `CARD_BOX`, under CIE A and too dark."""
    linear = srgb_to_linear(paint(labels)).astype(float)
    height, width = labels.shape
    left, top, right, bottom = np.rint(np.array(CARD_BOX) * [width, height, width, height])
    linear[int(top) : int(bottom), int(left) : int(right)] = card
    return taken(linear, "A", stops)


def main_lab(analysis, garment):
    (rgb,) = [one.palette[0].rgb for one in analysis.garments if one.garment == garment]
    return srgb_to_lab(np.uint8(rgb)).astype(float)


def test_a_gray_card_gives_the_color_and_the_brightness_of_the_cloth():
    labels = figure()
    rgb = in_lamp_light(labels)
    analysis = analyze_photo(photo_of(rgb), labels, CONFIG, declared=WITH_CARD)
    assert (analysis.illuminant.method, analysis.refused) == ("gray-card", None)
    for class_id, garment in ((TOP, "top"), (TROUSERS, "trousers")):
        true = srgb_to_lab(np.uint8(COLORS[class_id])).astype(float)
        # A lamp leaves few steps of blue, and its reds lie outside sRGB. Without the card 16.
        assert color_difference(main_lab(analysis, garment), true) < 4


def test_a_card_that_is_refused_leaves_the_estimate_and_says_so():
    labels = figure()
    rgb = in_lamp_light(labels, card=0.0)
    plain = analyze_photo(photo_of(rgb), labels, CONFIG)
    refused = analyze_photo(photo_of(rgb), labels, CONFIG, declared=WITH_CARD)
    assert refused.illuminant == plain.illuminant
    assert refused.garments == plain.garments
    assert refused.refused.startswith("gray card is too dark")
    assert plain.refused is None


def test_what_a_chart_shows_is_no_garment():
    where = place()
    rgb = chart_photo(where)
    labels = np.zeros(rgb.shape[:2], np.uint8)
    x, y = np.rint(field_corners(where).mean(axis=0)).astype(int)
    labels[y - 40 : y + 40, x - 60 : x + 60] = TOP  # as a segmenter may mistake a chart
    labels[:60, :100] = TROUSERS
    analysis = analyze_photo(
        photo_of(rgb), labels, CONFIG, declared=DeclaredLight(color_checker="find")
    )
    assert analysis.illuminant.method == "color-checker"
    assert [one.garment for one in analysis.garments] == ["trousers"]


def test_a_run_reads_the_card_that_the_data_card_declares(tmp_path):
    labels = figure()
    ref = labelled_photo(tmp_path, "a", labels, in_lamp_light(labels))
    run = Pipeline(
        segmenter=None, images=ImagesConfig(screening=ScreeningConfig(min_side=10)), color=CONFIG
    )
    row = photo_row(run(replace(ref, light=WITH_CARD)))
    assert (row["light_method"], row["light_refused"]) == ("gray-card", None)
    assert row["exposure"] == pytest.approx(2**0.7, rel=0.04)
    assert photo_row(run(ref))["light_method"] != "gray-card"
