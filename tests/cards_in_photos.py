"""Photos with a gray card or a ColorChecker in them, whose light and exposure are known."""

import io

import numpy as np
from charts import Place, chart_texture, field_corners, light_of, pasted, under
from PIL import Image
from scipy import ndimage

from trendcolor.color.spaces import linear_to_srgb

__all__ = ["Place", "chart_photo", "field_corners", "light_of", "place", "street", "taken"]


def street(height=400, width=520, seed=0, pieces=40):
    """Busy surfaces of many colors, reflectances as linear sRGB."""
    random = np.random.default_rng(seed)
    scene = np.empty((height, width, 3))
    scene[:] = random.uniform(0.1, 0.5, 3)
    for _ in range(pieces):
        size = random.uniform(0.04, 0.3, 2) * (height, width)
        top, left = (random.uniform(0, 1, 2) * ((height, width) - size)).astype(int)
        color = random.uniform(0.03, 0.7) * random.uniform(0.4, 1, 3)
        scene[top : top + int(size[0]), left : left + int(size[1])] = color
    return scene


def place(center=(260, 200), width=260, turn=0.0, tilt=(0.0, 0.0)):
    """Where a chart lies: turned by radians, and seen from the side."""
    corners = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)])
    shape = chart_texture().shape
    corners = corners * [width, width * shape[0] / shape[1]]
    corners = corners / (1 + corners @ tilt / width)[:, None]
    around = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return Place(corners @ around + center)


def taken(linear, light="D65", stops=0.0, noise=0.003, seed=0, quality=80):
    """What a camera makes of a scene: a light, an exposure, blur, noise, JPEG."""
    seen = ndimage.gaussian_filter(under(linear, light) * 2.0**stops, (0.6, 0.6, 0))
    deviation = noise * np.sqrt(np.clip(seen, 0, None)) + noise / 6
    seen = seen + deviation * np.random.default_rng(seed).standard_normal(seen.shape)
    encoded = io.BytesIO()
    Image.fromarray(linear_to_srgb(np.clip(seen, 0, 1))).save(encoded, "JPEG", quality=quality)
    return np.array(Image.open(encoded))


def chart_photo(where, light="D65", stops=0.0, seed=0, **camera):
    """A street with a ColorChecker before it."""
    scene = pasted(street(seed=seed), chart_texture(), where)
    return taken(scene, light, stops, seed=seed, **camera)
