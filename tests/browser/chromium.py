"""A headless Chromium that is told what to do over a pipe (its DevTools protocol)."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
BROWSER = next((path for path in map(shutil.which, NAMES) if path), None)
MARKS = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason=f"NO BROWSER: none of {', '.join(NAMES)} is here"),
]
CUT = """
[...document.querySelectorAll("svg")].flatMap((svg) => {
  const box = svg.getBoundingClientRect();
  return [...svg.querySelectorAll("text")].filter((text) => {
    const t = text.getBoundingClientRect();
    return t.left < box.left - 2 || t.right > box.right + 2 || t.top < box.top - 2
      || t.bottom > box.bottom + 2;
  }).map((text) => svg.getAttribute("aria-label") + ": " + text.textContent);
})
"""
"""Labels of drawings that stick out of them."""
_PATIENCE_s = 60.0
_KEYS = {"Tab": 9, "Enter": 13, " ": 32}


class Tab:
    """A tab of a browser; what it complains of and asks for is kept."""

    def __init__(self, to: int, back: int) -> None:
        self._to, self._back, self._rest, self._n = to, back, b"", 0
        self._session: dict[str, str] = {}
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._loaded = False
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        found = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = {"sessionId": found["sessionId"]}
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> Any:
        """Call a method; return its result."""
        self._n += 1
        message = {"id": self._n, "method": method, "params": params, **self._session}
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._n:
                assert "error" not in answer, (method, answer)
                return answer["result"]

    def _next(self) -> dict[str, Any]:
        """Return the next message; keep what an event tells."""
        end = time.monotonic() + _PATIENCE_s
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._back], [], [], max(end - time.monotonic(), 0.0))
            assert ready, "the browser does not answer"
            self._rest += os.read(self._back, 1 << 20)
        line, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        method, params = message.get("method", ""), message.get("params", {})
        if method in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"):
            self.complaints.append(json.dumps(params))
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Page.loadEventFired":
            self._loaded = True
        return message

    @property
    def asked_for(self) -> list[str]:
        """What the page asked the network for, itself included; data inside it are not."""
        return [url for url in self.requests if not url.startswith("data:")]

    def open(self, page: Path, width: int = 800, scheme: str = "light") -> None:
        """Show a file at a width [px], light or dark."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=1000,
                  deviceScaleFactor=1, mobile=False)  # fmt: skip
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", features=features)
        self.complaints.clear()
        self.requests.clear()
        self._loaded = False
        self.call("Page.navigate", url=page.as_uri())
        while not self._loaded:
            self._next()

    def ask(self, expression: str) -> Any:
        """Return the value of a JavaScript expression."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def press(self, key: str) -> None:
        """Press a key, as a hand does."""
        text = {"Enter": "\r", " ": " "}.get(key)
        down = {"type": "keyDown", "key": key, "windowsVirtualKeyCode": _KEYS[key]}
        self.call("Input.dispatchKeyEvent", **down, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", **(down | {"type": "keyUp"}))


def brightness(colour: str) -> float:
    """Return the mean of red, green, blue of ``rgb(...)``, 0 to 255."""
    return sum(map(float, re.findall(r"\d+", colour)[:3])) / 3


@contextmanager
def chromium(folder: Path) -> Iterator[Tab]:
    """Yield a tab of a new browser, whose profile is in that folder."""
    (there, to), (back, away) = os.pipe(), os.pipe()
    words = (
        f'exec "$0" --headless --no-sandbox --disable-gpu --remote-debugging-pipe '
        f'--user-data-dir="$1" about:blank 3<&{there} 4>&{away}'
    )
    process = subprocess.Popen(
        ["/bin/bash", "-c", words, str(BROWSER), str(folder / "profile")],
        pass_fds=(there, away), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    for end in (there, away):
        os.close(end)
    try:
        yield Tab(to, back)
    finally:
        process.terminate()
        process.wait(timeout=_PATIENCE_s)
        os.close(to)
        os.close(back)
