"""What decoding a photo takes in memory, beside what its header was judged by.

    python benchmarks/decode_memory.py [--megapixels 10,50,100,175] [--kinds jpeg,png]

Each photo is made by one process and decoded by another, of its own: its peak (VmHWM of
/proc/self/status) less what it held before. The estimate (`images/memory.py`) should be above the
peak, and not by far. Linux only. HEIC and AVIF take minutes to make above 50 megapixels.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from trendcolor.config import ImagesConfig
from trendcolor.errors import PhotoError
from trendcolor.images import decode

# Kind -> Pillow's format, mode and options of saving.
KINDS = {
    "jpeg": ("JPEG", "RGB", {}),
    "jpeg-444": ("JPEG", "RGB", {"subsampling": 0}),
    "jpeg-progressive": ("JPEG", "RGB", {"progressive": True}),
    "jpeg-progressive-444": ("JPEG", "RGB", {"progressive": True, "subsampling": 0}),
    "jpeg-progressive-cmyk": ("JPEG", "CMYK", {"progressive": True}),
    "png": ("PNG", "RGB", {"compress_level": 1}),
    "png-alpha": ("PNG", "RGBA", {"compress_level": 1}),
    "png-gray-16": ("PNG", "I;16", {"compress_level": 1}),
    "png-palette": ("PNG", "P", {"compress_level": 1, "transparency": 0}),
    "png-one-bit": ("PNG", "1", {"compress_level": 1}),
    "tiff": ("TIFF", "RGB", {}),
    "tiff-strip": ("TIFF", "RGB", {"compression": "tiff_lzw", "strip_size": 1 << 31}),
    "tiff-turned": ("TIFF", "RGB", {"tiffinfo": {274: 6}}),
    "tiff-strip-turned": (
        "TIFF",
        "RGB",
        {"compression": "tiff_lzw", "strip_size": 1 << 31, "tiffinfo": {274: 6}},
    ),
    "tiff-jpeg": ("TIFF", "RGB", {"compression": "jpeg", "strip_size": 1 << 31}),
    "tiff-gray-16": ("TIFF", "I;16", {}),
    "tiff-cmyk": ("TIFF", "CMYK", {"compression": "tiff_lzw"}),
    "webp": ("WEBP", "RGB", {"method": 0}),
    "webp-alpha": ("WEBP", "RGBA", {"method": 0}),
    "webp-lossless": ("WEBP", "RGBA", {"method": 0, "lossless": True, "quality": 0}),
    "avif": ("AVIF", "RGB", {"speed": 10}),
    "avif-444": ("AVIF", "RGBA", {"speed": 10, "subsampling": "4:4:4"}),
    "heic": ("HEIF", "RGB", {"quality": 30}),
    "heic-444": ("HEIF", "RGBA", {"quality": 30, "chroma": 444}),
    "heic-12": ("HEIF", "I;16", {"quality": 30}),
    "gif": ("GIF", "P", {}),
    "bmp": ("BMP", "RGB", {}),
}
MOST = {"WEBP": 175, "AVIF": 50, "HEIF": 25}  # megapixels that are made in tolerable time


def make(kind: str, megapixels: float, path: Path) -> None:
    """Write one photo: soft stripes, which no codec finds trivial and none takes hours for."""
    name, mode, options = KINDS[kind]
    width = int((megapixels * 1e6 * 4 / 3) ** 0.5)
    width = min(width, 16_000)
    height = min(int(megapixels * 1e6 / width), 16_380)
    row = (np.arange(width) // 64 % 7 * 30).astype(np.uint8)
    gray = np.repeat(row[None, :], height, axis=0)
    if mode == "I;16":
        image = Image.fromarray(gray.astype(np.uint16) * 257)
    else:
        image = Image.fromarray(gray)
        if mode == "P":
            image.putpalette([value % 256 for value in range(768)])
            image = image if image.mode == "P" else image.convert("P")
        elif mode != "L":
            image = image.convert("RGB").convert(mode)
    if mode == "RGBA":
        image.putalpha(Image.fromarray(255 - gray))
    if name == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    image.save(path, name, **options)


def measure(path: Path) -> dict[str, object]:
    """Peak, estimate and seconds of one decoding in this process, which must be fresh."""
    told = {}
    ask = decode.decode_memory

    def note(*arguments: object) -> int:
        told["estimate"] = ask(*arguments)  # type: ignore[arg-type]
        return 0

    decode.decode_memory = note  # type: ignore[assignment]
    before, started = resident("VmRSS"), time.process_time()
    try:
        photo = decode.read_photo(path, ImagesConfig(max_bytes=2_000_000_000))
        status = f"{photo.rgb.shape[1]} x {photo.rgb.shape[0]}"
    except PhotoError as error:
        status = str(error)
    return {
        "status": status,
        "seconds": time.process_time() - started,
        "peak": resident("VmHWM") - before,
        "base": before,
        "estimate": told.get("estimate", 0),
    }


def resident(field: str) -> int:
    """Bytes of this process's memory: VmRSS now, VmHWM at its peak."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return int(text.partition(f"{field}:")[2].split()[0]) * 1024


def in_process(*arguments: str) -> str:
    """What this script prints in a fresh process."""
    command = [sys.executable, __file__, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def compare(kind: str, megapixels: float, folder: Path) -> dict[str, object]:
    """One line of the table."""
    path = folder / "photo"
    in_process("--make", kind, str(megapixels), str(path))
    found: dict[str, object] = json.loads(in_process("--measure", str(path)))
    found["bytes"] = path.stat().st_size
    path.unlink()
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megapixels", default="10,50,100,175")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--make", nargs=3)
    parser.add_argument("--measure")
    asked = parser.parse_args()
    if asked.make:
        make(asked.make[0], float(asked.make[1]), Path(asked.make[2]))
        return
    if asked.measure:
        print(json.dumps(measure(Path(asked.measure))))
        return
    print(f"{'kind':22} {'MP':>6} {'file MB':>8} {'peak MB':>8} {'estimate':>8} {'ratio':>6} CPU s")
    with tempfile.TemporaryDirectory() as folder:
        for kind in asked.kinds.split(","):
            for megapixels in map(float, asked.megapixels.split(",")):
                if megapixels > MOST.get(KINDS[kind][0], 1e9):
                    continue
                found = compare(kind, megapixels, Path(folder))
                size, peak, estimate = (
                    float(found[name]) / 1e6  # type: ignore[arg-type]
                    for name in ("bytes", "peak", "estimate")
                )
                print(
                    f"{kind:22} {megapixels:6g} {size:8.1f} {peak:8.0f} {estimate:8.0f} "
                    f"{estimate / max(peak, 1):6.2f} {found['seconds']:5.1f}  {found['status']}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
