"""Label maps as files: 8-bit grayscale PNG of the photo's upright size."""

from pathlib import Path

from PIL import Image

from trendcolor.taxonomy import LabelMap


def write_label_map(labels: LabelMap, path: Path) -> None:
    """Write class ids as an 8-bit grayscale PNG (color type 0), in place only when whole.

    `IndexMask` of `datasets/index_masks.py` reads it back.

    Args:
        labels: Class ids, shape (height, width). Not modified.
        path: The file to write.

    Raises:
        OSError: the file can't be written.
    """
    aside = path.with_suffix(".part")
    Image.fromarray(labels).save(aside, "PNG")
    aside.replace(path)
