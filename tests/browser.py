"""A headless Chromium that tests drive through the DevTools protocol over a pipe: nothing to install but Chromium.

    with Browser(folder) as browser:
        page = browser.open(path)
        page.press("Tab")
        assert page.asked("document.activeElement.id") == "first" and page.complaints == []

What a page logs and what it asks of the network is kept from before its first byte. A script of `asked` runs beside
the page's own, whatever the page's content security policy lets in: the page under test is the page as it is.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine's PATH (on Debian: apt install chromium)"
)

PATIENCE = 120  # seconds for one answer, on a machine that is busy with other tests
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--remote-debugging-pipe",
    "--window-size=1280,1000",
)
KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}
TEXTS = {"Enter": "\r", " ": " "}


class Browser:
    """One Chromium process with a profile of its own in a folder; a context manager."""

    def __init__(self, folder: Path) -> None:
        assert CHROMIUM
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / "chromium.log"
        # Chromium reads commands from descriptor 3 and answers on 4; its own ends are moved out of their way first.
        theirs_in, self._out = _high(*os.pipe())
        self._in, theirs_out = _high(*os.pipe())
        log = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        self.process = os.posix_spawn(
            CHROMIUM,
            [CHROMIUM, *FLAGS, f"--user-data-dir={folder / 'profile'}", "about:blank"],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 1, str(self._log), log, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
                (os.POSIX_SPAWN_DUP2, theirs_in, 3),
                (os.POSIX_SPAWN_DUP2, theirs_out, 4),
            ],
            setpgroup=0,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._number = 0
        self._rest = b""
        self._pages: dict[str, Page] = {}

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError, RuntimeError):
            self._send("Browser.close", {}, "")
            self._gone(5)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process, signal.SIGKILL)
        self._gone(10)
        os.close(self._in)
        os.close(self._out)

    def _gone(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(self.process, os.WNOHANG) == (0, 0) and time.monotonic() < end:
                time.sleep(0.02)

    def open(
        self, path: Path, *, fragment: str = "", width: int = 1280, height: int = 1000, dark: bool = False
    ) -> Page:
        """A page in a new tab, loaded whole. width, height: of the window in CSS pixels."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self._pages[session] = Page(self, session, target, path.as_uri())
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.call(f"{domain}.enable")
        page.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        page.scheme(dark)
        page.call("Emulation.setFocusEmulationEnabled", enabled=True)
        page.call("Page.navigate", url=path.as_uri() + fragment)
        page.until(lambda: page.loaded, "load")
        return page

    # -- the wire ---------------------------------------------------------------------------------------------

    def call(self, method: str, session: str = "", **parameters: Any) -> Any:
        """The result of one DevTools command; RuntimeError where the browser refuses it."""
        number = self._send(method, parameters, session)
        end = time.monotonic() + PATIENCE
        while True:
            message = self._message(end)
            if message is None:
                raise RuntimeError(f"Chromium did not answer {method} within {PATIENCE} s\n{self._said()}")
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return message["result"]
            self._event(message)

    def wait(self, end: float) -> bool:
        """Take in one event; False where none came in time."""
        message = self._message(end)
        if message is not None:
            self._event(message)
        return message is not None

    def _send(self, method: str, parameters: dict[str, Any], session: str) -> int:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        data = json.dumps({**message, "sessionId": session} if session else message).encode() + b"\0"
        while data:
            data = data[os.write(self._out, data) :]
        return self._number

    def _message(self, end: float) -> dict[str, Any] | None:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._in], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                return None
            data = os.read(self._in, 1 << 20)
            if not data:
                raise RuntimeError(f"Chromium ended\n{self._said()}")
            self._rest += data
        first, _, self._rest = self._rest.partition(b"\0")
        return json.loads(first)

    def _event(self, message: dict[str, Any]) -> None:
        page = self._pages.get(message.get("sessionId", ""))
        if page is not None:
            page.event(message["method"], message["params"])

    def _said(self) -> str:
        return self._log.read_text(errors="replace")[-2000:]


class Page:
    """One tab.

    complaints  errors and warnings of the console, exceptions, and what the content security policy refused
    requests    every address that was asked for, but for the page itself
    """

    def __init__(self, browser: Browser, session: str, target: str, address: str) -> None:
        self.browser, self.session, self.target, self.address = browser, session, target, address
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.loaded = False

    def event(self, method: str, said: dict[str, Any]) -> None:
        if method == "Page.loadEventFired":
            self.loaded = True
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(str(said["exceptionDetails"].get("exception", said["exceptionDetails"])))
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(f"{said['type']}: {said['args']}")
        elif method == "Log.entryAdded":
            self.complaints.append(f"{said['entry']['level']}: {said['entry']['text']}")
        elif method == "Network.requestWillBeSent":
            address = said["request"]["url"]
            if address.partition("#")[0] != self.address and not address.startswith(("data:", "about:")):
                self.requests.append(address)

    def call(self, method: str, **parameters: Any) -> Any:
        """The result of one DevTools command in this tab."""
        return self.browser.call(method, self.session, **parameters)

    def until(self, holds: Any, what: str) -> None:
        """Take in events until something holds; asked again at each, and when a while has passed without one."""
        end = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > end:
                raise RuntimeError(f"waited {PATIENCE} s for {what}")
            self.browser.wait(time.monotonic() + 0.05)

    def asked(self, expression: str) -> Any:
        """The value of an expression in the page (of a promise, what it comes to) as JSON knows it."""
        found = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"].get("exception", {}).get("description")
        return found["result"].get("value")

    def press(self, key: str, times: int = 1) -> None:
        """A real key press, as the keyboard sends it."""
        code = KEYS[key]
        about = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": code}
        for _ in range(times):
            self.call("Input.dispatchKeyEvent", type="keyDown", **about, text=TEXTS.get(key, ""))
            self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    def type(self, text: str) -> None:
        """Text into what has the focus."""
        self.call("Input.insertText", text=text)

    def scheme(self, dark: bool) -> None:
        """The reader's system is dark, or light."""
        value = "dark" if dark else "light"
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": value}])

    def picture(self, path: Path, *, whole: bool = False) -> Path:
        """A screenshot, to be looked at."""
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        path.write_bytes(base64.b64decode(data))
        return path

    def close(self) -> None:
        """Close the tab."""
        self.browser.call("Target.closeTarget", targetId=self.target)
        self.browser._pages.pop(self.session, None)


def _high(*ends: int) -> list[int]:
    """The same ends of a pipe at descriptors that are none of the standard ones, nor 3 or 4; closed on exec."""
    moved = []
    for end in ends:
        moved.append(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10))
        os.close(end)
    return moved
