"""Pipelines for tests of engines, in a module that a worker's process imports quickly."""

import os
import time
from dataclasses import dataclass

from trendcolor.errors import ModelError
from trendcolor.pipeline import Pipeline, build_pipeline, warmed


@dataclass(frozen=True)
class Slow:
    """The real pipeline, so slow that it can be met at work; one photo may end its process."""

    pipeline: Pipeline
    seconds: float
    deadly: str

    def __call__(self, ref):
        if ref.id == self.deadly:
            os._exit(1)
        time.sleep(self.seconds)
        return self.pipeline(ref)


def slow(config, seconds=0.0, deadly=""):
    return Slow(warmed(build_pipeline(config)), seconds, deadly)


def unreadable_weights():
    raise ModelError("w.safetensors: damaged weights")
