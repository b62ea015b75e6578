"""A headless Chromium that a test opens a page in and presses keys, where one is installed."""

import json
import os
import shutil
import subprocess
import time
from contextlib import contextmanager

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_KEYS = {"ArrowLeft": 37, "ArrowRight": 39, "Tab": 9, "Enter": 13}


class Page:
    """One page; commands go through a pipe (the DevTools protocol), no port is opened."""

    def __init__(self, sending, receiving):
        self._sending, self._receiving = sending, receiving
        self._number, self._session, self._rest = 0, None, b""
        self.requests = []  # of all that the page asked for

    def call(self, method, **params):
        """The answer to one command."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        message |= {} if self._session is None else {"sessionId": self._session}
        os.write(self._sending, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("method") == "Network.requestWillBeSent":
                self.requests.append(answer["params"]["request"]["url"])
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]

    def _next(self):
        while b"\0" not in self._rest:
            self._rest += os.read(self._receiving, 65536)
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def open(self, path):
        """Show a file, ready to be used."""
        if self._session is None:
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            found = self.call("Target.attachToTarget", targetId=target, flatten=True)
            self._session = found["sessionId"]
            self.call("Network.enable")
            self.call("Page.enable")
        self.call("Page.navigate", url=path.resolve().as_uri())
        self.wait("document.readyState === 'complete' && location.protocol === 'file:'")

    def js(self, code):
        """The value of an expression on the page."""
        found = self.call("Runtime.evaluate", expression=code, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def wait(self, code, seconds=20):
        """Wait until an expression holds."""
        end = time.monotonic() + seconds
        while not self.js(code):
            assert time.monotonic() < end, code
            time.sleep(0.05)

    def press(self, *keys, shift=False):
        """Press and let go of keys, one after the other."""
        for key in keys:
            text = {"text": key.upper() if shift else key} if len(key) == 1 else {}
            code = {"windowsVirtualKeyCode": _KEYS[key]} if key in _KEYS else {}
            sent = {"key": text.get("text", key), "modifiers": 8 if shift else 0, **code}
            self.call("Input.dispatchKeyEvent", type="keyDown", **sent, **text)
            self.call("Input.dispatchKeyEvent", type="keyUp", **sent)


@contextmanager
def browser(folder):
    """A page of a fresh browser that saves files into `folder`."""
    to_child, sending = os.pipe()
    receiving, from_child = os.pipe()
    command = [
        *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
        *("--remote-debugging-pipe", f"--user-data-dir={folder / 'profile'}", "about:blank"),
    ]
    redirect = f'exec "$@" 3<&{to_child} 4>&{from_child}'
    process = subprocess.Popen(
        ["bash", "-c", redirect, "bash", *command],
        pass_fds=(to_child, from_child),
        stderr=subprocess.DEVNULL,
    )
    os.close(to_child)
    os.close(from_child)
    page = Page(sending, receiving)
    try:
        page.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
        yield page
        page.call("Browser.close")
    finally:
        os.close(sending)
        os.close(receiving)
        process.terminate()
        process.wait(20)
