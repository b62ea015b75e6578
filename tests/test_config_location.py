from pathlib import Path

import pytest

from trendcolor.config import Address, address_of, read_config
from trendcolor.config.location import located
from trendcolor.errors import ConfigError

CONFIG = 'purpose = "research"\n[[data]]\ncard = "card.toml"\nroot = "{root}"\n'


def root_of(folder, root):
    path = folder / "street.toml"
    path.write_text(CONFIG.format(root=root), encoding="utf-8")
    return read_config(path).data[0].root


def test_an_address_is_taken_as_it_is_and_a_path_relative_to_its_file(tmp_path, monkeypatch):
    monkeypatch.setenv("SEASON", "aw26")
    assert root_of(tmp_path, "s3://bucket/${SEASON}/") == Address("s3://bucket/aw26")
    assert root_of(tmp_path, "photos/${SEASON}") == tmp_path / "photos" / "aw26"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("s3://bucket", Address("s3://bucket"), id="bucket"),
        pytest.param("HTTPS://host/a/", Address("https://host/a"), id="capitals"),
        pytest.param("s3:/bucket/run", Address("s3://bucket/run"), id="taken for a path"),
        pytest.param("abfs://box@account.host/a", Address("abfs://box@account.host/a"), id="azure"),
        pytest.param("runs/aw26", None, id="path"),
        pytest.param("C:/runs", None, id="drive"),
        pytest.param("a/s3://b", None, id="inside"),
        pytest.param("file:///srv/photos", None, id="file"),
    ],
)
def test_addresses_are_told_from_paths(text, expected):
    assert address_of(text) == expected


def test_an_address_of_this_machine_is_a_path(tmp_path):
    assert located("file:///srv/photos", tmp_path) == Path("/srv/photos")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("simplecache::s3://bucket", "chains stores"),
        ("s3://key:secret@bucket/a", "holds a password"),
        ("https://host/a?X-Amz-Signature=secret", "goes on with . or #"),
    ],
)
def test_chains_and_secrets_are_refused_and_no_secret_is_told(text, fault, tmp_path):
    with pytest.raises(ConfigError, match=fault) as caught:
        root_of(tmp_path, text)
    assert "secret" not in str(caught.value)
