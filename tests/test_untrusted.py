"""Nothing in the package runs what a file says: no pickle, no code, no archive is unpacked."""

import ast
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Modules that turn bytes into code or objects of any class, or unpack to paths of the bytes' own.
MODULES = {
    *("pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"),
    *("yaml", "ruamel", "tarfile", "zipfile", "imp", "code", "codeop"),
}
BUILTINS = {"eval", "exec", "compile", "__import__"}
METHODS = {
    *("load_module", "extractall", "unpack_archive", "read_pickle", "loadmat", "system", "popen"),
}
LOADERS = {"torch.load", "np.load", "numpy.load"}
WORDS = {"allow_pickle", "trust_remote_code", "shell"}
# What is allowed, by file and call, with the reason.
ALLOWED = {
    ("apart.py", "subprocess.Popen"): "starts this interpreter, to read files that may end it",
    ("datasets/matlab.py", "loadmat"): "of matrices of numbers alone, whose types were checked",
    ("datasets/tar_members.py", "tarfile"): "reads headers alone; nothing is unpacked",
    ("engine/kept.py", "pickle"): "between a worker and the process that it started itself",
    ("engine/served.py", "pickle"): "between a worker and the process that it started itself",
    ("segmentation/training.py", "torch.load"): "the training's own checkpoint, weights_only=True",
}


def calls_of(path):
    """The calls and imports of a file that could run or unpack what they are given."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((a.name, node) for a in node.names if a.name.split(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES:
            yield node.module, node
        elif isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            last = name.rpartition(".")[2]
            if name in BUILTINS | LOADERS or name.startswith("subprocess."):
                yield name, node
            elif last in METHODS:
                yield last, node
            yield from ((word.arg, node) for word in node.keywords if word.arg in WORDS)


def test_nothing_runs_or_unpacks_what_a_file_says():
    package = ROOT / "trendcolor"
    found = {
        (path.relative_to(package).as_posix(), name): node
        for path in package.rglob("*.py")
        for name, node in calls_of(path)
    }
    assert found.keys() - ALLOWED.keys() == set()
    load = found["segmentation/training.py", "torch.load"]
    assert {w.arg: ast.unparse(w.value) for w in load.keywords}["weights_only"] == "True"


@pytest.mark.parametrize(
    "line",
    [
        *("import pickle", "from joblib import load", "eval(text)", "np.load(path)"),
        *("torch.load(path)", "pl.read(path, allow_pickle=True)", "archive.extractall(folder)"),
        *("import yaml", "subprocess.run(command)", "AutoModel.load(a, trust_remote_code=True)"),
    ],
)
def test_what_would_run_a_file_is_seen(line, tmp_path):
    (tmp_path / "a.py").write_text(line, encoding="utf-8")
    assert list(calls_of(tmp_path / "a.py"))


@pytest.fixture(scope="module")
def audit():
    return runpy.run_path(str(ROOT / ".ci" / "audit.py"))


def test_a_version_with_a_known_weakness_fails_the_audit(audit, capsys):
    weak = {"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}
    fine = {"name": "b", "version": "1", "vulns": []}
    assert audit["told"]([weak, fine]) == 1
    assert "a 1: CVE-1 (fixed in 2)\n2 of 2 versions audited, 1 with" in capsys.readouterr().out
    assert audit["told"]([fine]) == 0


def test_an_audit_that_saw_nothing_says_that_it_was_skipped(audit, capsys):
    assert audit["told"]([{"name": "a", "version": "1", "skip_reason": "not found"}]) == 0
    assert capsys.readouterr().out == (
        "audit of versions skipped: its service knows none of 1 versions from here\n"
    )
