"""A second process compiles kernels into the cache, and never outlives the first."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lis1plan.core.kernels import beside

HERE = "import os, sys; sys.path.insert(0, os.getcwd()); sys.first = True\n"
ASK = """
from kernels.beside import compiled_beside
from kernels.caller import caller
from kernels.compiled import is_kept, signature_of
call = caller, signature_of(caller, (1.0,))
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A folder with a package of one kernel that calls another."""
    kernels = tmp_path / "kernels"
    kernels.mkdir()
    (kernels / "__init__.py").touch()
    for file in ("compiled.py", "beside.py"):
        shutil.copy(Path(beside.__file__).parent / file, kernels)
    (kernels / "caller.py").write_text(
        "from .compiled import compiled\n"
        "@compiled()\ndef callee(x):\n    return x + 1.0\n"
        "@compiled()\ndef caller(x):\n    return callee(x)\n"
    )
    return tmp_path


def started(code: str, folder: Path) -> subprocess.Popen[str]:
    """Start a program with a cache of its own."""
    environment = {k: v for k, v in os.environ.items() if k != "NUMBA_DISABLE_JIT"}
    return subprocess.Popen(
        [sys.executable, "-c", HERE + ASK + code], cwd=folder, text=True,
        env=environment | {"NUMBA_CACHE_DIR": str(folder / "cache")},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("python", "said"),
    [("sys.executable", "False 0 True 2.0 1"), ("'/nowhere/python'", "False None False 2.0 0")],
    ids=["compiled beside", "as many processes as one may have"],
)
def test_what_a_second_process_compiles_is_found_and_else_the_caller_compiles(
    python: str, said: str, package: Path
) -> None:
    """Without a second process nothing is told, and nothing is missing."""
    code = (
        f"sys.executable = {python}\n"
        "print(is_kept(*call))\n"
        "with compiled_beside([call]) as finish:\n    print(finish())\n"
        "print(is_kept(*call), caller(1.0), sum(caller.stats.cache_hits.values()))\n"
        "assert is_kept(*call)\n"
    )
    first = started(code, package)
    told, _ = first.communicate(timeout=300)
    assert told.split() == said.split()
    assert first.returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="kills as POSIX does")
def test_the_second_process_ends_with_the_first(package: Path) -> None:
    caller = package / "kernels" / "caller.py"
    waits = "import sys, time\nif not hasattr(sys, 'first'): time.sleep(600)\n"
    caller.write_text(waits + caller.read_text("utf-8"))
    code = (
        "with compiled_beside([call]) as finish:\n"
        "    print(finish.__self__.pid, flush=True)\n    finish()\n"
    )
    first = started(code, package)
    assert first.stdout is not None
    second = int(first.stdout.readline())
    first.send_signal(signal.SIGKILL)
    first.wait()
    first.stdout.close()
    until = time.monotonic() + 120.0
    while is_alive(second) and time.monotonic() < until:
        time.sleep(0.1)
    assert not is_alive(second)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text("utf-8").rsplit(")", 1)[1].split()[0] == "Z")
