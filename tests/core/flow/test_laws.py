"""The laws of the model over random complete studies: people, slots, regions, origins, tiers."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cached_property
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lis1plan.core.flow.demand import build_demand
from lis1plan.core.flow.intake import build_origins
from lis1plan.core.flow.rates import build_rates, retirement_table
from lis1plan.core.kernels import cohorts as kernel
from lis1plan.core.kernels.loops import baseline_and_response, ensemble
from lis1plan.core.kernels.origins import FOUR, Origins, project_abroad, share_out
from lis1plan.core.risk.streams import shortest_delay
from lis1plan.core.scenarios.columns import stream
from lis1plan.core.scenarios.draws import dimensions, draws_of
from lis1plan.core.scenarios.sampling import Sample, uniforms
from lis1plan.core.study.study import Study
from lis1plan.core.system.posts import levels

from ...helpers import naive
from ...helpers.rates_of import SHARED, by_region, close, expected, projected, room_for
from ...helpers.small_study import fixed, random_slots
from ...helpers.strategies import random_study, studies

Floats = NDArray[np.float64]

TOLERANCE = 1e-9
PEOPLE = (
    "unplaced",
    "newcomers",
    "occupants",
    "starting",
    "direct_entry",
    "trainees",
    "specialists",
    "foreign",
)
BOUND: dict[str, bool] = {}
"""Study -> whether its queue binds in the risk window under the plan of its case."""

laws = settings(derandomize=True, deadline=None, max_examples=18)
plans = st.integers(0, 10**6)


class Case:
    """A study, two of its scenarios and a plan, with what kernel and naive oracle say of them."""

    def __init__(self, study: Study, plan: int = 0) -> None:
        self.study = study
        streams = [stream(name) for name in dimensions(study)]
        self.u = uniforms(Sample("monte_carlo", study.sampling.seed, 2), streams, 0, 2)
        self.draws = draws_of(study, self.u)
        self.rates = build_rates(study, self.draws)
        self.origins = build_origins(study, self.draws, self.rates)
        self.level = levels(study, random_slots(study, plan, fractional=True))
        BOUND[study.sha256] = self.binds

    @cached_property
    def binds(self) -> bool:
        """Whether applicants run out in a half-year of the risk window."""
        first = 2 * (self.study.time.window[0] - self.study.time.first_year)
        return any(self.can_bind(i, self.level)[first:].any() for i in range(2))

    def can_bind(self, i: int, level: Floats) -> NDArray[np.bool_]:
        """Where applicants run out under `level`, [half_year, region]."""
        offers = self.rates.fill_rate[i] * self.rates.offer_share[i][:, None]
        ahead, half_years = self.study.lis1.half_years_to_start, len(offers)
        posts = np.repeat(np.vstack([level.T, level.T[-1:]]), 2, axis=0)
        offers = offers * posts[ahead : ahead + half_years]
        return np.asarray(self.flow(i, level)["queue"] < offers)

    def flow(self, i: int, level: Floats | None = None) -> dict[str, Floats]:
        """The kernel's flow of a scenario, under the plan or under other levels."""
        return projected(kernel, self.rates, i, self.level if level is None else level)

    def nested(self, i: int) -> dict[str, Any]:
        """The rates of a scenario as the naive oracle takes them."""
        return {
            name: np.asarray(value if name in SHARED else value[i]).tolist()
            for name, value in self.rates._asdict().items()
        }

    def nested_origins(self, i: int) -> dict[str, Any]:
        """What a scenario knows about origins, as the naive oracle takes it."""
        shares = self.study.composition
        return {
            "origin_share": self.origins.newcomers[i].tolist(),
            "origin_unplaced": [o.unplaced_share.value for o in self.study.applicants.values()],
            "propensity": self.origins.propensity[i].tolist(),
            "educated_abroad": [float(o.abroad) for o in self.study.applicants.values()],
            **{name: getattr(shares, name).value for name in type(shares).model_fields},
        }

    def abroad(self, i: int, origins: Origins | None = None) -> dict[str, Floats]:
        """The kernel's flow of those educated abroad."""
        everybody, part = room_for(kernel, self.rates), room_for(kernel, self.rates)
        kernel.project(self.rates, i, self.level, everybody)
        project_abroad(origins or self.origins, self.rates, i, everybody, part)
        return dict(part._asdict())


# --- people ---------------------------------------------------------------------------------


def recount(rates: dict[str, Any], flow: dict[str, Floats]) -> None:
    """Count everybody by hand, half-year by half-year: at the end = start + in - out."""
    half_years, regions = flow["queue"].shape
    groups, stages = len(rates["trainees"]), len(rates["occupants"])
    waiting, inside = rates["unplaced"], rates["occupants"]
    training, begins = rates["trainees"], [*rates["starting"], *flow["appointed"]]
    for h in range(half_years):
        finished = []
        for r in range(regions):
            came, gone = rates["newcomers"][h][r], rates["leakage"] * waiting[r]
            left = flow["queue"][h, r] - flow["appointed"][h, r]
            assert left == near(waiting[r] + came - gone - flow["appointed"][h, r])
            assert left >= 0.0
            before = [inside[s][r] for s in range(stages)]
            dropped = rates["drop_out"] * sum(before)
            passed = (1.0 - rates["drop_out"]) * (1.0 - rates["leave"][-1]) * before[-1]
            now = sum(flow["occupants"][h, s, r] for s in range(stages))
            assert now == near(sum(before) + begins[h][r] - dropped - passed)
            finished.append(passed)
        entered = flow["entry"][:, :, h].sum()
        assert entered == near(sum(finished) + np.sum(rates["direct_entry"][h]))
        for k in range(groups):
            for r in range(regions):
                ended = flow["qualified"][k, r, h] + flow["left_training"][k, r, h]
                stock = training[k][r] + flow["entry"][k, r, h] - ended
                assert flow["trainees"][k, r, h] == near(stock)
                assert stock >= -TOLERANCE
        waiting, inside = flow["queue"][h] - flow["appointed"][h], flow["occupants"][h]
        training = flow["trainees"][:, :, h]


def recount_specialists(rates: dict[str, Any], flow: dict[str, Floats]) -> None:
    """The country's specialists by age: who stays, joins and turns a year older."""
    for k, stock in enumerate(rates["specialists"]):
        people = [sum(region[a] for region in stock) for a in range(len(stock[0]))]
        for y in range(len(flow["persons"])):
            for h in (2 * y, 2 * y + 1):
                new, abroad = flow["qualified"][k, :, h].sum(), sum(rates["foreign"][h][k])
                people = [
                    rates["survival"][k][a] * n
                    + new * rates["entry_age"][k][a]
                    + abroad * rates["foreign_age"][k][a]
                    for a, n in enumerate(people)
                ]
            assert flow["persons"][y, k].sum() == near(sum(people))
            people = [0.0, *people[:-1]]


def near(value: Any) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-9)


@laws
@given(studies, plans)
def test_people_are_conserved(study: Study, plan: int) -> None:
    case = Case(study, plan)
    for i in range(2):
        recount(case.nested(i), case.flow(i))
        recount_specialists(case.nested(i), case.flow(i))


@laws
@given(studies, plans)
def test_the_flow_of_a_study_is_the_naive_one(study: Study, plan: int) -> None:
    case = Case(study, plan)
    for i in range(2):
        got, wanted = case.flow(i), naive.flow(case.nested(i), case.level.tolist())
        by_hand = expected(wanted, list(got))
        assert [name for name in got if not close(got[name], by_hand[name])] == []


@laws
@given(studies, plans, st.floats(0.1, 10.0))
def test_a_country_of_another_size_has_the_same_shares(
    study: Study, plan: int, times: float
) -> None:
    """All people and posts times a number: every flow and stock times that number."""
    case = Case(study, plan)
    larger = case.rates._replace(**{n: getattr(case.rates, n) * times for n in PEOPLE})
    for name, value in projected(kernel, larger, 0, case.level * times).items():
        assert close(value / times, case.flow(0)[name]), name
    fuller = case.rates._replace(fte=case.rates.fte * times)
    supply = projected(kernel, fuller, 0, case.level)
    assert close(supply["supply"] / times, case.flow(0)["supply"])
    assert np.array_equal(supply["persons"], case.flow(0)["persons"])


# --- slots ----------------------------------------------------------------------------------


@laws
@given(studies, plans)
def test_more_slots_never_hurt(study: Study, plan: int) -> None:
    """One slot more, in every region and year of decision, whoever judges.

    Where applicants run out, she who is appointed earlier may be gone when one who waited would
    not: then the law needs the same condition as concavity, for the regions and years judged.
    """
    case = Case(study, plan)
    before, highest = case.flow(0)["supply"], case.level + 1.0
    first = study.first
    bound, sound = case.can_bind(0, highest).any(), concave(case, 0, highest)
    window = [study.years.index(year) for year in study.window_years]
    for r in range(len(study.regions)):
        for y in range(first, first + len(study.decision_years)):
            level = case.level.copy()
            level[r, y:] += 1.0
            gain = case.flow(0, level)["supply"] - before
            assert not gain[:y].any()
            if not bound:
                assert (gain >= -TOLERANCE).all()
                assert gain.sum() > 0.0 or y + shortest_delay(study) / 2 >= len(study.years) - 1
            elif sound:
                assert (gain.sum(axis=(1, 2))[window] >= -TOLERANCE).all()


def concave(case: Case, i: int, highest: Floats) -> bool:
    """Section 5's condition for all regions together, word for word."""
    study = case.study
    _, response = baseline_and_response(case.rates, 2 * len(study.years))
    found = by_region(response[i], case.rates.choice[i], case.rates.landing)
    worth = found.sum(axis=2)  # [half-years since, region]
    can_bind = case.can_bind(i, highest)
    begin = 2 * study.first - study.lis1.half_years_to_start
    stay = 1.0 - case.rates.leakage[i]
    for y in (study.years.index(year) for year in study.window_years):
        end = 2 * y + 1
        for r in range(len(study.regions)):
            for g in range(begin, end + 1):
                for h in range(begin, g if can_bind[g, r] else begin):
                    if worth[end - h, r] < stay ** (g - h) * worth[end - g, r] - 1e-12:
                        return False
    return True


CONCAVE: list[bool] = []


@settings(laws, max_examples=30)
@given(studies, plans, plans, st.floats(0.05, 0.95))
def test_supply_is_concave_where_the_condition_holds(
    study: Study, one: int, other: int, part: float
) -> None:
    """Along the segment between two plans, the whole country's supply in the risk window."""
    case, second = Case(study, one), levels(study, 3.0 * random_slots(study, other))
    window = [study.years.index(year) for year in study.window_years]
    for i in range(2):
        CONCAVE.append(concave(case, i, np.maximum(case.level, second)))
        if not CONCAVE[-1]:
            continue
        between = part * case.level + (1.0 - part) * second
        supply = [
            case.flow(i, level)["supply"].sum(axis=(1, 2))[window]
            for level in (between, case.level, second)
        ]
        assert (supply[0] >= part * supply[1] + (1.0 - part) * supply[2] - TOLERANCE).all()


def test_the_condition_holds_often_enough_for_the_test_to_mean_something() -> None:
    if not CONCAVE:
        test_supply_is_concave_where_the_condition_holds()
    assert len(CONCAVE) >= 40
    assert np.mean(CONCAVE) > 0.3


@laws
@given(studies, plans)
def test_no_effect_before_the_shortest_training(study: Study, plan: int) -> None:
    """Appointed at h, the first counts at the end of half-year h + delay, and some do then."""
    case = Case(study, plan)
    delay = shortest_delay(study)
    with_plan, without = case.flow(0), case.flow(0, study.given_levels)
    changed = (with_plan["appointed"] != without["appointed"]).any(axis=1)
    first = int(np.argmax(changed)) if changed.any() else 2 * len(study.years)
    assert first >= 2 * study.first - study.lis1.half_years_to_start
    year = (first + delay) // 2  # the first year at whose end one of them can count
    same = with_plan["supply"][:year] == without["supply"][:year]
    assert same.all()
    _, response = baseline_and_response(case.rates, delay + 3)
    assert not response[..., :delay].any()
    assert (response[..., delay : delay + 2].sum(axis=1) > 0.0).all()


@laws
@given(studies, plans)
def test_baseline_and_response_are_the_whole(study: Study, plan: int) -> None:
    """S = S0 + R * A to 1e-9, in every scenario, year and region, all groups together."""
    case = Case(study, plan)
    baseline, response = baseline_and_response(case.rates, 2 * len(study.years))
    for i in range(2):
        flow, supply = case.flow(i), baseline[i].copy()
        one = by_region(response[i], case.rates.choice[i], case.rates.landing)
        for y in range(len(study.years)):
            for h in range(2 * y + 2):
                for r in range(len(study.regions)):
                    supply[y] += one[2 * y + 1 - h, r] * flow["appointed"][h, r]
        assert close(supply, flow["supply"].sum(axis=1))


# --- regions --------------------------------------------------------------------------------


@laws
@given(studies, plans, st.randoms(use_true_random=False))
def test_the_order_of_regions_permutes_the_answer(study: Study, plan: int, random: Any) -> None:
    """The same study with its regions written in another order, and the same numbers drawn."""
    case, order = Case(study, plan), list(range(len(study.regions)))
    random.shuffle(order)
    data, names = study.model_dump(), list(study.regions)
    data["regions"] = {names[r]: data["regions"][names[r]] for r in order}
    other = Study.model_validate(data)
    known = dimensions(study)
    u = case.u[:, [known.index(name) for name in dimensions(other)]]
    draws = draws_of(other, u)
    got = ensemble(build_rates(other, draws), _origins(other, draws), case.level[order])
    wanted = ensemble(case.rates, case.origins, case.level)
    for name, value in got._asdict().items():
        assert close(value, getattr(wanted, name)[..., order]), name
    assert close(build_demand(other, draws), build_demand(study, case.draws)[..., order])


def _origins(study: Study, draws: Any) -> Origins:
    return build_origins(study, draws, build_rates(study, draws))


@laws
@given(studies)
def test_without_inflow_specialists_leave_at_the_studys_rates(study: Study) -> None:
    """Nobody applies, trains or arrives: of age a, (1 - q[a]) stay, then (1 - q[a + 1]), ..."""
    quiet = _without_inflow(study)
    case = Case(quiet)
    flow, leaving = case.flow(0, np.full_like(case.level, 50.0)), retirement_table(quiet)
    people = case.rates.specialists.sum(axis=1)
    assert not flow["appointed"].any()
    assert not flow["trainees"].any()
    for y in range(len(quiet.years)):
        people = people * (1.0 - leaving)
        assert close(flow["persons"][y].sum(axis=1), people.sum(axis=1))
        people = np.concatenate([np.zeros((len(people), 1)), people[:, :-1]], axis=1)


def _without_inflow(study: Study) -> Study:
    data = study.model_dump()
    for origin in data["applicants"].values():
        origin |= {"net_per_year": fixed(0.0), "added_from": {}}
    for key in ("unplaced_at_start", "reference_unplaced_spring", "reference_unplaced_autumn"):
        data["queue"][key] = fixed(0.0)
    data["lis1"]["appointed_before_start"] = (0.0,) * len(study.lis1.appointed_before_start)
    data["training"]["trainees_at_start"] = fixed(0.0)
    data["direct_entry"] |= {"per_year_before": fixed(0.0), "per_year_after": fixed(0.0)}
    data["specialists"] |= {
        "foreign_per_year": fixed(0.0),
        "other_exits_per_year": fixed(0.0),
        "retirement_scale": fixed(1.0),
        "retirement_shift_years": fixed(0.0),
    }
    return Study.model_validate(data)


# --- origins --------------------------------------------------------------------------------


@laws
@given(studies, plans)
def test_those_educated_abroad_are_the_naive_ones(study: Study, plan: int) -> None:
    case = Case(study, plan)
    for i in range(2):
        everybody = naive.flow(case.nested(i), case.level.tolist())
        wanted = naive.educated_abroad(
            case.nested(i), case.nested_origins(i), everybody["appointed"]
        )
        got = case.abroad(i)
        names = [name for name in got if name != "queue"]
        by_hand = expected(wanted, names)
        assert [name for name in names if not close(got[name], by_hand[name])] == []


@laws
@given(studies, plans)
def test_those_educated_abroad_are_a_part_and_change_nothing(study: Study, plan: int) -> None:
    case, other = Case(study, plan), Case(_mirrored(study), plan)
    whole = ensemble(case.rates, case.origins, case.level)
    mirror = ensemble(other.rates, other.origins, other.level)
    for name, value in whole._asdict().items():
        if "abroad" not in name:
            assert np.array_equal(value, getattr(mirror, name)), name
    for i in range(2):
        part = case.abroad(i)
        for name, value in case.flow(i).items():
            if name != "queue":
                assert (part[name] >= -TOLERANCE).all(), name
                assert (part[name] <= value + TOLERANCE).all(), name


@laws
@given(studies, plans)
def test_those_educated_here_and_abroad_add_up(study: Study, plan: int) -> None:
    """The mirror image: who was abroad is at home. Arrivals from abroad are in neither, then."""
    nobody = {"foreign_per_year": fixed(0.0)}
    data = study.model_dump()
    alone = Study.model_validate(data | {"specialists": data["specialists"] | nobody})
    case, other = Case(alone, plan), Case(_mirrored(alone), plan)
    for i in range(2):
        abroad, home = case.abroad(i), other.abroad(i)
        for name, value in case.flow(i).items():
            if name != "queue":
                assert close(abroad[name] + home[name], value), name


def _mirrored(study: Study) -> Study:
    data = study.model_dump()
    for origin in data["applicants"].values():
        origin["abroad"] = not origin["abroad"]
    for name, share in data["composition"].items():
        data["composition"][name] = fixed(1.0 - share["value"])
    return Study.model_validate(data)


@laws
@given(studies, plans)
def test_appointed_of_all_origins_add_up(study: Study, plan: int) -> None:
    case = Case(study, plan)
    count, total = len(study.applicants), 0.0
    for origin in range(count):
        only = case.origins._replace(abroad=np.eye(count)[origin])
        part = case.abroad(0, only)["appointed"]
        assert (part >= 0.0).all()
        total = total + part
    assert close(np.asarray(total), case.flow(0)["appointed"])


people = st.floats(0.0, 1000.0)


def split(total: float, waiting: np.ndarray, propensity: np.ndarray) -> np.ndarray:
    """Return who is taken [origin]; beside it in half and double size, and where nobody is."""
    size = np.array([1.0, 0.5, 2.0, 1.0])
    left = total * size * [1.0, 1.0, 1.0, 0.0]
    taken = np.empty((len(waiting), FOUR))
    share_out(left, np.outer(waiting, size), propensity, taken, (np.empty(FOUR), np.empty(FOUR)))
    assert close(taken, np.outer(taken[:, 0], [1.0, 0.5, 2.0, 0.0]))
    assert close(taken.sum(axis=0) + left, total * size * [1.0, 1.0, 1.0, 0.0])
    return taken[:, 0]


@settings(laws, max_examples=100)
@given(
    st.lists(st.tuples(people, st.floats(0.05, 5.0)), min_size=1, max_size=5), st.floats(0.0, 1.0)
)
def test_appointed_are_split_over_origins(origins: list[tuple[float, float]], part: float) -> None:
    """All are from somewhere, none beyond its number, the likelier the more, as by hand."""
    waiting, propensity = np.array(origins).T.copy()
    total = part * waiting.sum()
    taken = split(total, waiting, propensity)
    assert taken.sum() == near(total)
    assert (taken >= 0.0).all()
    assert (taken <= waiting + TOLERANCE).all()
    share = taken / np.maximum(waiting, 1e-6)
    order = np.argsort(propensity, kind="stable")
    assert (np.diff(share[order][waiting[order] > 1e-3]) >= -1e-6).all()
    assert close(taken, np.array(naive.share_out(total, list(waiting), list(propensity))))


def test_equal_propensities_split_by_numbers() -> None:
    waiting = np.array([30.0, 10.0, 60.0])
    assert split(50.0, waiting, np.array([2.0, 2.0, 2.0])) == near([15.0, 5.0, 30.0])
    some = split(50.0, waiting, np.array([2.0, 1.0, 1.0]))  # weights 60, 10, 60 of 130
    assert some == near([50 * 60 / 130, 50 * 10 / 130, 50 * 60 / 130])
    most = split(80.0, waiting, np.array([9.0, 1.0, 1.0]))  # the first are all taken
    assert most == near([30.0, 50 / 7, 300 / 7])


# --- the drawn studies, and numba -----------------------------------------------------------


def test_the_queue_binds_in_many_of_the_studies_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    """Else laws about the queue would be laws about nothing."""

    @settings(laws, max_examples=40)
    @given(studies, plans)
    def look(study: Study, plan: int) -> None:
        Case(study, plan)

    look()
    share = sum(BOUND.values()) / len(BOUND)
    with capsys.disabled():
        print(f"\nThe queue binds in the risk window of {share:.0%} of {len(BOUND)} studies drawn.")
    assert len(BOUND) >= 40
    assert 0.3 <= share <= 0.9


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_tiny_study_in_any_mode(seed: int) -> None:
    """One region, one group, all extras of a queue: also run without numba, below."""
    extras = ["added", "bands", "processes", "withdrawal"]
    study = random_study(seed, stages=seed, applicants=0.9, extras=extras)
    case = Case(study, seed)
    got, wanted = case.flow(0), naive.flow(case.nested(0), case.level.tolist())
    assert [name for name in got if not close(got[name], expected(wanted, [name])[name])] == []
    abroad = naive.educated_abroad(case.nested(0), case.nested_origins(0), wanted["appointed"])
    part = case.abroad(0)["persons"]
    assert close(part, np.array(abroad["persons"]))
    baseline, response = baseline_and_response(case.rates, 2 * len(study.years))
    supply = baseline[0].copy()
    for y in range(len(supply)):
        for h in range(2 * y + 2):
            supply[y] += response[0, :, 2 * y + 1 - h].sum() * got["appointed"][h, 0]
    assert close(supply, got["supply"].sum(axis=1))


@pytest.mark.skipif("NUMBA_DISABLE_JIT" in os.environ, reason="this is the run without numba")
def test_the_laws_hold_without_numba() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "tiny", __file__],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout
