import csv
import json
import re
import shutil
import struct
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from looks import (
    HEIGHT,
    NAVY,
    RED,
    TOP_PIXELS,
    TROUSERS_PIXELS,
    WIDTH,
    files_of,
    look,
    write_config,
    write_look,
    write_looks,
)
from PIL import Image

import trendcolor as tc
from trendcolor.api import demo as demos
from trendcolor.api import jobs, photos
from trendcolor.api.opening import open_run
from trendcolor.cli import main
from trendcolor.color.names import FAMILIES
from trendcolor.color.pattern import pattern
from trendcolor.config import SegmentationConfig
from trendcolor.errors import PhotoError
from trendcolor.segmentation import weights as weights_files
from trendcolor.segmentation.network import build_network, save_network
from trendcolor.segmentation.opening import load_segmenter
from trendcolor.segmentation.runtimes import runtime_name
from trendcolor.segmentation.weights import NetworkSpec
from trendcolor.taxonomy import ACCESSORY, CLASSES, HAIR, TOP, TROUSERS

N = 8
CARDS = Path(__file__).parent.parent / "data_cards"
SHARES = [
    *("share", "low", "high", "numerator", "denominator", "unit"),
    *("effective_n", "sources"),
]
SMALL = NetworkSpec(architecture="FPN", encoder="mobilenet_v2", height=96, width=96)
ANSWERS = {
    "license": "CC-BY-4.0",
    "license_class": "commercial",
    "license_source": "LICENSE file",
    "attribution": "Somebody",
    "people": "none",
    "consent_basis": "not-needed",
    "consent_scope": "",
    "period": "2026",
    "frame": "all of them",
    "contact": "somebody@example.org",
}


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A network that has learned nothing: enough to see that each part is joined to the next."""
    path = tmp_path_factory.mktemp("weights") / "untrained.safetensors"
    save_network(build_network(SMALL), SMALL, path)
    return path


@pytest.fixture
def packaged(weights, monkeypatch):
    """`analyze` with that network in the place of the packaged one."""
    small = SegmentationConfig(weights=str(weights), runtime="pytorch")
    monkeypatch.setattr(photos, "load_segmenter", lambda _: load_segmenter(small))
    photos._packaged_segmenter.cache_clear()
    yield weights
    photos._packaged_segmenter.cache_clear()


@pytest.fixture(scope="module")
def season(tmp_path_factory):
    """A folder of looks, and a run over them in the default place."""
    folder = write_looks(tmp_path_factory.mktemp("season"), N)
    printed = StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed):
        patch.chdir(folder)
        assert main(["run", str(write_config(folder))]) == 0
    return folder, Path(printed.getvalue().removesuffix("\n"))


@pytest.fixture
def finished(season):
    folder, run = season
    return folder / run


def typed(*arguments):
    """The exit code of a command."""
    try:
        return main([str(argument) for argument in arguments])
    except SystemExit as exit:
        return exit.code


def analyzed(capsys, *arguments):
    """The objects that `analyze` prints."""
    assert typed("analyze", *arguments) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def refusal(capsys, code, *arguments):
    """What a refused command says on stderr; nothing must be on stdout."""
    assert typed(*arguments) == code
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


def photo_and_mask(folder, stem="a", **colors):
    return write_look(folder / f"{stem}.png", folder / "masks" / f"{stem}.png", **colors)


def rewrite_mask(folder, labels, stem="a"):
    Image.fromarray(labels).save(folder / "masks" / f"{stem}.png")


# analyze


def test_analyze_prints_the_colors_of_each_garment(tmp_path, capsys):
    photo = photo_and_mask(tmp_path)
    (answer,) = analyzed(capsys, photo, "--masks-in", tmp_path / "masks", "--no-correct")
    assert {"photo", "status", "width", "height", "illuminant", "garments"} <= set(answer)
    assert (answer["status"], answer["width"], answer["height"]) == ("ok", WIDTH, HEIGHT)
    assert {"x", "y", "method", "applied"} <= set(answer["illuminant"])
    top, trousers = answer["garments"]
    assert (top["garment"], top["wearer"], top["pixels"]) == ("top", 0, TOP_PIXELS)
    assert (trousers["garment"], trousers["pixels"]) == ("trousers", TROUSERS_PIXELS)
    assert (top["touching"], top["bystander"]) == (False, False)
    (color,) = top["palette"]
    # Flat cloth comes back as it was drawn, but for one step of rounding in each channel.
    np.testing.assert_allclose(color["rgb"], RED, atol=1)
    assert (color["share"], color["family"]) == (1.0, "red")
    assert isinstance(color["name"], str)
    assert color["common"] == "red"
    assert color["distance"] >= 0
    assert color["runner_up"] is None or isinstance(color["runner_up"], str)
    np.testing.assert_allclose(trousers["palette"][0]["rgb"], NAVY, atol=1)
    assert trousers["palette"][0]["family"] == "blue"


def test_analyze_answers_for_each_photo_in_the_order_given(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for stem in ("b", "a"):
        photo_and_mask(tmp_path, stem)
    arguments = ["b.png", "nowhere.jpg", "./a.png"]
    answers = analyzed(capsys, *arguments, "--masks-in", "masks")
    assert [answer["photo"] for answer in answers] == arguments
    assert [answer["status"] for answer in answers] == ["ok", "rejected", "ok"]
    assert answers[1] == {"photo": "nowhere.jpg", "status": "rejected", "reason": "no such file"}


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        pytest.param(lambda d: (d / "a.png").unlink(), "no such file", id="missing"),
        pytest.param(
            lambda d: (d / "a.png").write_text("no picture", encoding="utf-8"),
            "not an image of a known kind",
            id="text",
        ),
        pytest.param(lambda d: (d / "a.png").write_bytes(b""), "empty file", id="empty"),
        pytest.param(
            lambda d: (d / "a.png").write_bytes((d / "a.png").read_bytes()[:900]),
            "truncated PNG",
            id="truncated",
        ),
        pytest.param(
            lambda d: ((d / "a.png").unlink(), (d / "a.png").mkdir()), "is a folder", id="folder"
        ),
        pytest.param(
            lambda d: (d / "masks" / "a.png").unlink(), "a.png: no such label map", id="no mask"
        ),
        pytest.param(
            lambda d: shutil.rmtree(d / "masks"), "a.png: no such label map", id="no masks"
        ),
        pytest.param(
            lambda d: (d / "masks" / "a.png").write_bytes(b"no"), "a.png: not a PNG file", id="text"
        ),
        pytest.param(
            lambda d: rewrite_mask(d, np.zeros((WIDTH, HEIGHT), np.uint8)),
            f"a.png: label map has {HEIGHT} x {WIDTH} pixels, its photo {WIDTH} x {HEIGHT}",
            id="wrong size",
        ),
        pytest.param(
            lambda d: rewrite_mask(d, np.full((HEIGHT, WIDTH), 77, np.uint8)),
            "a.png: label ids [77] are not in label set 'trendcolor'",
            id="unknown ids",
        ),
        pytest.param(
            lambda d: rewrite_mask(d, np.zeros((HEIGHT, WIDTH, 3), np.uint8)),
            "a.png: PNG of color type 2",
            id="color",
        ),
    ],
)
def test_analyze_rejects_with_the_reason_and_exits_0(tmp_path, capsys, damage, reason):
    photo = photo_and_mask(tmp_path)
    damage(tmp_path)
    (answer,) = analyzed(capsys, photo, "--masks-in", tmp_path / "masks")
    assert set(answer) == {"photo", "status", "reason"}
    assert (answer["photo"], answer["status"]) == (str(photo), "rejected")
    assert answer["reason"].startswith(reason)


def test_a_photo_without_garments_is_ok_with_an_empty_list(tmp_path, capsys):
    photo = photo_and_mask(tmp_path)
    rewrite_mask(tmp_path, np.zeros((HEIGHT, WIDTH), np.uint8))
    (answer,) = analyzed(capsys, photo, "--masks-in", tmp_path / "masks")
    assert (answer["status"], answer["garments"]) == ("ok", [])


def test_analyze_never_screens_for_quality(tmp_path, capsys):
    (tmp_path / "masks").mkdir()
    Image.new("L", (30, 20), 255).save(tmp_path / "a.png")
    rewrite_mask(tmp_path, np.zeros((20, 30), np.uint8))
    (answer,) = analyzed(capsys, tmp_path / "a.png", "--masks-in", tmp_path / "masks")
    assert (answer["status"], answer["width"], answer["height"]) == ("ok", 30, 20)


def test_no_correct_gives_the_estimate_and_does_not_apply_it(tmp_path, capsys):
    photo = photo_and_mask(tmp_path)
    given = (photo, "--masks-in", tmp_path / "masks")
    plain, kept = analyzed(capsys, *given)[0], analyzed(capsys, *given, "--no-correct")[0]
    assert kept["illuminant"]["applied"] is False
    assert isinstance(plain["illuminant"]["applied"], bool)
    for key in ("x", "y", "method"):
        assert kept["illuminant"][key] == plain["illuminant"][key]


def test_a_declared_white_point_is_printed_as_it_was_given(tmp_path, capsys):
    photo = photo_and_mask(tmp_path)
    given = (photo, "--masks-in", tmp_path / "masks", "--white-point", "0.3457,0.3585")
    (answer,) = analyzed(capsys, *given)
    light = {"x": 0.3457, "y": 0.3585, "method": "white-point", "applied": True}
    light |= {"confidence": 1.0, "exposure": 1.0}
    assert answer["illuminant"] == light
    (kept,) = analyzed(capsys, *given, "--no-correct")
    assert kept["illuminant"] == light | {"applied": False}


def test_a_card_that_is_not_there_is_told_and_the_light_estimated(tmp_path, capsys):
    photo = photo_and_mask(tmp_path)
    given = (photo, "--masks-in", tmp_path / "masks")
    (plain,) = analyzed(capsys, *given)
    for option, value in (("--color-checker", "find"), ("--gray-card", "0.4,0.4,0.6,0.6")):
        (answer,) = analyzed(capsys, *given, option, value)
        refused = answer["illuminant"].pop("refused")
        assert refused.startswith(("ColorChecker is not found", "gray card is covered"))
        assert answer == plain


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--white-point", "0.1,0.9"), "--white-point [0.1, 0.9] is not the color of a light"),
        (("--white-point", "warm"), "--white-point: wanted numbers with commas between"),
        (("--gray-card", "0.5,0.5,0.4,0.6"), "--gray-card.box [0.5, 0.5, 0.4, 0.6] is empty"),
        (("--gray-card", "0,0,2,1"), "--gray-card.box [0.0, 0.0, 2.0, 1.0] lies outside the photo"),
        (("--color-checker", "fnid"), "--color-checker does not know 'fnid'"),
        (
            ("--white-point", "0.3127,0.329", "--color-checker", "find"),
            "white-point and color-checker given",
        ),
    ],
)
def test_a_reference_that_makes_no_sense_is_wrong_usage(tmp_path, capsys, options, reason):
    assert reason in refusal(capsys, 2, "analyze", photo_and_mask(tmp_path), *options)


def test_shares_of_a_palette_sum_to_1_and_fall(tmp_path, capsys):
    rgb, labels = look()
    rgb[20:35, 35:95], rgb[35:45, 35:95], rgb[45:52, 35:95] = (30, 90, 40), (230, 200, 40), NAVY
    photo_and_mask(tmp_path)
    Image.fromarray(rgb).save(tmp_path / "a.png")
    rewrite_mask(tmp_path, labels)
    (answer,) = analyzed(capsys, tmp_path / "a.png", "--masks-in", tmp_path / "masks")
    shares = [color["share"] for color in answer["garments"][0]["palette"]]
    assert len(shares) > 2
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1, abs=0.001)  # the contract's own slack


def test_pixels_count_at_full_size_where_the_photo_is_decoded_smaller(tmp_path, capsys):
    height, width = 3200, 2000  # 6.4 million pixels: decoded at half its sides
    labels = np.zeros((height, width), np.uint8)
    labels[501:1704, 333:1336] = TOP
    rgb = np.full((height, width, 3), 140, np.uint8)
    rgb[labels == TOP] = RED
    (tmp_path / "masks").mkdir()
    Image.fromarray(rgb).save(tmp_path / "a.png", compress_level=1)
    rewrite_mask(tmp_path, labels)
    (answer,) = analyzed(capsys, tmp_path / "a.png", "--masks-in", tmp_path / "masks")
    assert (answer["width"], answer["height"]) == (width, height)
    assert [garment["pixels"] for garment in answer["garments"]] == [1203 * 1003]


def test_a_garment_below_min_pixels_has_an_empty_palette(tmp_path, capsys):
    photo = photo_and_mask(tmp_path)
    labels = look()[1]
    labels[120:130, 40:50] = ACCESSORY
    rewrite_mask(tmp_path, labels)
    (answer,) = analyzed(capsys, photo, "--masks-in", tmp_path / "masks")
    small = answer["garments"][-1]
    assert (small["garment"], small["pixels"], small["palette"]) == ("accessory", 100, [])


def test_people_who_stand_apart_are_numbered(tmp_path, capsys):
    photo = photo_and_mask(tmp_path)
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    labels[20:70, 5:55], labels[20:60, 75:125] = TOP, TOP
    rewrite_mask(tmp_path, labels)
    (answer,) = analyzed(capsys, photo, "--masks-in", tmp_path / "masks")
    assert [(g["wearer"], g["pixels"]) for g in answer["garments"]] == [(0, 2500), (1, 2000)]


def test_bystanders_and_people_who_touch_are_told(tmp_path, capsys):
    photo = photo_and_mask(tmp_path)
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    labels[40:140, 5:85] = TOP
    labels[20:40, 15:35] = labels[20:40, 55:75] = HAIR
    labels[20:50, 100:120] = TROUSERS
    rewrite_mask(tmp_path, labels)
    (answer,) = analyzed(capsys, photo, "--masks-in", tmp_path / "masks")
    told = [(g["garment"], g["touching"], g["bystander"]) for g in answer["garments"]]
    assert told == [("top", True, False), ("trousers", False, True)]


@pytest.mark.parametrize("option", ["--masks-in", "--masks-out"])
def test_two_photos_of_one_stem_are_wrong_usage_with_label_maps(tmp_path, capsys, option):
    one = photo_and_mask(tmp_path)
    (tmp_path / "b").mkdir()
    for other in (photo_and_mask(tmp_path / "b"), one, tmp_path / "a.jpg"):
        said = refusal(capsys, 2, "analyze", one, other, option, tmp_path / "masks")
        assert said == f"trendcolor: {one} and {other} would share the label map a.png\n"


def test_two_photos_of_one_stem_are_fine_without_label_maps(tmp_path, capsys):
    gone = [tmp_path / "a.jpg", tmp_path / "a.jpg"]
    assert [answer["status"] for answer in analyzed(capsys, *gone)] == ["rejected"] * 2


def test_masks_out_that_is_a_file_is_wrong_usage(tmp_path, capsys):
    photo = photo_and_mask(tmp_path)
    said = refusal(capsys, 2, "analyze", photo, "--masks-out", photo)
    assert re.fullmatch(r"trendcolor: .*a\.png: no folder to write to \(.*\)\n", said)


def test_masks_out_writes_what_masks_in_reads(tmp_path, capsys):
    photo = photo_and_mask(tmp_path)
    given = ("--masks-in", tmp_path / "masks")
    (first,) = analyzed(capsys, photo, *given, "--masks-out", tmp_path / "new" / "out")
    written = tmp_path / "new" / "out" / "a.png"
    assert [path.name for path in written.parent.iterdir()] == ["a.png"]
    np.testing.assert_array_equal(np.asarray(Image.open(written)), look()[1])
    assert analyzed(capsys, photo, "--masks-in", written.parent) == [first]


def test_a_label_map_that_can_not_be_written_rejects_its_photo_only(tmp_path, capsys):
    one, other = photo_and_mask(tmp_path), photo_and_mask(tmp_path, "b")
    (tmp_path / "out" / "a.png").mkdir(parents=True)
    folders = ("--masks-in", tmp_path / "masks", "--masks-out", tmp_path / "out")
    answers = analyzed(capsys, one, other, *folders)
    assert [answer["status"] for answer in answers] == ["rejected", "ok"]
    assert answers[0]["reason"] == "a.png: label map can't be written (Is a directory)"


def test_python_gives_the_garments_that_the_command_prints(tmp_path, capsys):
    photo, masks = photo_and_mask(tmp_path), tmp_path / "masks"
    (printed,) = analyzed(capsys, photo, "--masks-in", masks)
    garments = tc.analyze(photo, masks=masks / "a.png").garments
    assert [garment.garment for garment in garments] == ["top", "trousers"]
    assert [[list(color.rgb) for color in garment.palette] for garment in garments] == [
        [color["rgb"] for color in garment["palette"]] for garment in printed["garments"]
    ]
    with pytest.raises(PhotoError, match="no such file"):
        tc.analyze(tmp_path / "nowhere.jpg")


def png_header(path):
    """Width, height, bit depth and color type of a PNG (ISO/IEC 15948, 11.2.2)."""
    return struct.unpack(">IIBB", path.read_bytes()[16:26])


def test_label_maps_are_gray_pngs_of_the_upright_size(tmp_path, capsys, packaged):
    assert packaged.is_file()
    rgb, _ = look()
    exif = Image.Exif()
    exif[0x0112] = 6  # CIPA DC-008: the stored picture is to be turned clockwise by 90 degrees
    stored = Image.fromarray(rgb).transpose(Image.Transpose.ROTATE_90)
    assert stored.size == (HEIGHT, WIDTH)
    stored.save(tmp_path / "a.jpg", exif=exif)
    (answer,) = analyzed(capsys, tmp_path / "a.jpg", "--masks-out", tmp_path / "out")
    assert (answer["status"], answer["width"], answer["height"]) == ("ok", WIDTH, HEIGHT)
    assert png_header(tmp_path / "out" / "a.png") == (WIDTH, HEIGHT, 8, 0)
    labels = np.asarray(Image.open(tmp_path / "out" / "a.png"))
    assert labels.max() < len(CLASSES)
    (again,) = analyzed(capsys, tmp_path / "a.jpg", "--masks-in", tmp_path / "out")
    # Given masks are trusted as they are, the segmenter's pixels only where it is certain; so
    # palettes may differ, and the pattern, which is read from their shares.
    for one in (answer, again):
        for garment in one["garments"]:
            shares = np.array([color["share"] for color in garment.pop("palette")])
            assert garment.pop("pattern") == pattern(shares)
    assert again == answer


def test_weights_that_can_not_be_read_are_our_error(tmp_path, capsys, monkeypatch):
    photo = photo_and_mask(tmp_path)
    monkeypatch.setattr(weights_files, "PACKAGED_WEIGHTS", tmp_path / "none.safetensors")
    photos._packaged_segmenter.cache_clear()
    said = refusal(capsys, 1, "analyze", photo)
    assert re.fullmatch(r"trendcolor: .*none\.safetensors: no readable weights \(.*\)\n", said)


# Wrong usage


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["analyze"], id="no photo"),
        pytest.param(["analyze", "a.jpg", "--mask-in", "x"], id="unknown option"),
        pytest.param(["analyze", "a.jpg", "--masks-in"], id="option without its value"),
        pytest.param(["run"], id="no config"),
        pytest.param(["run", "a.toml", "b.toml"], id="two configs"),
        pytest.param(["report"], id="no run"),
        pytest.param(["shares", "run", "--colors", "hue"], id="unknown colors"),
        pytest.param(["shares", "run", "--unit", "people"], id="unknown unit"),
        pytest.param(["shares", "run", "--format", "xml"], id="unknown format"),
        pytest.param(["check"], id="no card"),
        pytest.param(["demo", "somewhere"], id="argument for an option"),
        pytest.param(["analyse", "a.jpg"], id="unknown command"),
        pytest.param(["signature", "run", "--unit", "looks"], id="a unit without signatures"),
    ],
)
def test_wrong_usage_exits_2_with_a_word_on_stderr(capsys, arguments):
    assert typed(*arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err != ""


@pytest.mark.parametrize("arguments", [[], ["--help"], ["--version"], ["shares", "--help"]])
def test_help_exits_0(capsys, arguments):
    assert typed(*arguments) == 0
    assert capsys.readouterr().out != ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "nowhere.toml"], r"nowhere\.toml: can't be read"),
        (["report", "nowhere"], "nowhere: no such run folder"),
        (["shares", "nowhere"], "nowhere: no such run folder"),
        (["signature", "nowhere"], "nowhere: no such run folder"),
        (["check", "nowhere.toml"], r"nowhere\.toml: can't be read"),
        (["init", "nowhere"], "nowhere: there is no such folder or table"),
        (["train", "nowhere.toml"], r"nowhere\.toml: can't be read"),
        (["evaluate", "nowhere.toml"], r"nowhere\.toml: can't be read"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_our_errors_are_one_line_and_exit_1(tmp_path, monkeypatch, capsys, arguments, words):
    monkeypatch.chdir(tmp_path)
    said = refusal(capsys, 1, *arguments)
    assert re.fullmatch(rf"trendcolor: {words}[^\n]*\n", said)


def test_ctrl_c_exits_130_with_a_word(monkeypatch, capsys):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(jobs, "run", interrupted)
    said = refusal(capsys, 130, "run", "a.toml")
    assert said == "trendcolor: stopped; the same command goes on from here\n"


# check


def test_check_explains_what_a_card_allows(capsys):
    assert typed("check", CARDS / "ccp.toml") == 0
    text = capsys.readouterr().out
    rows = [[cell.strip() for cell in line.split("|")] for line in text.splitlines()]
    allowed = {row[1]: row[2] for row in rows if len(row) == 6}
    assert allowed["research"] == "true"
    assert allowed["publication"] == allowed["commercial-report"] == "false"
    assert "photos may be shown: no" in text


def test_check_lists_the_declared_columns(capsys):
    assert typed("check", CARDS / "clothing_cc0.toml") == 0
    assert "declared columns" in capsys.readouterr().out


def test_check_answers_for_one_purpose(capsys):
    assert typed("check", CARDS / "ccp.toml", "--purpose", "research") == 0
    assert capsys.readouterr().out == "ccp allows research\n"


def test_check_exits_1_where_the_purpose_is_refused(capsys):
    said = refusal(capsys, 1, "check", CARDS / "streetstyle27k.toml", "--purpose", "research")
    assert said.startswith("trendcolor: streetstyle27k refuses research:\n")
    assert "license is unspecified" in said


def test_check_tells_what_the_license_asks_for(capsys):
    assert typed("check", CARDS / "hm.toml") == 0
    text = capsys.readouterr().out
    assert "figures, by the license: not stated whether they may leave the house" in text
    assert typed("check", CARDS / "ccp.toml") == 0
    assert "asked for: name whom attribution says" in capsys.readouterr().out


def test_check_writes_the_offer_of_a_card(capsys, tmp_path):
    assert typed("check", CARDS / "ccp.toml", "--odrl", tmp_path / "ccp.jsonld") == 0
    assert "publication" in capsys.readouterr().out
    told = json.loads((tmp_path / "ccp.jsonld").read_text(encoding="utf-8"))
    assert (told["@type"], told["permission"][0]["action"]) == ("Offer", "use")


def test_check_names_a_purpose_that_does_not_exist(capsys):
    said = refusal(capsys, 1, "check", CARDS / "ccp.toml", "--purpose", "reserch")
    assert said == "trendcolor: no purpose 'reserch', did you mean 'research'?\n"


# init


def answer(card, config, weights):
    """Answer every question that `init` wrote."""
    text = card.read_text(encoding="utf-8")
    for key, value in ANSWERS.items():
        text = re.sub(rf'^{key} = "TODO[^\n]*"', f'{key} = "{value}"', text, flags=re.MULTILINE)
    text = text.replace('purposes_allowed = ["TODO"]', 'purposes_allowed = ["research"]')
    text = re.sub(r'consent_purposes = \["TODO[^\n]*"\]', "consent_purposes = []", text)
    card.write_text(re.sub(r'biases = \["TODO[^\n]*"\]', "biases = []", text), encoding="utf-8")
    text = config.read_text(encoding="utf-8").replace('purpose = "TODO"', 'purpose = "research"')
    more = f'[segmentation]\nweights = "{weights.as_posix()}"\n[engine]\nworkers = 1\n'
    config.write_text(f"{text}\n{more}", encoding="utf-8")


def test_init_writes_questions_and_a_run_waits_for_the_answers(
    tmp_path, monkeypatch, capsys, weights
):
    monkeypatch.chdir(tmp_path)
    for i in range(2):
        write_look(tmp_path / "mine" / f"{i}.png", tmp_path / "masks" / f"{i}.png", seed=i)
    assert typed("init", "mine") == 0
    said = capsys.readouterr()
    assert said.out == "mine_card.toml\nmine.toml\n"
    assert "trendcolor run mine.toml" in said.err
    said = refusal(capsys, 1, "run", "mine.toml")
    missing = set(re.findall(r"(\w+) is not answered", said))
    assert missing == {*ANSWERS, "consent_purposes", "purposes_allowed", "biases", "purpose"}
    assert not (tmp_path / "runs").exists()
    assert "exists already" in refusal(capsys, 1, "init", "mine")
    answer(tmp_path / "mine_card.toml", tmp_path / "mine.toml", weights)
    assert typed("run", "mine.toml") == 0
    run = Path(capsys.readouterr().out.removesuffix("\n"))
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["header"]["photos"] == 2
    assert manifest["header"]["weights"] == "untrained.safetensors"
    assert manifest["header"]["runtime"] == runtime_name("auto")


def test_init_writes_elsewhere_on_request(tmp_path, capsys):
    write_look(tmp_path / "mine" / "a.png", tmp_path / "masks" / "a.png")
    out = tmp_path / "settings"
    assert typed("init", tmp_path / "mine", "--out", out) == 0
    assert capsys.readouterr().out == f"{out / 'mine_card.toml'}\n{out / 'mine.toml'}\n"
    assert 'root = "../mine"' in (out / "mine.toml").read_text(encoding="utf-8")


# run and report


def test_run_takes_its_folder_from_the_config_and_the_hash(season):
    folder, run = season
    header = json.loads((folder / run / "manifest.json").read_text(encoding="utf-8"))["header"]
    assert run == Path("runs") / f"looks-{header['settings_hash'][:8]}"


def test_run_finds_what_the_photos_show(finished):
    records = pl.concat(pl.read_parquet(path) for path in sorted(finished.glob("records/*")))
    assert records["photo"].unique(maintain_order=True).len() == N
    tops = records.filter((pl.col("garment") == "top") & (pl.col("rank") == 0))
    # Reds and navies in turn; a small correction of the wall's cast may move them a little.
    assert (tops["r"] > 150).to_list() == [i % 2 == 0 for i in range(N)]
    assert tops["sold"].to_list() == [i + 0.5 for i in range(N)]
    assert tops["pixels"].unique().to_list() == [TOP_PIXELS]


def test_run_refuses_other_settings_in_its_folder_unless_fresh(tmp_path, capsys):
    folder, out = write_looks(tmp_path, 2), tmp_path / "run"
    first = write_config(folder)
    assert typed("run", first, "--out", out) == 0
    assert capsys.readouterr().out == f"{out}\n"
    before = files_of(out)
    changed = write_config(folder, more="[color]\nmin_pixels = 2500\n")
    said = refusal(capsys, 1, "run", changed, "--out", out)
    assert re.fullmatch(
        r"trendcolor: .*: holds a run of other settings \(\w{8}, this one is \w{8}\); "
        r"take another folder, or --fresh to replace it\n",
        said,
    )
    assert files_of(out) == before
    assert typed("run", changed, "--out", out, "--fresh") == 0
    assert files_of(out) != before
    records = pl.read_parquet(out / "records" / "00000.parquet")
    assert records["garment"].unique().to_list() == ["top"]  # trousers are below 2500 pixels


def test_run_refuses_a_purpose_that_the_card_does_not_allow(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    config = write_config(write_looks(tmp_path, 1), purpose="commercial-report")
    said = refusal(capsys, 1, "run", config)
    assert "looks: purpose 'commercial-report' is refused, the card does not allow it" in said
    assert not (tmp_path / "runs").exists()


def test_report_writes_its_page_into_the_run_and_prints_its_path(season, monkeypatch, capsys):
    folder, run = season
    monkeypatch.chdir(folder)
    assert typed("report", run) == 0
    assert capsys.readouterr().out == f"{run / 'report' / 'index.html'}\n"
    assert (folder / run / "report" / "index.html").is_file()


def test_report_writes_elsewhere_on_request(finished, tmp_path, capsys):
    assert typed("report", finished, "--out", tmp_path / "page", "--no-pdf") == 0
    assert capsys.readouterr().out == f"{tmp_path / 'page' / 'index.html'}\n"
    assert (tmp_path / "page" / "index.html").is_file()


@pytest.mark.parametrize(
    ("settings", "options", "lang"),
    [
        pytest.param("", ["--lang", "zh-CN"], "zh-CN", id="asked for"),
        pytest.param('lang = "zh"', [], "zh-CN", id="of the run"),
        pytest.param('lang = "zh-CN"', ["--lang", "en"], "en", id="asked for, not of the run"),
        pytest.param("", [], "en", id="neither"),
    ],
)
def test_report_speaks_the_language(finished, tmp_path, capsys, settings, options, lang):
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    if settings:
        manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
        name, value = settings.replace('"', "").split(" = ")
        manifest["header"]["settings"]["report"][name] = value
        (run / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert typed("report", run, "--no-pdf", *options) == 0
    page = Path(capsys.readouterr().out.strip()).read_text(encoding="utf-8")
    assert f'<html lang="{lang}">' in page
    assert ("十二色系" in page) == (lang == "zh-CN")


def test_report_refuses_a_language_that_it_has_not(finished, tmp_path, capsys):
    said = refusal(capsys, 2, "report", finished, "--out", tmp_path / "page", "--lang", "fr")
    assert said == "trendcolor: no language 'fr'; there are: en, zh-CN (--lang)\n"
    assert not (tmp_path / "page").exists()


def test_report_refuses_an_unfinished_run(finished, tmp_path, capsys):
    shutil.copytree(finished, tmp_path / "run")
    (tmp_path / "run" / "manifest.json").unlink()
    said = refusal(capsys, 1, "report", tmp_path / "run")
    assert "the run is unfinished (`trendcolor run` goes on with it; " in said


# demo


def test_demo_runs_and_reports_and_prints_only_the_page(tmp_path, monkeypatch, capsys):
    config = write_config(write_looks(tmp_path, 2))
    monkeypatch.setattr(demos, "shipped_file", lambda name: {"configs/demo.toml": config}[name])
    out = tmp_path / "demo"
    assert typed("demo", "--out", out) == 0
    assert capsys.readouterr().out == f"{out / 'report' / 'index.html'}\n"
    assert (out / "report" / "index.html").is_file()
    assert (out / "run" / "manifest.json").is_file()


# name


def test_name_prints_an_object_a_color(capsys):
    assert typed("name", "#161418", "30,40,70") == 0
    black, navy = map(json.loads, capsys.readouterr().out.splitlines())
    assert list(black) == [
        *(
            "color",
            "vocabulary",
            "name",
            "name_zh",
            "code",
            "family",
            "family_zh",
            "common",
            "common_zh",
        ),
        *("distance", "nearest", "runner_up", "runner_up_distance"),
    ]
    assert (black["color"], black["name"], black["family_zh"]) == ("#161418", "ink black", "黑")
    assert (navy["color"], navy["common"], navy["common_zh"]) == ("#1e2846", "navy", "藏青")


def test_name_says_no_match_beyond_the_limit(tmp_path, capsys):
    library = tmp_path / "library.csv"
    library.write_text("name,code,hex\nNoir,19-4005,161418\n")
    assert typed("name", "#161418", "#303030", "--vocabulary", library) == 0
    near, far = map(json.loads, capsys.readouterr().out.splitlines())
    assert (near["name"], near["code"], near["distance"]) == ("Noir", "19-4005", 0)
    assert (far["name"], far["family"], far["nearest"]) == (None, None, "Noir")
    assert typed("name", "#303030", "--vocabulary", library, "--limit", "inf") == 0
    assert json.loads(capsys.readouterr().out)["name"] == "Noir"


@pytest.mark.parametrize(
    ("status", "arguments", "words"),
    [
        (1, ["blurple"], "no color 'blurple'"),
        (1, ["#161418", "--vocabulary", "cs"], "no vocabulary 'cs', did you mean 'css'"),
        (1, ["#161418", "--vocabulary", "missing.ase"], "missing.ase: no such file"),
        (1, ["#161418", "--limit", "-1"], "limit must be at least 0"),
        (2, [], "no color given"),
    ],
)
def test_name_refuses_in_one_line_and_prints_nothing(capsys, status, arguments, words):
    assert words in refusal(capsys, status, "name", *arguments)


# shares


def shares(capsys, run, *arguments):
    """The rows of `shares` as JSON."""
    assert typed("shares", run, *arguments, "--format", "json") == 0
    return json.loads(capsys.readouterr().out)


def test_shares_are_of_garments_by_family_without_any_option(finished, capsys):
    rows = shares(capsys, finished)
    assert list(rows[0]) == ["family", *SHARES]
    assert {row["family"] for row in rows} == set(FAMILIES)
    assert {(row["denominator"], row["unit"]) for row in rows} == {(2 * N, "garments")}
    counted = {row["family"]: row["numerator"] for row in rows if row["numerator"]}
    assert counted == {"red": N // 2, "blue": N + N // 2}
    assert all(row["low"] <= row["share"] <= row["high"] for row in rows)


def test_shares_by_columns_have_them_first(finished, capsys):
    rows = shares(capsys, finished, "--by", "season, garment")
    assert list(rows[0]) == ["season", "garment", "family", *SHARES]
    assert {(row["season"], row["garment"]) for row in rows} == {
        (season, garment) for season in ("AW25", "SS26") for garment in ("top", "trousers")
    }


def test_shares_of_names_may_be_of_another_vocabulary(finished, tmp_path, capsys):
    css = shares(capsys, finished, "--colors", "name", "--vocabulary", "css")
    assert css != shares(capsys, finished, "--colors", "name")
    library = tmp_path / "library.csv"
    library.write_text("name,hex\nElsewhere,00ff00\n")
    rows = shares(capsys, finished, "--colors", "name", "--vocabulary", library)
    assert [(row["name"], row["share"]) for row in rows] == [("no match", 1.0)]
    said = refusal(capsys, 1, "shares", finished, "--vocabulary", "css")
    assert said == "trendcolor: a vocabulary has names, not colors 'family' (wanted 'name')\n"


def test_an_empty_condition_is_refused(finished, capsys):
    said = refusal(capsys, 1, "shares", finished, "--where", " ")
    assert "the condition is empty" in said


def test_a_condition_that_nothing_meets_is_told(finished, capsys, caplog):
    with caplog.at_level("INFO", logger="trendcolor"):
        assert shares(capsys, finished, "--where", "region = 'XX'") == []
        assert shares(capsys, finished, "--where", "garment = 'hat'") == []
    assert caplog.messages == ["no garments: nothing in the run meets the condition"] * 2


def test_python_gives_the_shares_that_the_command_prints(finished, capsys):
    rows = shares(capsys, finished, "--by", "season,garment", "--unit", "looks")
    answer = tc.open_run(finished).shares(
        by=["season", "garment"], unit="looks", disclosure="public"
    )
    assert json.loads(answer.write_json()) == rows


@pytest.mark.parametrize("colors", ["family", "common", "name", "bin"])
@pytest.mark.parametrize("unit", ["garments", "looks", "area", "weight"])
def test_shares_of_any_color_and_unit_have_the_same_columns(finished, capsys, colors, unit):
    rows = shares(capsys, finished, "--colors", colors, "--unit", unit, "--by", "region")
    assert list(rows[0]) == ["region", colors, *SHARES]
    assert all(row["numerator"] <= row["denominator"] for row in rows)


def test_shares_where_narrows_the_denominator(finished, capsys):
    rows = shares(capsys, finished, "--where", "region = 'EU' AND garment = 'top'")
    assert {row["denominator"] for row in rows} == {N // 2}
    assert {row["family"] for row in rows if row["numerator"]} == {"red"}


def test_shares_print_the_same_as_csv_and_as_a_table(finished, capsys):
    rows = shares(capsys, finished, "--by", "season")
    assert typed("shares", finished, "--by", "season", "--format", "csv") == 0
    printed = list(csv.DictReader(StringIO(capsys.readouterr().out)))
    assert [list(row) for row in printed] == [["season", "family", *SHARES]] * len(rows)
    assert [float(row["share"]) for row in printed] == [row["share"] for row in rows]
    assert typed("shares", finished, "--by", "season") == 0
    head, rule, *body = capsys.readouterr().out.splitlines()
    assert [cell.strip() for cell in head.strip("|").split("|")] == list(rows[0])
    assert set(rule) <= set("|-: ")
    assert len(body) == len(rows)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--by", "seasn"], "no column 'seasn', did you mean 'season'?"),
        (["--by", "season,garmnt"], "no column 'garmnt', did you mean 'garment'?"),
        (["--where", "regoin = 'EU'"], "no column 'regoin', did you mean 'region'?"),
    ],
)
def test_a_wrong_column_is_named_with_the_nearest_one(finished, capsys, arguments, words):
    assert refusal(capsys, 1, "shares", finished, *arguments) == f"trendcolor: {words}\n"


def test_a_condition_that_is_no_sql_is_refused(finished, capsys):
    said = refusal(capsys, 1, "shares", finished, "--where", "region ==== 'EU'")
    assert said.startswith("trendcolor: no SQL condition: \"region ==== 'EU'\"")
    assert len(said.splitlines()) == 1


# signature


def signature(capsys, run, *arguments):
    """The rows of `signature` as JSON."""
    assert typed("signature", run, *arguments, "--format", "json") == 0
    return json.loads(capsys.readouterr().out)


def test_signature_gives_the_color_of_each_group(finished, capsys):
    rows = signature(capsys, finished, "--by", "region, garment")
    assert list(rows[0])[:4] == ["region", "garment", "color", "name"]
    tops = {row["region"]: row for row in rows if row["garment"] == "top"}
    # Flat cloth comes back as its records have it, but for two steps of rounding; and as it was
    # drawn, but for a few steps of the light, because the wall is warm.
    measured = open_run(finished).garments("top").records().collect()
    for region, color in (("EU", RED), ("UK", NAVY)):
        found = [tops[region][c] for c in "rgb"]
        recorded = measured.filter(region=region, rank=0).select(*"rgb").median().row(0)
        np.testing.assert_allclose(found, recorded, atol=2)
        np.testing.assert_allclose(found, color, atol=5)
        assert (tops[region]["n"], tops[region]["share"]) == (N // 2, 1)


def test_signature_of_families_may_have_names_of_one_s_own(finished, capsys):
    code = "#{:02x}{:02x}{:02x}".format(*RED)
    names = ["--name", f"flag red={code}", "--name", "ink=#161418"]
    red, blue, black = signature(capsys, finished, "--family", "red,blue, black", *names)
    assert (red["family"], red["name"]) == ("red", "flag red")
    assert (blue["n"], blue["denominator"]) == (N + N // 2, 2 * N)
    assert (black["family"], black["color"], black["n"]) == ("black", None, 0)


def test_signature_within_and_where_and_unit_are_passed_on(finished, capsys):
    (row,) = signature(
        capsys,
        finished,
        *("--where", "region = 'EU' AND garment = 'top'", "--within", "2.5", "--unit", "weight"),
    )
    assert (row["family"], row["within"], row["unit"]) == ("red", 2.5, "weight")


def test_python_gives_the_signature_that_the_command_prints(finished, capsys):
    rows = signature(capsys, finished, "--by", "season")
    answer = tc.open_run(finished).signatures(by="season", disclosure="public")
    assert json.loads(answer.write_json()) == rows
    assert typed("signature", finished, "--by", "season", "--format", "csv") == 0
    printed = list(csv.DictReader(StringIO(capsys.readouterr().out)))
    assert [row["color"] for row in printed] == [row["color"] for row in rows]
    assert typed("signature", finished, "--by", "season") == 0
    head, _, *body = capsys.readouterr().out.splitlines()
    assert [cell.strip() for cell in head.strip("|").split("|")] == list(rows[0])
    assert len(body) == len(rows)


def test_signature_tells_where_nothing_meets_the_condition(finished, capsys, caplog):
    with caplog.at_level("INFO", logger="trendcolor"):
        assert signature(capsys, finished, "--where", "region = 'XX'") == []
    assert caplog.messages == ["no garments: nothing in the run meets the condition"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--family", "blak"], "no family 'blak', did you mean 'black'?"),
        (["--by", "seasn"], "no column 'seasn', did you mean 'season'?"),
        (["--name", "ink"], "no color in 'ink' (--name \"95-degree black=#161418\")"),
        (["--name", "=#161418"], "color '#161418' has an empty name"),
        (["--name", "ink=161"], "no color '161' (wanted sRGB as six digits, \"#161418\")"),
        (["--within", "0"], "within must be above 0 (CIEDE2000), got 0"),
        (["--where", " "], "the condition is empty (--where \"region = 'EU'\")"),
    ],
)
def test_a_wrong_question_for_a_signature_is_told(finished, capsys, arguments, words):
    assert refusal(capsys, 1, "signature", finished, *arguments) == f"trendcolor: {words}\n"


# train and evaluate


def test_train_prints_the_path_of_weights_that_evaluate_scores(tmp_path, capsys):
    for part, n in (("learn", 3), ("check", 1)):
        write_looks(tmp_path / part, n, table=False)
    data = (
        'card = "learn/card.toml"\nroot = "{0}/images"\nformat = "index-masks"\nmasks = "{0}/masks"'
    )
    config = tmp_path / "train.toml"
    config.write_text(
        f"""out = "out"
[[data]]
{data.format("learn")}
[[validation]]
{data.format("check")}
[model]
height = 64
width = 64
[training]
epochs = 1
batch = 2
crop_height = 64
crop_width = 64
threads = 1
""".replace("[[columns]]", ""),
        encoding="utf-8",
    )
    for card in tmp_path.glob("*/card.toml"):
        card.write_text(card.read_text(encoding="utf-8").partition("[[col")[0], encoding="utf-8")
    assert typed("train", config) == 0
    weights = tmp_path / "out" / "weights.safetensors"
    assert capsys.readouterr().out == f"{weights}\n"
    config.write_text(
        f'purpose = "evaluation"\n[[data]]\n{data.format("check")}\n'
        '[segmentation]\nweights = "out/weights.safetensors"\n',
        encoding="utf-8",
    )
    assert typed("evaluate", config, "--out", tmp_path / "figures") == 0
    printed = capsys.readouterr().out
    assert "| garment purity |" in printed
    assert (tmp_path / "figures" / "evaluation.md").read_text(encoding="utf-8") == printed
    figures = json.loads((tmp_path / "figures" / "evaluation.json").read_text(encoding="utf-8"))
    assert figures["photos"] == 1
