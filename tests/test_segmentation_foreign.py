import json
from dataclasses import dataclass

import numpy as np
import pytest
import segmentation_models_pytorch as smp
import torch
from looks import write_config, write_looks
from photos import figure, paint

from trendcolor.config import SegmentationConfig
from trendcolor.engine.plan import plan
from trendcolor.errors import DataError, ModelError
from trendcolor.segmentation.foreign import load_foreign, model_folder
from trendcolor.segmentation.opening import load_segmenter, prepare_segmenter
from trendcolor.segmentation.segmenter import input_size
from trendcolor.segmentation.weights import is_foreign
from trendcolor.taxonomy import (
    ACCESSORY,
    ATR,
    BACKGROUND,
    BAG,
    CLASSES,
    DRESS,
    FASHIONPEDIA,
    FOOTWEAR,
    HAIR,
    HEADWEAR,
    LEGWEAR,
    OUTERWEAR,
    SKIN,
    SKIRT,
    TOP,
    TROUSERS,
)

# Sums are rounded otherwise in another order, which decides where two classes are as good.
MOST = 0.002
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

# As mattmdjaga/segformer_b2_clothes names its classes, and what each becomes.
ATR_NAMES = {
    "Background": BACKGROUND,
    "Hat": HEADWEAR,
    "Hair": HAIR,
    "Sunglasses": ACCESSORY,
    "Upper-clothes": TOP,
    "Skirt": SKIRT,
    "Pants": TROUSERS,
    "Dress": DRESS,
    "Belt": ACCESSORY,
    "Left-shoe": FOOTWEAR,
    "Right-shoe": FOOTWEAR,
    "Face": SKIN,
    "Left-leg": SKIN,
    "Right-leg": SKIN,
    "Left-arm": SKIN,
    "Right-arm": SKIN,
    "Bag": BAG,
    "Scarf": ACCESSORY,
}
# As Fashionpedia names its categories, and what each becomes; None takes no part.
FASHIONPEDIA_NAMES = {
    "shirt, blouse": TOP,
    "top, t-shirt, sweatshirt": TOP,
    "sweater": TOP,
    "cardigan": TOP,
    "jacket": OUTERWEAR,
    "vest": TOP,
    "pants": TROUSERS,
    "shorts": TROUSERS,
    "skirt": SKIRT,
    "coat": OUTERWEAR,
    "dress": DRESS,
    "jumpsuit": DRESS,
    "cape": OUTERWEAR,
    "glasses": ACCESSORY,
    "hat": HEADWEAR,
    "headband, head covering, hair accessory": HEADWEAR,
    "tie": ACCESSORY,
    "glove": ACCESSORY,
    "watch": ACCESSORY,
    "belt": ACCESSORY,
    "leg warmer": LEGWEAR,
    "tights, stockings": LEGWEAR,
    "sock": LEGWEAR,
    "shoe": FOOTWEAR,
    "bag, wallet": BAG,
    "scarf": ACCESSORY,
    "umbrella": None,
    **dict.fromkeys(
        [
            "hood",
            "collar",
            "lapel",
            "epaulette",
            "sleeve",
            "pocket",
            "neckline",
            "buckle",
            "zipper",
            "applique",
            "bead",
            "bow",
            "flower",
            "fringe",
            "ribbon",
            "rivet",
            "ruffle",
            "sequin",
            "tassel",
        ]
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class Saved:
    """A model, and the folder that it is saved in."""

    network: torch.nn.Module
    folder: object


def save_unet(folder, classes=13, seed=0):
    torch.manual_seed(seed)
    network = smp.Unet(
        encoder_name="mobilenet_v2",
        encoder_weights=None,
        decoder_channels=(32, 16, 16, 8, 8),
        classes=classes,
    )
    with torch.no_grad():
        network.segmentation_head[0].weight.mul_(30)  # else the most sums decide, not the photo
    network.save_pretrained(folder)
    return Saved(network.eval(), folder)


def save_segformer(folder, names, look=None, seed=0):
    transformers = pytest.importorskip("transformers")
    config = transformers.SegformerConfig(
        hidden_sizes=[8, 16, 16, 16],
        depths=[1, 1, 1, 1],
        num_attention_heads=[1, 1, 2, 2],
        decoder_hidden_size=16,
        id2label=dict(enumerate(names)),
        label2id={name: i for i, name in enumerate(names)},
    )
    torch.manual_seed(seed)
    network = transformers.SegformerForSemanticSegmentation(config)
    with torch.no_grad():
        network.decode_head.classifier.weight.mul_(3000)  # as above
    network.save_pretrained(folder)
    look = look or {"image_mean": MEAN, "image_std": STD, "size": {"height": 96, "width": 64}}
    (folder / "preprocessor_config.json").write_text(json.dumps(look))
    return Saved(network.eval(), folder)


def edit(path, **changes):
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def settings(folder, labels="", runtime="pytorch"):
    return SegmentationConfig(weights=str(folder), labels=labels, runtime=runtime)


def photo(height=150, width=100):
    return paint(figure(height, width), noise=40)


def own_probabilities(network, rgb, mean=MEAN, std=STD):
    """What the model itself says on its own grid of a photo that is as large as its input."""
    planes = (torch.from_numpy(rgb.copy()).double() / 255 - torch.tensor(mean)) / torch.tensor(std)
    with torch.inference_mode():
        answer = network(planes.permute(2, 0, 1)[None].float())
        return getattr(answer, "logits", answer)[0].double().softmax(0)


def enlarged(planes, size):
    return torch.nn.functional.interpolate(
        planes[None], size, mode="bilinear", align_corners=False
    )[0]


def summed(own, becomes):
    """Of each class of ours the probability of all the model's classes that become it."""
    sums = torch.zeros((len(CLASSES), *own.shape[1:]), dtype=torch.float64)
    for i, class_id in enumerate(becomes):
        if class_id is not None:
            sums[class_id] += own[i]
    return sums


def by_hand(network, rgb, becomes, mean=MEAN, std=STD):
    """The label map of a model's own probabilities, their logarithms interpolated."""
    sums = summed(own_probabilities(network, rgb, mean, std), becomes)
    return enlarged(sums.clamp(min=1e-300).log(), rgb.shape[:2]).argmax(0).numpy()


def segmented(folder, rgb, **wanted):
    return load_segmenter(settings(folder, **wanted)).label_map(rgb)


def test_a_unet_of_our_classes_has_its_own_label_map(tmp_path):
    saved = save_unet(tmp_path / "unet")
    rgb = photo(512, 512)
    labels = segmented(saved.folder, rgb)
    assert np.mean(labels != by_hand(saved.network, rgb, range(13))) <= MOST
    assert len(np.unique(labels)) > 2  # else nothing could differ


def test_a_unet_of_atr_s_classes_has_those_that_they_become(tmp_path):
    saved = save_unet(tmp_path / "unet", classes=18)
    rgb = photo(512, 512)
    labels = segmented(saved.folder, rgb, labels="atr")
    assert np.mean(labels != by_hand(saved.network, rgb, ATR_NAMES.values())) <= MOST
    assert len(np.unique(labels)) > 2


def test_a_label_set_that_starts_at_1_has_nothing_at_0(tmp_path):
    saved = save_unet(tmp_path / "unet", classes=14)
    rgb = photo(512, 512)
    modanet = [0, BAG, ACCESSORY, FOOTWEAR, FOOTWEAR, OUTERWEAR, DRESS, ACCESSORY, TROUSERS, TOP]
    modanet += [TROUSERS, SKIRT, HEADWEAR, ACCESSORY]
    labels = segmented(saved.folder, rgb, labels="modanet")
    assert np.mean(labels != by_hand(saved.network, rgb, modanet)) <= MOST


def test_weights_that_a_training_started_from_are_not_fetched(tmp_path, monkeypatch):
    saved = save_unet(tmp_path / "unet")
    edit(saved.folder / "config.json", encoder_weights="imagenet")
    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", None)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert load_foreign(settings(saved.folder)).card.corners


def test_reading_a_model_leaves_stdout_to_answers(tmp_path, capsys):
    folder = save_unet(tmp_path / "unet").folder
    load_foreign(settings(folder))
    assert capsys.readouterr().out == ""


def test_a_segformer_has_its_own_label_map(tmp_path):
    saved = save_segformer(tmp_path / "segformer", ATR_NAMES)
    segmenter = load_segmenter(settings(saved.folder))
    rgb = photo(96, 64)
    labels = segmenter.label_map(rgb)
    assert input_size(96, 64, segmenter.model) == (96, 64)
    assert np.mean(labels != by_hand(saved.network, rgb, ATR_NAMES.values())) <= MOST
    assert len(np.unique(labels)) > 2
    # Summed at each pixel and not on the grid, it differs along the boundaries alone.
    own = own_probabilities(saved.network, rgb)
    pixels = enlarged(own.log(), (96, 64)).softmax(0)
    assert np.mean(labels != summed(pixels, ATR_NAMES.values()).argmax(0).numpy()) <= 0.05


def test_faces_are_taken_as_skin_and_the_model_says_so(tmp_path):
    model = load_segmenter(settings(save_segformer(tmp_path / "faces", ATR_NAMES).folder)).model
    assert model.notes == ("class Face is taken as skin: nothing is read from it",)
    assert (model.name, model.height, model.width, model.corners) == ("faces", 96, 64, False)


@pytest.mark.parametrize(
    ("look", "mean", "std"),
    [
        ({"image_mean": [0.5] * 3, "image_std": [0.4] * 3, "size": 64}, (0.5,) * 3, (0.4,) * 3),
        ({"do_normalize": False, "size": 64}, (0.0,) * 3, (1.0,) * 3),
        ({"image_mean": None, "size": {"height": 64, "width": 64}}, MEAN, STD),
    ],
    ids=["own numbers", "none", "not said"],
)
def test_a_photo_is_scaled_as_the_model_was_trained(tmp_path, look, mean, std):
    saved = save_segformer(tmp_path / "segformer", ATR_NAMES, look)
    rgb = photo(64, 64)
    expected = by_hand(saved.network, rgb, ATR_NAMES.values(), mean, std)
    assert np.mean(segmented(saved.folder, rgb) != expected) <= MOST


@pytest.mark.parametrize("first", [{}, {"unlabelled": BACKGROUND}], ids=["46", "47"])
def test_parts_of_garments_take_no_part(tmp_path, first):
    names = {**first, **FASHIONPEDIA_NAMES}
    saved = save_segformer(tmp_path / "segformer", names)
    rgb = photo(96, 64)
    labels = segmented(saved.folder, rgb)
    own = own_probabilities(saved.network, rgb).argmax(0).numpy()
    parts = [i for i, class_id in enumerate(names.values()) if class_id is None]
    assert np.isin(own, parts).any()  # else they could take none
    assert np.mean(labels != by_hand(saved.network, rgb, names.values())) <= MOST


def test_the_names_here_are_those_of_the_label_sets():
    for names, labels in [(ATR_NAMES, ATR), (FASHIONPEDIA_NAMES, FASHIONPEDIA)]:
        assert [labels.label_id(name) for name in names] == list(range(len(names)))


def test_classes_without_names_follow_the_label_set(tmp_path):
    names = [f"LABEL_{i}" for i in range(18)]
    saved = save_segformer(tmp_path / "segformer", names)
    rgb = photo(96, 64)
    labels = segmented(saved.folder, rgb, labels="atr")
    assert np.mean(labels != by_hand(saved.network, rgb, ATR_NAMES.values())) <= MOST


@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_a_segformer_has_the_same_label_maps_in_each_runtime(tmp_path, monkeypatch, runtime):
    pytest.importorskip("onnx")
    pytest.importorskip(runtime)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = save_segformer(tmp_path / "segformer", ATR_NAMES).folder
    segmenter = load_segmenter(settings(folder, runtime=runtime))
    assert segmenter.runtime.name.startswith(f"{runtime}-")
    for size in [(96, 64), (150, 100), (70, 210)]:
        labels = segmenter.label_map(photo(*size))
        assert np.mean(labels != segmented(folder, photo(*size))) <= MOST


SAME_NUMBER = ("modanet", "deepfashion2")  # 13 labels each, from 1


def test_another_label_set_is_another_network(tmp_path):
    folder = save_unet(tmp_path / "unet", classes=14).folder
    one, other = (load_foreign(settings(folder, labels)).card for labels in SAME_NUMBER)
    assert one.sha256 != other.sha256
    assert load_foreign(settings(folder, SAME_NUMBER[0])).card.sha256 == one.sha256


def hub_cache(root, owner, name, revision, commit):
    """The hub's local cache, as its client keeps a model, and the folder of the model's files."""
    folder = root / f"models--{owner}--{name}"
    (folder / "refs").mkdir(parents=True)
    (folder / "blobs").mkdir()
    (folder / "refs" / revision).write_text(commit)
    files = folder / "snapshots" / commit
    files.mkdir(parents=True)
    return files


@pytest.fixture
def offline(tmp_path, monkeypatch):
    """A machine without the net, and the folder of its hub's cache."""
    pytest.importorskip("huggingface_hub")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize("revision", ["v1", COMMIT], ids=["by name", "by commit"])
def test_a_hub_s_model_is_taken_from_the_local_cache(offline, revision):
    files = hub_cache(offline, "someone", "clothes", "v1", COMMIT)
    saved = save_segformer(files, ATR_NAMES)
    weights = f"hub:someone/clothes@{revision}"
    identity = prepare_segmenter(settings(weights))
    segmenter = load_segmenter(settings(weights))
    rgb = photo(96, 64)
    assert is_foreign(weights)
    assert model_folder(weights).resolve() == files.resolve()
    assert identity.weights == segmenter.model.name == weights
    assert identity.sha256 == load_foreign(settings(files)).card.sha256
    np.testing.assert_array_equal(segmenter.label_map(rgb), segmented(saved.folder, rgb))


@pytest.mark.parametrize("weights", ["hub:someone/clothes", "hub:someone/clothes@", "hub:@v1"])
def test_a_hub_s_model_without_a_revision_is_refused(weights):
    with pytest.raises(ModelError, match=r"names no revision \(wanted hub:OWNER/NAME@REVISION"):
        load_segmenter(settings(weights))


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("name", ["someone/nothing@v1", "a/b/c@v1", "some one/x@v1"])
def test_a_hub_s_model_that_can_t_be_fetched_is_refused(name):
    with pytest.raises(ModelError, match=rf"hub:{name}: can't be fetched \("):
        load_segmenter(settings(f"hub:{name}"))


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"config\.json: no such file; a model folder is what"):
        load_segmenter(settings(tmp_path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", r"config\.json: not readable JSON \(Expecting"),
        ("[]", r"config\.json: holds a list, wanted an object"),
        ("{}", r"no model that can be loaded \("),
        ('{"model_type": "bert"}', r"no bert that can be loaded \("),
        ('{"_model_class": "Unett"}', "no architecture 'Unett', did you mean 'Unet'"),
        ('{"_model_class": "DPT"}', "no architecture 'DPT'; there are: FPN, Unet"),
        ('{"_model_class": 7}', "no architecture '7'; there are: FPN, Unet"),
        ('{"_model_class": "Unet"}', r"no Unet that can be loaded \("),
        ('{"_model_class": "Unet", "encoder_name": "x"}', r"no Unet that can be loaded \("),
    ],
    ids=lambda value: value[:40],
)
def test_settings_that_are_no_model_are_refused(tmp_path, text, message):
    pytest.importorskip("transformers")
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ModelError, match=message):
        load_segmenter(settings(tmp_path))


def test_damaged_weights_are_refused(tmp_path):
    unet = save_unet(tmp_path / "unet").folder
    segformer = save_segformer(tmp_path / "segformer", ATR_NAMES).folder
    for folder, kind in [(unet, "Unet"), (segformer, "segformer")]:
        path = folder / "model.safetensors"
        path.write_bytes(path.read_bytes()[:1000])
        with pytest.raises(ModelError, match=rf"no {kind} that can be loaded \("):
            load_segmenter(settings(folder))


@pytest.mark.filterwarnings(r"ignore:\s+!!!!!! Mismatched keys:UserWarning")  # and our refusal
def test_weights_of_another_network_are_refused(tmp_path):
    folder = save_unet(tmp_path / "unet").folder
    edit(folder / "config.json", decoder_channels=[16, 16, 16, 8, 8])
    with pytest.raises(ModelError, match=r"no Unet that can be loaded \("):
        load_segmenter(settings(folder))


def test_a_model_without_a_segmenting_head_is_refused(tmp_path):
    transformers = pytest.importorskip("transformers")
    saved = save_segformer(tmp_path / "segformer", ATR_NAMES)
    transformers.SegformerModel.from_pretrained(saved.folder).save_pretrained(saved.folder)
    with pytest.raises(ModelError, match=r"has no weights for decode_head\..*not trained to segm"):
        load_segmenter(settings(saved.folder))


def test_unknown_classes_are_refused_with_a_remedy(tmp_path):
    names = [*ATR_NAMES, "toga", "tree"]
    folder = save_segformer(tmp_path / "segformer", names).folder
    message = r"not known in label set 'atr': toga, tree \(segmentation\.labels names another: tr"
    with pytest.raises(ModelError, match=message):
        load_segmenter(settings(folder))


def test_classes_that_are_not_of_the_label_set_that_is_named_are_refused(tmp_path):
    folder = save_segformer(tmp_path / "segformer", ATR_NAMES).folder
    with pytest.raises(ModelError, match="not known in label set 'fashionpedia': Hair, Sungl"):
        load_segmenter(settings(folder, "fashionpedia"))


def test_an_unknown_label_set_is_refused(tmp_path):
    folder = save_unet(tmp_path / "unet").folder
    with pytest.raises(DataError, match="no label set 'art', did you mean 'atr'"):
        load_segmenter(settings(folder, "art"))


@pytest.mark.parametrize("name", ["male", "Female", "age_20", "Skin (asian)", "happy face"])
@pytest.mark.parametrize("labels", ["", "atr"], ids=["by name", "label set named"])
def test_a_model_that_tells_people_apart_is_refused(tmp_path, name, labels):
    folder = save_segformer(tmp_path / "segformer", [*ATR_NAMES, name]).folder
    with pytest.raises(ModelError) as refusal:
        load_segmenter(settings(folder, labels))
    assert f"tell people apart ({name}); such models are not used, by design" in str(refusal.value)


FINE_NAMES = {**ATR_NAMES, "left-eye": SKIN, "nose": SKIN, "mouth": SKIN, "facial_hair": HAIR}


def test_a_face_in_fine_parts_is_left_out_part_by_part(tmp_path):
    saved = save_segformer(tmp_path / "fine", FINE_NAMES)
    segmenter = load_segmenter(settings(saved.folder))
    rgb = photo(96, 64)
    labels = segmenter.label_map(rgb)
    assert np.mean(labels != by_hand(saved.network, rgb, FINE_NAMES.values())) <= MOST
    assert segmenter.model.notes == (
        *(
            f"class {name} is taken as skin: nothing is read from it"
            for name in ("Face", "left-eye", "nose", "mouth")
        ),
        "class facial_hair is taken as hair: nothing is read from it",
    )


def test_a_face_among_classes_without_names_is_told_too(tmp_path):
    folder = save_unet(tmp_path / "unet", classes=18).folder
    notes = load_foreign(settings(folder, "atr")).card.notes
    assert notes == ("class 11 (face) is taken as skin: nothing is read from it",)


def test_that_a_face_is_taken_as_skin_is_logged_and_goes_into_the_manifest(tmp_path, caplog):
    folder = save_segformer(tmp_path / "faces", ATR_NAMES).folder
    with caplog.at_level("INFO", logger="trendcolor"):
        identity = prepare_segmenter(settings(folder))
    note = "class Face is taken as skin: nothing is read from it"
    assert identity.notes == (note,)
    assert f"faces: {note}" in caplog.messages
    data = write_looks(tmp_path / "looks", 2)
    config = write_config(data, more=f"[segmentation]\nweights = '{folder}'\nruntime = 'pytorch'\n")
    text = config.read_text().replace('[segmentation]\nsource = "masks"\n', "")
    config.write_text(text)
    assert plan(config).header.weights_notes == (note,)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"architectures": ["FairFaceForSemanticSegmentation"]},
            r"config\.json: architectures says 'FairFaceFor.*: the model tells people apart; such",
        ),
        (
            {"task": "face-recognition"},
            r"config\.json: task says 'face-recognition': the model tel",
        ),
        (
            {"architectures": ["ViTForImageClassification"]},
            r"gives one answer for a whole picture \(segmentation\.weights wants one for each pix",
        ),
        ({"problem_type": "regression"}, "problem_type says 'regression': the model gives one an"),
        ({"id2label": {"0": "Male", "1": "Hat"}}, r"its classes tell people apart \(Male\); such"),
        ({"id2label": {"0": "id_7", "1": "Hat"}}, r"its classes tell people apart \(id_7\); such"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_model_that_was_made_for_people_is_refused_before_its_weights_are_read(
    tmp_path, changes, message
):
    folder = save_segformer(tmp_path / "segformer", ATR_NAMES).folder
    edit(folder / "config.json", **changes)
    (folder / "model.safetensors").write_bytes(b"not read")
    with pytest.raises(ModelError, match=message):
        load_segmenter(settings(folder))


@pytest.mark.parametrize("line", ["pipeline_tag: image-classification", "tags: [age-estimation]"])
@pytest.mark.parametrize("kind", ["transformers", "segmentation-models-pytorch"])
def test_a_model_s_card_is_asked_what_it_is_for(tmp_path, line, kind):
    if kind == "transformers":
        folder = save_segformer(tmp_path / "model", ATR_NAMES).folder
    else:
        folder = save_unet(tmp_path / "model").folder
    load_foreign(settings(folder))
    (folder / "README.md").write_text(f"---\n{line}\n---\n# Clothes\n")
    with pytest.raises(ModelError, match=r"README\.md: (pipeline_tag|tags) says '.*': the model "):
        load_foreign(settings(folder))


@pytest.mark.usefixtures("offline")
def test_a_model_of_the_hub_is_refused_by_its_name(offline):
    files = hub_cache(offline, "someone", "fairface_age", "v1", COMMIT)
    save_segformer(files, ATR_NAMES)
    with pytest.raises(ModelError, match="its name says 'someone/fairface_age': the model tells"):
        load_segmenter(settings("hub:someone/fairface_age@v1"))


@pytest.mark.parametrize(
    ("classes", "labels", "message"),
    [
        (18, "", r"has 18 classes without names; segmentation\.labels must name their label set"),
        (17, "atr", r"has 17 classes, label set 'atr' 18 \(segmentation\.labels; there are: tren"),
        (19, "atr", "has 19 classes, label set 'atr' 18"),
        (13, "modanet", "has 13 classes, label set 'modanet' 14"),
        (47, "fashionpedia", "has 47 classes, label set 'fashionpedia' 46"),
        (20, "trendcolor", "has 20 classes, label set 'trendcolor' 13"),
        (1, "", "has 1 classes without names"),
    ],
)
def test_a_number_of_classes_that_does_not_fit_is_refused(tmp_path, classes, labels, message):
    folder = save_unet(tmp_path / "unet", classes).folder
    with pytest.raises(ModelError, match=message):
        load_segmenter(settings(folder, labels))


@pytest.mark.parametrize(
    "look",
    [{"size": {"height": "tall", "width": 3}}, {"image_mean": [0.5]}, {"size": 0}],
    ids=["size of text", "one mean", "no size"],
)
def test_preprocessing_that_makes_no_sense_is_refused(tmp_path, look):
    folder = save_segformer(tmp_path / "segformer", ATR_NAMES, look).folder
    with pytest.raises(ModelError, match=r"preprocessor_config\.json: "):
        load_segmenter(settings(folder))
