"""What computes a network: PyTorch as the reference, ONNX Runtime and OpenVINO where installed."""

import functools
import os
import shutil
import sys
import tempfile
import threading
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from trendcolor.errors import ModelError, did_you_mean
from trendcolor.segmentation.weights import first_line

Pixels = NDArray[np.uint8]  # (n, height, width, 3), sRGB, both sides multiples of 32
GridLogits = NDArray[np.float32]  # (n, 13, grid height, grid width)

# Fastest first: CPU milliseconds a photo are printed by benchmarks/segmentation.py.
_MOST_SIZES = 4  # networks of one input size each that are kept at a time
_PACKAGES = {"openvino": "openvino", "onnxruntime": "onnxruntime", "pytorch": "torch"}
RUNTIMES = tuple(_PACKAGES)


class Runtime(Protocol):
    """A loaded network that turns pixels into logits."""

    name: str

    def __call__(self, pixels: Pixels) -> GridLogits:
        """The logits of a stack of photos of one size."""
        ...

    def side_by_side(self) -> "Runtime | None":
        """The same network for several calls at once, each on a thread of its own.

        For many photos that is faster than all threads on one photo. None where it is not.
        """
        ...


class _Threads:
    """How many processor threads a network may use in this process; 0 is one a core."""

    count = 0


def set_threads(count: int) -> None:
    """Let networks that are loaded from now on use so many processor threads in this process."""
    _Threads.count = count


def threads() -> int:
    """How many processor threads a network may use in this process."""
    if _Threads.count:
        return _Threads.count
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Device:
    """Where PyTorch computes in this process; empty takes a GPU if there is one."""

    name = ""


def set_device(name: str) -> None:
    """Let networks that are loaded from now on by PyTorch compute there: "cpu" or "cuda"."""
    _Device.name = name


def device() -> str:
    """Where PyTorch is to compute in this process; empty takes a GPU if there is one."""
    return _Device.name


def pick_runtime(wanted: str) -> str:
    """The runtime that a setting means: itself, or for "auto" the fastest that is installed.

    Raises:
        ModelError: there is no such runtime, or it is not installed.
    """
    if wanted == "auto":
        return next(name for name, package in _PACKAGES.items() if find_spec(package))
    if wanted not in _PACKAGES:
        raise ModelError(
            f"no runtime '{wanted}'{did_you_mean(wanted, ('auto', *RUNTIMES))} "
            f"(segmentation.runtime: auto, {', '.join(RUNTIMES)})"
        )
    if find_spec(_PACKAGES[wanted]) is None:
        raise ModelError(
            f"segmentation.runtime is '{wanted}', which is not installed "
            f"(pip install {_PACKAGES[wanted]})"
        )
    return wanted


def runtime_name(wanted: str) -> str:
    """A runtime with its version; part of a run's settings, since runtimes round apart."""
    name = pick_runtime(wanted)
    return f"{name}-{version(_PACKAGES[name])}"


def open_onnx(path: Path, runtime: str) -> Runtime:
    """A network from an ONNX file.

    Args:
        path: Written by `export_onnx`.
        runtime: "onnxruntime" or "openvino".

    Raises:
        ModelError: the runtime can't read the file.
    """
    try:
        return _READERS[runtime](path, is_shared=False)
    except (RuntimeError, OSError) as cause:
        raise ModelError(f"{path}: {runtime} can't read it ({first_line(cause)})") from cause


class _OnnxRuntime:
    """ONNX Runtime on the processor; calls at once are safe."""

    def __init__(self, path: Path, *, is_shared: bool) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1 if is_shared else threads()
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # A worker that waits must not hold its core.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.name = runtime_name("onnxruntime")
        self.side_by_side = functools.cache(partial(_OnnxRuntime, path, is_shared=True))
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except _unreadable() as cause:
            raise RuntimeError(str(cause)) from cause

    def __call__(self, pixels: Pixels) -> GridLogits:
        logits: GridLogits = self._session.run(["logits"], {"pixels": pixels})[0]
        return logits


def _unreadable() -> tuple[type[Exception], ...]:
    """What ONNX Runtime raises for a file that it can't read: its errors have no base in common."""
    from onnxruntime.capi import onnxruntime_pybind11_state as errors

    return (
        *(errors.Fail, errors.InvalidArgument, errors.InvalidGraph, errors.InvalidProtobuf),
        *(errors.NoModel, errors.NoSuchFile, errors.NotImplemented, errors.RuntimeException),
    )


class _OpenVino:
    """One compiled network for each input size, since a fixed size is faster than any size.

    The sizes that were asked for last are kept, since each takes some 50 MB; others are read back
    from a folder of this process, in a third of the time that compiling takes. Calls at once are
    safe.
    """

    def __init__(self, path: Path, *, is_shared: bool) -> None:
        # The package brings a module that can report usage to its maker; without it a stub is used.
        sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type] # None: no import
        import openvino

        self.name = runtime_name("openvino")
        self.side_by_side = functools.cache(partial(_OpenVino, path, is_shared=True))
        self._core: Any = openvino.Core()
        folder = tempfile.mkdtemp(prefix="trendcolor-networks-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._core.set_property({"CACHE_DIR": folder})
        self._model: Any = self._core.read_model(str(path))
        self._settings: Mapping[str, object] = {
            "INFERENCE_PRECISION_HINT": "f32",  # else it rounds to 16 bits where it is fast
            "INFERENCE_NUM_THREADS": threads(),
            "NUM_STREAMS": threads() if is_shared else 1,
            # It keeps its caller on the first cores, as if no other process were there: all
            # workers of a run would compute on one core while others are idle.
            "ENABLE_CPU_PINNING": False,
        }
        self._compiled: dict[tuple[int, ...], _Network] = {}  # the one asked for last is the last
        self._lock = threading.Lock()

    def __call__(self, pixels: Pixels) -> GridLogits:
        network = self._network((1, *pixels.shape[1:]))
        request = network.idle.pop() if network.idle else network.compiled.create_infer_request()
        answers = [request.infer([one[None]])[0].copy() for one in pixels]
        network.idle.append(request)
        return np.concatenate(answers)

    def _network(self, shape: tuple[int, ...]) -> "_Network":
        with self._lock:
            network = self._compiled.pop(shape, None)
            if network is None:
                if len(self._compiled) >= _MOST_SIZES:
                    self._compiled.pop(next(iter(self._compiled)))
                self._model.reshape(list(shape))
                compiled = self._core.compile_model(self._model, "CPU", self._settings)
                network = _Network(compiled, [])
            self._compiled[shape] = network
            return network


@dataclass(frozen=True, slots=True, eq=False)
class _Network:
    """A network that is compiled for one input size."""

    compiled: Any
    idle: list[Any]  # requests that no call holds


_READERS: Mapping[str, Callable[..., Runtime]] = {
    "onnxruntime": _OnnxRuntime,
    "openvino": _OpenVino,
}
