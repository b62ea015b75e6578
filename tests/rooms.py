"""Made-up surroundings for the light: walls, floors and things, without a garment."""

import numpy as np

from trendcolor.color.spaces import lab_to_linear

TUNGSTEN = np.array([1.35, 1.0, 0.45])  # linear sRGB; a part of it was balanced by the camera
SHADE = np.array([0.9, 1.0, 1.1])
WHITE = np.ones(3)


def everywhere(linear):
    return np.ones(linear.shape[:2], bool)


def painted(*walls, shape=(120, 160), noise=0.0, seed=0):
    """Walls beside each other, (linear color, part of the width) each; linear light."""
    linear = np.empty((*shape, 3))
    left = 0.0
    for color, part in walls:
        linear[:, round(left * shape[1]) : round((left + part) * shape[1])] = color
        left += part
    off = np.random.default_rng(seed).normal(0, noise, linear.shape)
    return (linear * np.exp(off)).astype(np.float32)


def room(seed, light=WHITE, gray=0.0, shape=(120, 160)):
    """A wall, a floor and ten things before them, each strongly colored unless it is gray.

    Args:
        seed: Of the room.
        light: Linear sRGB of white in the photo.
        gray: How likely each surface is gray.
        shape: Height and width.
    """
    random = np.random.default_rng(seed)

    def paint():
        chroma = random.uniform(0, 2) if random.random() < gray else random.uniform(20, 50)
        hue, lightness = random.uniform(0, 2 * np.pi), random.uniform(30, 85)
        lab = np.array([lightness, chroma * np.cos(hue), chroma * np.sin(hue)])
        return np.clip(lab_to_linear(lab), 0.004, 0.9)

    linear = np.empty((*shape, 3))
    linear[:] = paint()
    linear[int(shape[0] * random.uniform(0.6, 0.8)) :] = paint()
    for _ in range(10):
        size = random.uniform(0.1, 0.4, 2) * shape
        top, left = (random.uniform(0, 1, 2) * (shape - size)).astype(int)
        linear[top : top + int(size[0]), left : left + int(size[1])] = paint()
    linear = linear * np.exp(random.normal(0, 0.03, (*shape, 1))) * light
    return linear.clip(0, 1).astype(np.float32)
