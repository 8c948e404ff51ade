"""Again: what scenarios lead to, drawn and worked out once more from the study inside the file.

The program's own kernels do it: this finds what was changed in a file, not what they get wrong. Of
that speak conservation, the arithmetic of `arithmetic.py` and the naive model of the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase

import numpy as np

from ..discovery.box import Quality
from ..discovery.discover import METHODS, judged_boxes, judged_of, told_ends
from ..files.summary import project_and_tell, told_of
from ..files.variable import FTE, PERSONS, SLOTS
from ..files.variables import SCENARIO_VARIABLES, VARIABLES
from ..flow.others import counted_at_start
from ..flow.projection import UNITS, Request, scenario_alone
from ..risk.branches import Followed, judge_branches, judged, seen_at_reviews
from ..risk.evaluation import in_sample_error, intervals, judge_plans, risks, seen_under
from ..risk.oracle import Oracle, prepare
from ..risk.sensitivity import analyse, described, design_of
from ..scenarios.draws import sample_of
from ..scenarios.followed import followed_in
from ..scenarios.sampling import Sample
from ..study.tails import cvar
from ..system.posts import levels, no_slots
from .discovery import boxes_in
from .evidence import Evidence, Floats, NotHeldError
from .review import REVIEWED, tree_of

Found = dict[str, Floats]
PRECISION = 1e-6
"""Relative: supply and demand are kept in single precision, and processors differ in last bits."""
PERSON = 2.0 / UNITS
"""Persons, FTE and slots: their means are those of whole 1/65 536."""
SHARE = 1e-9
ENOUGH = 1


def projection_again(evidence: Evidence) -> Iterator[str]:
    """Flows, quantiles, probabilities and draws are what the study's scenarios lead to."""
    yield from _again(evidence, (*SCENARIO_VARIABLES, "input_*", "plan_lacking_share"), _projected)


def risk_again(evidence: Evidence) -> Iterator[str]:
    """Z of every plan and scenario, its error and the frontier's risks come out of the study."""
    names = ("shortfall_z", "risk_in_sample_error", "risk_ceiling", "frontier_risk*")
    yield from _again(evidence, names, _judged)


def fresh_risk_again(evidence: Evidence) -> Iterator[str]:
    """Risks on fresh scenarios and their intervals come out of the study."""
    yield from _again(evidence, ("risk_fresh*",), _fresh)


def plans_again(evidence: Evidence) -> Iterator[str]:
    """Risks of the plans of a frontier or of replications come out of the study."""
    data = evidence.data
    names = ("over_risk",) if "over_risk" in data else ("replication_risk", "replication_fresh")
    yield from _again(evidence, names, _varied if "over_risk" in data else _replicated)


def ways_out_again(evidence: Evidence) -> Iterator[str]:
    """By how much each way's plan oversteps the limits on risk comes out of the study."""
    yield from _again(evidence, ("way_amount",), _ways)


def indices_again(evidence: Evidence) -> Iterator[str]:
    """Sensitivity indices, means and deviations come out of the study."""
    yield from _again(evidence, ("sensitivity_*",), _indices)


def near_again(evidence: Evidence) -> Iterator[str]:
    """Risks of near-optimal plans come out of the study."""
    yield from _again(evidence, ("near_risk",), _near)


def reviews_again(evidence: Evidence) -> Iterator[str]:
    """What reviews see, and risks of the plan that learns, come out of the study."""
    names = ["review_observed", "review_shortfall", "review_risk_fresh*", "branch_*_fresh"]
    names += ["review_rule_risk*"]
    yield from _again(evidence, names, _reviewed)


def boxes_again(evidence: Evidence) -> Iterator[str]:
    """How well each box tells in which fresh scenarios the plan fails comes out of the study."""
    names = ("box_coverage", "box_density", "box_mass", "box_p_value", "box_low", "box_high")
    yield from _again(evidence, names, _boxes)


def _again(
    evidence: Evidence, names: Sequence[str], work: Callable[[Evidence], Found]
) -> Iterator[str]:
    """Tell where variables of the file, by patterns of names, are not what comes out again."""
    every = sorted(map(str, evidence.data.data_vars))
    held = [name for name in every if any(fnmatchcase(name, each) for each in names)]
    if not held:
        raise NotHeldError("the file holds nothing of the kind")
    if evidence.quick:
        raise NotHeldError(f"left out (--quick): {', '.join(held)}")
    found = work(evidence)
    for name in held:
        if name not in found:
            yield f"{name} does not follow from the study"
        elif not _alike(evidence, name, found[name]):
            yield f"{name} is not what comes out again"
    yield from (f"{name} is missing" for name in sorted(set(found) - set(held)))


def _alike(evidence: Evidence, name: str, found: Floats) -> bool:
    stated, relative = evidence.values(name), PRECISION
    digits = evidence.data.attrs.get("significant_digits")
    if digits is not None and name.startswith("ensemble_"):
        relative = 10.0 ** -int(digits)
    counts = VARIABLES[name].counts if name in VARIABLES else ""
    fine = PERSON if counts in (FTE, PERSONS, SLOTS) else SHARE
    return stated.shape == np.shape(found) and bool(
        np.allclose(stated, found, rtol=relative, atol=fine, equal_nan=True)
    )


def _levels(evidence: Evidence) -> dict[str, Floats]:
    """Return the levels [row, year] of every plan of the file."""
    both = zip(evidence.plans, evidence.rows("slots"), strict=True)
    return {name: levels(evidence.study, evidence.decided(slots)) for name, slots in both}


def _sample(evidence: Evidence) -> Sample:
    """Return the scenarios a result is of; those of a branch alone count where one is followed."""
    sample = sample_of(evidence.study)
    branch = followed_in(str(evidence.data.attrs.get("options", "")))
    return sample if branch is None else branch.of(sample)


def _projected(evidence: Evidence) -> Found:
    study, plans = evidence.study, _levels(evidence)
    ensemble = any(str(name).startswith("ensemble_") for name in evidence.data)
    asked = Request(study, _sample(evidence), plans, ensemble)
    if evidence.is_scenario:
        told = told_of(scenario_alone(asked, int(evidence.data["realization"][0])))
    else:
        told = project_and_tell(asked, evidence.workers)
    found = told.summary | {name: np.asarray(values) for name, values in told.drawn.items()}
    if study.without_speciality is not None:
        found["counted_start"] = counted_at_start(study, study.without_speciality)
    if evidence.is_run:
        decided = slice(evidence.first, evidence.first + len(study.decision_years))
        lacking = found["lacking_mean"][decided].sum(axis=(0, 2))
        on_offer = np.stack([evidence.lis1(one)[:, decided].sum() for one in plans.values()])
        found["plan_lacking_share"] = lacking / on_offer
    return found


def _judged(evidence: Evidence) -> Found:
    study, level = evidence.study, list(_levels(evidence).values())
    sample, workers = _sample(evidence), evidence.workers
    if not evidence.is_run:
        z = judge_plans(study, sample, level, workers).z
        return {"shortfall_z": z.transpose(2, 0, 1)}
    oracle = prepare(study, sample, workers)
    z = np.stack([oracle.shortfall(one) for one in level])
    return {
        "shortfall_z": z.transpose(2, 0, 1),
        "risk_in_sample_error": in_sample_error(study, sample, oracle, level, workers),
        "risk_ceiling": oracle.risk(levels(study, no_slots(study))),
        **_frontier(evidence, oracle),
    }


def _frontier(evidence: Evidence, oracle: Oracle) -> Found:
    """Return both risks of the frontier's plans on its axis; none without a plan."""
    axis = str(evidence.data.attrs["frontier_axis"])
    number = list(evidence.study.risk).index(axis) if axis else 0
    rule = oracle.limits[number].risk_rule
    found = np.full((2, evidence.data.sizes["frontier"]), np.nan)
    for p, (_, slots) in zip(evidence.frontier_points(), evidence.frontier(), strict=True):
        z = oracle.shortfall(levels(evidence.study, evidence.decided(slots)))[number]
        found[:, p] = rule.risk(z, oracle.weight), cvar(z, 0.9, oracle.weight)
    return {"frontier_risk": found[0], "frontier_risk_90": found[1]}


def _fresh(evidence: Evidence) -> Found:
    study, level = evidence.study, list(_levels(evidence).values())
    judged = judge_plans(study, sample_of(study, "fresh"), level, evidence.workers)
    low, high = intervals(study, judged)
    return {"risk_fresh": risks(study, judged), "risk_fresh_low": low, "risk_fresh_high": high}


def _varied(evidence: Evidence) -> Found:
    """Return the risks of a frontier's plans: the key varied moves none of the scenarios.

    But measures do that are chosen for each.
    """
    if "over_measure_use" in evidence.data:
        return {"over_risk": np.stack(list(_chosen_risks(evidence)))}
    oracle = prepare(evidence.study, sample_of(evidence.study), evidence.workers)
    plans = evidence.rows("over_slots")
    return {"over_risk": np.stack([_risk(evidence, oracle, each) for each in plans])}


def _chosen_risks(evidence: Evidence) -> Iterator[Floats]:
    over, rows = str(evidence.data.attrs["over"]), evidence.rows("over_slots")
    for p, value in enumerate(evidence.values("over_value").tolist()):
        study = evidence.choosing(p, over, value).study
        unknown = np.full(len(study.risk), np.nan)
        if np.isnan(rows[p]).any():
            yield unknown
            continue
        oracle = prepare(study, sample_of(study), evidence.workers)
        yield _risk(evidence, oracle, rows[p])


def _replicated(evidence: Evidence) -> Found:
    """Return the risks of replications: each on its own scenarios, all on the same fresh ones."""
    study, slots = evidence.study, evidence.rows("replication_slots")
    risk = np.empty((*slots.shape[:2], len(study.risk)))
    for n, size in enumerate(evidence.values("size_scenarios").astype(int).tolist()):
        for r, seed in enumerate(evidence.values("replication_seed").astype(int).tolist()):
            other = evidence.sampled(size, seed)
            oracle = prepare(other, sample_of(other), evidence.workers)
            risk[n, r] = _risk(evidence, oracle, slots[n, r])
    flat = np.nan_to_num(slots.reshape(-1, *slots.shape[2:]))
    level = [levels(study, evidence.decided(each)) for each in flat]
    judged = judge_plans(study, sample_of(study, "fresh"), level, evidence.workers)
    fresh = risks(study, judged).reshape(risk.shape)
    return {
        "replication_risk": risk,
        "replication_fresh": np.where(np.isnan(risk), np.nan, fresh),
    }


def _risk(evidence: Evidence, oracle: Oracle, slots: Floats) -> Floats:
    """Return the risk of a plan [row, year], [limit]; not a number where there is no plan."""
    if np.isnan(slots).any():
        return np.full(len(oracle.limits), np.nan)
    return oracle.risk(levels(evidence.study, evidence.decided(slots)))


def _ways(evidence: Evidence) -> Found:
    """Return the amounts stated, with those of the limits on risk as they come out again.

    Chance limits were moved as a CVaR of the same confidence.
    """
    study, limits = evidence.study, evidence.labels("constraint")
    oracle = prepare(study, sample_of(study), evidence.workers)
    rules = [limit.in_tails.risk_rule for limit in oracle.limits]
    amounts, plans = evidence.values("way_amount"), evidence.rows("way_slots")
    for w in np.flatnonzero(evidence.values("way_status") == ENOUGH):
        z = oracle.shortfall(levels(study, evidence.decided(plans[w])))
        for n, name in enumerate(limits):
            if name.startswith("risk."):
                c = list(study.risk).index(name.removeprefix("risk."))
                limit = oracle.limits[c]
                over = max(rules[c].risk(z[c], oracle.weight) - limit.at_most, 0.0)
                small = over <= 1e-7 * limit.share_of(limit.at_most)
                amounts[evidence.first :, w, n] = 0.0 if small else over
    return {"way_amount": amounts}


def _indices(evidence: Evidence) -> Found:
    study, said = evidence.study, evidence.data.attrs
    design = design_of(study, said["sensitivity_method"], int(said["sensitivity_samples"]))
    level = next(iter(_levels(evidence).values()))
    return described(analyse(study, level, design, evidence.workers), design)[0]


def _near(evidence: Evidence) -> Found:
    """Return the risks of near-optimal plans."""
    oracle = prepare(evidence.study, sample_of(evidence.study), evidence.workers)
    return {
        "near_risk": np.stack([_risk(evidence, oracle, p) for p in evidence.rows("near_slots")])
    }


def _boxes(evidence: Evidence) -> Found:
    """Return quality and quasi-p-values of the boxes; leaves of the tree have none of these."""
    study, level = evidence.study, next(iter(_levels(evidence).values()))
    seen = seen_under(study, level, evidence.workers)
    methods = evidence.values("box_method")
    leaf, found = methods == METHODS["tree"], list[tuple[Quality, Floats]]()
    for code in METHODS.values():
        own = zip(boxes_in(evidence), methods, strict=True)
        found += judged_boxes([box for box, method in own if method == code], judged_of(seen))
    quality, p = zip(*found, strict=True)
    told = told_ends(boxes_in(evidence), seen)
    low, high = np.stack([box.low for box in told]), np.stack([box.high for box in told])
    return {
        "box_low": np.where(np.isfinite(low), low, np.nan),
        "box_high": np.where(np.isfinite(high), high, np.nan),
        "box_coverage": np.array([each.coverage for each in quality]),
        "box_density": np.array([each.density for each in quality]),
        "box_mass": np.array([each.mass for each in quality]),
        "box_p_value": np.where(leaf[:, None], np.nan, np.stack(p)),
    }


def _reviewed(evidence: Evidence) -> Found:
    study, tree, workers = evidence.study, tree_of(evidence), evidence.workers
    rules = [limit.risk_rule for limit in study.risk.values()]
    each = [evidence.plans_along("branch", *said) for said in REVIEWED]
    level = np.array([[levels(study, slots) for _, slots in plans] for plans in each])
    planned, followed = sample_of(study), Followed(tree, level)
    in_sample = judge_branches(study, planned, followed, workers)
    found: Found = {
        "review_observed": seen_at_reviews(study, planned, workers).values,
        "review_shortfall": in_sample[0].z.T,
        "review_rule_risk": judged(rules, in_sample[1], tree.ends).risk,
    }
    of_fresh = judge_branches(study, sample_of(study, "fresh"), followed, workers)
    for name, one in zip(("review", "review_rule"), of_fresh, strict=True):
        risks_of = judged(rules, one, tree.ends)
        found[f"{name}_risk_fresh"] = risks_of.risk
        found[f"{name}_risk_fresh_low"] = risks_of.low
        found[f"{name}_risk_fresh_high"] = risks_of.high
        if name == "review":
            found["branch_probability_fresh"] = risks_of.probability
            found["branch_risk_fresh"] = risks_of.inside
    return found
