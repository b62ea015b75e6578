import dataclasses
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trendcolor.cards import read_card
from trendcolor.config import (
    PACKAGE,
    AnalysisConfig,
    ColorConfig,
    Config,
    DataConfig,
    EngineConfig,
    ImagesConfig,
    PrivacyConfig,
    ReportConfig,
    ScreeningConfig,
    SegmentationConfig,
    TrainConfig,
    expand_variables,
    read_config,
    read_train_config,
    shipped_file,
)
from trendcolor.errors import ConfigError

CONFIGS = Path(__file__).parent.parent / "configs"
SECTIONS = {
    "images": ImagesConfig,
    "segmentation": SegmentationConfig,
    "color": ColorConfig,
    "engine": EngineConfig,
    "analysis": AnalysisConfig,
    "report": ReportConfig,
    "privacy": PrivacyConfig,
}
DATA = 'purpose = "research"\n[[data]]\ncard = "card.toml"\nroot = "photos"\n'


def config_file(folder, text):
    path = folder / "street.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(folder, text):
    """Every fault that is reported of a config, each without the file's name."""
    with pytest.raises(ConfigError, match=r"^street\.toml: ") as caught:
        read_config(config_file(folder, text))
    return [line.removeprefix("street.toml: ") for line in str(caught.value).splitlines()]


def is_train_config(path):
    return "validation" in tomllib.loads(path.read_text(encoding="utf-8"))


def test_a_config_that_says_little_has_the_defaults(tmp_path):
    config = read_config(config_file(tmp_path, DATA))
    data = DataConfig(card=tmp_path / "card.toml", root=tmp_path / "photos")
    assert config == Config(purpose="research", data=(data,))


def test_all_faults_are_named_at_once_each_with_its_place(tmp_path):
    text = """
purpose = 3
[[data]]
card = "card.toml"
[[data]]
card = 5
root = "${NO_SUCH_VARIABLE_HERE}/photos"
formt = "table"
[images.screening]
min_side = "large"
[color]
n_colors = 0
[engine]
workers = 1.5
[colour]
seed = 1
"""
    found = faults(tmp_path, text)
    for fault in (
        "unknown key colour, did you mean 'color'?",
        "unknown key data[2].formt, did you mean 'format'?",
        "data[1].root is missing",
        "color.n_colors must be at least 1, got 0",
    ):
        assert fault in found
    for place in (
        "purpose",
        "data[2].card",
        "data[2].root",
        "images.screening.min_side",
        "engine.workers",
    ):
        assert [fault for fault in found if fault.startswith(f"{place}: ")], place
    assert len(found) == 9


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("[[data]]\n", "purpose is missing", id="no purpose"),
        pytest.param('purpose = "research"\n', "data is missing", id="no data"),
        pytest.param('purpose = "research"\ndata = []\n', "data is empty", id="empty data"),
        pytest.param(
            'purpose = "research"\ndata = 3\n', "data: expected an array of tables [[data]]", id="3"
        ),
        pytest.param(f"images = 4\n{DATA}", "images: expected a table [images], got 4", id="4"),
        pytest.param(f"{DATA}[color]\ncorrect = 1\n", "color.correct: ", id="number for a claim"),
        pytest.param(f"{DATA}[engine]\nworkers = true\n", "engine.workers: ", id="true for number"),
        pytest.param(
            f"{DATA}[segmentation]\nsource = 'maks'\n",
            "segmentation.source does not know 'maks', did you mean 'masks'?",
            id="maks",
        ),
        pytest.param(f"{DATA}[report]\nby = 'season'\n", "report.by: ", id="text for a list"),
        pytest.param(
            f"{DATA}[report]\nlang = 'fr'\n",
            "report.lang does not know 'fr'; there are: en, zh-CN, zh",
            id="fr",
        ),
        pytest.param(
            f"{DATA}[analysis]\nnames = {{ black = 'ink' }}\n",
            "analysis.names has no color 'black' (wanted sRGB as six digits",
            id="no color",
        ),
        pytest.param(
            f"{DATA}[analysis]\nnames = {{ '#161418' = ' ' }}\n",
            "analysis.names has an empty name for '#161418'",
            id="no name",
        ),
        pytest.param(
            f"{DATA}[segmentation]\nweights = ''\n", "segmentation.weights is empty", id="w"
        ),
        pytest.param(f"{DATA}format = 'table'\n", "data.table is missing", id="table"),
        pytest.param(f"{DATA}format = 'coco'\n", "data.annotations is missing", id="coco"),
        pytest.param(f"{DATA}format = 'index-masks'\n", "data.masks is missing", id="masks"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(tmp_path, text, fault):
    assert any(found.startswith(fault) for found in faults(tmp_path, text))


@pytest.mark.parametrize(
    ("setting", "outside", "words"),
    [
        ("images.max_pixels", 0, "at least 1"),
        ("images.work_pixels", 0, "at least 1"),
        ("images.screening.min_side", -1, "at least 0"),
        ("images.screening.min_brightest", -1, "at least 0"),
        ("images.screening.min_colorfulness", -0.5, "at least 0"),
        ("images.screening.min_color_spread", -0.5, "at least 0"),
        ("images.screening.max_veil", -1, "at least 0"),
        ("images.screening.max_clipped", 1.5, "within 0 to 1"),
        ("images.screening.max_burnt", 1.5, "within 0 to 1"),
        ("images.screening.max_text", 1.5, "within 0 to 1"),
        ("images.screening.max_border", 1.5, "within 0 to 1"),
        ("images.screening.max_seam", 1.5, "within 0 to 1"),
        ("images.screening.max_posterised", 1.5, "within 0 to 1"),
        ("images.screening.max_oversaturated", 1.5, "within 0 to 1"),
        ("images.screening.max_tint", 1.5, "within 0 to 1"),
        ("images.screening.min_sharpness", 1.5, "within 0 to 1"),
        ("segmentation.bystander", 1.5, "within 0 to 1"),
        ("segmentation.bystander", -0.1, "within 0 to 1"),
        ("color.n_colors", 0, "at least 1"),
        ("color.min_pixels", 0, "at least 1"),
        ("color.min_share", -0.1, "within 0 to 1"),
        ("color.min_share", "nan", "within 0 to 1"),
        ("color.erode", -1, "at least 0"),
        ("color.seed", -1, "at least 0"),
        ("engine.workers", 0, "at least 1"),
        ("engine.retries", -1, "at least 0"),
        ("engine.shard_photos", 0, "at least 1"),
        ("analysis.confidence", 1, "within 0.5 to 1"),
        ("analysis.confidence", 0.4, "within 0.5 to 1"),
        ("analysis.min_cell", 0, "at least 1"),
        ("report.headline", 0, "at least 1"),
        ("data.limit", -1, "at least 0"),
    ],
)
def test_a_setting_outside_its_bounds_is_refused(tmp_path, setting, outside, words):
    section, _, name = setting.rpartition(".")
    head = DATA if section == "data" else f"{DATA}[{section}]\n"
    (fault,) = faults(tmp_path, f"{head}{name} = {outside}\n")
    assert fault == f"{setting} must be {words}, got {outside}"


@pytest.mark.parametrize("reason", ["", 'min_cell_reason = "  "\n'], ids=["none", "blank"])
def test_a_minimum_below_10_takes_a_reason(tmp_path, reason):
    (fault,) = faults(tmp_path, f"{DATA}[analysis]\nmin_cell = 9\n{reason}")
    assert fault == (
        "analysis.min_cell is 9, below 10: say why in analysis.min_cell_reason, which the "
        "manifest keeps"
    )


@pytest.mark.parametrize(
    "text",
    ['min_cell = 3\nmin_cell_reason = "all models signed a release"\n', "min_cell = 10\n"],
    ids=["with a reason", "at 10"],
)
def test_a_minimum_may_be_lower_with_a_reason_and_higher_without(tmp_path, text):
    config = read_config(config_file(tmp_path, f"{DATA}[analysis]\n{text}"))
    assert config.analysis.min_cell in (3, 10)


@pytest.mark.parametrize("change", [0, 1, -0.1, "nan"])
def test_the_change_that_matters_is_a_part_of_a_share(tmp_path, change):
    (fault,) = faults(tmp_path, f"{DATA}[analysis]\nchange = {change}\n")
    shown = change if change == "nan" else f"{change:g}"
    assert fault == f"analysis.change must be above 0 and below 1, got {shown}"
    assert read_config(config_file(tmp_path, f"{DATA}[analysis]\nchange = 0.001\n"))


def test_two_settings_of_one_section_outside_their_bounds_are_both_named(tmp_path):
    found = faults(tmp_path, f"{DATA}[color]\nn_colors = 0\nmin_share = 3.0\n")
    assert {fault.split()[0] for fault in found} == {"color.n_colors", "color.min_share"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(b"purpose = [", r"street\.toml: not a TOML file", id="no TOML"),
        pytest.param(b'purpose = "\xff"', r"street\.toml: not a TOML file", id="no UTF-8"),
    ],
)
def test_a_file_that_is_no_toml_is_refused(tmp_path, text, message):
    path = tmp_path / "street.toml"
    path.write_bytes(text)
    with pytest.raises(ConfigError, match=message):
        read_config(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"nowhere\.toml: can't be read \(No such file"):
        read_config(tmp_path / "nowhere.toml")


def test_paths_are_relative_to_the_config_wherever_it_is_read_from(tmp_path, monkeypatch):
    (tmp_path / "configs").mkdir()
    (tmp_path / "elsewhere").mkdir()
    text = DATA.replace('"photos"', '"../photos"') + '[segmentation]\nweights = "w.safetensors"\n'
    config_file(tmp_path / "configs", text)
    monkeypatch.chdir(tmp_path / "elsewhere")
    config = read_config(Path("../configs/street.toml"))
    assert config.data[0].root == tmp_path / "photos"
    assert config.data[0].card == tmp_path / "configs" / "card.toml"
    assert config.segmentation.weights == str(tmp_path / "configs" / "w.safetensors")


def test_an_absolute_path_stays(tmp_path):
    text = DATA.replace('"photos"', f'"{(tmp_path / "far").as_posix()}"')
    assert read_config(config_file(tmp_path, text)).data[0].root == tmp_path / "far"


def test_environment_variables_expand_in_paths(tmp_path, monkeypatch):
    monkeypatch.setenv("PHOTOS_OF_TESTS", str(tmp_path / "season"))
    text = DATA.replace('"photos"', '"${PHOTOS_OF_TESTS}/aw"')
    assert read_config(config_file(tmp_path, text)).data[0].root == tmp_path / "season" / "aw"


def test_a_variable_that_is_not_set_is_a_fault_unless_it_has_a_default(tmp_path, monkeypatch):
    monkeypatch.delenv("PHOTOS_OF_TESTS", raising=False)
    (fault,) = faults(tmp_path, DATA.replace('"photos"', '"${PHOTOS_OF_TESTS}/aw"'))
    assert fault.startswith("data[1].root: environment variable PHOTOS_OF_TESTS is not set")
    text = DATA.replace('"photos"', '"${PHOTOS_OF_TESTS:-there}/aw"')
    assert read_config(config_file(tmp_path, text)).data[0].root == tmp_path / "there" / "aw"


def test_a_variable_that_is_set_wins_over_its_default(monkeypatch):
    monkeypatch.setenv("PHOTOS_OF_TESTS", "here")
    assert expand_variables("a/${PHOTOS_OF_TESTS:-there}/b") == "a/here/b"


@settings(deadline=None)  # the first example may wait for a busy machine
@given(st.text(alphabet=st.characters(exclude_characters="$~", codec="utf-8")))
def test_text_without_variables_stays_as_it_is(text):
    assert expand_variables(text) == text


def test_package_is_the_folder_of_the_installed_package(tmp_path):
    text = DATA.replace('"photos"', '"${package}/samples/lookbook"')
    root = read_config(config_file(tmp_path, text)).data[0].root
    assert root == PACKAGE / "samples" / "lookbook"
    assert (root / "lookbook.csv").is_file()


def test_shipped_files_are_found():
    assert shipped_file("configs/demo.toml").is_file()
    assert shipped_file("data_cards/lookbook.toml").is_file()


def test_the_default_config_has_the_defaults():
    config = read_config(CONFIGS / "default.toml")
    for name, section in SECTIONS.items():
        assert getattr(config, name) == section(), name
    (data,) = config.data
    for spec in dataclasses.fields(DataConfig):
        optional = spec.name not in ("card", "root", "format", "table", "masks")
        assert not optional or getattr(data, spec.name) == spec.default, spec.name


def test_the_default_config_names_every_setting_and_no_other():
    table = tomllib.loads((CONFIGS / "default.toml").read_text(encoding="utf-8"))
    assert set(table) == {spec.name for spec in dataclasses.fields(Config)}
    for name, section in SECTIONS.items():
        assert set(table[name]) == {spec.name for spec in dataclasses.fields(section)}, name


def test_the_default_config_names_every_setting_of_screening():
    table = tomllib.loads((CONFIGS / "default.toml").read_text(encoding="utf-8"))
    named = set(table["images"]["screening"])
    assert named == {spec.name for spec in dataclasses.fields(ScreeningConfig)}


def test_the_default_config_names_every_setting_of_a_data_set():
    text = (CONFIGS / "default.toml").read_text(encoding="utf-8")
    section = text.partition("[[data]]")[2].partition("\n[")[0]
    named = {line.lstrip("# ").partition(" =")[0] for line in section.splitlines() if " = " in line}
    assert named == {spec.name for spec in dataclasses.fields(DataConfig)}


def test_the_sections_are_all_of_the_settings():
    assert {spec.name for spec in dataclasses.fields(Config)} == {*SECTIONS, "purpose", "data"}


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.stem)
def test_a_shipped_config_reads_and_its_cards_exist(path, tmp_path, monkeypatch):
    monkeypatch.setenv("TRENDCOLOR_DATA", str(tmp_path))
    monkeypatch.setenv("TRENDCOLOR_WEIGHTS", str(tmp_path))
    read = read_train_config if is_train_config(path) else read_config
    config = read(path)
    sections = list(config.data)
    if isinstance(config, TrainConfig):
        sections += [*config.validation, *config.unlabelled]
    assert sections
    for section in sections:
        assert read_card(section.card).name == section.card.stem


@pytest.mark.parametrize(
    ("section", "line", "fault"),
    [
        ("model", "height = 100", "model.height must be a multiple of 32, got 100"),
        ("training", "crop_width = 0", "training.crop_width must be a multiple of 32, got 0"),
        ("training", "epochs = 0", "training.epochs must be at least 1, got 0"),
        ("training", "average = 1.5", "training.average must be within 0 to 1, got 1.5"),
        ("training", "epoch = 3", "unknown key training.epoch, did you mean 'epochs'?"),
        ("model", "blend = 0.5", "model.blend needs model.start, whose weights are to be kept"),
        ("model", "blend = 1.5", "model.blend must be within 0 to 1, got 1.5"),
        ("teacher", 'weights = "w"', "[[unlabelled]] photos and a [teacher] need each other"),
        (
            "teacher",
            'weights = "w"\nheights = [384, 500]',
            "teacher.heights must be a multiple of 32, got 500",
        ),
        ("teacher", 'weights = "w"\nheights = []', "teacher.heights is empty"),
        (
            "teacher",
            'weights = "w"\ncertainty = 2.0',
            "teacher.certainty must be within 0 to 1, got 2",
        ),
        ("[unlabelled]", 'card = "c"\nroot = "r"', "[[unlabelled]] photos and a [teacher] need"),
    ],
)
def test_a_training_setting_that_does_not_fit_is_refused(tmp_path, section, line, fault):
    data = '[[data]]\ncard = "c"\nroot = "r"\n[[validation]]\ncard = "c"\nroot = "r"\n'
    path = config_file(tmp_path, f'out = "out"\n{data}[{section}]\n{line}\n')
    with pytest.raises(ConfigError, match=f"^{re.escape(f'street.toml: {fault}')}"):
        read_train_config(path)


def test_a_teacher_s_weights_are_found_beside_the_config(tmp_path):
    section = '[[{0}]]\ncard = "c"\nroot = "r"\n'
    data = "".join(section.format(name) for name in ("data", "validation", "unlabelled"))
    for weights, place in (
        ("w/a.safetensors", str(tmp_path / "w" / "a.safetensors")),
        ("packaged", "packaged"),
        ("hub:someone/model@1", "hub:someone/model@1"),
    ):
        path = config_file(tmp_path, f'out = "out"\n{data}[teacher]\nweights = "{weights}"\n')
        assert read_train_config(path).teacher.weights == place
