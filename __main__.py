"""The program: from its first moment on, an interruption is a line and leaves nothing behind.

Before this module is there Python itself hears signals; what it says then is not ours to choose.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

INTERRUPTED = 130


def program(arguments: list[str] | None = None) -> None:
    """Be the command `lis1plan`; by default with the arguments of the process."""
    watch()
    from .cli.commands import main

    main(arguments, prog_name="lis1plan")


def watch() -> None:
    """Let a signal end the program at once, until something is written."""
    for each in SIGNALS:
        signal.signal(each, _leave)


def _leave(number: int = 0, frame: FrameType | None = None) -> None:  # noqa: ARG001
    """Leave at once: imports do not bear an exception, and nothing is being written."""
    atomic = sys.modules.get(f"{__package__}.core.atomic")
    latest = [path for path in atomic.LATEST if path.exists()] if atomic else []
    said = f"interrupted; {latest[0]} is written" if latest else "interrupted; nothing was written"
    if "--json" in sys.argv:
        text = _quoted(said)
        told = (
            f'{{"status": "interrupted", "message": {text}, "problems": [{text}], "warnings": []}}'
        )
        os.write(1, f"{told}\n".encode("utf-8", "replace"))
    os.write(2, f"lis1plan: {said}\n".encode("utf-8", "replace"))
    os._exit(INTERRUPTED)


def _quoted(text: str) -> str:
    """Return a text as JSON writes it; the library may be half imported where a signal comes."""
    marked = (f"\\u{ord(sign):04x}" if sign < " " or sign in '"\\' else sign for sign in text)
    return f'"{"".join(marked)}"'


try:
    import signal  # a fifth of the milliseconds until somebody watches: the rest finds the package
except KeyboardInterrupt:
    _leave()
SIGNALS = (signal.SIGINT, signal.SIGTERM)


if __name__ == "__main__":
    program()
