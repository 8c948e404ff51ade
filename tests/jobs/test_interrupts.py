"""Ctrl-C and SIGTERM at any moment: one line, and either a way to go on or nothing left."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import lis1plan

from .test_resume import (  # noqa: F401
    ENVIRONMENT,
    STEPS,
    STUDY,
    Killer,
    Undisturbed,
    killer,
    parts_kept,
    same,
    undisturbed,
)

INTERRUPTED = 130
WORKING = 21
"""Moments spread over the steps of a run: within HiGHS and numba, while writing, between."""
EARLY = [0.0, 0.01, 0.02, 0.04, 0.07, 0.1, 0.3, 0.7, 1.5]
"""Seconds after Python has handed over to the program: imports, the study, the first compiling."""


def what_is_said(said: str) -> str:
    """The one line of an interruption; a traceback is an error of the program."""
    lines = [each for each in said.splitlines() if not each.startswith("[")]
    assert len(lines) == 1, said
    assert lines[0].startswith("lis1plan: interrupted; "), said
    return lines[0].removeprefix("lis1plan: interrupted; ")


def go_on(killer: Killer, said: str, out: Path, whole: Path) -> None:  # noqa: F811
    """What the line says is so; then the same bits come out."""
    if said == "nothing was written":
        assert not out.exists()
        command = ["run", *STUDY, "--out", str(out)]
    elif " is written" in said:
        command = ["run", *STUDY, "--out", str(out)]
    else:
        folder = said.removeprefix("go on with: lis1plan resume ")
        assert Path(folder).parent == out
        assert parts_kept(out) > 0
        command = ["resume", folder]
    done = killer.run(*command)
    assert done.code == 0, done.said
    same(out, whole)


@pytest.mark.thorough
@pytest.mark.parametrize("moment", range(WORKING))
def test_a_signal_while_a_run_works(
    moment: int,
    killer: Killer,  # noqa: F811
    undisturbed: Undisturbed,  # noqa: F811
    tmp_path: Path,
) -> None:
    step, out = STEPS[moment % len(STEPS)], tmp_path / "out"
    how = (signal.SIGINT, signal.SIGTERM)[moment % 2]
    delay = random.Random(moment).random() * undisturbed.seconds[step]
    for share in (1.0, 0.5, 0.2, 0.0):
        command = ["run", *STUDY, "--quiet", "--out", str(out)]
        fallen = killer.run(*command, step=step, delay=share * delay, how=how)
        if fallen.code == INTERRUPTED:
            break
        assert fallen.code == 0, fallen.said  # over before the signal came
        for path in out.iterdir():
            path.unlink()
        out.rmdir()
    assert fallen.code == INTERRUPTED, fallen.said
    go_on(killer, what_is_said(fallen.said), out, undisturbed.out)


@pytest.mark.thorough
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=lambda each: each.name)
@pytest.mark.parametrize("delay", EARLY)
def test_a_signal_as_the_program_begins(
    delay: float,
    how: signal.Signals,
    killer: Killer,  # noqa: F811
    undisturbed: Undisturbed,  # noqa: F811
    tmp_path: Path,
) -> None:
    out = tmp_path / "out"
    begin = "from lis1plan.__main__ import program, watch; import os; watch(); os.write(1, b'x')"
    process = subprocess.Popen(
        [sys.executable, "-c", f"{begin}; program()", "run", *STUDY, "--out", str(out)],
        env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.read(1) == b"x"
    time.sleep(delay)
    process.send_signal(how)
    _, said = process.communicate(timeout=300)
    assert process.returncode == INTERRUPTED, said.decode()
    go_on(killer, what_is_said(said.decode()), out, undisturbed.out)


FIRST = [0.001 * moment for moment in (0, 10, 15, 20, 24, 27, 30, 35, 40, 50, 70, 100, 150)]
"""Seconds after the process has begun: in the interpreter's own start, and just after it."""

REPORTED = ("Exception ignored", "Error processing line")
"""How Python reports what was raised in a finalizer, or while it read where packages are."""


def heard() -> None:
    """Let a process hear signals: those of a shell's background jobs inherit that SIGINT is not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=lambda each: each.name)
@pytest.mark.parametrize("started", ["script", "-m"])
def test_a_signal_as_python_itself_begins(
    how: signal.Signals, started: str, tmp_path: Path
) -> None:
    """Until Python has found the program it answers itself; after that no line of ours is shown."""
    file = tmp_path / "lis1plan"  # as pip writes it
    file.write_text("from lis1plan.__main__ import program\nprogram()\n", "utf-8")
    called = [str(file)] if started == "script" else ["-m", "lis1plan"]
    package = Path(lis1plan.__file__).parent
    ours = [f'File "{package / part}' for part in ("__init__", "__main__", "cli", "core")]
    for delay in FIRST:
        out = tmp_path / "out"
        process = subprocess.Popen(
            [sys.executable, *called, "run", *STUDY, "--out", str(out)],
            env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=heard,
        )  # fmt: skip
        time.sleep(delay)
        process.send_signal(how)
        _, said = process.communicate(timeout=300)
        assert not [line for line in ours if line in said], said
        if process.returncode == 0:  # raised where Python only reports it, and goes on
            assert any(report in said for report in REPORTED), said
            shutil.rmtree(out)
        elif process.returncode == INTERRUPTED:
            assert what_is_said(said) == "nothing was written"
        else:  # by Python: killed, or failed in its own start
            assert process.returncode in (1, -how), said
        assert not out.exists()


def test_a_signal_while_the_program_learns_to_watch() -> None:
    """The one import before it: Python's own answer would be a traceback from our code."""
    code = (
        "import sys\n"
        "class Stopping:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'signal':\n"
        "            raise KeyboardInterrupt\n"
        "sys.modules.pop('signal', None)\n"
        "sys.meta_path.insert(0, Stopping())\n"
        "import lis1plan.__main__\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == INTERRUPTED
    assert what_is_said(done.stderr) == "nothing was written"


def test_an_interrupted_command_says_so_as_json(tmp_path: Path) -> None:
    begin = "from lis1plan.__main__ import program, watch; import os; watch()"
    code = f"{begin}; os.kill(os.getpid(), {int(signal.SIGTERM)}); program()"
    done = subprocess.run(
        [sys.executable, "-c", code, "run", "tutorial", "--json"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == INTERRUPTED
    assert '"status": "interrupted"' in done.stdout
    assert what_is_said(done.stderr) == "nothing was written"
    assert list(tmp_path.iterdir()) == []
