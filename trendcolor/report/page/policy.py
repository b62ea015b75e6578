"""What a page may do: its styles, its own scripts by their hashes, and nothing else."""

from collections.abc import Sequence

from trendcolor.report.brand import Brand
from trendcolor.report.charts.live import content_hash


def content_policy(scripts: Sequence[str] = (), brand: Brand | None = None) -> str:
    """The Content-Security-Policy of a page.

    Args:
        scripts: What stands in its `<script>` elements, to the letter.
        brand: Whose logo and fonts stand in the page, as `data:` addresses.

    Returns:
        The policy. It names no host, so nothing can be asked of any; a script is run only where
        its hash is named, and no script may make code from text.
    """
    hashes = " ".join(f"'{content_hash(script)}'" for script in scripts)
    rules = [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        *([f"script-src {hashes}"] if hashes else []),
        *(["img-src data:"] if brand and brand.picture else []),
        *(["font-src data:"] if brand and brand.font_faces else []),
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return "; ".join(rules)
