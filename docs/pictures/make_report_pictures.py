"""Takes the pictures of reports that docs/designers.md shows, of the sample photos' report.

    trendcolor demo --out trendcolor-demo
    python docs/pictures/make_report_pictures.py trendcolor-demo/run

It needs Playwright and a Chromium: `$TRENDCOLOR_CHROMIUM`, or `chromium` on the path.
"""

import os
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from trendcolor.api.reports import ReportOptions, report

FOLDER = Path(__file__).parent
# Parts of the page, and how much of each is shown: all, or so many pixels from its top.
PARTS = {
    "headline": ("#headline", 860),
    "bands": ("#breakdowns .breakdown", 660),
    "map": ("#map", None),
}
WIDTH, COLORS = 1280, 256


def main(run: str) -> None:
    """Write the pictures in both languages."""
    path = os.environ.get("TRENDCOLOR_CHROMIUM") or shutil.which("chromium")
    with TemporaryDirectory() as folder, sync_playwright() as kit:
        browser = kit.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for lang, end in (("en", ""), ("zh-CN", "_zh")):
            out = Path(folder) / lang
            page = report(run, ReportOptions(lang=lang, pdf=False), out=out)
            tab = browser.new_page(viewport={"width": WIDTH, "height": 900})
            tab.goto(page.as_uri())
            tab.add_style_tag(content="nav { display: none !important }")  # which would float
            for name, (selector, height) in PARTS.items():
                take(tab, selector, height, FOLDER / f"report_{name}{end}.png")
            shrink(out / "swatches" / "colors.png", FOLDER / f"report_palette{end}.png")
        browser.close()


def take(tab: Page, selector: str, height: int | None, path: Path) -> None:
    """One part of a page as a picture."""
    part = tab.locator(selector).first
    part.scroll_into_view_if_needed()
    tab.wait_for_timeout(500)  # live charts are drawn
    box = part.bounding_box()
    assert box is not None, selector
    clip = {**box, "y": box["y"] + tab.evaluate("scrollY"), "height": height or box["height"]}
    tab.screenshot(path=path, clip=clip, full_page=True)
    shrink(path, path)


def shrink(source: Path, path: Path) -> None:
    """A picture with few colors, which is a third of the size."""
    picture = Image.open(source).convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
    picture.save(path, optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
