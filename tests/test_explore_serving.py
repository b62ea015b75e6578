import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import closing
from io import StringIO

import polars as pl
import pytest
from explore_servers import served
from polars.testing import assert_frame_equal

from trendcolor.api.opening import open_run
from trendcolor.cli import main
from trendcolor.errors import UsageError
from trendcolor.explore.release import open_release
from trendcolor.explore.serving import HOST, listen


@pytest.fixture(scope="module")
def raw(looks_run):
    with served(looks_run) as client:
        yield client


@pytest.fixture(scope="module")
def public(looks_run):
    with served(looks_run, public=True, by=["season", "region"]) as client:
        yield client


def frame_of(text, like):
    return pl.read_csv(StringIO(text), schema=like.schema)


def test_the_page_and_its_answers_come_with_the_key(raw, looks_run):
    status, _, text = raw.send("GET", "/")
    assert (status, "looks - trendcolor" in text) == (200, True)
    status, _, text = raw.controls(view="shares", by=["season"], unit="looks")
    assert status == 200
    assert "run.shares(by=['season'], unit='looks')" in text
    asked = {"by": ["season"], "unit": "looks"}
    told = open_run(looks_run).shares(by=["season"], unit="looks")
    assert_frame_equal(frame_of(raw.csv(asked)[2], told), told)


def test_the_printed_address_gives_a_cookie_and_leaves_the_key_behind(raw):
    path = raw.guard.address.split(raw.guard.hosts[0])[1]
    status, headers, _ = raw.send("GET", path, Cookie=None)
    assert (status, headers["Location"]) == (303, "/")
    cookie = headers["Set-Cookie"]
    assert cookie.startswith(raw.cookie)
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Cookie": None}, id="no key"),
        pytest.param({"Cookie": "trendcolor=wrong"}, id="another key"),
        pytest.param({"Host": "evil.example"}, id="another host"),
        pytest.param({"Host": "evil.example:8420"}, id="another host with a port"),
        pytest.param({"Host": "127.0.0.1"}, id="another port"),
        pytest.param({"Origin": "https://evil.example"}, id="another origin"),
        pytest.param({"Origin": "null"}, id="no origin to speak of"),
        pytest.param({"Sec_Fetch_Site": "cross-site"}, id="another site"),
        pytest.param({"Sec_Fetch_Site": "same-site"}, id="another port of this machine"),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/answer.csv"),
        ("GET", "/_dash-layout"),
        ("GET", "/assets/explore.css"),
        ("POST", "/_dash-update-component"),
    ],
)
def test_strangers_get_no_answer(raw, method, path, headers):
    status, _, text = raw.send(method, path, "{}" if method == "POST" else None, **headers)
    assert status == 403
    assert len(text.splitlines()) == 1


def test_a_form_of_another_page_can_not_post(raw):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        status, _, _ = raw.send("POST", "/_dash-update-component", "{}", Content_Type=kind)
        assert status == 403


def test_a_link_on_another_page_leads_here(raw):
    how = {"Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    assert raw.send("GET", "/", Sec_Fetch_Site="cross-site", **how)[0] == 200
    assert raw.send("GET", "/answer.csv", Sec_Fetch_Site="cross-site", **how)[0] == 403


def test_pages_may_load_nothing_from_elsewhere(raw):
    for path in ("/", "/_dash-layout", "/nothing"):
        headers = raw.send("GET", path)[1]
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "http" not in policy
        assert headers["Cache-Control"] == "no-store"


def test_nothing_else_is_served(raw):
    for path in ("/_mcp", "/console", "/_dash-config", "/assets/../web.py", "/static/x"):
        status, _, text = raw.send("GET", path)
        assert status in (400, 404) or "<!DOCTYPE html>" in text
        assert "make_app" not in text


@pytest.mark.parametrize("body", ["", "{", "[]", "3", '{"output": "x"}', '{"output": {"a": 1}}'])
def test_a_broken_request_gets_no_traceback(raw, body):
    status, _, text = raw.send("POST", "/_dash-update-component", body)
    assert status >= 400
    assert "Traceback" not in text
    assert ".py" not in text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"view": "shares", "by": ["seasons"]}, "no by 'seasons', did you mean 'season'?"),
        ({"view": "shares", "near_on": ["on"], "near_name": "nvay"}, "no color 'nvay'"),
        ({"view": "compare", "a": 0, "b": 0}, "a and b are both"),
        ({"view": "compare", "a": 10**9, "b": -1}, "a and b are none of the parts"),
        ({"view": "x" * 3}, "no view 'xxx'"),
    ],
)
def test_our_errors_are_one_line_on_the_page(raw, values, said):
    status, _, text = raw.controls(**values)
    assert status == 200
    (part,) = json.loads(text)["response"]["answer"]["children"]
    assert part["props"]["role"] == "alert"
    assert said in part["props"]["children"]
    assert "\n" not in part["props"]["children"]


def test_what_csv_can_not_be_asked_is_said_in_one_line(raw):
    for path in (
        *("/answer.csv?asked={", "/answer.csv?asked=[]", "/answer.csv?n=x", "/answer.csv?n=7"),
        *("/answer.csv?asked=%7B%22by%22:%5B%22x%22%5D%7D", f"/answer.csv?asked={'[' * 9000}"),
    ):
        status, headers, text = raw.send("GET", path)
        assert status == 400
        assert headers.get_content_type() == "text/plain"
        assert len(text.splitlines()) == 1


# What an attacker sends to a public page: filters, other units and colors, other views, raw
# disclosure, SQL, private names, parts that are none.
ATTACKS = [
    {"view": "shares", "disclosure": "raw"},
    {"view": "shares", "by": ["source"]},
    {"view": "shares", "by": ["photo"]},
    {"view": "shares", "by": ["season", "region", "garment"]},
    {"view": "shares", "by": ["_hides"]},
    {"view": "shares", "unit": "looks"},
    {"view": "shares", "unit": "weight"},
    {"view": "shares", "colors": "bin"},
    {"view": "shares", "colors": "common"},
    {"view": "shares", "garments": ["top"]},
    {"view": "shares", "wanted": {"season": ["AW25"]}},
    {"view": "shares", "wanted": "1 = 1"},
    {"view": "shares", "near": "red", "within": 3},
    {"view": "records"},
    {"view": "photos"},
    {"view": "sql", "query": "select * from records"},
    {"view": "run"},
    {"view": "__class__"},
    {"view": "map"},
    {"view": "combinations"},
    {"view": "compare", "a": ["source", "s1"], "b": ["source", "s2"]},
    {"view": "compare", "a": ["season", "AW25"], "b": ["region", "EU"]},
    {"view": "compare", "a": "season = 'AW25'", "b": "season = 'SS26'"},
]


@pytest.mark.parametrize("asked", ATTACKS, ids=json.dumps)
def test_an_attacker_gets_no_answer_from_a_public_page(public, asked):
    status, _, text = public.csv(asked)
    assert status == 400
    assert len(text.splitlines()) == 1


RAW_CONTROLS = {
    **{"near-on": ["on"], "near-name": "red", "within": 3, "filter-0": ["AW25"]},
    **{"unit": "looks", "colors": "bin", "garments": ["top"], "disclosure": "raw"},
}


def test_a_public_page_has_no_controls_but_its_own(public):
    callbacks = json.loads(public.send("GET", "/_dash-dependencies")[2])
    ids = {each["id"] for callback in callbacks for each in callback["inputs"]}
    assert ids == {"view", "by", "a", "b"}


@pytest.mark.parametrize("place", ["inputs", "state", "instead"])
def test_controls_that_are_not_there_change_nothing(public, place):
    usual = json.loads(public.controls(view="shares")[2])
    assert "release.shares()" in json.dumps(usual)
    more = [{"id": id, "property": "value", "value": v} for id, v in RAW_CONTROLS.items()]
    status, _, text = public.controls(view="shares", _more={place: more})
    if status == 200 and text:
        assert json.loads(text) == usual
    else:
        assert status >= 400


def test_a_public_page_tells_the_tables_of_its_release_and_no_others(public, looks_run):
    release = open_release(open_run(looks_run), ["season", "region"])
    for by in ([], ["season"], ["region"], ["season", "region"]):
        told = release.shares(by)
        assert told["share"].null_count() > 0
        assert_frame_equal(frame_of(public.csv({"by": by})[2], told), told)


def test_a_public_page_names_no_photo_source_or_folder(public, looks_run):
    whole = "".join(public.send("GET", path)[2] for path in ("/", "/_dash-layout"))
    for view in ("shares", "compare", "signatures"):
        whole += public.controls(view=view, by=[], a=0, b=1)[2]
    assert "look_00" not in whole
    assert '"s0"' not in whole
    assert str(looks_run.parent) not in whole


def test_it_listens_to_this_machine_alone(raw):
    assert HOST == "127.0.0.1"
    with socket.socket() as other:
        other.settimeout(2)
        with pytest.raises(OSError, match=r"refused|unreachable|timed|assign"):
            other.connect(("127.0.0.2", raw.guard.port))


def test_a_taken_port_is_refused_or_passed_over():
    with closing(listen(0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port} can't be had"):
            listen(port)
    with closing(listen(None)) as one, closing(listen(None)) as other:
        assert one.getsockname()[1] < other.getsockname()[1]


def test_the_command_prints_the_address_alone_and_ends_with_ctrl_c(looks_run):
    command = [sys.executable, "-m", "trendcolor.cli", "explore", str(looks_run), "--port", "0"]
    process = subprocess.Popen(
        [*command, "--no-open"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    address = process.stdout.readline()
    assert address.startswith("http://127.0.0.1:")
    process.send_signal(signal.SIGINT)
    rest, said = process.communicate(timeout=30)
    assert (process.returncode, rest) == (130, "")
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--by", "season"], "--by is of a public page"),
        (["--public", "--by", "source"], "no column 'source'"),
        (["--port", "70000"], "port 70000 can't be had"),
    ],
)
def test_wrong_options_are_one_line(looks_run, capsys, options, said):
    assert main(["explore", str(looks_run), "--no-open", *options]) in (1, 2)
    printed = capsys.readouterr()
    assert (printed.out, len(printed.err.splitlines())) == ("", 1)
    assert said in printed.err


def test_a_folder_that_is_no_run_is_one_line(tmp_path, capsys):
    assert main(["explore", str(tmp_path), "--no-open"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_without_the_framework_it_says_what_to_install(looks_run, capsys, monkeypatch):
    monkeypatch.setattr("trendcolor.explore.serving.find_spec", lambda _: None)
    assert main(["explore", str(looks_run)]) == 2
    assert capsys.readouterr().err == (
        "trendcolor: explore needs Dash (pip install 'trendcolor[explore]')\n"
    )
