"""What cameras and editors write into photos beside the picture is nowhere in what is written."""

import io
import logging
import struct
import sys
import tempfile

import pytest
from looks import look, write_config, write_looks
from PIL import ExifTags, Image, ImageCms, PngImagePlugin
from PIL.TiffImagePlugin import IFDRational
from traces import traces

from trendcolor.cli import main
from trendcolor.runs import open_run_folder

BASE, GPS = ExifTags.Base, ExifTags.GPS
OWNER = {
    "artist": "Zebra Artist",
    "owner": "Zebra Owner",
    "serial": "SN-ZEBRA-90210",
    "lens": "LN-ZEBRA-31415",
    "maker": "ZebraCam Mark 9",
    "comment": "Zebra comment",
    "xmp": "Zebra XMP creator",
    "iptc": "Zebra IPTC byline",
    "thumbnail": "Zebra thumbnail",
    "text": "Zebra PNG text",
    "profile": "Zebra-profile",  # as long as the name that it stands for in the profile
}
# 59 degrees 19' 45.4321" north, 18 degrees 4' 7.8912" east, as cameras write them and as others do.
_PLACE = ((59, 1), (19, 1), (454321, 10000)), ((18, 1), (4, 1), (78912, 10000))
_DEGREES = (59 + 19 / 60 + 45.4321 / 3600, 18 + 4 / 60 + 7.8912 / 3600)
COORDINATES = (
    *(struct.pack(f"{order}II", *part[2]) for part in _PLACE for order in "<>"),
    *(struct.pack(kind, each) for each in _DEGREES for kind in ("<d", ">d", "<f")),
    *(f"{each:.4f}" for each in _DEGREES),
    *("45.4321", "7.8912"),
)
PLANTED = (*OWNER.values(), *(text.encode("utf-16-be") for text in OWNER.values()), *COORDINATES)
FORMATS = ("jpg", "png", "webp", "tif")


def exif():
    found = Image.Exif()
    found[BASE.Make], found[BASE.Artist] = OWNER["maker"], OWNER["artist"]
    inside = found.get_ifd(ExifTags.IFD.Exif)
    inside[BASE.CameraOwnerName], inside[BASE.BodySerialNumber] = OWNER["owner"], OWNER["serial"]
    inside[BASE.LensSerialNumber] = OWNER["lens"]
    inside[BASE.UserComment] = b"ASCII\0\0\0" + OWNER["comment"].encode()
    inside[BASE.MakerNote] = thumbnail()
    place = found.get_ifd(ExifTags.IFD.GPSInfo)
    rational = [tuple(IFDRational(*each) for each in part) for part in _PLACE]
    place[GPS.GPSLatitudeRef], place[GPS.GPSLatitude] = "N", rational[0]
    place[GPS.GPSLongitudeRef], place[GPS.GPSLongitude] = "E", rational[1]
    return found.tobytes()


def thumbnail():
    """A small JPEG with a comment of its own."""
    file = io.BytesIO()
    Image.new("RGB", (16, 16), (9, 99, 199)).save(file, "JPEG", comment=OWNER["thumbnail"])
    return file.getvalue()


def photoshop():
    """An APP13 segment: IPTC's by-line, and a thumbnail (Adobe, Photoshop File Formats)."""
    line = OWNER["iptc"].encode()
    iptc = b"\x1c\x02\x50" + struct.pack(">H", len(line)) + line
    small = struct.pack(">IIIIIIHH", 1, 16, 16, 48, 768, 0, 24, 1)[:28] + thumbnail()
    body = b"Photoshop 3.0\0"
    for number, content in ((0x0404, iptc), (0x040C, small)):
        body += b"8BIM" + struct.pack(">HHI", number, 0, len(content)) + content
        body += b"\0" * (len(content) % 2)
    return b"\xff\xed" + struct.pack(">H", len(body) + 2) + body


def profile():
    """An sRGB profile whose description names somebody."""
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    was = "sRGB built-in".encode("utf-16-be")
    assert was in plain
    return plain.replace(was, OWNER["profile"].encode("utf-16-be"))


def write_photo(path, seed):
    """A look as a file that is full of metadata."""
    image = Image.fromarray(look(seed=seed)[0])
    xmp = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'><c>{OWNER['xmp']}</c></x:xmpmeta>".encode()
    asked = {"exif": exif(), "icc_profile": profile()}
    if path.suffix == ".png":
        told = PngImagePlugin.PngInfo()
        told.add_text("Author", OWNER["text"])
        told.add_itxt("XML:com.adobe.xmp", xmp.decode())
        image.save(path, pnginfo=told, **asked)
    elif path.suffix == ".tif":
        tags = {315: OWNER["artist"], 271: OWNER["maker"], 700: xmp}
        image.save(path, tiffinfo=tags, icc_profile=profile())
    elif path.suffix == ".jpg":
        image.save(path, quality=95, xmp=xmp, comment=OWNER["comment"], **asked)
        content = path.read_bytes()
        path.write_bytes(content[:2] + photoshop() + content[2:])
    else:
        image.save(path, lossless=True, xmp=xmp, **asked)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A run over such photos, two of which break off, with all that is written and logged."""
    folder = tmp_path_factory.mktemp("metadata")
    data = write_looks(folder / "data", 6, table=False)
    rows = ["path,season,region,source,sold"]
    for i in range(6):
        (data / "images" / f"look_{i:02d}.png").unlink()
        photo = data / "images" / f"look_{i:02d}.{FORMATS[i % 4]}"
        write_photo(photo, i)
        if i > 3:
            photo.write_bytes(photo.read_bytes()[:-4000])
        rows.append(f"images/{photo.name},AW25,EU,s{i},1")
    (data / "looks.csv").write_text("\n".join(rows), encoding="utf-8")
    for name in ("temporary", "cache", "told"):
        (folder / name).mkdir()
    config = write_config(data, shard_photos=2, more="[images]\nscreen = false\n")
    photos = [str(path) for path in sorted((data / "images").iterdir())]
    with pytest.MonkeyPatch.context() as patch, io.StringIO() as log:
        handler = logging.StreamHandler(log)
        root, level = logging.getLogger(), logging.getLogger().level
        patch.setenv("TMPDIR", str(folder / "temporary"))
        patch.setattr(tempfile, "tempdir", None)
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        patch.setattr("sys.stdout", io.StringIO())
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        try:
            run = str(folder / "run")
            assert main(["run", str(config), "--out", run]) == 0
            assert main(["report", run, "--out", str(folder / "report")]) == 0
            assert main(["audit", run, "--n", "4", "--config", str(config)]) == 0
            assert main(["analyze", *photos, "--masks-in", str(data / "masks")]) == 0
            (folder / "told" / "stdout.txt").write_text(sys.stdout.getvalue(), encoding="utf-8")
        finally:
            root.removeHandler(handler)
            root.setLevel(level)
        (folder / "told" / "log.txt").write_text(log.getvalue(), encoding="utf-8")
    return folder


def test_the_photos_are_full_of_it(written):
    found = {text for _, text in traces(written / "data", PLANTED)}
    assert {text for text in OWNER.values() if text not in found} == {OWNER["profile"]}
    assert OWNER["profile"].encode("utf-16-be") in found
    assert {*COORDINATES[:4]} & found  # as rationals, in the byte order that the writer takes


def test_the_run_read_them_and_tells_of_those_that_broke_off(written):
    photos = open_run_folder(written / "run").photos().collect()
    assert photos["status"].to_list() == ["ok"] * 4 + ["rejected"] * 2
    assert photos["reason"].drop_nulls().len() == 2


@pytest.mark.parametrize("part", ["run", "report", "cache", "temporary", "told"])
def test_nothing_of_it_is_written_or_logged(written, part):
    assert any((written / part).rglob("*")) or part == "temporary"
    assert traces(written / part, PLANTED) == []
