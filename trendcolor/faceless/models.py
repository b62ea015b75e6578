"""What a segmenter of others must not be made for, by its classes, its settings and its card.

A segmenter may have a class of faces: its pixels become skin, which is left out. One that says
who, how old, of which gender, race or mood somebody is has no place, whatever else it does.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from trendcolor.taxonomy import HAIR, SKIN, plain_name

# Words that say of a class that it tells people apart.
_PEOPLE = frozenset(
    {
        *("age", "gender", "sex", "race", "ethnicity", "emotion", "identity", "male", "female"),
        *("man", "woman", "men", "women", "boy", "girl", "child", "children", "kid", "baby"),
        *("adult", "teen", "elderly", "senior", "young", "old", "asian", "african", "caucasian"),
        *("hispanic", "latino", "latina", "arab", "ethnic", "racial", "fitzpatrick", "infant"),
        *("angry", "anger", "happy", "happiness", "sad", "sadness", "smile", "smiling", "disgust"),
        *("disgusted", "fear", "fearful", "surprised", "surprise", "contempt", "expression"),
        *("attractive", "bald", "chubby", "wrinkles", "celebrity", "toddler", "teenager"),
        *("keypoint", "keypoints", "landmark", "landmarks", "joint", "biometric", "gait"),
    }
)
# Whole names: of races as FairFace and UTKFace have them, of ages, of numbered people, and of
# joints, by whose places people are told apart.
_WHOLE = re.compile(
    r"white|black|indian|middle-eastern|native|"
    r"\d{1,3}-\d{1,3}|(?:more-than|over|under)-\d{1,3}|\d{1,3}-(?:years?|yrs?)(?:-old)?|"
    r"(?:person|people|subject|identity|id|pid|face|speaker|wearer|player|actor|employee|user|"
    r"customer)-?\d+|n0\d{5}|"
    r"(?:left|right|l|r)-(?:shoulder|elbow|wrist|hip|knee|ankle)"
)
_TONES = frozenset({"tone", "type", "light", "dark", "pale", "brown", "black", "white", "color"})

# Names of parts of a face in CelebAMask-HQ, LaPa, Helen and parsers of clothes with fine classes,
# and the class of the taxonomy that they become: pixels that are left out.
_SKIN = (
    "face face-skin facial-skin skin-face facial-area face-neck faces head-skin nose eye eyes "
    "left-eye right-eye l-eye r-eye le re eyebrow eyebrows brow brows left-eyebrow right-eyebrow "
    "left-brow right-brow l-brow r-brow lb rb ear ears left-ear right-ear l-ear r-ear mouth "
    "inner-mouth lip lips upper-lip lower-lip u-lip l-lip ulip llip teeth tongue cheek cheeks "
    "chin forehead jaw eyelash eyelashes eyelid eyelids pupil iris"
)
_HAIR = "facial-hair beard mustache moustache"
FACE_PARTS: Mapping[str, int] = {
    **dict.fromkeys(_SKIN.split(), SKIN),
    **dict.fromkeys(_HAIR.split(), HAIR),
}

# What a model's architecture or card says that it was made for, in words.
_TASK_WORDS = frozenset(
    {
        *("age", "ages", "gender", "genders", "sex", "race", "races", "racial", "ethnicity"),
        *("ethnic", "emotion", "emotions", "identity", "identities", "reid", "reidentification"),
        *("biometric", "biometrics", "gait", "fairface", "utkface", "arcface", "facenet"),
        *("insightface", "vggface", "vggface2", "adaface", "deepface", "sphereface", "cosface"),
        *("mivolo", "affectnet", "fer2013", "ferplus", "rafdb", "adience", "imdbwiki", "lfw"),
        *("ms1m", "ms1mv2", "ms1mv3", "webface", "glint360k", "market1501", "dukemtmc", "msmt17"),
        *("keypoint", "keypoints", "landmark", "landmarks", "agegender", "genderage"),
        *("retinaface", "mtcnn", "blazeface", "scrfd", "attractiveness", "fitzpatrick"),
    }
)
_TASK_PAIRS: Sequence[tuple[frozenset[str], frozenset[str]]] = (
    (
        frozenset({"face", "faces", "facial"}),
        frozenset(
            {
                *("recognition", "verification", "identification", "detection", "detector"),
                *("embedding", "embeddings", "alignment", "swap", "attributes", "attribute"),
                *("expression", "expressions", "id", "analysis", "classification", "classifier"),
                *("matching", "search", "clustering"),
            }
        ),
    ),
    (
        frozenset({"person", "people", "pedestrian", "speaker"}),
        frozenset({"re", "reid", "identification", "recognition", "attribute", "attributes"}),
    ),
    (frozenset({"pose", "poses"}), frozenset({"estimation", "estimator", "human", "detection"})),
    (frozenset({"skin"}), frozenset({"tone", "tones", "type"})),
)
# What says that a model gives one answer for a whole picture: it can't segment, and on people it
# would tell what they are.
_OF_WHOLE_PICTURES = re.compile(
    r"For(?:ImageClassification|MaskedImageModeling|KeypointDetection|PoseEstimation|"
    r"ImageClassificationWithTeacher|AudioClassification|SequenceClassification|"
    r"ZeroShotImageClassification)$"
)
_TASKS_OF_WHOLE_PICTURES = frozenset(
    {
        *("image-classification", "zero-shot-image-classification", "image-feature-extraction"),
        *("feature-extraction", "keypoint-detection", "pose-estimation", "image-to-text"),
        *("audio-classification", "single-label-classification", "multi-label-classification"),
        "regression",
    }
)
_SAYING = ("architectures", "model_type", "task", "tasks", "finetuning_task", "pipeline_tag")
_CARD_KEYS = ("pipeline_tag", "tags", "datasets", "model_name")


@dataclass(frozen=True, slots=True)
class Purpose:
    """Something that a model says of itself and that forbids its use."""

    place: str  # such as `config.json: architectures`
    text: str  # what stands there
    is_of_people: bool  # it tells people apart; else it gives one answer for a whole picture


def person_classes(names: Iterable[str]) -> list[str]:
    """Those of a model's classes that say of somebody who or what they are.

    Args:
        names: In any spelling.

    Guarantees, each held by tests/test_faceless_models.py:
        No class of the published label sets is among them, nor a part of a face.
    """
    return [name for name in names if _tells_apart(plain_name(name))]


def face_part(name: str) -> int | None:
    """The class that a part of a face becomes, whose pixels are left out; None for all else.

    Args:
        name: Of a class, in any spelling.
    """
    return FACE_PARTS.get(plain_name(name))


def purposes(settings: Mapping[str, Any], card: str, name: str = "") -> list[Purpose]:
    """What a model says that it was made for, as far as that forbids its use.

    Args:
        settings: Its `config.json`.
        card: Its `README.md`: the fields at its head and its first heading are read, since the
            text may well say what the model must not be used for. Empty where there is none.
        name: Its name on a hub; empty for one of a folder, whose name is its owner's.
    """
    told = [(f"config.json: {key}", text) for key in _SAYING for text in _texts(settings.get(key))]
    told += [("config.json: problem_type", text) for text in _texts(settings.get("problem_type"))]
    told += [(f"README.md: {key}", text) for key, text in _card_fields(card)]
    told += [("its name", name)] if name else []
    found = []
    for place, text in told:
        if _is_of_people(text):
            found.append(Purpose(place, text, is_of_people=True))
        elif _OF_WHOLE_PICTURES.search(text) or plain_name(text) in _TASKS_OF_WHOLE_PICTURES:
            found.append(Purpose(place, text, is_of_people=False))
    return sorted(found, key=lambda purpose: not purpose.is_of_people)


def _tells_apart(name: str) -> bool:
    words = set(name.split("-"))
    if name in FACE_PARTS:
        return False
    return bool(words & _PEOPLE or _WHOLE.fullmatch(name) or ("skin" in words and words & _TONES))


def _is_of_people(text: str) -> bool:
    words = _words(text)
    return bool(words & _TASK_WORDS) or any(
        words & one and words & other for one, other in _TASK_PAIRS
    )


def _words(text: str) -> frozenset[str]:
    """`FairFaceForImageClassification` and `fair-face` in words; so is what words make together."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    words = re.findall(r"[a-z0-9]+", spaced.lower())
    joined = [one + other for one, other in pairwise(words)]
    return frozenset(words) | frozenset(joined)


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Sequence):
        return [each for each in value if isinstance(each, str)]
    return []


def _card_fields(card: str) -> Iterator[tuple[str, str]]:
    """The fields of a model card's head that say what it is for, and its first heading."""
    head = re.match(r"\s*---\s*\n(.*?)\n---\s*(?:\n|$)", card, re.DOTALL)
    key = ""
    for line in (head[1] if head else "").splitlines():
        values: list[str] = []
        if field := re.match(r"([A-Za-z_-]+)\s*:\s*(.*)", line):
            key, values = field[1], field[2].strip("[] ").split(",")
        elif item := re.match(r"\s*-\s+(.*)", line):
            values = [item[1]]
        if key in _CARD_KEYS:
            plain = (value.strip(" '\"") for value in values)
            yield from ((key, value) for value in plain if value)
    heading = re.search(r"^#\s+(.+)$", card[head.end() :] if head else card, re.MULTILINE)
    if heading:
        yield "heading", heading[1].strip()
