"""What a page may do: its styles, its own scripts by their hashes, and nothing else."""

from collections.abc import Sequence

from trendcolor.report.charts.live import content_hash


def content_policy(scripts: Sequence[str] = (), *, has_fonts: bool = False) -> str:
    """The Content-Security-Policy of a page.

    Args:
        scripts: What stands in its `<script>` elements, to the letter.
        has_fonts: Whether fonts stand in its styles, as `data:` addresses.

    Returns:
        The policy. It names no host, so nothing can be asked of any; a script is run only where
        its hash is named, and no script may make code from text.
    """
    hashes = " ".join(f"'{content_hash(script)}'" for script in scripts)
    rules = [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        *([f"script-src {hashes}"] if hashes else []),
        *(["font-src data:"] if has_fonts else []),
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return "; ".join(rules)
