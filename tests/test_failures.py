"""When something outside fails: one clear line, an exit code, soon, and nothing half-written.

Failures that other tests hold already: a file in the way of `run`, `project`, `init` and `report`
(test_cli), bad profiles, dead schedulers, lost and stuck workers (test_cluster), campaigns
(test_batch), a Slurm that does not answer (test_slurm).
"""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest
from click.testing import CliRunner

from lis1plan.cli import main
from lis1plan.core.compute.parts import read_part
from lis1plan.core.compute.versions import versions
from lis1plan.core.files.store import open_result, write_result

from .core.compute.test_cluster import WORKER, dask
from .helpers.synthetic_result import synthetic_result

QUICK = ["--scenarios", "16", "--workers", "1", "--set", "sampling.fresh_scenarios=16"]
QUICK += ["--set", "solve.frontier_points=1"]
PROGRAM = [sys.executable, "-c", "from lis1plan.cli import main; main()"]
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "NUMBA_DISABLE_JIT"}
ENVIRONMENT |= {"LIS1PLAN_KEEP_SECONDS": "0"}
BOUND = 60.0
"""Seconds within which a failure is told."""


def line_of(*arguments: object, code: int) -> str:
    """The one line a command ends with, its progress aside; a traceback is an error."""
    began = time.monotonic()
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert time.monotonic() - began < BOUND
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    (line,) = (each for each in result.stderr.splitlines() if not each.startswith("["))
    assert line.startswith("lis1plan: ")
    return line.removeprefix("lis1plan: ")


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


# ------------------------------------------------------------ a folder that cannot be written


@pytest.fixture(scope="module")
def result_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plausible result, without a run."""
    data = synthetic_result()
    return write_result(data, tmp_path_factory.mktemp("result") / "result.nc", data.attrs)


@pytest.mark.parametrize(
    "command",
    [
        ["sensitivity", "tutorial", *QUICK, "--quiet"],
        ["frontier", "tutorial", *QUICK, "--quiet", "--over", "risk.country.limit"],
        ["replicate", "tutorial", *QUICK, "--quiet"],
        ["project", "tutorial", *QUICK, "--quiet", "--realization", "0"],
        ["submit", "tutorial", "--scheduler", "local"],
        ["submit", "tutorial", "--dry-run"],
        ["export", "RESULT", "--format", "csv"],
    ],
    ids=lambda command: " ".join(command[:1] + [x for x in command[-2:] if x[0] == "-"]),
)
def test_a_folder_that_cannot_be_written_is_named(
    command: list[str], result_file: Path, tmp_path: Path
) -> None:
    """A file stands where a folder would have to: that holds root back, too."""
    (tmp_path / "file").write_text("a file", "utf-8")
    out = tmp_path / "file" / "below"
    asked = [str(result_file) if each == "RESULT" else each for each in command]
    assert f"{out}" in line_of(*asked, "--out", out, code=2)
    assert files_in(tmp_path) == ["file"]


# ------------------------------------------------------------ a full disk


@contextmanager
def small_disk(folder: Path, kib: int = 300) -> Iterator[None]:
    """A file system of its own with room for less than a result."""
    folder.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)  # HDF5 may hold a file open


def small_files() -> None:
    """Let no file of this process grow beyond less than a result."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


@pytest.mark.thorough
@pytest.mark.parametrize("short", [4, 8, 16, 64, 128])
def test_a_disk_that_fills_up_while_a_result_is_written(short: int, tmp_path: Path) -> None:
    """So many KiB short of room, at the end or long before: an error, and nothing left behind."""
    data = synthetic_result()
    whole = write_result(data, tmp_path / "result.nc", data.attrs).stat().st_size // 1024
    with small_disk(tmp_path / "small", whole - short):
        with pytest.raises(OSError, match="No space left"):
            write_result(data, tmp_path / "small" / "result.nc", data.attrs)
        assert files_in(tmp_path / "small") == []


@pytest.mark.parametrize("kib", [4, 36])
def test_a_disk_without_room_for_the_first_pages_is_full(kib: int, tmp_path: Path) -> None:
    """netCDF-C calls that a lack of permission."""
    data = synthetic_result()
    with small_disk(tmp_path / "small", kib):
        with pytest.raises(OSError, match="No space left"):
            write_result(data, tmp_path / "small" / "result.nc", data.attrs)
        assert files_in(tmp_path / "small") == []


@pytest.mark.parametrize(
    "command",
    [
        ["init", "OUT/study"],
        ["report", "RESULT", "--out", "OUT/report.html"],
        ["export", "RESULT", "--format", "csv", "--out", "OUT"],
        ["export", "RESULT", "--format", "xlsx", "--out", "OUT"],
        ["export", "RESULT", "--format", "parquet", "--out", "OUT"],
        ["submit", "tutorial", "--scheduler", "local", "--out", "OUT/campaign"],
        ["published", "--copy-inputs", "OUT/inputs.csv"],
    ],
    ids=" ".join,
)
def test_no_room_for_a_file_is_one_clear_line(
    command: list[str], result_file: Path, tmp_path: Path
) -> None:
    """Whatever a command writes: said in a line, and no file is left behind."""
    small = tmp_path / "small"
    with small_disk(small, 4):
        asked = [each.replace("OUT", str(small)) for each in command]
        asked = [str(result_file) if each == "RESULT" else each for each in asked]
        line = line_of(*asked, code=5)
        assert "No space left on device; make room" in line
        assert str(small) in line
        files = [path.name for path in small.rglob("*") if path.is_file()]
        assert [name for name in files if not name.endswith(".parquet")] == []  # whole ones stay


@pytest.mark.thorough
def test_no_room_for_the_compiled_kernels_is_one_clear_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [*PROGRAM, "project", "tutorial", *QUICK, "--quiet", "--out", str(tmp_path / "out")],
        env=ENVIRONMENT | {"NUMBA_CACHE_DIR": str(tmp_path / "cache")},
        preexec_fn=small_files, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 5, done.stderr
    (line,) = done.stderr.splitlines()
    assert "no room for the compiled kernels" in line
    assert files_in(tmp_path / "out") == []


@pytest.mark.thorough
@pytest.mark.parametrize(
    "command",
    [["project", "tutorial", *QUICK, "--ensemble"], ["run", "tutorial", *QUICK, "--ensemble"]],
    ids=lambda command: command[0],
)
@pytest.mark.parametrize("room", ["disk", "files"])
def test_no_room_is_one_clear_line(command: list[str], room: str, tmp_path: Path) -> None:
    """Neither for parts nor for the result: said in a line, nothing half-written."""
    small, out = tmp_path / "small", tmp_path / "small" / "out"
    with small_disk(small) if room == "disk" else nullcontext():
        done = subprocess.run(
            [*PROGRAM, *command, "--out", str(out), "--quiet"],
            env=ENVIRONMENT, preexec_fn=small_files if room == "files" else None,
            capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == 5, done.stderr
        lines = [line for line in done.stderr.splitlines() if "going on, but if" not in line]
        assert len(lines) == 1, done.stderr
        assert "no room for the result" in lines[0]
        assert [name for name in files_in(out) if not name.startswith(".lis1plan-")] == []
        for part in out.rglob("*.npz"):
            read_part(part)


# ------------------------------------------------------------ busy ports


@contextmanager
def taken(port: int = 0) -> Iterator[int]:
    """Hold a port, listening; where another does so already, that is as good."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            held.bind(("127.0.0.1", port))
            held.listen()
        except OSError:
            assert port
        yield port or int(held.getsockname()[1])


def test_a_busy_port_of_explore_is_refused_before_any_work(result_file: Path) -> None:
    with taken() as port:
        line = line_of("explore", result_file, "--port", port, "--no-browser", code=2)
    assert line.startswith(f"--port {port}: cannot be used: ")


@pytest.mark.thorough
def test_busy_ports_of_dask_do_not_matter(tmp_path: Path) -> None:
    with taken(8786), taken(8787):
        options = ["--cluster", "local", "--workers", "1", "--out", str(tmp_path), "--quiet"]
        done = CliRunner().invoke(main, ["project", "tutorial", "--scenarios", "16", *options])
    assert done.exit_code == 0, done.output
    (path,) = tmp_path.glob("*.nc")
    open_result(path)


# ------------------------------------------------------------ clusters


@pytest.mark.thorough
def test_an_unreachable_scheduler_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as silent:  # bound, but nobody listens
        silent.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        command = ["run", "tutorial", *QUICK, "--quiet", "--cluster", address]
        line = line_of(*command, "--out", tmp_path / "out", code=1)
    assert line.startswith(f"{address}: no Dask scheduler answered within ")
    assert files_in(tmp_path / "out") == []


def test_a_worker_of_another_version_is_refused_in_one_line(tmp_path: Path) -> None:
    other = versions() | {"numpy": "1.0"}
    patched = (
        f"import lis1plan.core.compute.versions as v\nv.versions = lambda: {other!r}\n{WORKER}"
    )
    with dask(1, worker=patched) as (address, _):
        command = ["run", "tutorial", *QUICK, "--quiet", "--cluster", address]
        line = line_of(*command, "--out", tmp_path / "out", code=1)
    assert "other versions: numpy 1.0 there, " in line
    assert files_in(tmp_path / "out") == []


@pytest.mark.parametrize(
    "command",
    [
        ["run", "tutorial", *QUICK, "--quiet", "--cluster", "slurm"],
        ["submit", "tutorial", "--scheduler", "slurm"],
    ],
    ids=["run", "submit"],
)
def test_no_slurm_is_one_line(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    line = line_of(*command, "--out", tmp_path / "out", code=1)
    assert "scontrol: not found: there is no Slurm on this machine" in line
    assert files_in(tmp_path) in ([], ["out"])


@pytest.mark.thorough
def test_a_frozen_worker_ends_the_run_in_one_line(tmp_path: Path) -> None:
    """What it had worked out is kept; thawed, the run goes on."""
    with dask(1) as (address, processes):
        profile = tmp_path / "cluster.toml"
        profile.write_text(
            f'[cluster]\nkind = "address"\naddress = "{address}"\nblock_seconds = 5\n', "utf-8"
        )
        command = [
            *PROGRAM, "run", "tutorial", *QUICK, "--quiet", "--out", str(tmp_path / "out"),
            "--cluster", str(profile),
        ]  # fmt: skip
        run = subprocess.Popen(
            command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        while not list(tmp_path.glob("out/.lis1plan-*/parts/*.npz")) and run.poll() is None:
            time.sleep(0.02)
        processes[1].send_signal(signal.SIGSTOP)
        _, said = run.communicate(timeout=BOUND)
        assert run.returncode == 1, said
        (line,) = said.splitlines()
        assert "no block finished within 5 s" in line
        assert "Traceback" not in said
        assert list(tmp_path.glob("out/*.nc")) == []
        processes[1].send_signal(signal.SIGCONT)
        done = subprocess.run(command, env=ENVIRONMENT, timeout=600, check=False)
        assert done.returncode == 0
