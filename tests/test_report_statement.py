import hashlib
import json
import shutil
import sys

import pytest
from report_runs import built_run

from trendcolor.api.reports import ReportOptions, report
from trendcolor.cli import main
from trendcolor.errors import RunError, UsageError
from trendcolor.report.statement import (
    FILE,
    PASSWORD,
    SIGNATURE,
    read_statement,
    statement_faults,
)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run with its report, as anyone writes it."""
    folder = tmp_path_factory.mktemp("statement") / "run"
    built_run(folder)
    report(folder, ReportOptions(pdf=False))
    return folder


@pytest.fixture
def copy(run, tmp_path):
    """The same, to be changed."""
    return shutil.copytree(run, tmp_path / "run")


def faults(run, key=None):
    manifest = (run / "manifest.json").read_bytes()
    return list(statement_faults(run / "report", manifest, key))


def keys(folder, password=None):
    """A secret and a public key, as files."""
    minisign = pytest.importorskip("minisign")
    pair = minisign.KeyPair.generate()
    if password:
        pair.secret_key.encrypt(password)
    secret, public = folder / "us.key", folder / "us.pub"
    secret.write_bytes(bytes(pair.secret_key))
    public.write_bytes(bytes(pair.public_key))
    return secret, public


def test_a_statement_names_the_run_and_each_file_by_hash(run):
    statement = read_statement(run / "report")
    manifest = (run / "manifest.json").read_bytes()
    header = json.loads(manifest)["header"]
    assert statement.manifest == hashlib.sha256(manifest).hexdigest()
    assert statement.settings == header["settings_hash"]
    assert (statement.weights, statement.code) == (header["weights_hash"], header["code_hash"])
    assert [c.sha256 for c in statement.cards] == [c["sha256"] for c in header["cards"]]
    assert "index.html" in statement.files
    for name, digest in statement.files.items():
        assert hashlib.sha256((run / "report" / name).read_bytes()).hexdigest() == digest
    assert not faults(run)


def test_the_same_report_states_the_same(copy):
    before = (copy / "report" / FILE).read_bytes()
    report(copy, ReportOptions(pdf=False))
    assert (copy / "report" / FILE).read_bytes() == before


def test_whatever_is_changed_afterwards_is_told(copy):
    page = copy / "report" / "index.html"
    page.write_bytes(page.read_bytes() + b" ")
    (copy / "report" / "more.txt").write_text("more")
    (copy / "report" / "swatches" / "colors.ase").unlink()
    (copy / "manifest.json").write_bytes((copy / "manifest.json").read_bytes() + b" ")
    assert faults(copy) == [
        "the report is of another manifest (write it anew)",
        "index.html was changed",
        "more.txt is not stated",
        "swatches/colors.ase is missing",
    ]


def test_a_signature_holds_until_the_statement_changes(copy, tmp_path):
    secret, public = keys(tmp_path)
    assert main(["report", str(copy), "--no-pdf", "--sign", str(secret)]) == 0
    assert not faults(copy, public)
    (tmp_path / "other").mkdir()
    _, other = keys(tmp_path / "other")
    assert [fault.partition(" (")[0] for fault in faults(copy, other)] == [
        f"{SIGNATURE} is not of this statement and key"
    ]
    path = copy / "report" / FILE
    path.write_bytes(path.read_bytes().replace(b'"photos": ', b'"photos": 1'))
    assert [fault.partition(" (")[0] for fault in faults(copy, public)] == [
        f"{SIGNATURE} is not of this statement and key"
    ]


def test_a_report_written_anew_has_no_signature_of_before(copy, tmp_path):
    secret, public = keys(tmp_path)
    report(copy, ReportOptions(pdf=False, sign=secret))
    report(copy, ReportOptions(pdf=False))
    assert faults(copy, public) == [
        f"{SIGNATURE} is missing (`trendcolor report --sign KEY` writes it)"
    ]


def test_an_encrypted_key_is_opened_by_its_password(copy, tmp_path, monkeypatch):
    secret, public = keys(tmp_path, password="oak")
    monkeypatch.setenv(PASSWORD, "elm")
    with pytest.raises(UsageError, match="no minisign secret key that can be opened"):
        report(copy, ReportOptions(pdf=False, sign=secret))
    assert not faults(copy)  # the report before is untouched
    monkeypatch.setenv(PASSWORD, "oak")
    report(copy, ReportOptions(pdf=False, sign=secret))
    assert not faults(copy, public)


@pytest.mark.parametrize("text", [None, "", "no key", "untrusted comment: x\nRWQ=\n"])
def test_a_key_that_is_none_is_refused_before_anything_is_written(copy, tmp_path, text):
    pytest.importorskip("minisign")
    key = tmp_path / "us.key"
    if text is not None:
        key.write_text(text)
    with pytest.raises(UsageError, match="no minisign secret key"):
        report(copy, ReportOptions(pdf=False, sign=key))
    with pytest.raises(UsageError, match="no minisign public key"):
        faults(copy, key)


def test_without_the_package_that_signs_the_remedy_is_told(copy, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "minisign", None)
    with pytest.raises(UsageError, match=r"pip install 'trendcolor\[sign\]'"):
        report(copy, ReportOptions(pdf=False, sign=tmp_path / "us.key"))


@pytest.mark.parametrize("text", ["", "{}", "[1]"])
def test_what_is_no_statement_is_refused(tmp_path, text):
    with pytest.raises(RunError, match="is missing"):
        read_statement(tmp_path)
    (tmp_path / FILE).write_text(text)
    with pytest.raises(RunError, match="is no statement"):
        read_statement(tmp_path)
