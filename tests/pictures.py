"""Finds pictures inside files, whatever the files are called."""

import base64
import re

from pypdf import PdfReader

from trendcolor.images.decode import image_format

# How the image files that a program might write begin. The short ones of TIFF and BMP occur by
# chance in compressed columns, so they are looked for with what must follow them.
PICTURES = {
    "JPEG": rb"\xff\xd8\xff[\xc0-\xfe]",
    "PNG": rb"\x89PNG\r\n\x1a\n",
    "WebP": rb"RIFF.{4}WEBP",
    "GIF": rb"GIF8[79]a",
    # First directory at an even offset below 64 KiB (TIFF 6.0, section 2), or BigTIFF's 8 and 0.
    "TIFF": rb"II\*\0.{2}\0\0|MM\0\*\0\0.{2}|II\+\0\x08\0\0\0|MM\0\+\0\x08\0\0",
    # Reserved words 0, pixels after headers of 14 + 12, 40, 108 or 124 bytes or a palette.
    "BMP": rb"BM.{4}\0{4}.{2}\0\0(?:\x0c|\x28|\x6c|\x7c)\0\0\0",
    "AVIF, HEIC": rb"ftyp(?:avif|avis|heic|heix|heim|heis|hevc|hevx|mif1|msf1)",
    "JPEG 2000": rb"\0\0\0\x0cjP  \r\n\x87\n",
    "JPEG XL": rb"\0\0\0\x0cJXL \r\n\x87\n",
    "EXIF": rb"Exif\0\0",
    "SVG's or HTML's own": rb"(?i)data:image",
}


def pictures_in(content):
    """The kinds of image that begin anywhere in a file."""
    found = [kind for kind, begin in PICTURES.items() if re.search(begin, content, re.DOTALL)]
    for text in re.findall(rb"[A-Za-z0-9+/]{64,}={0,2}", content):
        whole = text[: len(text) // 4 * 4]
        if image_format(base64.b64decode(whole)) is not None:
            found.append("base64")
    return found


def pictures_in_file(path):
    """The kinds of image in a file that a run or a report writes.

    The card of swatches is drawn from their figures alone, and is left out. In a PDF streams are
    packed, where the beginnings of images occur by chance, so its own lists of images are read.
    """
    if path.as_posix().endswith("/swatches/colors.png"):
        return []
    if path.suffix == ".pdf":
        pages = PdfReader(path).pages
        return [image.name for page in pages for image in page.images]
    return pictures_in(path.read_bytes())
