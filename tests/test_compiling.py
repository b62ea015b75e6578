import os
import subprocess
import sys

LOOP = """
from trendcolor.compiling import compiled

@compiled
def total(n):
    found = 0
    for i in range(n):
        found += i
    return found

print(total(5), len(total.signatures), total.stats.cache_path)
"""


def test_loops_are_compiled_where_no_folder_can_keep_them(tmp_path):
    # Numba is told to look only where NUMBA_CACHE_DIR says, which is nowhere.
    env = {**os.environ, "NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator"}
    env.pop("NUMBA_CACHE_DIR", None)
    (tmp_path / "loop.py").write_text(LOOP, encoding="utf-8")
    command = [sys.executable, str(tmp_path / "loop.py")]
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["10", "1", "None"]  # it was compiled, and kept nowhere
