"""Loops compiled by numba, kept on disk so that they are made once a machine."""

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """A function of loops over arrays, compiled at its first call.

    The machine code is kept beside the source, or in the user's cache folder where that can't be
    written. Where neither can, each process compiles anew, which takes some seconds.
    """
    try:
        made = njit(cache=True, nogil=True)(function)
    except RuntimeError:  # numba: no place to keep it
        made = njit(nogil=True)(function)
    return cast(Function, made)
