"""One target under the fuzzer atheris, which looks for inputs that reach lines none has reached.

    python -P -m lis1plan.tests.fuzz.guided TARGET SECONDS FOLDER

The bytes that it makes up are read by hypothesis as choices, so that every input is one of the
target's. It ends with 0 when time is up, and with the traceback of what an input broke.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy

ROOT = Path(__file__).resolve().parents[2]
COMPILED = [f"lis1plan.core.kernels.{file.stem}" for file in ROOT.glob("core/kernels/*.py")]
"""Modules whose lines do not guide it: numba compiles them as they are."""


def drawn(values: SearchStrategy[Any], tried: Callable[[Any], None]) -> Callable[[bytes], Any]:
    """Return what tries the value that some bytes choose."""

    @settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(values)
    def one(value: Any) -> None:
        tried(value)

    fuzzed: Callable[[bytes], Any] = one.hypothesis.fuzz_one_input  # type: ignore[attr-defined]
    return fuzzed


def main() -> None:
    """Fuzz until time is up."""
    import atheris

    name, seconds, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    with atheris.instrument_imports(include=["lis1plan"], exclude=COMPILED):
        targets = import_module(f"{__package__}.targets")
    target, count = targets.TARGETS[name], 0
    inputs = folder / "inputs"
    inputs.mkdir()
    for n in range(8):
        (inputs / str(n)).write_bytes(bytes(range(n, 256)) * 4 * n)
    (folder / "work").mkdir()
    with target.opened(folder / "work") as tried:
        one = drawn(target.values, tried)

        def fuzzed(content: bytes) -> None:
            nonlocal count
            count += 1
            one(content)
            if count.bit_count() == 1:  # at 1, 2, 4, 8 …: the fuzzer ends without a word of ours
                (folder / "count").write_text(str(count), "utf-8")

        flags = [f"-max_total_time={seconds}", f"-artifact_prefix={folder}/", "-max_len=4096"]
        flags += ["-timeout=120", "-rss_limit_mb=6000", "-verbosity=0"]
        print(f"{name}: {seconds} s", flush=True)
        atheris.Setup([sys.argv[0], *flags, str(inputs)], fuzzed)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
