import csv
import datetime
import json
import shutil

import pytest
from data_sets import card, column
from looks import CARD, write_config, write_looks

from trendcolor.api.jobs import run
from trendcolor.api.opening import open_run
from trendcolor.api.reports import ReportOptions, asked_of, report
from trendcolor.cards import admit
from trendcolor.config import read_config
from trendcolor.datasets.photo_licenses import by_license, photo_license
from trendcolor.datasets.reference import PhotoRef
from trendcolor.engine.plan import list_photos, plan
from trendcolor.errors import RefusedError

RIGHTS = [
    *("CC-BY-NC-4.0", "CC0-1.0", "", "all rights reserved", "CC-BY-ND-4.0", "CC-BY-SA-4.0"),
    *("cc-by-4.0", "LicenseRef-mine"),
]
LET_IN = [1, 5, 6]
BROKEN = 3  # a refused photo that nobody could read
COPY = 0  # a refused photo that an allowed one repeats
PER_PHOTO = """
[[columns]]
name = "rights"
kind = "license"
declared_by = "the tests"
"""


def licensed_looks(folder, rights=RIGHTS):
    """Looks with a license each, whose card leaves everything to them."""
    write_looks(folder, len(rights), table=False)
    text = CARD.format(name="site").replace('"CC0-1.0"', '"LicenseRef-per-photo"')
    text = text.replace('"model-training"]', '"publication", "commercial-report"]')
    (folder / "card.toml").write_text(text + PER_PHOTO, encoding="utf-8")
    with (folder / "looks.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "season", "region", "source", "sold", "rights"])
        for i, name in enumerate(rights):
            path = f"images/look_{i:02d}.png"
            rows.writerow([path, "SS26", "EU", f"s{i}", "1", name])
    return folder


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run for sale over photos of eight licenses; tests only read it."""
    folder = licensed_looks(tmp_path_factory.mktemp("looks"))
    images = folder / "images"
    (images / f"look_{BROKEN:02d}.png").write_bytes(b"no picture")
    shutil.copy(images / f"look_{LET_IN[0]:02d}.png", images / f"look_{COPY:02d}.png")
    config = write_config(folder, purpose="commercial-report", shard_photos=4)
    return run(config, out=folder / "run").folder


def test_photos_whose_license_refuses_are_never_opened(finished):
    photos = open_run(finished).photos().sort("photo")
    reasons = dict(enumerate(photos["reason"]))
    assert [i for i, reason in reasons.items() if reason is None] == LET_IN
    assert photos.filter(photos["reason"].is_not_null())["status"].unique().to_list() == [
        "rejected"
    ]
    refused = "does not permit purpose 'commercial-report'"
    assert reasons[0] == f"license 'CC-BY-NC-4.0' {refused}: it is non-commercial"
    assert reasons[4].startswith(f"license 'CC-BY-ND-4.0' {refused}: what is made of it may not")
    assert reasons[2] == (
        "license is empty, which permits no purpose, 'commercial-report' included"
    )
    # Opened, it would be no picture.
    assert reasons[BROKEN].startswith("license 'all rights reserved' is not known, which permits")
    assert reasons[7].startswith("license 'LicenseRef-mine' is not known")


def test_the_report_counts_them_in_fixed_words_and_names_the_licenses_of_the_others(finished):
    page = report(finished, ReportOptions(pdf=False), out=finished.parent / "report")
    text = page.read_text(encoding="utf-8")
    assert "Its own license does not permit the purpose" in text
    assert "Its own license is not known" in text
    assert "all rights reserved" not in text
    named = (page.parent / "ATTRIBUTION.txt").read_text(encoding="utf-8")
    assert (
        "Licenses of single photos: CC-BY-4.0 (https://spdx.org/licenses/CC-BY-4.0.html)" in named
    )
    assert "under CC-BY-SA-4.0" in named
    chinese = ReportOptions(pdf=False, lang="zh-CN")
    page = report(finished, chinese, out=finished.parent / "chinese")
    assert "照片自身的许可不允许此用途" in page.read_text(encoding="utf-8")


def test_such_a_run_serves_its_own_purpose_alone(finished):
    asked_of(finished, ReportOptions())
    with pytest.raises(RefusedError, match="each photo's license was asked for 'commercial-report"):
        asked_of(finished, ReportOptions(purpose="research"))


def test_the_manifest_holds_the_decision(finished):
    decision = json.loads((finished / "manifest.json").read_text())["header"]["decision"]
    assert decision["purpose"] == "commercial-report"
    assert decision["date"] <= datetime.datetime.now(datetime.UTC).date().isoformat()
    assert decision["photo_licenses"] == ["CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0"]
    assert decision["license_of_figures"] == "CC-BY-SA-4.0"
    (told,) = decision["cards"]
    assert told["card"] == "site"
    assert told["rule"] == "license_class 'commercial' and purposes_allowed permit it"


def test_licenses_of_photos_that_cannot_be_met_at_once_refuse_what_is_public(tmp_path):
    folder = licensed_looks(tmp_path, ["CC-BY-SA-4.0", "GFDL-1.3-only"])
    plan(write_config(folder, purpose="research"))
    for purpose in ("publication", "commercial-report"):
        with pytest.raises(RefusedError, match=r"looks\.toml: .* CC-BY-SA-4\.0 and GFDL-1\.3-only"):
            plan(write_config(folder, purpose=purpose))


def test_training_and_scoring_leave_them_out(tmp_path):
    settings = read_config(write_config(licensed_looks(tmp_path), purpose="commercial-report"))
    cards = admit(settings.data, settings.purpose)
    ids = [ref.id for ref in list_photos(settings.data, cards, settings.purpose)]
    assert ids == [f"images/look_{i:02d}.png" for i in LET_IN]


def test_without_a_column_of_licenses_no_photo_is_refused():
    refs = [PhotoRef(id="a", file=None, columns={"rights": "CC-BY-NC-4.0"})]
    plain = card(columns=[column("rights", "category")])
    assert list(by_license(refs, plain, "commercial-report")) == refs
    assert photo_license(refs[0], [plain]) is None


def test_the_reason_survives_the_way_to_a_worker(tmp_path):
    planned = plan(write_config(licensed_looks(tmp_path), purpose="commercial-report"))
    refused = [ref.refused for shard in planned.shards for ref in shard.photos]
    assert [i for i, reason in enumerate(refused) if reason is None] == LET_IN
