"""Settings of all tests."""

import pytest
from browser import chromium  # noqa: F401, a fixture of one browser for all tests
from explore_runs import make_run
from hypothesis import settings

# A busy machine is no reason to fail: what is tested is what comes out, not how fast.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(scope="session")
def looks_run(tmp_path_factory):
    """The folder of a small run, made once, for all tests that only ask it."""
    return make_run(tmp_path_factory.mktemp("looks"))
