"""Loops compiled by numba, kept on disk so that they are made once a machine."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import TypeVar, cast

# numba has no wheel for each Python and machine.
IS_COMPILED = find_spec("numba") is not None
if IS_COMPILED:
    from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """A function of loops over arrays, compiled at its first call; as it is without numba.

    The machine code is kept beside the source, or in the user's cache folder where that can't be
    written. Where neither can, each process compiles anew, which takes some seconds. Without numba
    the function comes back as it is: the same answers, slowly.
    """
    if not IS_COMPILED:
        return function
    try:
        made = njit(cache=True, nogil=True)(function)
    except RuntimeError:  # numba: no place to keep it
        made = njit(nogil=True)(function)
    return cast(Function, made)
