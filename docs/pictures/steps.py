"""The sample photo of docs/color.md taken through every step, with what is known of it."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

import trendcolor
from trendcolor.color import counts as counting
from trendcolor.color import palette as palettes
from trendcolor.color.adaptation import adapt_to_d65
from trendcolor.color.clusters import Labels, cluster, nearest
from trendcolor.color.counts import ColorCounts, count_colors
from trendcolor.color.evidence import Evidence, Surfaces, find_surfaces, gather, unclipped
from trendcolor.color.illuminant import Illuminant
from trendcolor.color.palette import Palette, dominant_colors
from trendcolor.color.shading import cluster_centers, join_shades
from trendcolor.color.spaces import (
    FloatArray,
    Mask,
    Rgb8,
    color_difference,
    decoded,
    lab_to_srgb,
    linear_to_lab,
    srgb_to_lab,
    srgb_to_linear,
)
from trendcolor.config import ColorConfig, ImagesConfig
from trendcolor.images.decode import read_photo
from trendcolor.pipeline import light_of
from trendcolor.taxonomy import BACKGROUND, TOP, LabelMap

PHOTO = "look_0070"
GARMENT = TOP
SAMPLES = Path(trendcolor.__file__).parent / "samples" / "lookbook"
CONFIG = ColorConfig()


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """All that the pictures show of the photo and its striped top."""

    rgb8: Rgb8
    labels: LabelMap
    true_cast: float  # log(R/B)
    true_dyes: Rgb8  # (k, 3), largest share first
    true_share: FloatArray  # (k,)
    is_evidence: Mask
    evidence: Evidence
    surfaces: Surfaces
    light: Illuminant
    counts: ColorCounts
    cells: FloatArray  # (m, 3), CIE L*a*b* of those that vote
    votes: FloatArray  # (m,)
    clusters: Labels
    dyes: Labels  # of each cluster
    palette: Palette


def take_steps() -> Steps:
    """The photo through every step."""
    photo = read_photo(SAMPLES / "images" / f"{PHOTO}.jpg", ImagesConfig())
    labels = np.asarray(Image.open(SAMPLES / "masks" / f"{PHOTO}.png"))
    lines = (SAMPLES / "truth.jsonl").read_text().splitlines()
    truth = next(t for t in map(json.loads, lines) if t["image"] == f"{PHOTO}.jpg")
    dyes = next(g["colors"] for g in truth["garments"] if g["label"] == GARMENT)
    is_evidence = (labels == BACKGROUND) & unclipped(photo.rgb)
    evidence = gather(srgb_to_linear(photo.rgb), is_evidence)
    light = light_of(photo, labels, CONFIG)
    counts = count_colors(photo.rgb, labels == GARMENT, CONFIG)
    is_voting = counts.votes > 0
    cells = linear_to_lab(adapt_to_d65(decoded(counts.rgb[is_voting] / 255), light))
    votes = counts.votes[is_voting]
    points = cells * palettes._CLUSTER_WEIGHTS
    clusters = cluster(points, votes, palettes._START_CLUSTERS, CONFIG.seed)
    return Steps(
        rgb8=photo.rgb,
        labels=labels,
        true_cast=warmth(truth["illuminant_linear_srgb"]) * (1 - truth["awb_fraction"]),
        true_dyes=np.array([dye["srgb"] for dye in dyes], np.uint8),
        true_share=np.array([dye["share"] for dye in dyes]),
        is_evidence=is_evidence,
        evidence=evidence,
        surfaces=find_surfaces(evidence),
        light=light,
        counts=counts,
        cells=cells,
        votes=votes,
        clusters=clusters,
        dyes=join_shades(cells, votes, clusters),
        palette=dominant_colors(counts, light, CONFIG),
    )


def warmth(light: FloatArray) -> float:
    """log(R/B)."""
    return float(np.log(light[0] / light[2]))


def pixel_kinds(steps: Steps) -> tuple[Mask, Mask]:
    """Which pixels of the top vote, and which are blends; the rest is its edge."""
    mask = steps.labels == GARMENT
    pixels = counting._inner(mask, np.flatnonzero(mask), CONFIG.erode)
    between = counting._between(steps.rgb8, mask, pixels)
    limit = np.partition(between, middle := int(counting._CLEAR * (len(pixels) - 1)))[middle]
    votes, blends = np.zeros(mask.size, bool), np.zeros(mask.size, bool)
    votes[pixels[between <= limit]] = True
    blends[pixels[between > limit]] = True
    return votes.reshape(mask.shape), blends.reshape(mask.shape)


@dataclass(frozen=True, slots=True, eq=False)
class Dye:
    """Clusters that are one dye."""

    clusters: Rgb8  # (k, 3), dark to lit
    part: FloatArray  # (k,), of the dye's votes
    votes: float  # of all votes
    area: float  # of the garment, before blends are dropped
    lit: FloatArray  # CIE L*a*b*, as it is read
    is_kept: bool


def dyes_of(steps: Steps) -> list[Dye]:
    """The dyes of the top, most votes first."""
    centers = cluster_centers(steps.cells, steps.votes, steps.clusters)
    sizes = np.bincount(steps.clusters, weights=steps.votes)
    all_cells = linear_to_lab(adapt_to_d65(decoded(steps.counts.rgb / 255), steps.light))
    weights = palettes._CLUSTER_WEIGHTS
    own = nearest(all_cells * weights, centers * weights, steps.dyes >= 0)
    area = np.bincount(steps.dyes[own], weights=steps.counts.area)
    read = palettes._Cells(steps.cells, steps.votes)
    lit = palettes._lit_colors(read, steps.dyes[steps.clusters])
    found = []
    for dye in range(int(steps.dyes.max()) + 1):
        members = np.flatnonzero(steps.dyes == dye)
        members = members[np.argsort(centers[members, 0])]
        found.append(
            Dye(
                clusters=lab_to_srgb(centers[members]),
                part=sizes[members] / sizes[members].sum(),
                votes=float(sizes[members].sum() / sizes.sum()),
                area=float(area[dye] / area.sum()),
                lit=lit[dye],
                is_kept=bool(np.isclose(steps.palette.lab, lit[dye]).all(axis=1).any()),
            )
        )
    return sorted(found, key=lambda dye: -dye.votes)


def nearest_true(steps: Steps, lab: FloatArray) -> tuple[int, float]:
    """The true dye that is nearest to a color, and how far it is."""
    apart = color_difference(srgb_to_lab(steps.true_dyes).astype(float), lab)
    return int(apart.argmin()), float(apart.min())
