"""Ctrl-C and SIGTERM at any moment: one line, and either a way to go on or nothing left."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

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
