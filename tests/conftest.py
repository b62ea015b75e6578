"""Settings of all tests."""

from browser import chromium  # noqa: F401, a fixture of one browser for all tests
from hypothesis import settings

# A busy machine is no reason to fail: what is tested is what comes out, not how fast.
settings.register_profile("house", deadline=None)
settings.load_profile("house")
