"""A made-up result dataset in the shape of docs/file-format.md, for tests of what reads results."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lis1plan.configs.loader import load_study, study_from_text
from lis1plan.core.flow.others import POPULATIONS
from lis1plan.core.study.study import Study
from lis1plan.core.study.unchecked import largest_remainder
from lis1plan.jobs.options import RunOptions

GROUPS = np.array([0.3, 0.7])
FLOWS = {
    "doctors": 1.4, "specialists": 1.0, "abroad": 0.4, "arrived": 0.01, "exits": 0.04,
    "training": 0.4, "entered": 0.07, "qualified": 0.06, "left": 0.01,
}  # fmt: skip
"""Flows and stocks by group, as shares of the supply."""
QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
TOTALS = (65, 55, 45, 35, 20, 10)
YEARS_OF_SLOTS = len(TOTALS)


def synthetic_study(regions: int = 4, **changes: Any) -> Study:
    """Return the Norwegian study with its first (or with copied) regions and top-level changes."""
    data = json.loads(load_study("norway-2019").in_force.canonical_text)
    names = list(data["regions"])
    chosen = {
        name if n < 4 else f"extra_{n}": names[n % 4] for n, name in _numbered(names, regions)
    }
    named = {n: {} if n == old else {"name": n.replace("_", " ")} for n, old in chosen.items()}
    data["risk"] = {"national": data["risk"]["national"] | {"regions": list(chosen)}} | {
        new: data["risk"][old] | {"regions": [new]} | named[new] for new, old in chosen.items()
    }
    data["supervision"] = [
        row | {"region": new}
        for new, old in chosen.items()
        for row in data["supervision"]
        if row["region"] == old
    ]
    data["ramp"]["regional"] = {new: data["ramp"]["regional"][old] for new, old in chosen.items()}
    data["regions"] = {new: data["regions"][old] | named[new] for new, old in chosen.items()}
    return study_from_text(json.dumps(data | changes))


def synthetic_result(study: Study | None = None, infeasible_points: int = 1) -> xr.Dataset:
    """Return a plausible result: slots of `TOTALS` a year from the first decision year on."""
    study = study or synthetic_study()
    make = _Maker(study, infeasible_points)
    make.plans()
    make.stocks()
    make.heads()
    make.risks()
    make.costs()
    make.alternatives()
    make.worth()
    make.replications()
    make.data.attrs = _attributes(study)
    return make.data


def _numbered(names: list[str], count: int) -> list[tuple[int, str]]:
    return [(n, names[n % len(names)]) for n in range(count)]


class _Maker:
    """Fills one dataset, part by part."""

    def __init__(self, study: Study, infeasible_points: int) -> None:
        self.study, self.data = study, xr.Dataset()
        self.rng = np.random.default_rng(study.sampling.seed)
        self.infeasible = infeasible_points
        self.years = np.array(study.years)
        self.posts = study.level0
        self.share = self.posts / self.posts.sum()
        tables = list(dict.fromkeys(row.table for row in study.demand.weights))
        payers = list(dict.fromkeys(row.payer for row in study.cost.components))
        self._labels("plan", {"chosen": "Chosen plan"} | _names(study.comparison))
        self._labels("limit", _names(study.risk))
        self._labels("capacity", _names(study.capacity))
        self._labels("payer", {name: name for name in payers})
        self._labels("weight_table", {name: name for name in tables})
        self._labels("specialty", _names(study.groups))
        self._labels("region", _names(study.regions))
        self.data.coords["time"] = ("time", _days(self.years, "07-01"))
        ends = [_days(self.years + n, "01-01") for n in (0, 1)]
        self.data.coords["time_bounds"] = (("time", "bound"), np.stack(ends, axis=1))
        self.data.coords["year"] = ("time", self.years)
        self.data.coords["quantile"] = ("quantile", np.array(QUANTILES))
        self.plan_count = self.data.sizes["plan"]

    def put(self, name: str, dims: str, values: Any, **attributes: Any) -> None:
        """Add a variable with dimensions `dims`, separated by blanks."""
        self.data[name] = (dims.split(), np.asarray(values), attributes)

    def plans(self) -> None:
        """Slots: the chosen plan by `TOTALS`, comparisons as written, none without."""
        slots = np.zeros((len(self.years), self.plan_count, len(self.posts)))
        first = self.study.first
        for n, total in enumerate(TOTALS):
            slots[first + n, 0] = largest_remainder(total, self.posts)
        for p, plan in enumerate(self.study.comparison.values(), start=1):
            for year, total in plan.slots_per_year.items():
                slots[int(year) - self.years[0], p] = largest_remainder(total, self.posts)
        self.slots = slots
        self.level = self.posts + np.cumsum(slots, axis=0)
        self.put("slots", "time plan region", slots)
        self.put("level", "time plan region", self.level)
        queue = np.maximum(0, 400 - 6 * (self.level - self.posts)) * self.share
        lack = np.maximum(0, self.level - self.posts - 90 * self.share) * 0.3
        self.put("unplaced_mean", "time plan region", queue)
        self.put("unfilled_mean", "time plan region", 0.05 * self.level + lack)
        self.put("lacking_mean", "time plan region", lack)
        self.put("appointed_mean", "time plan region", 0.95 * self.level - lack)
        self.put("newcomers_mean", "time plan region", 0 * queue + 1100 * self.share)
        self.put("waiting_time", "time plan region", queue / 600)
        self.put("lis1_mean", "time plan region", 1.6 * self.level)
        if self.study.lis1.half_years_to_start:
            self.put("awaiting_mean", "time plan region", 0.47 * self.level)
        self.put("appointed_abroad_mean", "time plan region", 0.4 * self.level)
        self.put("intake_spring", "time plan region", np.ceil(self.level / 2))
        self.put("intake_autumn", "time plan region", np.floor(self.level / 2))
        self.put("plan_lacking_share", "plan", lack.sum((0, 2)) / self.level.sum((0, 2)))

    def stocks(self) -> None:
        """Supply and demand with widening bands; the posts add supply eight years later."""
        age = np.arange(len(self.years), dtype=float)
        added = np.cumsum(np.cumsum(np.roll(self.slots, 8, axis=0), axis=0), axis=0) * 0.8
        supply = (13000 + 320 * age)[:, None, None] * self.share + added
        demand = (13600 + 380 * age)[:, None] * self.share
        spread = 0.01 + 0.006 * age
        self._stock("supply", "time plan", supply, spread)
        self._stock("demand", "time", demand, 2 * spread)
        gap = np.maximum(0.02, (demand[:, None] - supply) / demand[:, None])
        pooled = gap.mean(axis=2)
        self.put("shortfall_mean", "time plan region", gap)
        self.put("national_shortfall_mean", "time plan", pooled)
        self.put("shortage_probability", "time plan region", np.clip(0.3 + 3 * gap, 0, 1))
        self.put("national_shortage_probability", "time plan", np.clip(0.3 + 3 * pooled, 0, 1))
        missing = pooled * demand.sum(axis=1)[:, None]
        self.put("national_missing_mean", "time plan", missing)
        grouped = missing[..., None] * np.array([0.2, 0.9])  # more than pooled
        self.put("national_missing_group_mean", "time plan specialty", grouped)
        chance = np.clip(grouped / 5000, 0, 1)
        self.put("national_shortage_group_probability", "time plan specialty", chance)
        self.put("national_abroad_share", "time plan", 0.4 + 0 * pooled)
        for name, share in FLOWS.items():
            self.put(f"{name}_mean", "time plan region", share * supply)
            by_group = share * supply[..., None, :] * GROUPS[:, None]
            self.put(f"{name}_group_mean", "time plan specialty region", by_group)

    def heads(self) -> None:
        """All doctors, where the study counts those without a speciality."""
        if self.study.without_speciality is None:
            return
        self._labels("population", POPULATIONS)
        for name in ("others", "others_joined", "others_left", "others_fte"):
            self.put(f"{name}_mean", "time plan region", 0.25 * self.level)
        lis1, training, specialists, others = 1350.0, 5800.0, 12100.0, 3520.0
        whole = lis1 + training + specialists + others
        start = np.array([lis1, training, specialists, others, whole, whole + 460.0])
        grown = (1 + 0.02 * np.arange(len(self.years)))[:, None, None] * start
        counted = np.repeat(grown, self.plan_count, axis=1)
        self.put("counted_start", "population", start)
        for name, factor in {"mean": 1.0, "low": 0.97, "high": 1.03}.items():
            self.put(f"counted_{name}", "time plan population", factor * counted)

    def _stock(self, name: str, dims: str, mean: NDArray[Any], spread: NDArray[Any]) -> None:
        factors = 1 + spread[:, None] * np.array([-1.64, -1.28, -0.67, 0, 0.67, 1.28, 1.64])
        wide = factors.reshape(len(self.years), *[1] * (mean.ndim - 2), 7)
        groups = mean[..., None, :] * GROUPS[:, None]
        by_group = groups[..., None, :, :] * wide[..., None, None]
        self.put(f"{name}_mean", f"{dims} region", mean)
        self.put(
            f"{name}_quantile", f"{dims} quantile region", mean[..., None, :] * wide[..., None]
        )
        self.put(f"{name}_group_mean", f"{dims} specialty region", groups)
        if name == "supply":
            by_group = by_group[:, 0]
            self.put("supply_group_median", f"{dims} specialty region", groups)
        self.put(f"{name}_group_quantile", "time quantile specialty region", by_group)
        self.put(f"national_{name}_mean", dims, mean.sum(-1))
        self.put(f"national_{name}_quantile", f"{dims} quantile", mean.sum(-1)[..., None] * wide)
        self.put(
            f"national_{name}_group_quantile",
            f"{dims} quantile specialty",
            groups.sum(-1)[..., None, :] * wide[..., None],
        )

    def risks(self) -> None:
        """Risk by plan and limit; the chosen plan just keeps the limits."""
        asked = list(self.study.risk.values())
        limits = np.array([0.1 if limit.limit is None else limit.limit for limit in asked])
        ceiling, floor = limits * 1.25, limits * 0.8
        worth = self.slots.sum(axis=(0, 2)) / sum(TOTALS)
        risk = ceiling - np.minimum(1.2, worth)[:, None] * (ceiling - limits) * 0.999
        z = np.maximum(
            0, self.rng.normal(risk, 0.08, (self.study.sampling.scenarios // 16, *risk.shape))
        )
        self.data.coords["realization"] = ("realization", np.arange(len(z), dtype=np.int32))
        self.put("shortfall_z", "realization plan limit", z)
        self.put("risk_in_sample", "plan limit", risk)
        self.put("risk_in_sample_error", "plan limit", 0.001 + 0 * risk)
        self.put("risk_fresh", "plan limit", risk * 1.002)
        self.put("risk_fresh_low", "plan limit", risk * 0.992)
        self.put("risk_fresh_high", "plan limit", risk * 1.012)
        for key in ("limit", "confidence", "price"):
            given = [getattr(limit, key) for limit in asked]
            self.put(f"risk_{key}", "limit", np.array(given, dtype=float))
        self.put("risk_rule", "limit", [limit.risk_rule.code for limit in asked])
        self.put("risk_floor", "limit", floor)
        self.put("risk_ceiling", "limit", ceiling)
        self.put("risk_binding", "limit", (np.arange(len(limits)) < 2).astype(int))
        self.floor, self.ceiling, self.limits = floor, ceiling, limits

    def costs(self) -> None:
        """Costs by payer, and supervision that the first comparison plan breaks."""
        rows = self.study.cost.components
        payers = [str(x) for x in self.data["payer_id"].values]
        per_slot = np.array([sum(r.amount_nok for r in rows if r.payer == p) for p in payers])
        report = sum(r.amount_nok for r in rows if r.in_report)
        open_posts = (self.level - self.posts).sum(axis=2)
        self.put("cost_payer", "time plan payer", open_posts[..., None] * per_slot, price_year=2018)
        self.put("cost_report", "time plan", open_posts * report)
        self.put("cost_gross", "time plan", open_posts * per_slot.sum())
        self.put(
            "plan_cost",
            "plan",
            (open_posts * report * 0.96 ** np.arange(len(self.years))[:, None]).sum(0),
        )
        self.put(
            "plan_breaks_supervision", "plan", np.arange(self.plan_count) == self.plan_count - 1
        )
        need = 120 * np.stack(
            [self.level * (c + 1) for c in range(self.data.sizes["capacity"])], axis=2
        )
        room = need[:, 0] * 1.04 * (1.005 ** np.arange(len(self.years)))[:, None, None]
        self.put("supervision_need", "time plan capacity region", need)
        self.put("supervision_capacity", "time capacity region", room)
        if any(capacity.purchase for capacity in self.study.capacity.values()):
            beyond = np.maximum(need - room[:, None], 0.0)
            self.put("supervision_bought", "time plan capacity region", beyond)
            self.put("supervision_most_bought", "time capacity region", 0.2 * room)
            paid = 1e3 * open_posts[..., None] * (per_slot > 3e5)
            self.put("cost_bought", "time plan payer", paid)
            self.put("plan_cost_bought", "plan", 2e3 * open_posts.sum(axis=0))
        units = [capacity.unit for capacity in self.study.capacity.values()]
        self.put("supervision_unit", "capacity", units)
        if self.study.cost.after_lis1 is not None:
            self.after_lis1(open_posts, per_slot)

    def after_lis1(self, open_posts: Any, per_slot: Any) -> None:
        """LIS2/3 of those the plans add: half a year of each slot in every group."""
        groups, cost = self.data.sizes["specialty"], self.data["plan_cost"].values
        paid = 0.7 * open_posts[..., None] * (per_slot > 3e5) * 1e6
        years = np.repeat(0.5 * open_posts[..., None], groups, axis=2)
        self.put("training_years", "time plan specialty", years)
        self.put("cost_training", "time plan payer", paid)
        self.put("cost_credit", "time plan payer", 0.3 * paid)
        self.put("plan_cost_with_training", "plan", 1.6 * cost)
        for end, share in (("", 1.3), ("_low", 1.1), ("_high", 1.6)):
            self.put(f"plan_cost_net{end}", "plan", share * cost)

    def alternatives(self) -> None:
        """The frontier, its first points infeasible, and the weight tables, the last infeasible."""
        count, bad = self.study.solve.frontier_points, self.infeasible
        limit = np.linspace(self.ceiling[0], self.floor[0] * 0.98, count)
        solved = np.arange(count) < count - bad
        total = np.where(solved, np.round(np.linspace(0, 2 * sum(TOTALS), count)), np.nan)
        cost = np.where(solved, total * 2.1e7, np.nan)
        slots = np.full((len(self.years), count, len(self.posts)), np.nan)
        for point in np.flatnonzero(solved):
            slots[:, point] = np.round(self.slots[:, 0] * total[point] / sum(TOTALS))
        for name, values in {
            "limit": limit,
            "cost": cost,
            "shortage_cost": 0.0 * cost,
            "lower_bound": cost * 0.9996,
            "risk": np.where(solved, limit * 0.9995, np.nan),
            "risk_90": np.where(solved, limit * 1.9, np.nan),
            "total": total,
            "status": solved.astype(int),
        }.items():
            self.put(f"frontier_{name}", "frontier", values)
        self.put("frontier_slots", "time frontier region", slots)
        tables = self.data.sizes["weight_table"]
        factor = np.linspace(1, 1.4, tables)[:, None]
        feasible = np.arange(tables) < max(1, tables - 1)
        for name, base in {
            "floor": self.floor,
            "ceiling": self.ceiling,
            "limit": self.limits,
        }.items():
            self.put(f"table_{name}", "weight_table limit", factor * base)
        self.put(
            "table_total", "weight_table", np.where(feasible, sum(TOTALS) * factor[:, 0], np.nan)
        )
        self.put("table_cost", "weight_table", np.where(feasible, 4.7e9 * factor[:, 0], np.nan))
        self.put("table_status", "weight_table", feasible.astype(int))
        for name in ("total", "cost", "status"):
            self.put(f"table_same_{name}", "weight_table", self.data[f"table_{name}"].values.copy())

    def worth(self) -> None:
        """What limits and other plans are worth, and how the bounds closed in."""
        count, inside = self.plan_count, np.arange(self.plan_count) < self.plan_count - 1
        cost = self.data["plan_cost"].values
        cheapest = np.where(inside, cost * 0.97, np.nan)
        for name, values in {
            "regret": cost - cheapest,
            "cheapest_cost": cheapest,
            "cheapest_total": np.where(inside, np.arange(count) * 50.0, np.nan),
            "cheapest_status": inside.astype(int),
            "keeps_limits": inside.astype(int),
        }.items():
            self.put(f"plan_{name}", "plan", values)
        region, capacity = next(iter(self.study.regions)), next(iter(self.study.capacity))
        names = {
            "risk.national": ("risk: Norway", "share", 0.001),
            f"capacity.{capacity}.{region}": ("Supervision, somewhere", "hours per year", 160.0),
            "national_ramp": ("national ramp", "slots", 1.0),
            "budget.state": ("budget state", "NOK of 2018", 1e6),
            "new_kind.somewhere": ("a limit nobody foresaw", "doctors", 10.0),
        }
        self._labels("constraint", {key: name for key, (name, _, _) in names.items()})
        self.put("shadow_unit", "constraint", [unit for _, unit, _ in names.values()])
        self.put("shadow_step", "constraint", [step for _, _, step in names.values()])
        dual = np.array([9e7, 5e6, 0.0, 2e5, 1e5])
        saved = np.where(dual > 1e6, 0.95 * dual, np.nan)
        for name, values in {"dual": dual, "saved": saved}.items():
            self.put(f"shadow_{name}", "constraint", values)
        self.put("shadow_saved_low", "constraint", 0.9 * saved)
        self.put("shadow_saved_high", "constraint", 1.1 * saved)
        self.put("round_lower_bound", "round", [4.6e9, 4.69e9, 4.6985e9])
        self.put("round_upper_bound", "round", [np.nan, 4.71e9, 4.7e9])
        self.put("round_cuts", "round", [8, 16, 20])
        self.put("round_whole", "round", [0, 0, 1])

    def replications(self) -> None:
        """Three seeds and two sizes; one draw of the smaller has no plan."""
        cost = np.array([[4.4e9, np.nan, 5.1e9], [4.7e9, 4.65e9, 4.8e9]])
        found = np.isfinite(cost)
        slots = np.where(found[..., None], self.slots[:, 0][:, None, None], np.nan)
        fresh = np.where(found[..., None], self.limits + 0.001, np.nan)
        scenarios = self.study.sampling.scenarios
        self.put("size_scenarios", "size", [scenarios // 4, scenarios])
        self.put("replication_seed", "replication", self.study.sampling.seed + np.arange(3))
        self.put("replication_cost", "size replication", cost)
        self.put("replication_lower_bound", "size replication", 0.9995 * cost)
        self.put("replication_total", "size replication", slots.sum(axis=(0, 3)))
        self.put("replication_status", "size replication", found.astype(int))
        self.put("replication_slots", "time size replication region", slots)
        self.put("replication_risk", "size replication limit", fresh)
        self.put("replication_fresh", "size replication limit", fresh)

    def _labels(self, dim: str, names: dict[str, str]) -> None:
        self.data.coords[dim] = (dim, np.arange(1, len(names) + 1, dtype=np.int32))
        self.put(f"{dim}_id", dim, list(names))
        self.put(f"{dim}_name", dim, list(names.values()))


def _days(years: NDArray[Any], day: str) -> NDArray[Any]:
    """Days since 2000-01-01."""
    since = np.array([f"{y}-{day}" for y in years], "M8[D]") - np.datetime64("2000-01-01")
    return since.astype(float)


def _names(section: dict[str, Any]) -> dict[str, str]:
    return {name: item.name for name, item in section.items()}


def _attributes(study: Study) -> dict[str, Any]:
    return _of_file(study) | _of_answer(study) | _of_replications()


def _of_file(study: Study) -> dict[str, Any]:
    return {
        "title": study.title,
        "summary": "made up for the tests",
        "institution": "not stated",
        "source": "lis1plan 0.1.0",
        "history": "",
        "date_created": "2026-01-01T00:00:00+00:00",
        "comment": "",
        "Conventions": "CF-1.11, ACDD-1.3",
        "standard_name_vocabulary": "",
        "lis1plan_schema": "1.0",
        "result_kind": "run",
        "options": RunOptions().as_text(),
        "run_id": "01234567",
        "study_name": study.name,
        "known_as_of": study.known_as_of,
        "study_json": study.canonical_text,
        "study_sha256": study.sha256,
        "seed": study.sampling.seed,
        "scenarios": study.sampling.scenarios,
        "sampling_method": study.sampling.method,
        "fresh_scenarios": study.sampling.fresh_scenarios,
        "command_line": "lis1plan run norway-2019 --out outputs",
        "lis1plan_version": "0.1.0",
        "git_commit": "0123456789abcdef0123456789abcdef01234567",
        "package_versions": "altair 6.3.0, numpy 2.4.6, xarray 2026.9.0",
        "platform": "Python",
        "variable_names": "",
        "complete": "true",
        "data_sha256": "0" * 64,
    }


def _of_answer(study: Study) -> dict[str, Any]:
    return {
        "lower_bound": 4.6985e9,
        "upper_bound": 4.7e9,
        "relative_gap": 0.00032,
        "lp_bound": 4.6912e9,
        "rounded_lp_cost": 4.739e9,
        "rounded_lp_feasible": "true",
        "bound_certified": "true",
        "stopped_by": "",
        "another_costs_the_same": "false",
        "bound_reason": "",
        "shortage_cost": 0.0,
        "frontier_axis": next(iter(study.risk)),
        "concavity_failures": 0,
        "concavity_largest_excess_fte": 0.0,
        "binding_limits": "[]",
        "compared_plans": "[]",
        "solution_status": "optimal",
        "solver": "highs 1.15.1",
        "rounds": 14,
        "cuts": 20,
        "stochastic_cost": 4.7e9,
        "mean_value_cost": 1e9,
        "mean_value_mended_cost": 5e9,
        "value_of_stochastic_solution": 3e8,
        "part_scenarios": 32,
        "part_limits_moved": 0,
        "part_cost": 2.3e9,
        "hindsight_cost": 1.4e9,
        "value_of_perfect_information": 9e8,
        "seconds_draw_and_project": 21.4,
        "seconds_optimise": 48.2,
        "seconds_worth": 11.0,
        "seconds_compare_and_describe": 2.2,
        "seconds_total": 83.0,
    }


def _of_replications() -> dict[str, Any]:
    return {
        "replications": 3,
        "replication_spread_of_cost": "[0.104, 0.0162]",
        "replication_excess_of_risk": "[0.001, 0.001]",
        "replication_solved": "[2, 3]",
        "replication_enough": "false",
        "replication_recommended_scenarios": 8192,
        "seconds_replication": 15.0,
    }
