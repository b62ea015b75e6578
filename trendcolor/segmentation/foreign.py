"""Segmenters that others trained: from segmentation-models-pytorch or transformers, by folder.

A folder is as `save_pretrained` of either library writes it. Its classes become those of the
taxonomy by name, or by a published label set that the settings name.
"""

import contextlib
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
import torch
from safetensors import SafetensorError
from torch import nn

from trendcolor.config import SegmentationConfig
from trendcolor.errors import ModelError, did_you_mean
from trendcolor.faceless import face_part, person_classes, purposes
from trendcolor.segmentation.network import ARCHITECTURES, Coarse
from trendcolor.segmentation.segmenter import ModelCard
from trendcolor.segmentation.weights import HUB, first_line
from trendcolor.taxonomy import (
    CLASSES,
    IGNORE,
    LABEL_SETS,
    OWN,
    LabelSet,
    label_set,
    plain_name,
)

# Mean and standard deviation of ImageNet's channels, 0..1: what encoders are trained with that
# say nothing else (torchvision's documented preprocessing).
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_SIZE = (512, 512)  # input size of a model that tells none, pixels
_ABSENT = -1e4  # logit of a class that the model doesn't have
# Of segmentation-models-pytorch; its DPT has another inner structure and a fixed input size.
_SMP = (*ARCHITECTURES, "DeepLabV3", "MAnet", "PSPNet", "UPerNet")
_CARD = "README.md"  # of a model, as the hub has it
_NOTHING = frozenset({"background", "unlabelled", "unlabeled", "null", "void", "other"})


@dataclass(frozen=True, slots=True, eq=False)
class ForeignModel:
    """A model of another maker, ready for any runtime."""

    core: nn.Module  # 8-bit pixels to logits of the taxonomy's classes
    card: ModelCard


def load_foreign(config: SegmentationConfig) -> ForeignModel:
    """A model from a folder, or from the hub at a fixed revision (`hub:OWNER/NAME@REVISION`).

    Args:
        config: `weights` says which, `labels` names the label set of its classes where their own
            names don't tell.

    Raises:
        ModelError: the folder holds no such model, its classes are not known, or they, its
            settings or its card say that it tells people's age, gender, race, emotion or identity.
    """
    folder = model_folder(config.weights)
    settings = _read_json(folder / "config.json")
    _refuse_models_of_people(folder, settings, config.weights)
    build = _from_smp if "_model_class" in settings else _from_transformers
    network, names, corners = build(folder, settings)
    classes, notes = _classes(names, config.labels, folder)
    look = _preprocessing(folder)
    core = _Foreign(network, look, classes)
    card = ModelCard(
        name=folder.name if not config.weights.startswith(HUB) else config.weights,
        sha256=folder_hash(folder, classes),
        height=look.size[0],
        width=look.size[1],
        corners=corners,
        notes=notes,
    )
    return ForeignModel(core.eval(), card)


def model_folder(weights: str) -> Path:
    """The folder of a model; one of the hub is fetched, or taken from the hub's local cache.

    Raises:
        ModelError: a hub's name without a revision, or a model that can't be fetched.
    """
    if not weights.startswith(HUB):
        return Path(weights)
    name, _, revision = weights.removeprefix(HUB).partition("@")
    if not name or not revision:
        raise ModelError(
            f"segmentation.weights '{weights}' names no revision "
            f"(wanted hub:OWNER/NAME@REVISION, so that each run takes the same weights)"
        )
    try:
        from huggingface_hub import snapshot_download

        files = ["*.json", "*.safetensors", "*.bin", _CARD]
        return Path(snapshot_download(name, revision=revision, allow_patterns=files))
    except ImportError as cause:
        raise ModelError(f"{weights}: needs pip install transformers") from cause
    except (OSError, ValueError) as cause:  # the hub's own errors are one or the other
        raise ModelError(f"{weights}: can't be fetched ({first_line(cause)})") from cause


def folder_hash(folder: Path, classes: Sequence[int]) -> str:
    """SHA-256 over the model's settings and weights files, by name, and what its classes become.

    The classes take part since another label set makes another network of the same files.
    """
    digest = hashlib.sha256(bytes(classes))
    for path in sorted(
        [*folder.glob("*.json"), *folder.glob("*.safetensors"), *folder.glob("*.bin")]
    ):
        digest.update(path.name.encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _read_json(path: Path) -> Mapping[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as cause:
        raise ModelError(
            f"{path}: no such file; a model folder is what `save_pretrained` writes"
        ) from cause
    except (OSError, ValueError) as cause:
        raise ModelError(f"{path}: not readable JSON ({first_line(cause)})") from cause
    if not isinstance(value, dict):
        raise ModelError(f"{path}: holds a {type(value).__name__}, wanted an object")
    return value


def _refuse_models_of_people(folder: Path, settings: Mapping[str, Any], weights: str) -> None:
    """Refuse, before any weights are read, what was made to say who or what people are.

    Raises:
        ModelError: its classes, its settings, its card or its name on the hub say so.
    """
    labels = settings.get("id2label")
    _refuse_classes_of_people(list(labels.values()) if isinstance(labels, dict) else (), folder)
    try:
        card = (folder / _CARD).read_text(encoding="utf-8", errors="replace")
    except OSError:
        card = ""
    name = weights.removeprefix(HUB).partition("@")[0] if weights.startswith(HUB) else ""
    for purpose in purposes(settings, card, name)[:1]:
        does = (
            "tells people apart; such models are not used, by design"
            if purpose.is_of_people
            else "gives one answer for a whole picture (segmentation.weights wants one for each "
            "pixel)"
        )
        raise ModelError(f"{folder}: {purpose.place} says '{purpose.text}': the model {does}")


def _refuse_classes_of_people(names: Sequence[object], folder: Path) -> None:
    people = person_classes(str(name) for name in names)
    if people:
        raise ModelError(
            f"{folder}: its classes tell people apart ({', '.join(people)}); such models are not "
            "used, by design"
        )


def _from_smp(folder: Path, settings: Mapping[str, Any]) -> tuple[nn.Module, list[str] | int, bool]:
    import segmentation_models_pytorch as smp

    kind = settings["_model_class"]
    if kind not in _SMP:
        raise ModelError(f"{folder}: no architecture '{kind}'{did_you_mean(str(kind), _SMP)}")
    try:
        with contextlib.redirect_stdout(sys.stderr):  # the library talks where answers go
            network: nn.Module = smp.from_pretrained(  # without weights that training started from
                str(folder), encoder_weights=None, local_files_only=True
            )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as cause:
        raise ModelError(f"{folder}: no {kind} that can be loaded ({first_line(cause)})") from cause
    return Coarse(network), int(settings.get("classes", 1)), True


def _from_transformers(
    folder: Path, settings: Mapping[str, Any]
) -> tuple[nn.Module, list[str] | int, bool]:
    try:
        from transformers import AutoModelForSemanticSegmentation
    except ImportError as cause:
        raise ModelError(f"{folder}: needs pip install transformers") from cause
    try:
        network, report = AutoModelForSemanticSegmentation.from_pretrained(
            str(folder), local_files_only=True, output_loading_info=True
        )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as cause:
        kind = settings.get("model_type", "model")
        raise ModelError(f"{folder}: no {kind} that can be loaded ({first_line(cause)})") from cause
    missing = sorted(report["missing_keys"])  # the library makes them up at random
    if missing:
        raise ModelError(f"{folder}: has no weights for {missing[0]}: not trained to segment")
    names = [str(name) for _, name in sorted(network.config.id2label.items())]
    plain = all(name == f"LABEL_{i}" for i, name in enumerate(names))
    return _Logits(network), len(names) if plain else names, False


class _Logits(nn.Module):
    """A model of transformers, by its logits."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, planes: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.network(pixel_values=planes).logits
        return logits


_Side = Annotated[int, msgspec.Meta(ge=1)]


@dataclass(frozen=True, slots=True)
class _Preprocessing:
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    size: tuple[_Side, _Side]


def _preprocessing(folder: Path) -> _Preprocessing:
    path = folder / "preprocessor_config.json"
    look = _read_json(path) if path.exists() else {}
    size = look.get("size")
    height, width = _SIZE
    if isinstance(size, dict) and {"height", "width"} <= size.keys():
        height, width = size["height"], size["width"]
    elif isinstance(size, int):
        height = width = size
    mean, std = look.get("image_mean") or _MEAN, look.get("image_std") or _STD
    if look.get("do_normalize") is False:
        mean, std = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
    try:
        return msgspec.convert(
            {"mean": mean, "std": std, "size": (height, width)}, _Preprocessing, strict=True
        )
    except msgspec.ValidationError as cause:
        raise ModelError(f"{path}: {first_line(cause)}") from cause


def _classes(
    names: Sequence[str] | int, wanted: str, folder: Path
) -> tuple[list[int], tuple[str, ...]]:
    """For each of a model's classes the taxonomy's id, and what had to be decided on the way."""
    if isinstance(names, int):
        return _classes_by_number(names, wanted, folder), _notes_by_number(names, wanted)
    _refuse_classes_of_people(names, folder)
    known = [label_set(wanted)] if wanted else list(LABEL_SETS.values())
    best = max(known, key=lambda one: sum(_class_of(one, name) is not None for name in names))
    unknown = [name for name in names if _class_of(best, name) is None]
    if unknown:
        raise ModelError(
            f"{folder}: classes not known in label set '{best.name}': {', '.join(unknown)} "
            f"(segmentation.labels names another: {', '.join(LABEL_SETS)})"
        )
    return [_class_of(best, name) or 0 for name in names], tuple(
        _face_note(name, part) for name in names if (part := face_part(name)) is not None
    )


def _face_note(name: str, part: int) -> str:
    return f"class {name} is taken as {CLASSES[part]}: nothing is read from it"


def _class_of(labels: LabelSet, name: str) -> int | None:
    label = labels.label_id(name)
    if label is not None:
        return labels.classes[label]
    part = face_part(name)
    if part is not None:
        return part
    return 0 if plain_name(name) in _NOTHING else None


def _classes_by_number(count: int, wanted: str, folder: Path) -> list[int]:
    if not wanted and count != len(CLASSES):
        raise ModelError(
            f"{folder}: has {count} classes without names; segmentation.labels must name their "
            f"label set ({', '.join(LABEL_SETS)})"
        )
    labels = label_set(wanted) if wanted else OWN
    expected = 1 + max(i for i in labels.classes if i != IGNORE)  # a set from 1 has nothing at 0
    if count != expected:
        raise ModelError(
            f"{folder}: has {count} classes, label set '{labels.name}' {expected} "
            f"(segmentation.labels; there are: {', '.join(LABEL_SETS)})"
        )
    return [labels.classes.get(i, 0) for i in range(count)]


def _notes_by_number(count: int, wanted: str) -> tuple[str, ...]:
    names = label_set(wanted).names if wanted else OWN.names
    return tuple(
        _face_note(f"{i} ({names[i]})", part)
        for i in range(count)
        if i in names and (part := face_part(names[i])) is not None
    )


class _Foreign(nn.Module):
    """8-bit pixels to the taxonomy's logits: scaling before, summing of classes after.

    A class of the taxonomy has the probability of all the model's classes that become it. A class
    that becomes none (a pocket, a zipper) takes no part, so that the garment under it shows.
    """

    def __init__(self, network: nn.Module, look: _Preprocessing, classes: Sequence[int]) -> None:
        super().__init__()
        self.network = network
        mean, std = np.array(look.mean), np.array(look.std)
        self.scale = nn.Buffer(torch.tensor(1 / (255 * std), dtype=torch.float32).view(1, 3, 1, 1))
        self.shift = nn.Buffer(torch.tensor(-mean / std, dtype=torch.float32).view(1, 3, 1, 1))
        self.members = [
            [i for i, one in enumerate(classes) if one == class_id]
            for class_id in range(len(CLASSES))
        ]

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        planes = pixels.permute(0, 3, 1, 2).float() * self.scale + self.shift
        logits = self.network(planes)
        sums = [
            logits[:, members].logsumexp(1) if members else torch.full_like(logits[:, 0], _ABSENT)
            for members in self.members
        ]
        return torch.stack(sums, 1)
