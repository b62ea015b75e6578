"""The page's server on a port of its own, and a client that may send what no browser would."""

import json
from contextlib import contextmanager
from http.client import HTTPConnection
from threading import Thread
from urllib.parse import quote

import pytest

from trendcolor.api.opening import open_run
from trendcolor.explore.serving import listen, serve

pytest.importorskip("dash", reason="Dash is not installed (pip install 'trendcolor[explore]')")

from trendcolor.explore.guard import Guard
from trendcolor.explore.web import make_app, make_public_app


class Client:
    """Sends requests to one server, with its key unless told otherwise."""

    def __init__(self, guard):
        self.guard = guard
        self.cookie = f"{guard.cookie}={guard.key}"

    def send(self, method, path, body=None, **headers):
        """The status, headers and text of an answer; a header that is None is not sent."""
        told = {"Host": self.guard.hosts[0], "Cookie": self.cookie}
        if body is not None:
            told["Content-Type"] = "application/json"
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = HTTPConnection("127.0.0.1", self.guard.port, timeout=60)
        connection.putrequest(method, path, skip_host=True)
        for name, value in told.items():
            if value is not None:
                connection.putheader(name, value)
        data = b"" if body is None else body.encode()
        connection.putheader("Content-Length", str(len(data)))
        connection.endheaders(data)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        connection.close()
        return answer.status, answer.headers, text

    def controls(self, _more=None, **values):
        """What the page answers where its controls have these values, by their ids.

        `_more` is what else is sent: further "inputs" or "state", or inputs "instead".
        """
        callbacks = json.loads(self.send("GET", "/_dash-dependencies")[2])
        (show,) = [each for each in callbacks if "answer.children" in each["output"]]
        inputs = [
            {**each, "value": values.get(each["id"].replace("-", "_"))} for each in show["inputs"]
        ]
        outputs = [
            dict(zip(("id", "property"), each.split("."), strict=True))
            for each in show["output"].strip(".").split("...")
        ]
        body = {
            **{"output": show["output"], "outputs": outputs, "inputs": inputs},
            "changedPropIds": ["view.value"],
        }
        for place, inputs in (_more or {}).items():
            name = "inputs" if place == "instead" else place
            body[name] = [*([] if place == "instead" else body.get(name, [])), *inputs]
        return self.send("POST", "/_dash-update-component", json.dumps(body))

    def csv(self, asked, n=0):
        """The answer to a question as CSV."""
        return self.send("GET", f"/answer.csv?n={n}&asked={quote(json.dumps(asked))}")


@contextmanager
def served(folder, *, public=False, by=()):
    """A client of the page of a run."""
    run = open_run(folder)
    listening = listen(0)
    guard = Guard(port=listening.getsockname()[1])
    app = make_public_app(run, by, guard) if public else make_app(run, guard)
    Thread(target=serve, args=(app, listening), daemon=True).start()
    yield Client(guard)
