import base64
import re
import shutil
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
from looks import write_config, write_looks
from PIL import Image

import trendcolor
from trendcolor.api import trust
from trendcolor.api.reports import ReportOptions, report
from trendcolor.cli import main
from trendcolor.errors import RunError, UsageError
from trendcolor.faceless import PersonPackage

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A real run over looks, with its report."""
    folder = write_looks(tmp_path_factory.mktemp("trust"), 6)
    assert main(["run", str(write_config(folder)), "--out", str(folder / "run")]) == 0
    report(folder / "run", ReportOptions(pdf=False))
    return folder / "run"


@pytest.fixture
def run(whole, tmp_path):
    """A copy of it, to be changed."""
    return shutil.copytree(whole, tmp_path / "run")


def failing(run, **options):
    """The checks that fail, and what they found."""
    audit = trust.audit_trust(run, **options)
    return {each.check: each.found for each in audit.checks if not each.holds}


def test_a_sound_run_holds_in_all(run, capsys):
    assert failing(run) == {}
    assert main(["audit-trust", str(run)]) == 0
    page = capsys.readouterr().out
    for word in ("looks 1", "CC0-1.0", "research", "cleared for research", "what the gate decided"):
        assert word in page
    assert main(["audit-trust", str(run), "--format", "json"]) == 0
    assert pl.read_json(capsys.readouterr().out.encode())["holds"].all()


def test_each_claim_names_a_test_that_is_there(run):
    for each in trust.audit_trust(run).checks:
        file, _, name = each.held_by.partition("::")
        text = (ROOT / file).read_text(encoding="utf-8")
        assert re.search(rf"^def {name}\(", text, re.MULTILINE), each.held_by


def test_a_picture_that_is_planted_anywhere_is_found(run, capsys):
    buffer = BytesIO()
    Image.new("RGB", (30, 40), (200, 150, 120)).save(buffer, "JPEG")
    hidden = base64.b64encode(buffer.getvalue()).decode()
    (run / "report" / "notes.txt").write_text(f"see {hidden}")
    found = failing(run)
    assert "notes.txt" in found["no file holds a picture but drawn colors"]
    assert "notes.txt is not stated" in found["the report is the one that was written"]
    assert main(["audit-trust", str(run)]) == 1
    assert "2 of" in capsys.readouterr().err


def test_one_changed_byte_is_found(run):
    path = next((run / "records").iterdir())
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert "records" in failing(run)["files, receipts and hashes agree"]


def test_a_page_that_was_changed_is_found(run):
    page = run / "report" / "index.html"
    page.write_text(page.read_text("utf-8").replace("research", "anything"), "utf-8")
    assert failing(run) == {
        "the report is the one that was written": "index.html was changed",
    }


def test_a_package_that_looks_at_faces_is_found(run, monkeypatch):
    monkeypatch.setattr(trust, "installed_closure", lambda: frozenset({"numpy", "deepface"}))
    (found,) = failing(run).values()
    assert found.startswith("deepface: ")
    assert PersonPackage.__doc__


def test_source_that_looks_at_faces_is_found(run, monkeypatch, tmp_path):
    planted = shutil.copytree(
        Path(trendcolor.__file__).parent,
        tmp_path / "trendcolor",
        ignore=shutil.ignore_patterns("*.onnx"),
    )
    (planted / "crop.py").write_text("import face_recognition\n")
    monkeypatch.setattr(trendcolor, "__file__", str(planted / "__init__.py"))
    assert "crop.py:1: face_recognition" in failing(run)["no line of source names one"]


def test_consent_that_has_ended_since_is_told(run, monkeypatch):
    class Later(trust.date):
        @classmethod
        def today(cls):
            return cls(2999, 1, 1)

    monkeypatch.setattr(trust, "date", Later)
    assert failing(run) == {}  # nothing of this run ends
    text = (run / "manifest.json").read_text("utf-8")
    assert '"consent_expires": ""' in text
    # Told from the manifest alone: what was sealed is then another thing, which is told too.
    for path in (run / "manifest.json", run / "settings.json"):
        path.write_text(
            path.read_text("utf-8").replace(
                '"consent_expires": ""', '"consent_expires": "2998-01-01"'
            ),
            "utf-8",
        )
    assert "2998-01-01" in failing(run)["the purpose is allowed by each card, today too"]


def test_a_run_without_a_report_says_so(run):
    shutil.rmtree(run / "report")
    (check,) = [c for c in trust.audit_trust(run).checks if c.check.startswith("the report")]
    assert (check.holds, check.found) == (True, "no report was written")
    with pytest.raises(UsageError, match="no such report"):
        trust.audit_trust(run, report=run / "report")


def test_what_cannot_be_looked_at_is_refused(tmp_path):
    with pytest.raises(RunError):
        trust.audit_trust(tmp_path)
    with pytest.raises(UsageError, match="copy the run here"):
        trust.audit_trust("s3://bucket/run")
