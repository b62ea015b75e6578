"""Measures, from photos that may lawfully be used, which colors people wear.

import trendcolor as tc
tc.analyze("photo.jpg").garments[0].palette
tc.open_run("runs/aw26").shares(by=["season", "garment"])
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from trendcolor.api.naming import name_color
    from trendcolor.api.opening import open_run, open_runs
    from trendcolor.api.photos import analyze
    from trendcolor.api.queries import Run
    from trendcolor.api.runs import Whom, expire, forget, merge, seal, verify
    from trendcolor.color.libraries import open_vocabulary

# What the package offers and where it is made; loaded when first asked for (PEP 562), so that
# importing trendcolor costs nothing.
_PLACES = {
    "Run": "trendcolor.api.queries",
    "Whom": "trendcolor.api.runs",
    "analyze": "trendcolor.api.photos",
    "expire": "trendcolor.api.runs",
    "forget": "trendcolor.api.runs",
    "merge": "trendcolor.api.runs",
    "name_color": "trendcolor.api.naming",
    "open_run": "trendcolor.api.opening",
    "open_runs": "trendcolor.api.opening",
    "open_vocabulary": "trendcolor.color.libraries",
    "seal": "trendcolor.api.runs",
    "verify": "trendcolor.api.runs",
}

__all__ = [
    "Run",
    "Whom",
    "__version__",
    "analyze",
    "expire",
    "forget",
    "merge",
    "name_color",
    "open_run",
    "open_runs",
    "open_vocabulary",
    "seal",
    "verify",
]


def __getattr__(name: str) -> object:
    if name not in _PLACES:
        raise AttributeError(f"module 'trendcolor' has no attribute '{name}'")
    return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
