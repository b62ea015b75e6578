import base64
import hashlib

from trendcolor.report.page.policy import content_policy


def test_scripts_run_by_their_hashes_alone():
    digest = base64.b64encode(hashlib.sha256("let é = 1;".encode()).digest()).decode()
    policy = content_policy(["let é = 1;", "x"])
    assert policy.startswith(
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}' "
    )
    assert policy.endswith("base-uri 'none'; form-action 'none'")
    assert "unsafe-eval" not in policy


def test_without_scripts_none_may_run():
    assert "script-src" not in content_policy()
