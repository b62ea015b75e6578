"""Hostile pictures, each with what must become of it; nothing here touches a disk."""

import gzip
import struct
import tarfile
import zipfile
import zlib
from io import BytesIO

import numpy as np
from hostile_bombs import bombs
from hostile_parts import (
    HEIGHT,
    PNG,
    WIDTH,
    after_start,
    at_frame,
    boxes,
    chunk,
    chunks,
    exif,
    gray_entries,
    jpeg,
    patched,
    picture,
    pixels,
    png,
    png_header,
    riff,
    saved,
    segment,
    segments,
    tiff,
    without,
)
from PIL import Image, ImageCms

# What may become of a file: read at a size, refused with a reason that matches, or either.
OK = (WIDTH, HEIGHT)
BROKEN = r"^(truncated|damaged) "
EITHER = None


def truncated():
    """Each format, cut where its parts begin, within them, and just before its end."""
    rgb = picture()
    whole = {
        "baseline.jpg": (jpeg(optimize=True), [at for at, _ in segments(jpeg(optimize=True))]),
        "progressive.jpg": (
            jpeg(progressive=True),
            [at for at, _ in segments(jpeg(progressive=True))],
        ),
        "plain.png": (png(chunk(b"gAMA", bytes(4))), chunks(png(chunk(b"gAMA", bytes(4))))[:-1]),
        "lossy.webp": (saved(rgb, "WEBP"), [4, 8, 12, 16, 20, 30]),
        "lossless.webp": (saved(rgb, "WEBP", lossless=True), [16, 20, 25]),
        "plain.gif": (saved(rgb.quantize(16), "GIF"), [6, 10, 13, 61, 62, 65, 70, 75]),
        "raw.tif": (saved(rgb, "TIFF"), [2, 4, 8, 10, 40, 130]),
        "lzw.tif": (saved(rgb, "TIFF", compression="tiff_lzw"), [4, 8, 200]),
        "plain.bmp": (saved(rgb, "BMP"), [2, 10, 14, 30, 54]),
        "plain.avif": (avif := saved(rgb, "AVIF", speed=10), boxes(avif)),
        "plain.heic": (heic := saved(rgb, "HEIF"), boxes(heic)),
    }
    for name, (encoded, places) in whole.items():
        cuts = {at + more for at in places for more in (0, 3)} | {len(encoded) * 2 // 3}
        for cut in sorted(cuts - {0}):
            if cut < len(encoded):
                yield f"cut-{cut:05d}-{name}", encoded[:cut], r"truncated|damaged|not an image"
        yield f"cut-end-{name}", encoded[:-2], EITHER


def misnamed():
    """Endings that claim another format, both ways round."""
    rgb = picture()
    holds = {
        "JPEG": (jpeg(), "jpg"),
        "PNG": (saved(rgb, "PNG"), "png"),
        "WebP": (saved(rgb, "WEBP"), "webp"),
        "AVIF": (saved(rgb, "AVIF", speed=10), "avif"),
        "TIFF": (saved(rgb, "TIFF"), "tif"),
        "HEIC": (saved(rgb, "HEIF"), "heic"),
        "GIF": (saved(rgb.quantize(16), "GIF"), "gif"),
        "BMP": (saved(rgb, "BMP"), "bmp"),
    }
    names = list(holds)
    for i, (kind, (encoded, _)) in enumerate(holds.items()):
        for step in (1, 3):
            ending = holds[names[(i + step) % len(names)]][1]
            reason = rf"^named \.{ending} but holds {kind}$"
            yield f"{kind.lower()}-named.{ending}", encoded, reason
    yield "shouting.JPEG", jpeg(), OK
    yield "two.endings.png.jpg", jpeg(), OK


def no_pictures():
    """Files of other kinds that are named like pictures."""
    files = {
        "page.jpg": b"<!DOCTYPE html><script>alert(1)</script>",
        "drawing.png": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
        "paper.jpg": b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj",
        "script.jpg": b"#!/bin/sh\nrm -rf /\n",
        # Ghostscript would run what stands in these.
        "print.jpg": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage",
        "print.tif": b"\xc5\xd0\xd3\xc6" + struct.pack("<II", 30, 40) + b"%!PS-Adobe-3.0",
        "layers.jpg": b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 9, 9, 8, 3),
        "icon.png": b"\0\0\1\0\1\0" + bytes(40),
        "meta.bmp": b"\xd7\xcd\xc6\x9a" + bytes(60),
        "surface.png": b"DDS " + bytes(124),
        "film.heic": b"\0\0\0\x18ftypisom\0\0\2\0isommp41" + bytes(99),
        "wave.jpg": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(60),
        "plain.jpg": b"not a picture at all",
        "zeros.jpg": bytes(4096),
        "ones.jpg": b"\xff" * 4096,
        "program.jpg": b"\x7fELF\2\1\1" + bytes(60),
        "packed.jpg": gzip.compress(jpeg(), mtime=0),
        "nothing.jpg": b"",
        "nothing.tif": b"",
        "one-byte.jpg": b"\xff",
        "one-byte.png": b"\x89",
        "signature.png": PNG,
        "signature.gif": b"GIF89a",
        "signature.bmp": b"BM",
        "signature.tif": b"II*\0",
        "signature.jpg": b"\xff\xd8\xff",
        "signature.webp": b"RIFF\4\0\0\0WEBP",
        "signature.avif": b"\0\0\0\x14ftypavif\0\0\0\0avif",
        "signature.heic": b"\0\0\0\x14ftypheic\0\0\0\0heic",
    }
    for name, content in files.items():
        if not content:
            reason = "^empty file$"
        elif name.startswith("signature"):
            reason = BROKEN
        else:
            reason = r"^not an image of a known kind"
        yield name, content, reason
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr(zipfile.ZipInfo("../../escaped.txt"), "out")
    yield "zip-behind.gif", saved(picture().quantize(8), "GIF") + archive.getvalue(), OK
    yield "zip-behind.jpg", jpeg() + archive.getvalue(), OK
    yield "archive.jpg", archive.getvalue(), "^not an image"
    packed = BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("../out.jpg"))
    yield "archive.png", packed.getvalue(), "^not an image"
    yield "script-behind.bmp", saved(picture(), "BMP") + b"<script>alert(1)</script>", OK


def long_ones():
    """A row of 30,000 pixels, and a column of them."""
    for width, height in ((30_000, 40), (40, 30_000), (1, 1), (1, 30_000)):
        image = Image.fromarray(np.resize(pixels(200, 100), (height, width, 3)))
        for name, kind in (("jpg", "JPEG"), ("png", "PNG"), ("tif", "TIFF"), ("bmp", "BMP")):
            yield f"long-{width}x{height}.{name}", saved(image, kind), (width, height)
        yield f"long-{width}x{height}.gif", saved(image.convert("L"), "GIF"), (width, height)
    image = Image.fromarray(np.resize(pixels(200, 100), (40, 16_383, 3)))
    yield "long.webp", saved(image, "WEBP"), (16_383, 40)


def animated():
    """Thousands of pictures in one file: the first is taken."""
    frames = [Image.new("P", OK, i % 2) for i in range(3_000)]
    for frame in frames:
        frame.putpalette([200, 30, 40, 30, 40, 200])
    options = {"save_all": True, "append_images": frames[1:]}
    yield "frames.gif", saved(frames[0], "GIF", **options), OK
    some = {"save_all": True, "append_images": [f.convert("RGB") for f in frames[1:400]]}
    first = frames[0].convert("RGB")
    yield "frames.webp", saved(first, "WEBP", **some), OK
    yield "frames.png", saved(first, "PNG", **some), OK
    few = {"save_all": True, "append_images": some["append_images"][:30]}
    yield "frames.avif", saved(first, "AVIF", speed=10, **few), OK
    yield "frames.heic", saved(first, "HEIF", **few), OK
    yield "pages.tif", saved(first, "TIFF", **few), OK
    yield "pictures.jpg", saved(first, "MPO", **few), OK


def modes():
    """Samples of every kind that can be stored."""
    cmyk, gray = picture("CMYK"), picture("L")
    yield "cmyk.jpg", saved(cmyk, "JPEG"), OK
    yield "cmyk-plain.jpg", without(saved(cmyk, "JPEG"), 0xEE), OK
    adobe = saved(cmyk, "JPEG")
    at = adobe.index(b"Adobe")
    yield "ycck.jpg", patched(adobe, at + 11, b"\2"), OK
    yield "transform-unknown.jpg", patched(adobe, at + 11, b"\x09"), OK
    yield "cmyk.tif", saved(cmyk, "TIFF"), OK
    lab = ImageCms.applyTransform(picture(), _to_lab())
    del lab.info["icc_profile"]  # which says when it was made
    yield "lab.tif", saved(lab, "TIFF"), OK
    yield "float.tif", saved(picture("F"), "TIFF"), "32-bit samples"
    yield "integers.tif", saved(picture("I"), "TIFF"), "32-bit samples"
    deep = Image.fromarray(pixels()[..., 0].astype(np.uint16) * 257)
    yield "gray-16.png", saved(deep, "PNG"), OK
    yield "gray-16.tif", saved(deep, "TIFF"), OK
    rows = b"".join(b"\0" + (row.astype(">u2") * 257).tobytes() for row in pixels())
    yield "color-16.png", png(depth=16, rows=rows), OK
    for mode in ("1", "L", "LA", "P", "RGBA"):
        yield f"mode-{mode}.png", saved(picture(mode), "PNG"), OK
    for mode in ("1", "LA", "P", "RGBA", "RGBX"):
        yield f"mode-{mode}.tif", saved(picture(mode), "TIFF"), OK
    yield "gray.jpg", saved(gray, "JPEG"), OK
    palette = chunk(b"PLTE", bytes(6))
    rows = b"".join(b"\0" + row.tobytes() for row in pixels()[..., 0])
    yield "indices-beyond.png", png(palette, color=3, rows=rows), EITHER
    yield "no-palette.png", png(color=3, rows=rows), EITHER
    yield "all-transparent.png", saved(Image.new("RGBA", OK, (9, 9, 9, 0)), "PNG"), OK
    one = gray_entries(WIDTH, HEIGHT, 300, WIDTH * HEIGHT)
    for photometric in (0, 3, 5, 6, 8, 32_803):
        entries = [(262, 3, 1, photometric) if e[0] == 262 else e for e in one]
        yield f"photometric-{photometric}.tif", tiff(entries, bytes(8_000)), EITHER
    for compression in (2, 3, 4, 6, 7, 8, 34_712, 50_000, 65_000):
        entries = gray_entries(WIDTH, HEIGHT, 300, 90, compression=compression)
        yield f"compression-{compression}.tif", tiff(entries, bytes(8_000)), EITHER


def _to_lab():
    profile = ImageCms.createProfile
    return ImageCms.buildTransform(profile("sRGB"), profile("LAB"), "RGB", "LAB")


def broken_jpegs():
    """Frames and tables that no decoder can follow, or that few can."""
    plain = jpeg()
    yield "twelve-bits.jpg", at_frame(plain, 0, b"\x0c"), BROKEN
    for marker, name in ((0xC3, "lossless"), (0xC9, "arithmetic"), (0xC5, "differential"),
                         (0xC1, "extended"), (0xC2, "not-progressive")):  # fmt: skip
        (at,) = [at for at, found in segments(plain) if found == 0xC0]
        yield f"{name}.jpg", patched(plain, at + 1, bytes([marker])), EITHER
    yield "no-tables.jpg", without(plain, 0xDB), BROKEN
    yield "no-codes.jpg", without(plain, 0xC4), EITHER
    yield "no-frame.jpg", without(plain, 0xC0), BROKEN
    yield "no-scan.jpg", without(plain, 0xDA), BROKEN
    yield "no-width.jpg", at_frame(plain, 1, bytes(4)), BROKEN
    yield "no-height.jpg", at_frame(plain, 1, bytes(2)), BROKEN
    yield "five-components.jpg", at_frame(plain, 5, b"\5"), BROKEN
    yield "no-components.jpg", at_frame(plain, 5, b"\0"), BROKEN
    yield "sampled-0.jpg", at_frame(plain, 7, b"\0"), BROKEN
    yield "sampled-15.jpg", at_frame(plain, 7, b"\xff"), BROKEN
    yield "two-frames.jpg", plain[:-2] + plain[2:], EITHER
    restarts = plain[:-2] + b"".join(b"\xff" + bytes([0xD0 + i % 8]) for i in range(65_536))
    yield "restarts.jpg", restarts + b"\xff\xd9", EITHER
    yield "restarts-said.jpg", after_start(plain, segment(0xDD, b"\0\1")), EITHER
    yield "larger-than-said.jpg", at_frame(plain, 1, struct.pack(">HH", 720, 960)), EITHER
    yield "smaller-than-said.jpg", at_frame(plain, 1, struct.pack(">HH", 8, 8)), EITHER
    yield "length-0.jpg", after_start(plain, b"\xff\xe5\0\0"), EITHER
    yield "length-beyond.jpg", after_start(plain, b"\xff\xe5\xff\xff"), BROKEN
    yield "thumbnail.jpg", after_start(plain, segment(0xE1, b"Exif\0\0" + jpeg())), OK
    yield "junk-before.jpg", after_start(plain, bytes(999)), EITHER
    yield "junk-behind.jpg", plain + bytes(100_000), OK


def broken_pngs():
    """Chunks that lie, lack or repeat."""
    plain = png()
    yield "no-width.png", png(width=0, rows=b""), BROKEN
    yield "header-crc.png", patched(plain, 29, b"\0\0\0\0"), BROKEN
    yield "header-short.png", PNG + chunk(b"IHDR", bytes(5)), BROKEN
    yield "header-twice.png", png(png_header(9_000, 9_000)), EITHER
    yield "length-most.png", patched(plain, 33, b"\xff\xff\xff\xff"), EITHER
    yield "depth-3.png", png(depth=3), BROKEN
    yield "color-5.png", png(color=5), BROKEN
    yield "no-data.png", PNG + png_header(8, 8) + chunk(b"IEND", b""), BROKEN
    yield "data-crc.png", patched(plain, len(plain) - 20, b"\0\0\0\0"), BROKEN
    yield "data-noise.png", PNG + png_header(*OK) + chunk(b"IDAT", pixels().tobytes()), BROKEN
    yield "rows-short.png", png(rows=bytes(99)), BROKEN
    yield "rows-long.png", png(rows=bytes(99_999)), OK
    yield "filter-9.png", png(rows=b"\x09" * (HEIGHT * (1 + 3 * WIDTH))), BROKEN
    packer = zlib.compressobj(wbits=-15)
    raw = packer.compress(bytes(HEIGHT * (1 + 4 * WIDTH))) + packer.flush()
    apple = chunk(b"CgBI", bytes(4)) + png_header(*OK, color=6) + chunk(b"IDAT", raw)
    yield "apple.png", PNG + apple + chunk(b"IEND", b""), BROKEN
    yield "animation-lies.png", png(chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0))), EITHER
    yield "animation-frame.png", png(chunk(b"fcTL", bytes(26))), EITHER
    yield "transparent-short.png", png(chunk(b"tRNS", b"\0")), EITHER
    yield "palette-large.png", png(chunk(b"PLTE", bytes(3_000))), EITHER
    yield "unknown-critical.png", png(chunk(b"ABCD", b"")), EITHER
    yield "dictionary.png", png()[:41] + b"\x78\xbb" + png()[43:], BROKEN


def metadata():
    """Profiles and EXIF data that are broken leave a picture as it is."""
    good = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    good = patched(good, 24, bytes(12))  # when it was made
    profiles = {
        "cut": good[:200],
        "space": patched(good, 16, b"CMYK"),
        "class": patched(good, 12, b"link"),
        "size": patched(good, 0, b"\xff\xff\xff\xff"),
        "tags": patched(good, 128, b"\xff\xff\xff\xff"),
        "loop": patched(good, 132, good[132:136] + struct.pack(">II", 128, len(good)) * 8),
        "noise": pixels().tobytes()[:3000],
        "empty": b"\0",
    }
    for name, profile in profiles.items():
        yield f"profile-{name}.jpg", saved(picture(), "JPEG", icc_profile=profile), OK
    yield (
        "profile-of-print.png",
        png(chunk(b"iCCP", b"a\0\0" + zlib.compress(patched(good, 16, b"CMYK")))),
        OK,
    )
    yield "profile-noise.png", png(chunk(b"iCCP", b"a\0\0" + b"noise")), EITHER
    loop = [(274, 3, 1, 1), (0x8769, 4, 1, 8), (0x8825, 4, 1, 8)]
    exifs = {
        "orientation-0": exif([(274, 3, 1, 0)]),
        "orientation-9": exif([(274, 3, 1, 9)]),
        "orientation-text": exif([(274, 2, 3, 0x00_36_36_36)]),
        "orientation-fraction": exif([(274, 5, 1, 26)], bytes(8)),
        "orientation-many": exif([(274, 3, 2**32 - 1, 26)]),
        "loop": exif(loop),
        "loop-next": exif([(274, 3, 1, 1)], following=8),
        "beyond": b"Exif\0\0II*\0\xff\xff\xff\xff",
        "entries": b"Exif\0\0II*\0\x08\0\0\0\xff\xff",
        "order": b"Exif\0\0XX*\0\x08\0\0\0",
        "empty": b"Exif\0\0",
        "types": exif([(274, 99, 1, 6), (275, 0, 1, 6)]),
        "cut": exif([(274, 3, 1, 6)])[:-9],
    }
    for name, data in exifs.items():
        yield f"exif-{name}.jpg", after_start(jpeg(), segment(0xE1, data)), OK
        yield f"exif-{name}.png", png(chunk(b"eXIf", data[6:])), OK
    one = gray_entries(WIDTH, HEIGHT, 300, WIDTH * HEIGHT)
    yield "loop-next.tif", tiff(one, bytes(8_000), following=8), OK
    yield "loop-exif.tif", tiff([*one, (0x8769, 4, 1, 8)], bytes(8_000)), EITHER
    yield "orientation-9.tif", tiff([*one, (274, 3, 1, 9)], bytes(8_000)), OK
    yield "strip-beyond.tif", tiff(gray_entries(*OK, 2**31, 6_912), bytes(99)), BROKEN
    yield "no-tags.tif", tiff([]), BROKEN
    yield (
        "frames-lie.webp",
        riff((b"VP8X", struct.pack("<I", 2) + bytes(6)), (b"ANIM", bytes(6))),
        BROKEN,
    )


FILES = (
    *(truncated, misnamed, no_pictures, bombs, long_ones, animated, modes),
    *(broken_jpegs, broken_pngs, metadata),
)
