"""Another solver by name: the same optimum within the gap, one line if it is missing."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.sparse import csr_matrix

from lis1plan.cli import main
from lis1plan.core.compute.workers import Workers
from lis1plan.core.files.store import open_result
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.master.build import master_of
from lis1plan.optimise.master.rows import with_cuts
from lis1plan.optimise.search.attainable import ceiling, floor
from lis1plan.optimise.search.convex import relaxed_plan
from lis1plan.optimise.search.solve import find_plan
from lis1plan.optimise.solvers import pyomo_solvers as other_solver
from lis1plan.optimise.solvers.clock import Clock
from lis1plan.optimise.solvers.highs import HeldProgram
from lis1plan.optimise.solvers.program import Program, with_rows
from lis1plan.optimise.solvers.pyomo_solvers import NoSolverError, require, solve_by, version_of

from ...conftest import missing_tool
from ...helpers.searching import searching
from ...helpers.small_study import changed, small_study, with_limits

GAP = 1e-4
WAYS = ("highs", "appsi_highs")
"""HiGHS as Pyomo's present and its older interface have it: both ways, without another program."""
OTHERS = ("cbc", "glpk", "scip_direct")


def present(name: str) -> str:
    there = find_spec("pyscipopt") is not None if name == "scip_direct" else True
    if not there:
        missing_tool("pyscipopt is not installed")
    return name


@cache
def master(seed: int) -> tuple[Study, Program]:
    """A study with limits between what is attainable, and its master with all cuts of the LP."""
    study = small_study(seed, regions=2, scenarios=40)
    pool = CutPool(prepare(study, sample_of(study), Workers(1)))
    limits = 0.6 * ceiling(pool) + 0.4 * floor(pool, Clock(60.0))
    relaxed_plan(searching(pool, study, limits, Clock(60.0)))
    return with_limits(study, limits), with_cuts(master_of(pool), pool.cuts, limits)


def agrees(name: str, seed: int, whole: bool) -> None:
    """The plan of either is no cheaper than the bound of the other."""
    _, program = master(seed)
    here = HeldProgram(program, whole).solve(GAP, 60.0)
    there = solve_by(name, program, whole, GAP, 60.0)
    assert there.status == "optimal"
    assert there.bound <= there.objective
    assert there.objective - there.bound <= 2.0 * GAP * abs(there.objective)
    near = 1e-6 * abs(here.objective)
    assert here.bound <= there.objective + near
    assert there.bound <= here.objective + near
    rows = program.rows @ there.values
    assert (rows >= program.row_lower - 1e-5).all()
    assert (rows <= program.row_upper + 1e-5).all()


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", WAYS)
def test_both_interfaces_find_what_the_embedded_solver_finds(
    name: str, seed: int, whole: bool
) -> None:
    agrees(name, seed, whole)


@pytest.mark.parametrize("name", WAYS)
def test_what_cannot_be_is_said(name: str) -> None:
    _, program = master(1)
    columns = len(program.cost)
    least = csr_matrix((np.ones(1), ([0], [program.slots[0, 0]])), shape=(1, columns))
    beyond = with_rows(program, least, np.array([1e6]), np.array([np.inf]))
    nothing = with_rows(program, csr_matrix((1, columns)), np.array([1.0]), np.array([np.inf]))
    for impossible in (beyond, nothing):
        found = solve_by(name, impossible, True, GAP, 60.0)
        assert found.status == "infeasible"
        assert found.bound == np.inf
        assert np.isnan(found.objective)


def test_plan_is_no_bound_where_the_gap_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """A solver that is told no gap keeps its own: what it says of its plan proves nothing."""
    _, program = master(1)
    monkeypatch.setattr(other_solver, "GAP_OPTION", {})
    found = solve_by("appsi_highs", program, True, GAP, 60.0)
    assert found.status == "optimal"
    assert found.bound == -np.inf


def hard(columns: int) -> Program:
    """Many equal ways to cover many rows: what no solver proves in a second."""
    draw = np.random.default_rng(3)
    rows = csr_matrix(draw.integers(1, 100, (columns // 2, columns)).astype(float))
    return Program(
        cost=draw.integers(50, 100, columns).astype(float),
        offset=0.0,
        lower=np.zeros(columns),
        upper=np.ones(columns),
        whole=np.ones(columns, dtype=bool),
        rows=rows,
        row_lower=np.floor(0.5 * np.asarray(rows.sum(axis=1)).ravel()),
        row_upper=np.full(columns // 2, np.inf),
        names=(),
        slots=np.zeros((0, 0), dtype=np.int64),
        missing={},
        gives=np.zeros(0, dtype=np.int64),
        raised={},
    )


@pytest.mark.tools
@pytest.mark.parametrize("name", OTHERS)
def test_plan_found_when_time_is_up_is_told_as_stopped(name: str) -> None:
    require(present(name))
    found = solve_by(name, hard(80), True, 0.0, 0.7)
    assert found.status == "stopped"
    assert np.isnan(found.objective) or found.bound < found.objective


@pytest.mark.tools
@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", OTHERS)
def test_other_solvers_find_what_the_embedded_one_finds(name: str, seed: int, whole: bool) -> None:
    require(present(name))
    agrees(name, seed, whole)


@pytest.mark.tools
@pytest.mark.parametrize("rule", ["cvar", "chance"])
@pytest.mark.parametrize("name", OTHERS)
def test_other_solvers_find_a_plan_within_the_gap(name: str, rule: str) -> None:
    """Costs and bounds of both enclose the same optimum; by branch-and-cut, too."""
    study, _ = master(1)
    if rule == "chance":
        risk = {
            key: limit.model_copy(update={"rule": "chance", "confidence": 0.5})
            for key, limit in study.risk.items()
        }
        study = study.model_copy(update={"risk": risk})
    limits = np.array([float(limit.limit or 0.0) for limit in study.risk.values()])
    found = {}
    for solver in ("highs", present(name)):
        each = changed(study, {"solve.solver": solver})
        pool = CutPool(prepare(each, sample_of(each), Workers(1)))
        found[solver] = find_plan(searching(pool, each, limits, Clock(120.0)))
        assert found[solver].status == "optimal"
    one, other = found.values()
    assert one.lower_bound <= other.cost * (1.0 + 1e-6)
    assert other.lower_bound <= one.cost * (1.0 + 1e-6)


@pytest.mark.tools
@pytest.mark.parametrize("name", OTHERS)
def test_whole_run_with_another_solver(name: str, tmp_path: Path) -> None:
    asked = ["run", "tutorial", "--scenarios", "64", "--set", "sampling.fresh_scenarios=64"]
    asked += ["--set", "solve.frontier_points=1", "--quiet", "--solver", present(name)]
    done = CliRunner().invoke(main, [*asked, "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    (file,) = tmp_path.glob("*.nc")
    result = open_result(file)
    assert result.attrs["solver"] == version_of(name)
    assert result.attrs["solver"].startswith(f"{name} ")
    assert result.attrs["relative_gap"] <= 2e-4


def test_a_solver_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    asked = ["run", "tutorial", "--quiet", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(main, [*asked, "--solver", "nonsense"])
    assert done.exit_code == 2
    assert done.stderr == (
        "lis1plan: --set solve.solver=nonsense: solve.solver: Pyomo knows no solver 'nonsense' (it "
        "knows cbc, cplex, cplex_direct, glpk, gurobi, highs, scip, xpress and others); install "
        "it, or leave solve.solver at highs, which needs nothing\n"
    )
    assert list((tmp_path / "out").glob("*")) == []


def test_a_solver_without_its_program_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoSolverError, match="cplex is not installed or has no licence; inst"):
        require("cplex")
    require("highs")
