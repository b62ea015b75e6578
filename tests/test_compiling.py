import os
import subprocess
import sys

COUNT = """
import numpy as np
from trendcolor.color.counts import IS_COMPILED, count_colors
from trendcolor.config import ColorConfig
counts = count_colors(np.full((9, 9, 3), 200, np.uint8), np.ones((9, 9), bool), ColorConfig())
print(IS_COMPILED, counts.area.sum())
"""


def test_loops_are_compiled_where_no_folder_can_keep_them():
    # Numba is told to look only where NUMBA_CACHE_DIR says, which is nowhere.
    env = {**os.environ, "NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator"}
    env.pop("NUMBA_CACHE_DIR", None)
    command = [sys.executable, "-c", COUNT]
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["True", "25.0"]
