"""House tests: what holds for the package as a whole."""

import dataclasses
import inspect
import json
import pickle
import re
import statistics
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import trendcolor as tc
from trendcolor import errors
from trendcolor.cli import app
from trendcolor.compiling import IS_COMPILED
from trendcolor.config import Config, ModelConfig, ScreeningConfig, TrainingConfig
from trendcolor.errors import TrendColorError

ROOT = Path(__file__).parent.parent
HEAVY = ("torch", "ray", "sklearn", "skimage", "scipy", "polars", "numpy", "PIL")
COMMANDS = (
    *("analyze", "name", "check", "init", "run", "report", "demo", "shares", "signature"),
    *("audit", "bridge", "correct", "plan", "train", "evaluate", "explore"),
    *("seal", "verify", "merge", "forget", "expire", "audit-trust"),
)
ERRORS = [
    error
    for error in vars(errors).values()
    if inspect.isclass(error) and issubclass(error, TrendColorError)
]


def loaded(code):
    """Processor seconds and loaded modules, of those that weigh, after some lines of Python."""
    ask = f"""
import json, sys, time
started = time.process_time()
{code}
seconds = time.process_time() - started
json.dump([seconds, sorted(set(sys.modules) & set({HEAVY!r}))], sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", ask], capture_output=True, text=True, check=True, timeout=120
    )
    return json.loads(done.stderr)


@pytest.mark.parametrize("runtime", ["openvino", "onnxruntime"])
def test_a_faster_runtime_does_without_torch(runtime):
    pytest.importorskip(runtime)
    _, heavy = loaded(
        f"""
from trendcolor.config import SegmentationConfig
from trendcolor.pipeline import build_pipeline
from trendcolor.segmentation.opening import load_segmenter
import numpy as np
segmenter = load_segmenter(SegmentationConfig(runtime="{runtime}"))
assert segmenter.label_map(np.zeros((64, 64, 3), np.uint8)).shape == (64, 64)
"""
    )
    assert "torch" not in heavy
    assert "sklearn" not in heavy or not IS_COMPILED


def test_openvino_is_loaded_without_what_could_report_usage():
    pytest.importorskip("openvino")
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            """
import sys
from trendcolor.config import SegmentationConfig
from trendcolor.segmentation.opening import load_segmenter
load_segmenter(SegmentationConfig(runtime="openvino"))
assert "openvino" in sys.modules
print([name for name in sys.modules if "telemetry" in name and sys.modules[name] is not None])
""",
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    modules = done.stdout.strip()
    assert "openvino_telemetry" not in modules, modules


def test_importing_the_package_loads_nothing_heavy():
    seconds, heavy = loaded("import trendcolor")
    assert heavy == []
    assert seconds < 1  # it takes about 0.01 of processor time; a busy machine has no say


def test_importing_the_package_takes_no_time():
    ask = "import time; t = time.process_time(); import {}; print(time.process_time() - t)"
    seconds = {}
    for module in ("trendcolor", "json"):
        runs = (
            subprocess.run(
                [sys.executable, "-c", ask.format(module)],
                capture_output=True,
                text=True,
                check=True,
                timeout=60,
            )
            for _ in range(5)
        )
        seconds[module] = statistics.median(float(done.stdout) for done in runs)
    # Of processor time, so that a busy machine has no say; it takes about 2 ms.
    assert seconds["trendcolor"] - seconds["json"] < 0.15


def test_help_is_quick_and_loads_nothing_heavy():
    seconds, heavy = loaded(
        "from trendcolor.cli import main\nassert main(['--help']) == 0\n"
        "assert main(['run', '--help']) == 0"
    )
    assert heavy == []
    assert seconds < 3  # it takes about 0.4 of processor time


@pytest.mark.parametrize(
    "name", ["Run", "__version__", "analyze", "name_color", "open_run", "open_vocabulary"]
)
def test_the_public_names_are_there(name):
    assert name in dir(tc)
    assert name in tc.__all__
    assert getattr(tc, name)


def test_another_name_is_no_attribute():
    with pytest.raises(AttributeError, match="module 'trendcolor' has no attribute 'analyse'"):
        tc.analyse  # noqa: B018  # asking is the test


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_each_error_survives_pickle(error):
    back = pickle.loads(pickle.dumps(error("a.jpg: truncated JPEG")))
    assert type(back) is error
    assert str(back) == "a.jpg: truncated JPEG"


@pytest.mark.parametrize(
    "error", [e for e in ERRORS if e is not TrendColorError], ids=lambda error: error.__name__
)
def test_each_error_is_a_builtin_too(error):
    builtin = (ValueError, LookupError, PermissionError, RuntimeError)
    assert issubclass(error, builtin)
    assert "__init__" not in vars(error)


def test_the_commands_are_those_of_the_contract():
    assert set(COMMANDS) == {name for name in app if not name.startswith("-")}


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_in_the_readme(command):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"\btrendcolor {command}\b", readme)


def sections():
    """The sections of a run's settings; those of a data set are held by test_config.py."""
    named = [spec for spec in dataclasses.fields(Config) if spec.name not in ("purpose", "data")]
    nested = [("images.screening", ScreeningConfig)]
    return [*((spec.name, spec.default_factory) for spec in named), *nested]


@pytest.mark.parametrize(("section", "settings"), sections(), ids=lambda value: str(value))
def test_each_setting_is_in_the_default_config_with_a_word_on_it(section, settings):
    text = (ROOT / "configs" / "default.toml").read_text(encoding="utf-8")
    lines = text.partition(f"\n[{section}]\n")[2].partition("\n[")[0].splitlines()
    for spec in dataclasses.fields(settings):
        if dataclasses.is_dataclass(spec.default_factory):
            assert (f"{section}.{spec.name}", spec.default_factory) in sections()
            continue
        (line,) = [line for line in lines if line.startswith(f"{spec.name} = ")]
        assert re.search(r" # \S", line), line


@pytest.mark.parametrize("settings", [ModelConfig, TrainingConfig])
def test_each_setting_of_a_training_is_told_somewhere(settings):
    places = [ROOT / "README.md", *(ROOT / "configs").glob("*.toml"), *(ROOT / "docs").glob("*.md")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in places)
    names = [spec.name for spec in dataclasses.fields(settings)]
    assert [name for name in names if not re.search(rf"\b{name}\b", text)] == []


def test_the_wheel_holds_all_that_the_package_needs(tmp_path):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        shipped = set(archive.namelist())
    kept = subprocess.run(
        ["git", "ls-files", "trendcolor", "configs", "data_cards"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    wanted = {name if name.startswith("trendcolor/") else f"trendcolor/{name}" for name in kept}
    assert len(wanted) > 300  # code, configs, cards, sample photos with masks, weights
    assert wanted <= shipped


# Where pictures made here, weights and fonts are kept; elsewhere is source and text alone.
KEPT = (
    *("docs/pictures/", "trendcolor/report/fonts/", "trendcolor/samples/", "trendcolor/weights/"),
)
BINARY = (
    *(".pkl", ".npy", ".npz", ".jpg", ".jpeg", ".png", ".webp", ".parquet", ".safetensors"),
    *(".bin", ".zip", ".tar"),
)
MOST = 1_000_000  # bytes of any other file


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no checkout")
def test_nothing_is_kept_that_was_left_lying():
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout.split("\0")
    others = [name for name in listed if name and not name.startswith(KEPT)]
    assert "pyproject.toml" in others
    assert [name for name in others if name.lower().endswith(BINARY)] == []
    sizes = {name: (ROOT / name).stat().st_size for name in others if (ROOT / name).exists()}
    assert {name: size for name, size in sizes.items() if size > MOST} == {}
