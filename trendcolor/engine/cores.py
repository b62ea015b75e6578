"""How many workers a machine has room for."""

import os

import psutil

from trendcolor.config import EngineConfig


def n_workers(config: EngineConfig, n_shards: int) -> int:
    """How many processes to start: one per core, but no more than memory or work allows."""
    if config.workers != "auto":
        return max(1, min(config.workers, n_shards))
    fitting = int(psutil.virtual_memory().available // config.memory)
    return max(1, min(_cores(), fitting, n_shards))


def _cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
