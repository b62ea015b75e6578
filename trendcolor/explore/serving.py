"""The server of the page: one run, one port of this machine, until Ctrl-C."""

import os
import socket
import sys
import webbrowser
from collections.abc import Callable, Sequence
from contextlib import closing
from http.server import HTTPServer
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from trendcolor.api.opening import open_run
from trendcolor.errors import UsageError
from trendcolor.runs import folder_here

if TYPE_CHECKING:
    from flask import Flask

PORT = 8420
HOST = "127.0.0.1"
# Ports that are tried after the first, where none was named.
_TRIES = 30


def explore(
    run: Path,
    *,
    by: Sequence[str] = (),
    public: bool = False,
    port: int | None = None,
    opens: bool = True,
    tell: Callable[[str], None],
) -> None:
    """Serve the page of a run until the process is stopped.

    Args:
        run: A finished run folder.
        by: The columns of a public page, at most two; none: the usual ones. Not for others.
        public: Whether strangers may look: only guarded tables are told.
        port: Of 127.0.0.1; None: 8420, or the next that is free.
        opens: Whether to open a browser, where there is a screen.
        tell: Gets the address, once the server listens.

    Raises:
        UsageError: the web framework is not installed, the port is taken, or `by` is given for a
            page that is not public.
        RunError: the run is missing or unfinished.
        QueryError: `by` can't be told to the public.
    """
    if find_spec("dash") is None:
        raise UsageError("explore needs Dash (pip install 'trendcolor[explore]')")
    if by and not public:
        raise UsageError("--by is of a public page (add --public, or choose on the page)")
    opened = open_run(folder_here(run, "explore"))
    from trendcolor.explore.guard import Guard
    from trendcolor.explore.web import make_app, make_public_app

    with closing(listen(port)) as listening:
        guard = Guard(port=listening.getsockname()[1])
        app = make_public_app(opened, by, guard) if public else make_app(opened, guard)
        tell(guard.address)
        if opens and _has_screen():
            Thread(target=webbrowser.open, args=(guard.address,), daemon=True).start()
        serve(app, listening)


def listen(port: int | None) -> socket.socket:
    """A socket that listens on a port of this machine.

    Args:
        port: Which; 0 takes any that is free; None: 8420, or the next that is free.

    Raises:
        UsageError: the port is taken, or no port.
    """
    wanted = range(PORT, PORT + _TRIES) if port is None else (port,)
    for each in wanted:
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if os.name == "posix":  # a port that was just left is free; elsewhere this would share it
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, each))
            listening.listen(128)
        except (OSError, OverflowError):
            listening.close()
            continue
        return listening
    if port is None:
        raise UsageError(f"ports {PORT} to {PORT + _TRIES - 1} are taken (--port 0 finds another)")
    raise UsageError(f"port {port} can't be had (leave out --port, or name another)")


def serve(app: "Flask", listening: socket.socket) -> None:
    """Answer requests on a socket until the process is stopped."""
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        """Says nothing of requests; errors are logged by the app."""

        def log(self, type: str, message: str, *args: object) -> None:
            pass

    port = listening.getsockname()[1]
    server = make_server(
        HOST, port, app, threaded=True, request_handler=Quiet, fd=listening.fileno()
    )
    # The server's own way to serve takes Ctrl-C for the end of a good run.
    HTTPServer.serve_forever(server)


def _has_screen() -> bool:
    is_linux = sys.platform.startswith("linux")
    return not is_linux or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
