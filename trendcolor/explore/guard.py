"""Whom the page's server answers: the browser that was given the key, on this machine, alone.

The server listens on 127.0.0.1. That keeps other machines away, but neither other users of this one
nor pages of other sites in the same browser: these can send requests to 127.0.0.1 (cross-site
request forgery), or have a name of their own lead there (DNS rebinding). The web framework checks
none of that. So each request must name this server as its host, must not come from a page of
another origin, and must have the key, which the printed address holds and a cookie keeps.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import Flask, Response, make_response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

# Beyond it no request of the page is; in bytes.
_MOST_CONTENT = 1 << 20
_NAVIGATION = ("navigate", "document")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Who may ask the server on a port."""

    port: int
    key: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @property
    def hosts(self) -> tuple[str, ...]:
        """What a request may name as its host."""
        return (f"127.0.0.1:{self.port}", f"localhost:{self.port}")

    @property
    def cookie(self) -> str:
        """The name of the cookie with the key; cookies know of hosts and not of ports."""
        return f"trendcolor_{self.port}"

    @property
    def address(self) -> str:
        """What to open."""
        return f"http://127.0.0.1:{self.port}/?key={self.key}"


def protect(server: Flask, guard: Guard, scripts: Sequence[str]) -> None:
    """Let a server answer only whom the guard lets in, and its pages load only what is its own.

    Args:
        server: The server. Changed.
        guard: Who may ask.
        scripts: The hashes of the scripts that stand in the page itself.

    Guarantees, each held by tests/test_explore_serving.py:
        Requests with another host, from another origin, or without the key get no answer. Pages
        may load nothing from elsewhere, and no other page may show them.
    """
    server.config["MAX_CONTENT_LENGTH"] = _MOST_CONTENT
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {' '.join(scripts)}",
            "style-src 'self' 'unsafe-inline'",  # swatches have their color in a style
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        )
    )

    def check() -> AnyResponse | None:
        return _answer_to_stranger(guard)

    def close(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if not request.path.startswith(("/_dash-component-suites/", "/assets/")):
            response.headers["Cache-Control"] = "no-store"
        return response

    server.before_request(check)
    server.after_request(close)


def _answer_to_stranger(guard: Guard) -> AnyResponse | None:
    """What a request gets that may not be answered, or that comes with the key; else None."""
    if request.host not in guard.hosts:
        return _refusal("this server is asked for by another name")
    if _is_from_elsewhere(guard):
        return _refusal("this server answers its own page only")
    if request.method == "POST" and request.mimetype != "application/json":
        return _refusal("this server takes JSON only")
    if _is_key(request.cookies.get(guard.cookie), guard):
        return None
    if _is_key(request.args.get("key"), guard):
        return _let_in(guard)
    return _refusal("open the address that `trendcolor explore` printed; it holds the key")


def _is_key(told: str | None, guard: Guard) -> bool:
    return told is not None and secrets.compare_digest(told.encode(), guard.key.encode())


def _is_from_elsewhere(guard: Guard) -> bool:
    """Whether a page of another origin sends the request; opening a link to `/` is none."""
    origin = request.headers.get("Origin")
    if origin is not None and origin not in [f"http://{host}" for host in guard.hosts]:
        return True
    if request.headers.get("Sec-Fetch-Site", "none") in ("same-origin", "none"):
        return False
    how = (request.headers.get("Sec-Fetch-Mode"), request.headers.get("Sec-Fetch-Dest"))
    return not (request.method == "GET" and request.path == "/" and how == _NAVIGATION)


def _let_in(guard: Guard) -> AnyResponse:
    """Keep the key in a cookie, so that it no longer stands in the address."""
    response = redirect("/", 303)
    response.set_cookie(guard.cookie, guard.key, httponly=True, samesite="Strict")
    return response


def _refusal(reason: str) -> Response:
    response = make_response(f"{reason}\n", 403)
    response.mimetype = "text/plain"
    return response
