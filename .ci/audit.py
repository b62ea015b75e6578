"""What pip-audit says of pinned versions: 1 where a weakness is known, else 0 and how much it saw.

    python .ci/audit.py constraints.txt

A service that isn't reached, or that knows none of the names, has audited nothing: that is said.
"""

import json
import subprocess
import sys


def main(constraints: str) -> int:
    """Audit, and say what came of it."""
    command = [
        *(sys.executable, "-m", "pip_audit", "--requirement", constraints, "--no-deps"),
        *("--disable-pip", "--progress-spinner", "off", "--format", "json"),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        return _skipped("its service does not answer")
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return _skipped((done.stderr.strip().splitlines() or ["no answer"])[-1][:200])
    return told(found)


def told(found: list[dict[str, object]]) -> int:
    """Print the answers for all versions; 1 where one has a known weakness."""
    audited = [each for each in found if "vulns" in each and "skip_reason" not in each]
    if not audited:
        return _skipped(f"its service knows none of {len(found)} versions from here")
    weak = [each for each in audited if each["vulns"]]
    for each in weak:
        known = [
            f"{one['id']} (fixed in {', '.join(one['fix_versions'])})" for one in each["vulns"]
        ]  # type: ignore[attr-defined]
        print(f"{each['name']} {each['version']}: {'; '.join(known)}")
    print(f"{len(audited)} of {len(found)} versions audited, {len(weak)} with known weaknesses")
    return 1 if weak else 0


def _skipped(why: str) -> int:
    print(f"audit of versions skipped: {why}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
