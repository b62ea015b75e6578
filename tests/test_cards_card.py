import dataclasses
import hashlib
import pickle
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trendcolor.cards import Card, Column, read_card
from trendcolor.errors import CardError

SHIPPED = sorted((Path(__file__).parent.parent / "data_cards").glob("*.toml"))

COMPLETE = """\
name = "street_2026"
version = "1"
title = "Street"
license = "CC-BY-4.0"
license_class = "commercial"
attribution = "Somebody"
people = "real"
consent_basis = "consent"
purposes_allowed = ["research"]
period = "2026"
frame = "everybody who passed and agreed"
contact = "somebody@example.org"
"""


def card_file(folder, text):
    path = folder / "card.toml"
    path.write_text(text, encoding="utf-8")
    return path


def changed(**keys):
    """COMPLETE with some keys replaced or added, as TOML values."""
    lines = {line.split(" = ")[0]: line for line in COMPLETE.splitlines()}
    return "\n".join((lines | {key: f"{key} = {value}" for key, value in keys.items()}).values())


def faults_of(folder, text):
    with pytest.raises(CardError, match=r"card\.toml: ") as caught:
        read_card(card_file(folder, text))
    return str(caught.value).splitlines()


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_every_shipped_card_is_complete_and_named_for_its_file(path):
    card = read_card(path)
    assert card.name == path.stem
    assert card.license_source
    assert card.biases


def test_the_readme_of_the_cards_explains_every_key():
    text = (SHIPPED[0].parent / "README.md").read_text(encoding="utf-8")
    keys = {spec.name for kind in (Card, Column) for spec in dataclasses.fields(kind)}
    assert [key for key in sorted(keys - {"sha256", "columns"}) if f"`{key}`" not in text] == []


def test_a_card_carries_the_hash_of_its_bytes(tmp_path):
    path = card_file(tmp_path, COMPLETE)
    assert read_card(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_card_survives_the_way_to_a_worker(tmp_path):
    card = read_card(card_file(tmp_path, COMPLETE))
    assert pickle.loads(pickle.dumps(card)) == card


@given(st.sets(st.sampled_from([line.split(" = ")[0] for line in COMPLETE.splitlines()])))
def test_all_missing_answers_are_named_at_once(missing):
    table = {key: value for key, value in tomllib.loads(COMPLETE).items() if key not in missing}
    table["purposes_allowed"] = tuple(table.get("purposes_allowed", ()))
    asked = missing - {"purposes_allowed"}  # a card may allow nothing
    if not asked:
        assert Card(**table).title == table["title"]
        return
    with pytest.raises(CardError, match="is not answered") as caught:
        Card(**table)
    assert {line.split()[0] for line in str(caught.value).splitlines()} == asked


def test_faults_of_every_sort_come_together(tmp_path):
    text = (
        changed(license='"CC-BY-5"', people='"some"', show_photos='"yes"', licence='"MIT"')
        + '\n[[columns]]\nname = "photo"\nkind = "cohrt"\ndeclared_by = "them"'
    )
    faults = "\n".join(faults_of(tmp_path, text))
    assert "unknown key licence, did you mean 'license'?" in faults
    assert "show_photos: expected `bool`, got 'yes'" in faults
    assert "license 'CC-BY-5' is no SPDX expression: unknown CC-BY-5" in faults
    assert "people does not know 'some'" in faults
    assert "column 'photo': no kind 'cohrt', did you mean 'cohort'?" in faults
    assert "column 'photo': a run's tables have a column of that name" in faults


@pytest.mark.parametrize(
    "license_name",
    ["Apache-2.0", "apache-2.0", "MIT AND CC-BY-4.0", "LicenseRef-ours OR CC0-1.0"],
)
def test_spdx_expressions_are_licenses(tmp_path, license_name):
    card = read_card(card_file(tmp_path, changed(license=f'"{license_name}"')))
    assert card.license == license_name


@pytest.mark.parametrize("license_name", ["CC-BY", "free", "MIT AND", "MIT or free", "(MIT", "$$"])
def test_other_license_names_are_refused(tmp_path, license_name):
    faults = faults_of(tmp_path, changed(license=f'"{license_name}"'))
    assert f"license '{license_name}' is no SPDX expression" in faults[0]


CONTRADICTIONS = [
    ({"license": '"CC-BY-NC-4.0"'}, "license 'CC-BY-NC-4.0' is not commercial"),
    ({"annotations_license": '"CC-BY-NC-SA-4.0"'}, "annotations_license .* is not commercial"),
    ({"license": '"CC-BY-NC-ND-2.0"'}, "license_class must be non-commercial, or a stricter one"),
    (
        {"license": '"LicenseRef-x AND CC-BY-NC-4.0"'},
        "license 'LicenseRef-x AND CC-BY-NC-4.0' is not commercial",
    ),
    ({"redistribution": '"everything"'}, "redistribution does not know 'everything'"),
    (
        {"license": '"LicenseRef-x"', "redistribution": '"figures"'},
        "redistribution is \"figures\", which license 'LicenseRef-x' does not say",
    ),
    (
        {"license": '"CC-BY-ND-4.0"', "redistribution": '"figures"'},
        "state in license_source where the owner grants it",
    ),
    ({"consent_purposes": '["reserch"]'}, "consent_purposes .* did you mean 'research'"),
    ({"consent_purposes": '["TODO"]'}, "consent_purposes is not answered .wanted: any of resear"),
    ({"consent_expires": '"2027"'}, "consent_expires '2027' is no day .wanted such as 2026-03-31"),
    ({"consent_withdrawn": '"yes"'}, "consent_withdrawn 'yes' is no day"),
    ({"license_expires": '"2026-02-30"'}, "license_expires '2026-02-30' is no day"),
    ({"license": '"unspecified"'}, "license_class is 'commercial' of a license that is unspecif"),
    ({"show_photos": "true"}, 'show_photos is true, but people = "real"'),
    ({"consent_basis": '"not-needed"'}, 'consent_basis is "not-needed", but people = "real"'),
    ({"label_set": '"cpp"'}, "label_set does not know 'cpp', did you mean 'ccp'"),
    ({"purposes_allowed": '["reserch"]'}, "purposes_allowed .* did you mean 'research'"),
    ({"name": '"Street 2026"'}, "name must be lower case letters"),
    ({"sha256": '"00"'}, "sha256 is computed from the file"),
]


@pytest.mark.parametrize(
    ("keys", "message"), CONTRADICTIONS, ids=[c[1][:30] for c in CONTRADICTIONS]
)
def test_contradictions_are_refused(tmp_path, keys, message):
    with pytest.raises(CardError, match=message):
        read_card(card_file(tmp_path, changed(**keys)))


@pytest.mark.parametrize("people", ["none", "synthetic", "real"])
@pytest.mark.parametrize("show", ["true", "false"])
def test_photo_pixels_are_shown_only_where_no_real_person_is_and_the_card_says_so(
    tmp_path, people, show
):
    if people == "real" and show == "true":
        return  # refused, see above
    card = read_card(card_file(tmp_path, changed(people=f'"{people}"', show_photos=show)))
    assert card.is_free_of_people == (people != "real")
    assert card.may_show_photos == (people != "real" and show == "true")


def test_a_missing_card_says_where_it_was_looked_for(tmp_path):
    with pytest.raises(CardError, match=r"nowhere\.toml: can't be read"):
        read_card(tmp_path / "nowhere.toml")


def test_a_file_that_is_no_toml_says_so(tmp_path):
    with pytest.raises(CardError, match="not a TOML file"):
        read_card(card_file(tmp_path, "name = "))


def test_a_license_of_figures_that_the_owner_grants_says_where(tmp_path):
    keys = {"license": '"LicenseRef-x"', "redistribution": '"figures"'}
    stated = changed(**keys, license_source='"the contract, section 4"')
    assert read_card(card_file(tmp_path, stated)).terms.redistribution == "figures"
    assert read_card(card_file(tmp_path, changed(redistribution='"figures"'))).redistribution
