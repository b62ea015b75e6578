"""Little files that claim to be much, or keep a decoder busy; as `hostile_files`."""

import struct

from hostile_parts import (
    HEIGHT,
    PNG,
    WIDTH,
    after_start,
    at_frame,
    big_tiff,
    bmp,
    chunk,
    directory,
    exif,
    gif,
    gray_entries,
    jpeg,
    many_scans,
    patched,
    picture,
    png,
    png_header,
    riff,
    saved,
    segment,
    tiff,
    zeros,
)

OK, EITHER = (WIDTH, HEIGHT), None


def bombs():
    """Little that claims to be much."""
    pixels_ = r"claims \d+ x \d+ pixels, more than \d+ \(images.max_pixels\)|more pixels than"
    memory = r"takes up to \d+ MiB to decode, more than \d+ \(images\.max_memory\)"
    yield "huge.png", PNG + png_header(100_000, 100_000) + chunk(b"IDAT", b""), pixels_
    yield "huge-most.png", PNG + png_header(2**31 - 1, 2**31 - 1) + chunk(b"IDAT", b""), pixels_
    yield "below-the-limit.png", PNG + png_header(13_000, 13_000) + chunk(b"IDAT", b"x"), memory
    rows = zeros(20_000 * (1 + 20_000 // 8))
    yield (
        "real-400-megapixels.png",
        png(width=20_000, height=20_000, depth=1, color=0, rows=rows),
        pixels_,
    )
    rows = zeros(12_000 * (1 + 12_000 * 3))
    yield "real-144-megapixels.png", png(width=12_000, height=12_000, rows=rows), memory
    yield "screen.gif", gif(65_535, 65_535), pixels_
    yield "screen-12000.gif", gif(12_000, 12_000), EITHER
    yield "frame-beyond.gif", gif(10, 10, frame=(60_000, 60_000, 5_000, 5_000)), pixels_
    yield "huge.bmp", bmp(40_000, 40_000), pixels_
    yield "huge-negative.bmp", bmp(40_000, -40_000), pixels_
    yield "most.bmp", bmp(2**31 - 1, 2**31 - 1), pixels_
    yield (
        "runs.bmp",
        bmp(13_000, 13_000, b"\0\1" * 9, bits=8, compression=1, palette=bytes(1024)),
        EITHER,
    )
    yield "huge.jpg", at_frame(jpeg(), 1, struct.pack(">HH", 65_500, 65_500)), pixels_
    yield (
        "huge-progressive.jpg",
        at_frame(jpeg(progressive=True), 1, struct.pack(">HH", 13_000, 13_000)),
        memory,
    )
    yield "huge.tif", tiff(gray_entries(50_000, 50_000, 300, 10), bytes(400)), pixels_
    yield (
        "one-strip.tif",
        tiff(gray_entries(13_000, 13_000, 300, 10, compression=5), bytes(400)),
        EITHER,
    )
    yield "huge-big.tif", big_tiff(gray_entries(50_000, 50_000, 300, 10), bytes(400)), pixels_
    yield "huge.webp", riff((b"VP8X", struct.pack("<I", 0) + b"\xff\xff\xff" * 2)), r"WebP"
    lossless = struct.pack("<BI", 0x2F, 16_383 | 16_383 << 14)
    yield "huge-lossless.webp", riff((b"VP8L", lossless + bytes(30))), r"WebP"
    for kind, name in (("AVIF", "avif"), ("HEIF", "heic")):
        encoded = saved(picture(), kind, **({"speed": 10} if kind == "AVIF" else {}))
        at = encoded.index(b"ispe") + 8
        large = patched(encoded, at, struct.pack(">II", 60_000, 60_000))
        yield f"huge.{name}", large, r"claims|more pixels|damaged|truncated"
        large = patched(encoded, at, struct.pack(">II", 12_000, 12_000))
        yield f"lying.{name}", large, EITHER
    packed = zeros(1 << 26)
    yield "text.png", png(chunk(b"zTXt", b"a\0\0" + packed)), r"packed text or profile"
    yield "international-text.png", png(chunk(b"iTXt", b"a\0\1\0\0\0" + packed)), r"packed text"
    yield "profile.png", png(chunk(b"iCCP", b"a\0\0" + packed)), r"packed text or profile"
    texts = chunk(b"zTXt", b"a\0\0" + zeros(900_000)) * 100
    yield "many-texts.png", png(texts), r"packed text or profile"
    yield "tiny-chunks.png", png(chunk(b"tEXt", b"a\0b") * 20_000), r"over \d+ chunks"
    yield "scans.jpg", many_scans(3_000), r"paints over itself more than 100 times"
    yield "scans-large.jpg", many_scans(3_000, 4_000, 4_000), r"paints over itself"
    yield "tiny-segments.jpg", after_start(jpeg(), segment(0xFE, b"") * 20_000), r"over \d+ parts"
    yield "between.jpg", jpeg()[:20] + bytes(3 << 20) + jpeg()[20:], r"MiB between them"
    yield (
        "comment.gif",
        gif(8, 8, b"!\xfe" + (b"\xff" + bytes(255)) * 20_000 + b"\0"),
        r"blocks before",
    )
    yield "empty-blocks.gif", gif(8, 8, b"!\xfe\0" * 20_000), r"blocks before"
    yield "between.gif", gif(8, 8, bytes(3 << 20)), r"blocks before"
    yield from _tag_bombs()


def _tag_bombs():
    body = bytes(3 << 20)
    numbers = r"claims over \d+ numbers"
    many = [*gray_entries(8, 8, 9_000, 64), (33_000, 3, 1_500_000, 9_000)]
    yield "numbers.tif", tiff(many, body), numbers
    strips = [(273, 4, 1_200_000, 300) if e[0] == 273 else e for e in gray_entries(8, 8, 0, 64)]
    yield "strips.tif", tiff(strips, bytes(5 << 20)), numbers
    most = [*gray_entries(8, 8, 9_000, 64), (33_000, 3, 2**32 - 1, 9_000)]
    yield "most-numbers.tif", tiff(most, bytes(9_000)), numbers
    entries = [(tag, 7, 2_000_000, 8) for tag in range(34_000, 64_000)]
    yield "overlapping.tif", tiff([*gray_entries(8, 8, 9_000, 64), *entries], body), EITHER
    yield "entries.tif", big_tiff([], b"")[:16] + struct.pack("<Q", 2**63), r"damaged|truncated"
    nested = [*gray_entries(8, 8, 8_000, 64), (0x8769, 4, 1, 4_000)]
    head = tiff(nested)
    inner = directory([(0x9286, 3, 1_400_000, 5_000)])
    yield "nested-numbers.tif", head + bytes(4_000 - len(head)) + inner + body, numbers
    overlaps = [(tag, 7, 60_000, 8) for tag in range(1, 4_900)]
    yield "overlapping-exif.jpg", after_start(jpeg(), segment(0xE1, exif(overlaps))), OK
    large = segment(0xE1, b"Exif\0\0" + bytes(65_000)) * 40
    yield "large-exif.jpg", after_start(jpeg(), large), OK
    orientation = exif([(274, 3, 2_000_000, 8)], bytes(4_000_000))[6:]
    yield "large-exif.png", png(chunk(b"eXIf", orientation)), OK
    yield "large-exif.webp", saved(picture(), "WEBP", exif=orientation), OK
    text = exif([(305, 2, 2_000_000, 26)], bytes(4_000_000))[6:]
    yield "large-exif.avif", saved(picture(), "AVIF", speed=10, exif=text), r"EXIF data"
    yield "large-profile.jpg", saved(picture(), "JPEG", icc_profile=bytes(10_000_000)), OK
    yield "large-profile.webp", saved(picture(), "WEBP", icc_profile=bytes(10_000_000)), OK
