"""How fast label maps are made: each runtime, networks of the same library, and SegFormer-b2.

    python benchmarks/segmentation.py [--rounds 5] [--seconds 4]

From a decoded photo to its label map at the photo's own size, resizing both ways included; one
process for each side, two threads, taking turns so that all meet the same load. One photo at a
time, and all twelve handed over at once (peers take them one by one). The photos are
this package's samples, enlarged to 550 x 827, the size of street-style photos of Clothing
Co-Parsing. Peers have random weights: their speed doesn't depend on them. Needs
`pip install openvino onnxruntime transformers`.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

THREADS = 2
SIZE = (827, 550)  # height, width
OURS = ("openvino int8", "openvino", "onnxruntime int8", "onnxruntime", "pytorch")
SMP = ("FPN", "Unet", "DeepLabV3Plus")
SIDES = (*OURS, *(f"smp {name}" for name in SMP), "SegFormer-b2 at 512")
REFERENCE = SIDES[-1]
_SLOW = 0.5  # seconds a photo from which two photos do for many
Photos = list[NDArray[np.uint8]]
Labeller = Callable[[Photos], list[NDArray[np.uint8]]]


def sample_photos() -> Photos:
    """Twelve sample photos of the package at the size of a street-style photo."""
    import trendcolor

    folder = Path(trendcolor.__file__).parent / "samples" / "lookbook"
    paths = sorted(folder.rglob("*.jpg"))[:12]
    return [
        np.asarray(Image.open(path).convert("RGB").resize((SIZE[1], SIZE[0]))) for path in paths
    ]


def ours(side: str) -> Labeller:
    """The packaged segmenter."""
    from trendcolor.config import SegmentationConfig
    from trendcolor.segmentation.opening import load_segmenter
    from trendcolor.segmentation.runtimes import set_threads

    set_threads(THREADS)
    runtime, _, precision = side.partition(" ")
    config = SegmentationConfig(runtime=runtime, precision=precision or "float32")
    return load_segmenter(config).label_maps


def smp_network(architecture: str) -> Labeller:
    """A network of segmentation-models-pytorch with our encoder, as its users run it."""
    import segmentation_models_pytorch as smp
    import torch
    from torch.nn.functional import interpolate

    torch.set_num_threads(THREADS)
    network = getattr(smp, architecture)("mobilenet_v2", encoder_weights=None, classes=13)
    network = network.eval().to(memory_format=torch.channels_last)

    def label(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        small = np.asarray(Image.fromarray(rgb).resize((256, 384), Image.Resampling.BILINEAR))
        with torch.inference_mode():
            planes = torch.from_numpy(small.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
            logits = network(planes.contiguous(memory_format=torch.channels_last))
            large = interpolate(logits, rgb.shape[:2], mode="bilinear", align_corners=False)
            return large[0].argmax(0).to(torch.uint8).numpy()

    return lambda photos: [label(rgb) for rgb in photos]


def segformer() -> Labeller:
    """SegFormer-b2 with 18 classes at 512 x 512, as mattmdjaga/segformer_b2_clothes is run."""
    import torch
    from torch.nn.functional import interpolate
    from transformers import SegformerConfig, SegformerForSemanticSegmentation

    torch.set_num_threads(THREADS)
    config = SegformerConfig(
        depths=[3, 4, 6, 3],
        hidden_sizes=[64, 128, 320, 512],
        decoder_hidden_size=768,
        num_labels=18,
    )
    network = SegformerForSemanticSegmentation(config).eval()

    def label(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        small = np.asarray(Image.fromarray(rgb).resize((512, 512), Image.Resampling.BILINEAR))
        with torch.inference_mode():
            planes = torch.from_numpy(small.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
            logits = network(pixel_values=planes).logits
            large = interpolate(logits, rgb.shape[:2], mode="bilinear", align_corners=False)
            return large[0].argmax(0).to(torch.uint8).numpy()

    return lambda photos: [label(rgb) for rgb in photos]


def build(side: str) -> Labeller:
    """One side, loaded."""
    if side in OURS:
        return ours(side)
    return segformer() if side == REFERENCE else smp_network(side.removeprefix("smp "))


def serve(side: str) -> None:
    """Load one side, then time it whenever a line with a number of seconds comes in."""
    photos = sample_photos()
    started = time.perf_counter()
    label = build(side)
    label(photos[:1])
    loaded = time.perf_counter() - started
    label(photos[:2])
    print(json.dumps({"load": loaded}), flush=True)
    for line in sys.stdin:
        alone = timed(label, [[photo] for photo in photos], float(line) / 2)
        batch = photos if alone < _SLOW else photos[:2]
        together = timed(label, [batch], float(line) / 2)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        times = {"alone": alone, "together": together / len(batch), "peak": peak}
        print(json.dumps(times), flush=True)


def timed(label: Labeller, batches: list[Photos], seconds: float) -> float:
    """Seconds a batch, the median over as many as fit into the time, at least one."""
    times: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or not times:
        begun = time.perf_counter()
        label(batches[len(times) % len(batches)])
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def measure(rounds: int, seconds: float) -> dict[str, dict[str, float]]:
    """Each side in its own process, taking turns; medians over rounds."""
    served = {}
    for side in SIDES:
        served[side] = subprocess.Popen(
            [sys.executable, __file__, "--serve", side],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    loads = {
        side: json.loads(process.stdout.readline())["load"] for side, process in served.items()
    }
    rounds_of: dict[str, list[dict[str, float]]] = {side: [] for side in SIDES}
    for _ in range(rounds):
        for side, process in served.items():
            process.stdin.write(f"{seconds}\n")
            process.stdin.flush()
            rounds_of[side].append(json.loads(process.stdout.readline()))
    for process in served.values():
        process.stdin.close()
        process.wait()

    def median(side: str, name: str) -> float:
        return statistics.median(one[name] for one in rounds_of[side])

    def ratio(side: str, name: str) -> float:
        """Taken within a round, where both sides met the same load."""
        pairs = zip(rounds_of[REFERENCE], rounds_of[side], strict=True)
        return statistics.median(reference[name] / own[name] for reference, own in pairs)

    return {
        side: {
            "alone": 1000 * median(side, "alone"),
            "together": 1000 * median(side, "together"),
            "times alone": ratio(side, "alone"),
            "times": ratio(side, "together"),
            "load": loads[side],
            "peak": median(side, "peak"),
        }
        for side in SIDES
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--serve", choices=SIDES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return
    table = measure(options.rounds, options.seconds)
    print(f"photos of {SIZE[1]} x {SIZE[0]}, {THREADS} threads, medians of {options.rounds} rounds")
    print(
        f"| side | one photo, ms | times {REFERENCE} | of many, ms | photos/s "
        f"| times {REFERENCE} | load, s | peak memory, MB |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for side, row in table.items():
        name = f"trendcolor, {side}" if side in OURS else side
        print(
            f"| {name} | {row['alone']:.1f} | {row['times alone']:.0f} | {row['together']:.1f} "
            f"| {1000 / row['together']:.1f} | {row['times']:.0f} | {row['load']:.1f} "
            f"| {row['peak']:.0f} |"
        )


if __name__ == "__main__":
    main()
