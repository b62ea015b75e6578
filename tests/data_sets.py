"""Small data sets for the tests of `datasets`, written where a test asks."""

import numpy as np
from PIL import Image

from trendcolor.cards import Card, Column

ANSWERS = {
    "name": "small",
    "version": "1",
    "title": "A small data set",
    "license": "CC0-1.0",
    "license_class": "commercial",
    "license_source": "the tests",
    "attribution": "the tests",
    "people": "none",
    "consent_basis": "not-needed",
    "purposes_allowed": ("research",),
    "period": "2025",
    "frame": "made up",
    "contact": "the tests",
}


def card(label_set="", columns=()):
    return Card(**ANSWERS, label_set=label_set, columns=tuple(columns))


def column(name, kind, **others):
    return Column(name=name, kind=kind, declared_by="the tests", **others)


def write_photo(path, width=8, height=6):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (width, height), (90, 60, 50)).save(path)
    return path


def write_mask(path, labels, palette=False):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(np.asarray(labels, np.uint8))
    if palette:
        image.putpalette([value % 256 for value in range(7, 7 + 768)])
    image.save(path, "PNG")
    return path
