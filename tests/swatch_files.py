"""Swatch files as designers' programs write them, made for tests."""

import struct


def ase(*blocks, n_blocks=None, version=(1, 0)):
    """An Adobe Swatch Exchange file."""
    count = len(blocks) if n_blocks is None else n_blocks
    return b"ASEF" + struct.pack(">HHI", *version, count) + b"".join(blocks)


def ase_block(kind, body):
    """A block of a type, such as 0x0001 for a color."""
    return struct.pack(">HI", kind, len(body)) + body


def ase_name(name):
    """A name with its length, as it begins a color or a group."""
    letters = (name + "\0").encode("utf-16-be")
    return struct.pack(">H", len(letters) // 2) + letters


def ase_color(name, model, *numbers):
    """A color block; `model` is RGB, LAB, Gray or CMYK."""
    values = struct.pack(f">{len(numbers)}f", *numbers)
    return ase_block(1, ase_name(name) + model.ljust(4).encode() + values + b"\0\2")


def ase_group(name, *colors):
    """A group with its colors."""
    return ase_block(0xC001, ase_name(name)) + b"".join(colors) + ase_block(0xC002, b"")


def aco(*sections):
    """A file of Photoshop's swatches, of sections that `aco_section` makes."""
    return b"".join(sections)


def aco_section(version, *colors, count=None):
    """The colors of one version."""
    return struct.pack(">HH", version, len(colors) if count is None else count) + b"".join(colors)


def aco_color(space, *numbers, name=None):
    """One color; a name makes it one of version 2."""
    words = [*numbers, *[0] * (4 - len(numbers))]
    color = struct.pack(">5H", space, *(word & 0xFFFF for word in words))
    if name is None:
        return color
    units = (name + "\0").encode("utf-16-be")
    return color + struct.pack(">I", len(units) // 2) + units
