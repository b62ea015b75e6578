"""What a page needs to draw charts by itself: specs, the library that draws them, two scripts.

Nothing of it asks for anything from elsewhere. Specs are interpreted by the library, so that a
page's content policy can forbid code that is made from text (`unsafe-eval`) and allow this one
script by its hash.
"""

import base64
import hashlib
import json
from functools import cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path

import platformdirs
import vl_convert

# What the bundle leaves on the page; Vega, Vega-Lite and the interpreter are in it.
_SNIPPET = "window.vegaEmbed = vegaEmbed;"
_LICENSES, _SCRIPTS = "licenses.js", ("live.js", "map.js")


def script_json(content: object) -> str:
    """A value as JSON that may stand in a `<script>` element, as short as may be.

    Guarantees, each held by tests/test_report_charts_live.py:
        It reads back as the same value and holds no `<`, so that no text in it ends the element.
    """
    written = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return written.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def page_script() -> str:
    """All that a page with live charts runs, to stand in one `<script>` element at its end.

    Guarantees, each held by tests/test_report_charts_live.py:
        It holds nothing that ends its element. The same version gives the same script.
    """
    own = "\n".join(_packaged(name) for name in _SCRIPTS)
    # Line ends as a browser reads them: a hash is taken over what it reads.
    whole = "\n".join((_packaged(_LICENSES), vega_bundle(), own))
    return whole.replace("\r\n", "\n").replace("\r", "\n")


def chart_styles() -> str:
    """The CSS of charts, static and live, with the variables that `style.css` defines."""
    return _packaged("charts.css")


def content_hash(script: str) -> str:
    """A script's hash as a Content-Security-Policy names it: `sha256-...`."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest())
    return f"sha256-{digest.decode('ascii')}"


@cache
def vega_bundle() -> str:
    """Vega, Vega-Lite, Vega-Embed and the interpreter of expressions, as one script.

    It takes seconds to make, so it is kept in the user's cache folder beside its hash; where that
    can't be written or read, or is not what was written, it is made anew.
    """
    kept = _kept_at(Path(platformdirs.user_cache_dir("trendcolor")))
    found = _read(kept)
    if found is not None:
        return found
    script: str = vl_convert.javascript_bundle(_SNIPPET)
    _keep(script, kept)
    return script


def _packaged(name: str) -> str:
    return (resources.files("trendcolor.report.charts") / name).read_text(encoding="utf-8")


def _kept_at(folder: Path) -> Path:
    of = hashlib.sha256(_SNIPPET.encode()).hexdigest()[:8]
    return folder / f"vega-{version('vl-convert-python')}-{of}.js"


def _read(path: Path) -> str | None:
    """The script of a file whose first line is its hash."""
    try:
        first, _, script = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    is_whole = first.decode("ascii", "replace") == f"// {hashlib.sha256(script).hexdigest()}"
    return script.decode("utf-8") if is_whole else None


def _keep(script: str, path: Path) -> None:
    content = script.encode()
    aside = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(f"// {hashlib.sha256(content).hexdigest()}\n".encode() + content)
        aside.replace(path)
    except OSError:
        return  # a cache that can't be kept costs time, and nothing else
