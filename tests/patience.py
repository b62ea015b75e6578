"""Waiting for what other processes do."""

import time

# Seconds, far above what a worker takes to import and to notice, on a machine that is busy.
PATIENCE = 120.0


def wait_for(happened, patience=PATIENCE):
    """Whether it happens in time."""
    deadline = time.monotonic() + patience
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True
