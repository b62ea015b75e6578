"""Functions and files of ordinary libraries that look at faces, and who names them.

A library may be needed for one thing and have a detector of faces beside it: scikit-image has a
cascade, OpenCV several, scikit-learn data sets of faces. So not only imports count.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from trendcolor.faceless.packages import person_modules

# Names in libraries that do other things too, and where they are.
PARTS: Mapping[str, str] = {
    "Cascade": "skimage.feature, a detector of faces",
    "lbp_frontal_face_cascade_filename": "skimage.data, a trained detector of faces",
    "lfw_subset": "skimage.data, pictures of faces",
    "fetch_lfw_people": "sklearn.datasets, pictures of faces by name",
    "fetch_lfw_pairs": "sklearn.datasets, pairs of faces",
    "fetch_olivetti_faces": "sklearn.datasets, pictures of faces",
    "CascadeClassifier": "cv2, a detector of faces",
    "haarcascades": "cv2.data, trained detectors of faces",
    "FaceDetectorYN": "cv2, a detector of faces",
    "FaceRecognizerSF": "cv2, recognizes faces",
    "LBPHFaceRecognizer_create": "cv2.face, recognizes faces",
    "EigenFaceRecognizer_create": "cv2.face, recognizes faces",
    "FisherFaceRecognizer_create": "cv2.face, recognizes faces",
    "createFacemarkLBF": "cv2.face, finds landmarks of faces",
    "CelebA": "torchvision.datasets, pictures of faces with attributes",
    "LFWPeople": "torchvision.datasets, pictures of faces by name",
    "LFWPairs": "torchvision.datasets, pairs of faces",
    "keypointrcnn_resnet50_fpn": "torchvision.models, finds bodies by their pose",
    "detect_faces": "of services, a detector of faces",
    "search_faces": "of services, knows faces again",
    "compare_faces": "of services, knows faces again",
    "recognize_celebrities": "of services, knows people again",
    "face_detection": "of services, a detector of faces",
    "FaceMesh": "mediapipe, finds landmarks of faces",
    "AutoModelForKeypointDetection": "transformers, finds bodies by their pose",
    "VitPoseForPoseEstimation": "transformers, finds bodies by their pose",
}


@dataclass(frozen=True, slots=True, order=True)
class PersonName:
    """A place in source that names what looks at faces."""

    file: str
    line: int
    name: str
    why: str


def person_names(text: str, file: str) -> list[PersonName]:
    """Imports and names in source that have no place here.

    Args:
        text: The source, in Python. Text and comments in it don't count.
        file: What to call it in the answer.

    Raises:
        SyntaxError: the text is no Python.
    """
    return sorted(set(_found(text, file)))


def person_names_under(folder: Path) -> list[PersonName]:
    """The same of all source under a folder, the files by their place in it.

    Raises:
        SyntaxError: a file is no Python.
    """
    found = []
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found += person_names(text, path.relative_to(folder).as_posix())
    return found


def _found(text: str, file: str) -> Iterator[PersonName]:
    for node in ast.walk(ast.parse(text, file)):
        line = getattr(node, "lineno", 0)
        for module in _imported(node):
            for package in person_modules([module]):
                yield PersonName(file, line, package.name, package.why)
        for name in _named(node):
            if name in PARTS:
                yield PersonName(file, line, name, PARTS[name])


def _imported(node: ast.AST) -> list[str]:
    """The modules that an import names, or that `import_module` is called with."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module] if node.module and not node.level else []
    if isinstance(node, ast.Call) and _named(node.func) in (["import_module"], ["__import__"]):
        values = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
        return [value for value in values if isinstance(value, str)]
    return []


def _named(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        return [node.attr]
    if isinstance(node, ast.ImportFrom):
        return [alias.name for alias in node.names]
    return []
