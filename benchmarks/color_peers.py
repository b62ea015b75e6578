"""Other programs' dominant colors of a masked garment, each as its users call it, five colors.

Needs `pip install -r benchmarks/requirements.txt`. Where a program gives colors and no shares,
each pixel counts for the nearest of them.
"""

from collections.abc import Callable

import numpy as np
from color_truth import Colors
from PIL import Image

from trendcolor.color.spaces import FloatArray, Mask, Rgb8, lab_to_srgb, srgb_to_lab

N_COLORS = 5
Finder = Callable[[Rgb8, Mask], Colors]


def _colors(rgb8: Rgb8, share: FloatArray) -> Colors:
    """Colors with their shares, largest first; those of no pixel left out."""
    share = np.asarray(share, float)
    order = np.argsort(-share, kind="stable")
    order = order[share[order] > 0]
    colors = np.clip(np.rint(rgb8), 0, 255).astype(np.uint8)[order]
    return Colors(srgb_to_lab(colors).astype(float), share[order] / share[order].sum())


def _by_nearest(colors: Rgb8, pixels: Rgb8) -> Colors:
    colors = np.asarray(colors, float)
    nearest = ((pixels[:, None].astype(float) - colors) ** 2).sum(axis=2).argmin(axis=1)
    return _colors(colors, np.bincount(nearest, minlength=len(colors)))


def _rgba(rgb8: Rgb8, mask: Mask) -> Rgb8:
    return np.ascontiguousarray(np.dstack([rgb8, np.where(mask, np.uint8(255), np.uint8(0))]))


def mean(rgb8: Rgb8, mask: Mask) -> Colors:
    """The mean of the masked pixels."""
    return _colors(rgb8[mask].mean(axis=0, keepdims=True), np.ones(1))


def colorthief(rgb8: Rgb8, mask: Mask) -> Colors:
    """Modified median cut in Python; leaves out white."""
    import colorthief as package

    thief = package.ColorThief.__new__(package.ColorThief)
    thief.image = Image.fromarray(_rgba(rgb8, mask))
    return _by_nearest(thief.get_colors(color_count=N_COLORS, quality=1), rgb8[mask])


def fast_colorthief(rgb8: Rgb8, mask: Mask) -> Colors:
    """The same, compiled."""
    import fast_colorthief as package

    colors = package.get_colors(_rgba(rgb8, mask), N_COLORS, quality=1)
    return _by_nearest(colors, rgb8[mask])


def pylette(rgb8: Rgb8, mask: Mask) -> Colors:
    """Pylette's k-means in Oklab on its sample of 256 x 256."""
    from pylette import extract_colors

    image = Image.fromarray(_rgba(rgb8, mask))
    found = extract_colors(image, palette_size=N_COLORS, mode="OKLab", alpha_mask_threshold=128)
    return _colors(np.array([c.rgb for c in found]), np.array([c.frequency for c in found]))


def sklearn_rgb(rgb8: Rgb8, mask: Mask) -> Colors:
    """scikit-learn's k-means in sRGB."""
    return _sklearn(rgb8[mask].astype(np.float32), lambda centers: centers)


def sklearn_lab(rgb8: Rgb8, mask: Mask) -> Colors:
    """scikit-learn's k-means in CIELAB."""
    return _sklearn(srgb_to_lab(rgb8[mask]), lab_to_srgb)


def _sklearn(values: FloatArray, to_srgb: Callable[[FloatArray], FloatArray]) -> Colors:
    from sklearn.cluster import KMeans

    found = KMeans(N_COLORS, n_init=1, random_state=0).fit(values)
    centers = to_srgb(found.cluster_centers_.astype(float))
    return _colors(centers, np.bincount(found.labels_, minlength=N_COLORS))


def cv2_kmeans(rgb8: Rgb8, mask: Mask) -> Colors:
    """OpenCV's k-means in sRGB."""
    import cv2

    cv2.setNumThreads(1)
    cv2.setRNGSeed(0)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.5)
    pixels = rgb8[mask].astype(np.float32)
    _, labels, centers = cv2.kmeans(pixels, N_COLORS, None, stop, 1, cv2.KMEANS_PP_CENTERS)
    return _colors(centers, np.bincount(labels.ravel(), minlength=N_COLORS))


def pillow(rgb8: Rgb8, mask: Mask) -> Colors:
    """Pillow's median cut with its own k-means."""
    row = Image.fromarray(rgb8[mask][None])
    found = row.quantize(N_COLORS, method=Image.Quantize.MEDIANCUT, kmeans=1)
    share = np.bincount(np.asarray(found).ravel(), minlength=N_COLORS)
    colors = np.array(found.getpalette()[: 3 * N_COLORS]).reshape(-1, 3)
    return _colors(colors, share[: len(colors)])


PEERS: dict[str, Finder] = {
    "mean of the mask": mean,
    "colorthief": colorthief,
    "fast-colorthief": fast_colorthief,
    "Pylette (Oklab)": pylette,
    "scikit-learn, RGB": sklearn_rgb,
    "scikit-learn, Lab": sklearn_lab,
    "cv2.kmeans": cv2_kmeans,
    "Pillow": pillow,
}
