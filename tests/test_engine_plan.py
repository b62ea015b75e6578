import json
import shutil
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from looks import CARD, write_config, write_looks, write_table
from networks import TINY
from safetensors.numpy import save_file

from trendcolor.engine import plan as plans
from trendcolor.engine.plan import plan
from trendcolor.errors import ConfigError, DataError, ModelError, RefusedError
from trendcolor.segmentation import opening

N = 4


def looks(folder):
    write_looks(folder, N)
    return folder


def settings_hash(folder, **config):
    return plan(write_config(folder, **config)).header.settings_hash


def write_weights(folder, value):
    """A weights file as far as a plan reads it: its settings and its hash."""
    spec = {"trendcolor": json.dumps(asdict(TINY))}
    save_file({"one": np.full(1, value, np.float16)}, folder / "w.safetensors", metadata=spec)


def folder_config(folder, *sections):
    """A config of bare folders, one for each (card, root)."""
    data = "".join(f'[[data]]\ncard = "{card}"\nroot = "{root}"\n' for card, root in sections)
    path = folder / "folders.toml"
    model = '[segmentation]\nweights = "w.safetensors"\nruntime = "pytorch"\n'
    text = f'purpose = "research"\n{data}{model}'
    path.write_text(text, encoding="utf-8")
    write_weights(folder, 0)
    return path


def plain_card(folder, name):
    """A card that allows research and declares no column."""
    text = CARD.format(name=name).partition("[[columns]]")[0]
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return f"{name}.toml"


def test_photos_are_cut_into_shards_in_order(tmp_path):
    planned = plan(write_config(looks(tmp_path), shard_photos=3))
    assert [shard.number for shard in planned.shards] == [0, 1]
    ids = [[ref.id for ref in shard.photos] for shard in planned.shards]
    assert ids == [
        ["images/look_00.png", "images/look_01.png", "images/look_02.png"],
        ["images/look_03.png"],
    ]
    assert planned.header.photos == N


def test_the_header_tells_what_the_run_is_of(tmp_path):
    header = plan(write_config(looks(tmp_path))).header
    assert header.name == "looks"
    assert [card.name for card in header.cards] == ["looks"]
    kinds = {column.name: column.kind for column in header.columns}
    assert kinds == {"season": "season", "region": "region", "source": "source", "sold": "weight"}
    assert header.is_free_of_people
    assert (header.weights, header.runtime) == ("none", "none")


def test_the_same_settings_have_the_same_hash_wherever_they_lie(tmp_path):
    one, other = looks(tmp_path / "one"), looks(tmp_path / "other")
    assert settings_hash(one) == settings_hash(other)
    renamed = write_config(other).rename(other / "another_name.toml")
    assert plan(renamed).header.settings_hash == settings_hash(one)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"workers": 2}, id="workers"),
        pytest.param({"more": "[analysis]\nmin_cell = 30\nconfidence = 0.9\n"}, id="analysis"),
        pytest.param({"more": '[report]\ntitle = "Winter"\nby = ["season"]\n'}, id="report"),
    ],
)
def test_what_records_do_not_depend_on_leaves_the_hash(tmp_path, changed):
    folder = looks(tmp_path)
    assert settings_hash(folder, **changed) == settings_hash(folder)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"shard_photos": 3}, id="shards"),
        pytest.param({"more": "[images]\nwork_pixels = 9000\n"}, id="images"),
        pytest.param({"more": "[color]\ncorrect = false\n"}, id="correct"),
        pytest.param({"more": "[color]\nseed = 7\n"}, id="seed"),
    ],
)
def test_settings_change_the_hash(tmp_path, changed):
    folder = looks(tmp_path)
    assert settings_hash(folder, **changed) != settings_hash(folder)


def test_the_cards_bytes_change_the_hash(tmp_path):
    before = settings_hash(looks(tmp_path))
    card = tmp_path / "card.toml"
    card.write_text(f"{card.read_text(encoding='utf-8')}# a comment\n", encoding="utf-8")
    assert settings_hash(tmp_path) != before


def test_the_purpose_changes_the_hash(tmp_path):
    folder = looks(tmp_path)
    assert settings_hash(folder, purpose="evaluation") != settings_hash(folder)


@pytest.mark.parametrize("column", ["season", "region", "source", "sold"])
def test_a_photos_declared_columns_change_the_hash(tmp_path, column):
    before = settings_hash(looks(tmp_path))
    write_table(tmp_path, N, **{column: "7"})
    assert settings_hash(tmp_path) != before


@pytest.mark.parametrize("part", ["images", "masks"])
def test_a_file_of_another_size_changes_the_hash(tmp_path, part):
    before = settings_hash(looks(tmp_path))
    with (tmp_path / part / "look_02.png").open("ab") as file:
        file.write(b"\0")
    assert settings_hash(tmp_path) != before


def test_the_code_changes_the_hash(tmp_path, monkeypatch):
    before = settings_hash(looks(tmp_path))
    monkeypatch.setattr(plans, "code_version", lambda: ("0.1.0", "another hash"))
    assert settings_hash(tmp_path) != before


def test_weights_and_runtime_change_the_hash(tmp_path, monkeypatch):
    looks(tmp_path)
    config = folder_config(tmp_path, (plain_card(tmp_path, "looks"), "images"))
    before = plan(config).header
    assert before.weights == "w.safetensors"
    write_weights(tmp_path, 1)
    retrained = plan(config).header
    assert retrained.settings_hash != before.settings_hash
    monkeypatch.setattr(opening, "runtime_name", lambda _: "another runtime")
    assert plan(config).header.settings_hash != retrained.settings_hash


def test_missing_weights_are_refused_before_the_run(tmp_path):
    looks(tmp_path)
    config = folder_config(tmp_path, (plain_card(tmp_path, "looks"), "images"))
    (tmp_path / "w.safetensors").unlink()
    with pytest.raises(ModelError, match=r"w\.safetensors: no readable weights"):
        plan(config)


def test_a_refused_purpose_is_refused_before_a_photo_is_looked_for(tmp_path):
    looks(tmp_path)
    config = write_config(tmp_path, purpose="publication")
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace('root = "."', 'root = "nowhere"'), encoding="utf-8")
    with pytest.raises(RefusedError, match="looks: purpose 'publication' is refused"):
        plan(config)


def test_the_gate_answers_before_any_photo_is_listed_or_opened(tmp_path, monkeypatch):
    looks(tmp_path)
    asked = []
    monkeypatch.setattr(plans, "stream_dataset", lambda *_: asked.append("listed"))
    monkeypatch.setattr(Path, "stat", lambda path, **_: asked.append(path))
    config = write_config(tmp_path, purpose="commercial-report")
    with pytest.raises(RefusedError, match="is refused"):
        plan(config)
    assert not [each for each in asked if each == "listed" or each.suffix == ".png"]


def test_a_missing_card_is_refused_before_a_photo_is_looked_for(tmp_path):
    write_config(looks(tmp_path))
    (tmp_path / "card.toml").unlink()
    shutil.rmtree(tmp_path / "images")
    with pytest.raises(RefusedError, match=r"card\.toml: can't be read"):
        plan(tmp_path / "looks.toml")


def test_one_refused_card_among_several_refuses_all(tmp_path):
    looks(tmp_path)
    good, bad = plain_card(tmp_path, "good"), plain_card(tmp_path, "bad")
    text = (tmp_path / bad).read_text(encoding="utf-8").replace('"CC0-1.0"', '"unspecified"')
    (tmp_path / bad).write_text(
        text.replace('license_class = "commercial"', 'license_class = "unspecified"'),
        encoding="utf-8",
    )
    with pytest.raises(RefusedError, match="bad: purpose 'research' is refused, license is"):
        plan(folder_config(tmp_path, (good, "images"), (bad, "nowhere")))


def test_ids_name_their_data_set_where_there_are_several(tmp_path):
    one, other = plain_card(tmp_path, "one"), plain_card(tmp_path, "other")
    write_looks(tmp_path / "a", 2, table=False)
    write_looks(tmp_path / "b", 1, table=False)
    planned = plan(folder_config(tmp_path, (one, "a/images"), (other, "b/images")))
    ids = [ref.id for shard in planned.shards for ref in shard.photos]
    assert ids == ["one/look_00.png", "one/look_01.png", "other/look_00.png"]
    assert [card.name for card in planned.header.cards] == ["one", "other"]


def test_one_card_of_two_folders_with_equal_names_is_refused(tmp_path):
    card = plain_card(tmp_path, "one")
    write_looks(tmp_path / "a", 2, table=False)
    write_looks(tmp_path / "b", 2, table=False)
    message = r"2 photo ids occur more than once, first 'one/look_00\.png'"
    with pytest.raises(DataError, match=message):
        plan(folder_config(tmp_path, (card, "a/images"), (card, "b/images")))


def test_a_table_that_names_a_photo_twice_is_refused(tmp_path):
    write_table(looks(tmp_path), N, path="images/look_00.png")
    with pytest.raises(DataError, match=r"photo id 'images/look_00\.png' occurs 4 times"):
        plan(write_config(tmp_path))


def test_a_data_set_without_photos_is_refused(tmp_path):
    write_table(looks(tmp_path), 0)
    with pytest.raises(DataError, match=r"looks\.toml: no photos found under"):
        plan(write_config(tmp_path))


def test_given_masks_that_no_data_set_has_are_refused(tmp_path):
    config = write_config(looks(tmp_path))
    text = config.read_text(encoding="utf-8").replace('masks = "masks"\n', "")
    config.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match='source is "masks", but the data sets have no label'):
        plan(config)


def test_photos_that_are_missing_are_left_to_the_run(tmp_path):
    config = write_config(looks(tmp_path))
    (tmp_path / "images" / "look_01.png").unlink()
    assert plan(config).header.photos == N
