"""Options nobody should give: absurd sizes, keys that are none, files that are something else."""

from __future__ import annotations

import random
from pathlib import Path

from .mutations import DIGITS, ESCAPES, MARKUP, PIPE, PLAN, Case, base_files

HUGE = (str(10**20), str(10**9), DIGITS, "-1", "nan", "1e3", "", ESCAPES)
SIZES = {
    "--scenarios": ("project", "validate", "run"),
    "--workers": ("project", "validate", "run", "resources"),
    "--seed": ("project",),
    "--realization": ("project",),
    "--replicate": ("run",),
    "--points": ("frontier",),
    "--seeds": ("replicate",),
    "--samples": ("sensitivity",),
    "--significant-digits": ("project",),
    "--from": ("frontier",),
}
"""Options that take a number, and commands that know them."""
MORE = {"frontier": ("--over", "risk.country.limit"), "run": ("--quiet",)}
SETTINGS = (
    "sampling.scenarios=1000000000", f"sampling.seed={DIGITS}", f"sampling.seed={10**30}",
    "risk.country.limit=nan", "risk.country.limit=inf", "risk.country.limit=", "risk..limit=1",
    "risk.country.limit=-1", "=1", "1", "", "a.b.c=1", "risk=1", "risk.country=[]", "time=2026",
    f"title={MARKUP}", f"title={ESCAPES}", f"{MARKUP}=1", f"{ESCAPES}=1", f"name={'x' * 100_000}",
    f"risk.country.name={'[' * 5_000}", f"risk.country.limit={'[' * 3_000}{']' * 3_000}",
    f"{'risk.' * 20_000}limit=1", "training.longest_years=100000", "training.mean_years=1e300",
    "training.longest_years=100000000000", "time.last_year=100000", "time.first_year=-5",
    "solve.time_limit_seconds=1e-300", "solve.time_limit_seconds=1e300",
    "solve.relative_gap=1e-300",
    "solve.node_limit=1", "solve.frontier_points=1000000000", "sampling.fresh_scenarios=1000000000",
    "posts.unused=1000000000000000", "ramp.national=1e300", "regions.city.posts_in_use=1e18",
    "specialists.senior_age=1000000000", "cost.discount_rate=0.9999999999", "solve.solver=no_such",
    "solve.solver=../x", "sampling.method=none", "demand.weight_table=none", "posts.stages=[]",
    "posts.stages=[" + '"hospital",' * 5_000 + "]", "posts.intake_months=[13,19]",
    "lis1.appointed_before_start=[1e300,1,1]", "specialists.entry_age_sd=1e-300",
    "specialists.other_exits_per_year=1e300", "demand.noise_sd=1e300",
)  # fmt: skip
"""What `--set` may be told."""
FILES = {
    "--plan": ("project", "none.csv", ".", "/dev/null", "/dev/zero", "pipe", "study.toml", ""),
    "--compare": ("run", "none.csv", ".", "/dev/null", "pipe", "data", ""),
    "--cluster": (
        "project", "none.toml", ".", "pipe", "study.toml", "tcp://", "tcp://[", "tcp://127.0.0.1:1",
        "tcp://no.invalid:1", "plan.csv", "", MARKUP, "http://x", "/dev/zero", "slurm",
    ),
    "--out": ("project", "study.toml", "/dev/null", "/proc/none", "", "x" * 5_000, "a/" * 3_000),
    "--solver": ("run", "none", "", MARKUP, "../x", "cbc", "gurobi", "x" * 100_000),
}  # fmt: skip
"""Options that name something, the command, and what they may be told."""
ARGUMENTS = (
    "", ".", "data", "pipe", "/dev/null", "/dev/zero", "none", "none.toml", "tutorial.csv",
    "x" * 5_000, MARKUP, ESCAPES, "plan.csv", "/dev/full", "~", "-", "study.toml/", "tutorials",
)  # fmt: skip
"""What may stand where a study, a result or a folder is asked for."""
COMMANDS = (
    "validate",
    "report",
    "verify",
    "export",
    "rerun",
    "resume",
    "diff",
    "resources",
    "status",
)


def _shown(value: str) -> tuple[str, ...]:
    """Return how the beginning of a path may be told: control signs in letters."""
    if value in ("", "."):
        return ".: ", "''"
    return repr(value)[1:41].rstrip("'"), repr(str(Path(value)))[1:41].rstrip("'")


def options(seed: int) -> list[Case]:
    """Return all of them in some order: every option with everything absurd."""
    files = base_files() | {"plan.csv": PLAN.encode(), "pipe": PIPE}
    cases = []

    def case(what: str, blamed: tuple[str, ...], command: str, *more: str) -> None:
        writes = command in ("project", "run", "frontier", "replicate", "sensitivity")
        out = ("--out", "out") if writes and "--out" not in more else ()
        cases.append(Case(f"option: {what[:80]!r}", files, (command, *more, *out), blamed))

    for option, commands in SIZES.items():
        for command in commands:
            for value in HUGE:
                given = (option, value, *MORE.get(command, ()))
                blamed = (option, option[2:].replace("-", "_"))
                case(f"{option} {value}", blamed, command, "study.toml", *given)
    for setting in SETTINGS:
        key = setting.partition("=")[0]
        blamed = ("--set", key[-200:], "study.toml")
        case(setting, blamed, "project", "study.toml", "--set", setting)
    for option, (command, *values) in FILES.items():
        for value in values:
            blamed = (option, *_shown(value), *["solve.solver"] * (option == "--solver"))
            case(f"{option} {value}", blamed, command, "study.toml", option, value)
    for command in COMMANDS:
        for value in ARGUMENTS:
            more = ("plan.csv",) if command == "diff" else ()
            more = ("--format", "csv") if command == "export" else more
            blamed = (*_shown(value), "plan.csv")
            case(f"{command} {value}", blamed, command, value, *more)
    random.Random(seed).shuffle(cases)
    return cases
