"""Starting is quick and private: little is imported, nothing compiled twice, no port opened."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lis1plan.cli.commands import COMMANDS

HEAVY = (
    "numpy",
    "numba",
    "dask",
    "distributed",
    "xarray",
    "pyomo",
    "highspy",
    "scipy",
    "pandas",
    "altair",
    "sklearn",
)
LOADED = f"""
import sys
try:
    from lis1plan.cli import main
    main(prog_name="lis1plan")
finally:
    print("loaded:", *[name for name in {HEAVY} if name in sys.modules])
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("--version",),
        *((c, "--help") for c in COMMANDS),
    ],
    ids=" ".join,
)
def test_help_imports_no_heavy_library(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "loaded:"


TOLD = {"explain": ("pensjon",), "schema": (), "validate": ("tutorial", "--show"), "presets": ()}
"""What looks at studies and draws no scenario."""


@pytest.mark.parametrize("command", TOLD)
def test_what_tells_of_studies_imports_nothing_that_computes(command: str) -> None:
    """Distributions alone need a library: scipy, upon numpy."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, command, *TOLD[command]],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.splitlines()[-1].split()) == {"loaded:", "numpy", "scipy"}


@pytest.mark.thorough
def test_a_run_here_does_not_import_distributed(tmp_path: Path) -> None:
    """Dask's threads need no client; `--cluster` alone asks for one."""
    arguments = ["run", "tutorial", "--scenarios", "64", "--workers", "2", "--quiet", "--out"]
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = done.stdout.splitlines()[-1].split()
    assert "dask" in loaded
    assert "distributed" not in loaded


REFUSED = [
    ("nope",),
    ("run",),
    ("run", "tutorial", "--nope"),
    ("run", "tutorial", "--scenarios", "many"),
    ("run", "tutorial", "--replicate", "1"),
    ("run", "tutorial", "--significant-digits", "2"),
    ("project", "tutorial", "--realization", "3", "--cluster", "local"),
    ("project", "tutorial", "--significant-digits", "2"),
    ("validate", "tutorial", "--cluster", "nowhere"),
    ("frontier", "tutorial", "--points", "3"),
    ("frontier", "tutorial", "--over", "risk.country.limit", "--from", "nan"),
    ("sensitivity", "tutorial", "--method", "guess"),
    ("sensitivity", "tutorial", "--samples", "100"),
    ("replicate", "tutorial", "--seeds", "1"),
    ("resources", "tutorial", "--cluster", "local"),
    ("report", "result.nc", "--locale", "nb"),
    ("report", "one.nc", "other.nc", "--static"),
    ("export", "result.nc"),
    ("explore", "result.nc", "--port", "70000"),
    ("published", "--format", "pdf"),
    ("resume", "somewhere", "--workers", "0"),
    ("submit", "tutorial", "--scheduler", "cron"),
    ("rerun", "result.nc", "--out", "."),
]


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
def test_refused_option_imports_no_heavy_library(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    """Whoever mistypes waits for nothing."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout.splitlines()[-1] == "loaded:"


@pytest.mark.thorough
def test_second_run_compiles_nothing(second_run: tuple[Path, str]) -> None:
    """The first run filled numba's cache; the second one only reads it, whatever the arrays."""
    said = [line for line in second_run[1].splitlines() if line.startswith("[cache]")]
    assert any("data loaded from" in line for line in said)
    assert [line for line in said if "saved" in line] == []


def _listening() -> set[str]:
    """The addresses on which this process waits for others, as Linux lists them."""
    open_files = Path("/proc/self/fd").iterdir()
    links = [str(link.readlink()) for link in open_files if link.is_symlink()]
    own = {link[len("socket:[") : -1] for link in links if link.startswith("socket:[")}
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text("ascii").splitlines()[1:]
    ]
    return {row[1].split(":")[0] for row in rows if row[3] == "0A" and row[9] in own}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_workers_cannot_be_reached_from_other_machines(recwarn: pytest.WarningsRecorder) -> None:
    from lis1plan.core.compute.workers import local_workers

    with local_workers(1):
        assert _listening() <= {"0100007F"}  # 127.0.0.1
        with local_workers(1):  # a second run beside it finds no port taken
            pass
    assert [str(warning.message) for warning in recwarn if "Port" in str(warning.message)] == []
