"""A segmenter's face is skin; a model of people's age, gender, mood or identity is none."""

import pytest

from trendcolor.faceless import face_part, person_classes, purposes
from trendcolor.faceless.models import FACE_PARTS
from trendcolor.taxonomy import HAIR, LABEL_SETS, SKIN

FAIRFACE = [
    "0-2",
    "3-9",
    "10-19",
    "20-29",
    "more than 70",
    "White",
    "Latino_Hispanic",
    "East Asian",
]
FEELINGS = ["Anger", "disgust", "FEAR", "happiness", "sadness", "surprise", "contempt"]
PEOPLE = ["person_1", "id_12", "Identity 3", "subject-7", "n000123", "pid12", "player 10"]
JOINTS = ["left_wrist", "right_ankle", "keypoint_3", "nose landmark"]
TONES = ["skin type 4", "dark skin", "Fitzpatrick II", "skin_tone_3"]


@pytest.mark.parametrize("name", [*FAIRFACE, *FEELINGS, *PEOPLE, *JOINTS, *TONES])
def test_a_class_that_tells_people_apart_is_found(name):
    assert person_classes(["Hat", name, "Face"]) == [name]


def test_no_garment_and_no_part_of_a_face_tells_people_apart():
    published = {name for labels in LABEL_SETS.values() for name in labels.names.values()}
    assert len(published) > 100
    assert person_classes(published) == []
    assert person_classes(FACE_PARTS) == []
    # What shops call clothes: ages, numbers and body parts in them say nothing of who wears them.
    clothes = ["boyfriend jeans", "black dress", "white shirt", "hip bag", "knee boots", "top 2"]
    assert person_classes(clothes) == []


@pytest.mark.parametrize(
    "name", ["Face", "face_skin", "facial-skin", "Left eye", "l_eye", "NOSE", "u_lip", "ears"]
)
def test_a_part_of_a_face_is_skin_however_it_is_spelled(name):
    assert face_part(name) == SKIN


def test_facial_hair_is_hair_and_all_else_no_part_of_a_face():
    assert face_part("Facial hair") == face_part("beard") == HAIR
    assert [
        name for name in ("hair", "hat", "glasses", "scarf", "surface") if face_part(name)
    ] == []


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"architectures": ["FairFaceForImageClassification"]}, "config.json: architectures"),
        ({"architectures": ["ArcFace"]}, "config.json: architectures"),
        ({"architectures": "AgeGenderNet"}, "config.json: architectures"),
        ({"model_type": "mivolo"}, "config.json: model_type"),
        ({"task": "face-recognition"}, "config.json: task"),
        ({"task": "face_id"}, "config.json: task"),
        ({"finetuning_task": "emotion"}, "config.json: finetuning_task"),
    ],
)
def test_settings_that_speak_of_people_are_found(settings, place):
    (found,) = purposes({"hidden_size": 8, **settings}, "")
    assert (found.place, found.is_of_people) == (place, True)


@pytest.mark.parametrize(
    "settings",
    [
        {"architectures": ["ViTForImageClassification"]},
        {"architectures": ["VitPoseForKeypointDetection"], "model_type": "resnet"},
        {"problem_type": "single_label_classification"},
        {"problem_type": "regression"},
    ],
)
def test_a_model_with_one_answer_for_a_whole_picture_is_found(settings):
    (found,) = purposes(settings, "")
    assert found.text in str(settings)


CARD = """---
license: mit
pipeline_tag: {tag}
tags:
- clothes
- {word}
datasets: [mattmdjaga/human_parsing_dataset, {data}]
---
# {heading}

It must not be used for face recognition, nor to guess age or gender.
"""


def card(tag="image-segmentation", word="fashion", data="atr", heading="Clothes"):
    return CARD.format(tag=tag, word=word, data=data, heading=heading)


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ({"tag": "image-classification"}, "README.md: pipeline_tag"),
        ({"word": "age-estimation"}, "README.md: tags"),
        ({"word": "facial expression"}, "README.md: tags"),
        ({"word": "'person-reid'"}, "README.md: tags"),
        ({"data": "someone/FairFace"}, "README.md: datasets"),
        ({"data": "vggface2"}, "README.md: datasets"),
        ({"heading": "Gender from photos"}, "README.md: heading"),
        ({"heading": "Human pose estimation"}, "README.md: heading"),
    ],
)
def test_a_card_that_says_what_the_model_is_for_is_read(told, place):
    assert [found.place for found in purposes({}, card(**told))] == [place]


def test_a_card_may_say_what_its_model_must_not_be_used_for():
    assert purposes({}, card()) == []
    assert purposes({}, "no head, and no heading; face recognition is none of it") == []


def test_usual_segmenters_are_not_found():
    for kind in ("SegformerForSemanticSegmentation", "UperNetForSemanticSegmentation"):
        assert purposes({"architectures": [kind], "model_type": "segformer"}, card()) == []
    assert purposes({"_model_class": "Unet", "encoder_name": "resnet34"}, "") == []
    assert purposes({}, "", "mattmdjaga/segformer_b2_clothes") == []
    assert purposes({}, card(heading="Clothes, skin and face: image segmentation")) == []
    assert purposes({"model_type": "mask2former", "problem_type": None}, "") == []


def test_a_name_on_the_hub_is_read():
    (found,) = purposes({}, "", "dima806/fairface_age_image_detection")
    assert (found.place, found.is_of_people) == ("its name", True)
