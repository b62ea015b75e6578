import hashlib
import hmac
import stat
from pathlib import Path

import pytest
from data_sets import card, column

from trendcolor.config import PrivacyConfig
from trendcolor.datasets import LocalFile, PhotoRef
from trendcolor.datasets.pseudonyms import (
    Key,
    is_pseudonym,
    pseudonyms_of,
    read_key,
    without_file,
)
from trendcolor.errors import ConfigError

SECRET = bytes(range(32))
PEOPLE = card(
    columns=[column("sender", "source"), column("who", "wearer"), column("town", "region")]
)


def key_file(folder, text=None):
    path = folder / "my.key"
    path.touch(mode=0o600)
    path.write_text(text or f"{SECRET.hex()}\n", encoding="ascii")
    return path


def ref(**columns):
    return PhotoRef(id="a/anna.jpg", file=LocalFile(Path("a/anna.jpg")), columns=columns)


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    """A user without a key."""
    monkeypatch.delenv("TRENDCOLOR_KEY")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "own"))
    return tmp_path / "own" / "trendcolor"


def test_a_pseudonym_is_an_hmac_as_anybody_with_the_key_can_work_out():
    expected = hmac.new(SECRET, b"source\nAnna", hashlib.sha256).hexdigest()[:20]
    assert Key(SECRET).pseudonym("source", "Anna") == f"p-{expected}"
    assert is_pseudonym(f"p-{expected}")
    assert not is_pseudonym("Anna")


def test_names_kinds_and_keys_make_other_pseudonyms():
    found = [
        Key(key).pseudonym(kind, name)
        for key in (SECRET, SECRET[::-1])
        for kind in ("source", "wearer")
        for name in ("17", "18")
    ]
    assert len({*found}) == 8
    assert Key(SECRET).fingerprint != Key(SECRET[::-1]).fingerprint
    assert SECRET.hex() not in repr(Key(SECRET))


def test_sources_and_wearers_are_hashed_and_nothing_else(tmp_path):
    config = PrivacyConfig(key=str(key_file(tmp_path)))
    found = pseudonyms_of(config, [PEOPLE]).of(
        ref(sender="17", who=None, town="17"), PEOPLE.columns
    )
    hashed = Key(SECRET).pseudonym("source", "17")
    assert (found.id, found.columns) == (
        "a/anna.jpg",
        {"sender": hashed, "who": None, "town": "17"},
    )


def test_photo_ids_are_hashed_where_the_config_says_so(tmp_path):
    columns = (column("number", "id"),)
    config = PrivacyConfig(photo_ids="hashed", key=str(key_file(tmp_path)))
    found = pseudonyms_of(config, [card(columns=columns)]).of(ref(number="a/anna.jpg"), columns)
    assert found.id == found.columns["number"] == Key(SECRET).pseudonym("id", "a/anna.jpg")


def test_names_stay_as_they_are_declared_where_the_config_says_so(own_folder):
    found = pseudonyms_of(PrivacyConfig(pseudonyms="declared"), [PEOPLE])
    assert found.of(ref(sender="17"), PEOPLE.columns) == ref(sender="17")
    assert found.fingerprint == ""
    assert not own_folder.exists()


def test_no_key_is_made_where_nothing_is_to_be_hashed(own_folder):
    assert pseudonyms_of(PrivacyConfig(), [card()]).key is None
    assert not own_folder.exists()


def test_a_user_without_a_key_gets_one_that_only_they_can_read_and_is_told_where(
    own_folder, caplog
):
    made = pseudonyms_of(PrivacyConfig(), [PEOPLE])
    place = own_folder / "pseudonyms.key"
    assert [path.name for path in own_folder.iterdir()] == [place.name]
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(own_folder.stat().st_mode) == 0o700
    assert f"made a key for pseudonyms: {place}" in caplog.text
    assert made.key.secret.hex() not in caplog.text
    caplog.clear()
    assert pseudonyms_of(PrivacyConfig(), [PEOPLE]) == made  # the same one again
    assert caplog.text == ""


def test_a_named_key_comes_before_that_of_the_environment_and_the_users_own(
    own_folder, tmp_path, monkeypatch
):
    own = pseudonyms_of(PrivacyConfig(), [PEOPLE]).key
    monkeypatch.setenv("TRENDCOLOR_KEY", str(key_file(tmp_path)))
    assert read_key() == Key(SECRET) != own
    other = key_file(own_folder, "ff" * 32)
    assert read_key(str(other)) == Key(b"\xff" * 32)


@pytest.mark.parametrize("makes", [False, True])
def test_a_named_key_that_is_missing_is_refused_and_never_made(tmp_path, makes):
    with pytest.raises(ConfigError, match=r"none\.key: no such key file \(name the one that"):
        read_key(str(tmp_path / "none.key"), makes=makes)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["secret", "5a" * 31, "5a" * 33, "zz" * 32])
def test_a_file_that_holds_no_key_is_refused_without_telling_what_it_holds(tmp_path, text):
    with pytest.raises(ConfigError, match=r"holds no key \(wanted 64 hex digits") as caught:
        read_key(str(key_file(tmp_path, text)))
    assert text not in str(caught.value)


def test_a_key_that_others_can_read_is_warned_of(tmp_path, caplog):
    path = key_file(tmp_path)
    read_key(str(path))
    assert caplog.text == ""
    path.chmod(0o644)
    read_key(str(path))
    assert "others may read this key (chmod 600" in caplog.text


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("anna.png: no such label map", "its file: no such label map"),
        ("masks/anna.png: label map has 3 x 4 pixels", "its file: label map has 3 x 4 pixels"),
        ("joanna.png: truncated", "joanna.png: truncated"),
        ("truncated JPEG", "truncated JPEG"),
    ],
)
def test_a_reason_names_neither_the_file_nor_its_label_map(reason, expected):
    assert without_file(reason, LocalFile(Path("a/anna.jpg"))) == expected
