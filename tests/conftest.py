"""Settings of all tests."""

import os

import pytest
from browser import chromium  # noqa: F401, a fixture of one browser for all tests
from explore_runs import make_run
from hypothesis import settings

# A busy machine is no reason to fail: what is tested is what comes out, not how fast.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

# Files that take longest begin, so that no process is left alone with one of them at the end.
LONG = (
    *("engine_local", "cli", "runs_forgetting", "engine_ray", "segmentation_training", "hostile"),
    *("demo", "color_illuminant", "cli_reports", "engine_duplicates", "pipeline", "api_audits"),
    *("docs_query", "fuzz", "hostile_pages", "privacy", "benchmarks_pipeline", "benchmarks_color"),
    *("engine_s3", "report_page_numbers", "report_page_writing", "segmentation_opening"),
)
_TURN = {f"test_{name}.py": turn for turn, name in enumerate(LONG)}


def pytest_collection_modifyitems(items):
    """Tests keep their order within a file."""
    items.sort(key=lambda item: _TURN.get(item.path.name, len(LONG)))


@pytest.fixture(scope="session", autouse=True)
def _key_of_pseudonyms(tmp_path_factory):
    """A key of the tests, so that none is made among the user's own files."""
    place = tmp_path_factory.mktemp("key") / "pseudonyms.key"
    place.touch(mode=0o600)
    place.write_text("5a" * 32, encoding="ascii")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "TRENDCOLOR_KEY", str(place))
        yield


@pytest.fixture(scope="session")
def looks_run(tmp_path_factory):
    """The folder of a small run, made once, for all tests that only ask it."""
    return make_run(tmp_path_factory.mktemp("looks"))
