"""How fast label maps are made: each runtime, networks of the same library, and SegFormer-b2.

    python benchmarks/segmentation.py [--rounds 5] [--seconds 4]

From a decoded photo to its label map at the photo's own size, resizing both ways included; one
process for each side, two threads, taking turns so that all meet the same load. The photos are
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
OURS = ("openvino", "onnxruntime", "pytorch")
SMP = ("FPN", "Unet", "DeepLabV3Plus")
SIDES = (*OURS, *(f"smp {name}" for name in SMP), "SegFormer-b2 at 512")
REFERENCE = SIDES[-1]
Labeller = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]


def sample_photos() -> list[NDArray[np.uint8]]:
    """Twelve sample photos of the package at the size of a street-style photo."""
    import trendcolor

    folder = Path(trendcolor.__file__).parent / "samples" / "lookbook"
    paths = sorted(folder.rglob("*.jpg"))[:12]
    return [
        np.asarray(Image.open(path).convert("RGB").resize((SIZE[1], SIZE[0]))) for path in paths
    ]


def ours(runtime: str) -> Labeller:
    """The packaged segmenter."""
    from trendcolor.config import SegmentationConfig
    from trendcolor.segmentation.opening import load_segmenter
    from trendcolor.segmentation.runtimes import set_threads

    set_threads(THREADS)
    segmenter = load_segmenter(SegmentationConfig(runtime=runtime))
    return lambda rgb: segmenter.segment(rgb).labels


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

    return label


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

    return label


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
    label(photos[0])
    loaded = time.perf_counter() - started
    print(json.dumps({"load": loaded}), flush=True)
    for line in sys.stdin:
        until = time.perf_counter() + float(line)
        times: list[float] = []
        while time.perf_counter() < until or not times:
            begun = time.perf_counter()
            label(photos[len(times) % len(photos)])
            times.append(time.perf_counter() - begun)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"times": times, "peak": peak}), flush=True)


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
    medians: dict[str, list[float]] = {side: [] for side in SIDES}
    peaks: dict[str, float] = {}
    for _ in range(rounds):
        for side, process in served.items():
            process.stdin.write(f"{seconds}\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            medians[side].append(statistics.median(answer["times"]))
            peaks[side] = answer["peak"]
    for process in served.values():
        process.stdin.close()
        process.wait()
    # A ratio is taken within a round, where both sides met the same load.
    return {
        side: {
            "ms": 1000 * statistics.median(medians[side]),
            "times": statistics.median(
                reference / own
                for reference, own in zip(medians[REFERENCE], medians[side], strict=True)
            ),
            "load": loads[side],
            "peak": peaks[side],
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
    print(f"| side | ms a photo | photos/s | times {REFERENCE} | load, s | peak memory, MB |")
    print("| --- | --- | --- | --- | --- | --- |")
    for side, row in table.items():
        name = f"trendcolor, {side}" if side in OURS else side
        print(
            f"| {name} | {row['ms']:.1f} | {1000 / row['ms']:.1f} | {row['times']:.0f} "
            f"| {row['load']:.1f} | {row['peak']:.0f} |"
        )


if __name__ == "__main__":
    main()
