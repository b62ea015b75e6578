"""What the benchmark of the pipeline compares: our parts, a plain loop, and a glued pipeline."""

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pipeline_jobs import COLUMNS

GLUED = 2  # photos that the glue looks at in a round
PARTS = 64  # photos whose parts are measured alone


def cpu_seconds() -> float:
    """CPU time of this process and of those that it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


@contextmanager
def timed(answer: dict[str, float], name: str, n: int) -> Iterator[None]:
    """Add CPU and wall milliseconds a photo to an answer."""
    cpu, wall = cpu_seconds(), time.perf_counter()
    yield
    answer[f"{name} cpu"] = 1000 * (cpu_seconds() - cpu) / n
    answer[f"{name} wall"] = 1000 * (time.perf_counter() - wall) / n


def loop_side(config_file: Path, folder: Path) -> Callable[[], dict[str, float]]:
    """The plain loop, and its parts alone."""
    from threadpoolctl import threadpool_limits

    from trendcolor.engine.plan import plan
    from trendcolor.images.decode import open_photo
    from trendcolor.pipeline import (
        analyze_photo,
        build_pipeline,
        photo_row,
        predict,
        record_rows,
    )
    from trendcolor.records import (
        frame,
        photo_schema,
        record_schema,
        stored_records,
        write_frame,
    )
    from trendcolor.segmentation.runtimes import set_threads

    set_threads(1)
    threadpool_limits(limits=1)
    work = plan(config_file)
    refs = [ref for shard in work.shards for ref in shard.photos]
    pipeline = build_pipeline(work.config)
    declared = {name: kind for name, kind in COLUMNS.items() if kind != "id"}

    def loop() -> None:
        results = [pipeline(ref) for ref in refs]
        rows = [row for result in results for row in record_rows(result)]
        told = [photo_row(result) for result in results]
        records = stored_records(frame(rows, record_schema(declared)))
        write_frame(records, folder / "records.parquet")
        write_frame(frame(told, photo_schema(declared)), folder / "photos.parquet")

    def measure() -> dict[str, float]:
        answer: dict[str, float] = {}
        with timed(answer, "loop", len(refs)):
            loop()
        some = refs[:PARTS]
        with timed(answer, "decode", len(some)):
            photos = [open_photo(ref.file, work.config.images) for ref in some]
        with timed(answer, "network", len(some)):
            maps = [predict(pipeline.segmenter, photo) for photo in photos]
        with timed(answer, "palette", len(some)):
            for photo, found in zip(photos, maps, strict=True):
                analyze_photo(photo, found, work.config.color)
        return answer

    loop()
    return measure


def opened(file: Path) -> NDArray[np.uint8]:
    """A photo as most programs read it."""
    with Image.open(file) as image:
        return np.array(image.convert("RGB"))


def glue_side(config_file: Path, _: Path) -> Callable[[], dict[str, float]]:
    """What a user would put together today."""
    import torch
    from skimage.color import rgb2lab
    from sklearn.cluster import KMeans
    from torch.nn.functional import interpolate
    from transformers import SegformerConfig, SegformerForSemanticSegmentation

    from trendcolor.engine.plan import plan
    from trendcolor.pipeline import build_pipeline

    torch.set_num_threads(2)
    work = plan(config_file)
    refs = [ref for shard in work.shards for ref in shard.photos][: 2 * GLUED]
    segmenter = build_pipeline(work.config).segmenter
    encoder = {"depths": [3, 4, 6, 3], "hidden_sizes": [64, 128, 320, 512]}
    settings = SegformerConfig(**encoder, decoder_hidden_size=768, num_labels=18)
    network = SegformerForSemanticSegmentation(settings).eval()
    files = [Path(ref.file.place) for ref in refs]
    maps = {file: segmenter.label_map(opened(file)) for file in files}

    def look(file: Path) -> None:
        rgb = opened(file)
        small = np.array(Image.fromarray(rgb).resize((512, 512), Image.Resampling.BILINEAR))
        with torch.inference_mode():
            planes = torch.from_numpy(small).permute(2, 0, 1)[None].float() / 127.5 - 1
            logits = network(pixel_values=planes).logits
            interpolate(logits, rgb.shape[:2], mode="bilinear").argmax(1).numpy()
        lab = rgb2lab(rgb)
        for garment in range(3, 13):
            pixels = lab[maps[file] == garment]
            if len(pixels) >= 400:
                KMeans(n_clusters=5, random_state=0).fit(pixels)

    def measure() -> dict[str, float]:
        answer: dict[str, float] = {}
        files.append(files.pop(0))
        with timed(answer, "glue", GLUED):
            for file in files[:GLUED]:
                look(file)
        return answer

    look(files[0])
    return measure


SIDES = {"loop": loop_side, "glue": glue_side}
