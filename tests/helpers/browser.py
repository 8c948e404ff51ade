"""Headless Chromium for tests, driven by its DevTools protocol over a websocket."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tornado.websocket import WebSocketClientConnection, websocket_connect

_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
    "--remote-allow-origins=*",
    "--disable-dev-shm-usage",
]
_SECONDS = 60.0
CODES = {
    "Tab": 9, "Enter": 13, "Escape": 27, "Delete": 46, "ArrowLeft": 37, "ArrowUp": 38,
    "ArrowRight": 39, "ArrowDown": 40,
}  # fmt: skip
"""Keys that write nothing, and their numbers."""
CONTROL = 2
"""Held with a key."""


class Tab:
    """One open page: what it asks the network for and what it complains about is kept."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self._socket, self._number = socket, 0
        self.requests: list[str] = []
        self.complaints: list[str] = []

    async def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result; events on the way are noted."""
        self._number += 1
        command = {"id": self._number, "method": method, "params": parameters}
        await self._socket.write_message(json.dumps(command))
        while True:
            text = await asyncio.wait_for(self._socket.read_message(), _SECONDS)
            assert text is not None, "the browser closed the connection"
            message = json.loads(text)
            if message.get("id") == self._number:
                assert "error" not in message, message
                return dict(message["result"])
            self._note(message)

    def _note(self, message: dict[str, Any]) -> None:
        method, given = message["method"], message["params"]
        if method == "Network.requestWillBeSent":
            self.requests.append(given["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(str(given["exceptionDetails"]))
        elif method == "Log.entryAdded" and given["entry"]["level"] in {"error", "warning"}:
            self.complaints.append(given["entry"]["text"])
        elif method == "Runtime.consoleAPICalled" and given["type"] in {"error", "warning"}:
            self.complaints.append(str(given["args"]))

    async def evaluate(self, script: str) -> Any:
        """Return the value of a script in the page; a promise is waited for."""
        found = await self.send(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    async def open(self, page: Path, width: int, anchor: str = "") -> None:
        """Open a file anew at a width and wait until its charts are drawn.

        Another anchor alone would leave the page as it is.
        """
        await self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=False,
        )
        await self.visit("about:blank")
        await self.visit(f"{page.resolve().as_uri()}#{anchor}")
        await self.until("document.documentElement?.dataset.drawn")

    async def visit(self, address: str) -> None:
        """Open an address, noting what it asks for and complains about."""
        for domain in ("Page", "Runtime", "Network", "Log"):
            await self.send(f"{domain}.enable")
        await self.send("Page.navigate", url=address)

    async def press(self, *keys: str) -> None:
        """Press and let go of keys, such as ArrowRight, 7 or Control+z."""
        for each in keys:
            held, _, key = each.rpartition("+")
            number = CODES.get(key, ord(key.upper()) if len(key) == 1 else 0)
            text = key if len(key) == 1 and not held else "\r" if key == "Enter" else ""
            pressed = {
                "key": key,
                "windowsVirtualKeyCode": number,
                "modifiers": CONTROL * bool(held),
            }
            pressed["code"] = key if key in CODES else f"Key{key.upper()}"
            await self.send("Input.dispatchKeyEvent", type="keyDown", text=text, **pressed)
            await self.send("Input.dispatchKeyEvent", type="keyUp", **pressed)

    async def focused(self) -> None:
        """Let the page believe that it has the keyboard, as a window in front does."""
        await self.send("Emulation.setFocusEmulationEnabled", enabled=True)

    async def until(self, condition: str) -> None:
        """Wait until a script's value is true."""
        end = asyncio.get_running_loop().time() + _SECONDS
        while not await self.evaluate(condition):
            assert asyncio.get_running_loop().time() < end, f"never came true: {condition}"
            await asyncio.sleep(0.1)

    async def picture(self, path: Path) -> None:
        """Save the whole page as PNG."""
        found = await self.send("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(found["data"]))

    async def printed(self, path: Path) -> None:
        """Save the page as it prints."""
        found = await self.send("Page.printToPDF", preferCSSPageSize=True)
        path.write_bytes(base64.b64decode(found["data"]))


@contextlib.asynccontextmanager
async def browser(program: str) -> AsyncIterator[Tab]:
    """Start Chromium with an empty profile and yield a tab; end it afterwards."""
    profile = Path(tempfile.mkdtemp(prefix="lis1plan-browser-"))
    command = [program, *_FLAGS, f"--user-data-dir={profile}", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        address = await _address(profile)
        socket = await websocket_connect(address, max_message_size=2**28)
        yield Tab(socket)
        socket.close()
    finally:
        process.terminate()
        process.wait(timeout=_SECONDS)
        shutil.rmtree(profile, ignore_errors=True)


async def _address(profile: Path) -> str:
    """Return the websocket of the first tab."""
    from tornado.httpclient import AsyncHTTPClient

    file = profile / "DevToolsActivePort"
    for _ in range(int(_SECONDS / 0.1)):
        if file.exists() and len(file.read_text().splitlines()) > 1:
            break
        await asyncio.sleep(0.1)
    port = file.read_text().splitlines()[0]
    answer = await AsyncHTTPClient().fetch(f"http://127.0.0.1:{port}/json/list")
    tabs = [tab for tab in json.loads(answer.body) if tab["type"] == "page"]
    return str(tabs[0]["webSocketDebuggerUrl"])
