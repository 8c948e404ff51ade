"""A kernel gives the same bits whoever calls it first, and follows every change of source."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba.core.caching import NullCache
from numpy.typing import NDArray

from lis1plan.core.kernels import compiled as module
from lis1plan.core.kernels.compiled import compiled, is_kept, signature_of

KERNELS = Path(module.__file__).parent
COMPILES = pytest.mark.skipif("NUMBA_DISABLE_JIT" in os.environ, reason="nothing is compiled")


def test_every_kernel_is_compiled_one_way() -> None:
    """By numba directly, a kernel would inherit how its first caller rounds."""
    others = [file for file in KERNELS.glob("*.py") if file.name != "compiled.py"]
    assert [file.name for file in others if "import njit" in file.read_text("utf-8")] == []
    assert sum("@compiled" in file.read_text("utf-8") for file in others) > 10


def test_rounding_is_not_inherited_from_who_calls_first() -> None:
    @compiled()
    def rest(factor: float, product: float) -> float:
        return factor * factor - product

    @compiled(contract=True)
    def calling(factor: float, product: float) -> float:
        return rest(factor, product)

    factor = 1.0 + 2.0**-30  # its square is rounded: once fused, the rest is what was cut off
    assert calling(factor, factor * factor) == 0.0
    assert rest(factor, factor * factor) == 0.0


@COMPILES
def test_kept_is_this_very_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.config, "CACHE_DIR", str(tmp_path))

    def more(value: float) -> float:
        return value + 1.0

    def caller(value: float) -> float:
        return again(value)

    kernel, again = compiled()(more), compiled()(more)  # two: another process knows no more
    call = signature_of(kernel, (1.0,))
    assert not is_kept(kernel, call)
    compiled()(caller)(1.0)
    assert not is_kept(kernel, call), "what a kernel calls is no door for Python"
    assert kernel(1.0) == 2.0
    assert is_kept(compiled()(more), call)
    assert not is_kept(kernel, signature_of(kernel, (1,))), "other types are another function"
    monkeypatch.setattr(module, "_SOURCES", "of another day")
    assert not is_kept(kernel, call)


@COMPILES
def test_only_what_python_calls_is_compiled_for_it() -> None:
    @compiled()
    def inside(value: float) -> float:
        return value + 1.0

    @compiled()
    def outside(value: float) -> float:
        return inside(value)

    assert outside(1.0) == 2.0
    assert (len(inside.signatures), len(inside.door.signatures)) == (1, 0)  # type: ignore[attr-defined]
    assert (len(outside.signatures), len(outside.door.signatures)) == (0, 1)  # type: ignore[attr-defined]
    assert inside(1.0) == 2.0  # and when it does call, it may


@COMPILES
def test_a_door_holds_all_that_it_calls() -> None:
    """Else its calls would be bound to what was compiled first and is not optimised."""

    @compiled()
    def down(values: NDArray[np.float64], n: int) -> float:  # calls itself: is never inlined whole
        if n == 0:
            return values[0]
        return down(values, n - 1) * values[n] + down(values, n // 2)

    @compiled()
    def door(values: NDArray[np.float64]) -> float:
        return down(values, len(values) - 1)

    down._cache = NullCache()  # type: ignore[attr-defined]
    door.door._cache = NullCache()  # type: ignore[attr-defined]
    assert door(np.ones(4)) == 6.0
    (text,) = door.door.inspect_llvm().values()  # type: ignore[attr-defined]
    assert re.findall(r"^define (\w+) .*@\S*down", text, flags=re.MULTILINE) == ["internal"]


@pytest.mark.thorough
def test_a_kernel_is_compiled_anew_when_another_changes(tmp_path: Path) -> None:
    """The caller's own file stays as it was: numba alone would go on with the old callee."""
    package = tmp_path / "kernels"
    package.mkdir()
    (package / "__init__.py").touch()
    shutil.copy(KERNELS / "compiled.py", package)
    head = "from .compiled import compiled\n"
    (package / "caller.py").write_text(
        f"{head}from .callee import callee\n@compiled()\ndef caller(x):\n    return callee(x)\n"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    asked = (
        "from kernels.caller import caller as c; print(c(1.0), sum(c.stats.cache_hits.values()))"
    )
    said = []
    for more in ("1.0", "1.0", "2.0"):
        (package / "callee.py").write_text(
            f"{head}@compiled()\ndef callee(x):\n    return x + {more}\n"
        )
        done = subprocess.run(
            [sys.executable, "-B", "-c", asked],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        said.append(done.stdout)
    assert said == ["2.0 0\n", "2.0 1\n", "3.0 0\n"]
