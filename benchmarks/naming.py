"""How fast colors are named, beside a plain CIEDE2000 table, and whether the names are the same.

    python benchmarks/naming.py [--rows 1000000] [--sample 1000] [--seed 2026]

Seconds are of the processor, of one thread, so that a busy machine has no say. `distinct` are
random colors of sRGB, no two alike. `garments` are rows as a run has them: the colors of 20,000
garments of 400 dyes, photographed with noise, so that many repeat. The table is scikit-image's
`deltaE_ciede2000` between each color of a sample and each entry; its time is that of the sample,
times the number of distinct colors.
"""

import argparse
import time

import numpy as np
from skimage.color import deltaE_ciede2000

from trendcolor.color.names import name_colors
from trendcolor.color.spaces import Rgb8, srgb_to_lab
from trendcolor.color.vocabularies import SHIPPED, Vocabulary, shipped_vocabulary


def distinct_colors(n_rows: int, rng: np.random.Generator) -> Rgb8:
    """Random colors of sRGB, no two alike."""
    packed = rng.choice(1 << 24, n_rows, replace=False, shuffle=False)
    return np.stack([packed >> 16, packed >> 8 & 255, packed & 255], axis=1).astype(np.uint8)


def garment_colors(n_rows: int, rng: np.random.Generator) -> Rgb8:
    """Rows of a run: dyes, more of them dark and dull, each garment and each photo a bit off."""
    value, spread = rng.gamma(2, 45, (400, 1)), rng.normal(0, 22, (400, 3))
    garments = (value + spread)[rng.integers(0, 400, 20_000)] + rng.normal(0, 2, (20_000, 3))
    rows = garments[rng.integers(0, 20_000, n_rows)] + rng.normal(0, 1, (n_rows, 3))
    return np.clip(np.rint(rows), 0, 255).astype(np.uint8)


def table_names(rgb8: Rgb8, words: Vocabulary) -> list[str]:
    """The nearest entry of each color, from the whole table."""
    lab = srgb_to_lab(rgb8).astype(np.float64)
    nearest: list[int] = []
    for some in np.array_split(lab, -(-len(lab) // 50)):  # as many at once as fit the cache
        pairs = np.broadcast_arrays(some[:, None], words.lab[None])
        nearest += deltaE_ciede2000(*pairs).argmin(axis=1).tolist()
    return words.name[nearest].tolist()


def main() -> None:
    """Print one row a vocabulary and kind of rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--sample", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    kinds = {
        "distinct": distinct_colors(options.rows, rng),
        "garments": garment_colors(options.rows, rng),
    }
    print("| vocabulary | entries | rows | distinct | s | rows a second | table, s | names agree |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for source in SHIPPED:
        words = shipped_vocabulary(source)
        for kind, rgb8 in kinds.items():
            started = time.process_time()
            names = name_colors(rgb8, words).name
            seconds = time.process_time() - started
            n_distinct = len(np.unique(rgb8, axis=0))
            sample = rng.choice(len(rgb8), min(options.sample, len(rgb8)), replace=False)
            started = time.process_time()
            wanted = table_names(rgb8[sample], words)
            table = (time.process_time() - started) / len(sample) * n_distinct
            n_same = np.count_nonzero(names[sample] == np.array(wanted, dtype=object))
            print(
                f"| {source} | {len(words.name)} | {kind} | {n_distinct:,} | {seconds:.1f} "
                f"| {len(rgb8) / seconds:,.0f} | {table:,.0f} | {n_same} of {len(sample)} |"
            )


if __name__ == "__main__":
    main()
