from pathlib import Path

import pytest
from data_sets import ANSWERS, card, column

from trendcolor.cards import Card
from trendcolor.config import UnlabelledConfig
from trendcolor.datasets.files import LocalFile
from trendcolor.datasets.named_garment import with_named_garment
from trendcolor.datasets.reference import PhotoRef
from trendcolor.errors import ConfigError, DataError
from trendcolor.taxonomy import BACKGROUND, HAIR, SKIN, TOP, TROUSERS

COLUMNS = (column("label", "category"),)


def section(**settings):
    return UnlabelledConfig(card=Path("c.toml"), root=Path(), **settings)


def photos(*labels):
    return [
        PhotoRef(str(i), LocalFile(Path(f"{i}.jpg")), {"label": v}) for i, v in enumerate(labels)
    ]


NAMED = section(garment="label", garments={"Shirt": "top", "Jeans": "trousers"})


def test_a_declared_garment_leaves_its_class_and_the_background():
    found = with_named_garment(photos("Shirt", "Jeans"), NAMED, card(columns=COLUMNS))
    assert [photo.classes for photo in found] == [{BACKGROUND, TOP}, {BACKGROUND, TROUSERS}]


def test_with_people_in_the_photos_skin_and_hair_are_possible():
    people = Card(**{**ANSWERS, "people": "real", "consent_basis": "undocumented"}, columns=COLUMNS)
    (found,) = with_named_garment(photos("Shirt"), NAMED, people)
    assert found.classes == {BACKGROUND, SKIN, HAIR, TOP}


def test_photos_of_other_values_are_left_out():
    found = with_named_garment(
        photos("Not sure", "Jeans", None, "shirt"), NAMED, card(columns=COLUMNS)
    )
    assert [photo.id for photo in found] == ["1"]


def test_without_a_column_all_photos_stay_as_they_are():
    given = photos("Shirt", "Jeans")
    assert with_named_garment(given, section(), card()) == given


def test_a_column_or_class_that_is_not_there_is_refused():
    with pytest.raises(DataError, match="card small declares no column 'lable', did you mean"):
        with_named_garment(
            [], section(garment="lable", garments={"a": "top"}), card(columns=COLUMNS)
        )
    wrong = section(garment="label", garments={"Jeans": "trouser"})
    with pytest.raises(DataError, match=r"'Jeans' is to be 'trouser', .* did you mean 'trousers'"):
        with_named_garment([], wrong, card(columns=COLUMNS))


def test_a_column_needs_its_values_and_they_need_it():
    with pytest.raises(ConfigError, match="need each other"):
        section(garment="label")
    with pytest.raises(ConfigError, match="need each other"):
        section(garments={"Jeans": "trousers"})
