"""The cheapest LIS2/3 posts as one integer program over all scenarios, from docs/model.md alone.

Of studies of one region that decide on LIS2/3 posts alone, judged by one CVaR of the mean relative
shortage summed over groups. Persons and hours come from the naive flow, one person at a time; no
kernel and nothing of the optimiser is asked. In each scenario i, group k and half-year h:

    sum_{j <= h} b^(h-j) E[j] <= sum_{j <= h} b^(h-j) B[j]                     who wants to begin
    sum_{d >= 0} F[d] E[h-d] + N[h] <= P0[y] + sum_{t <= y} z[k, t],  y = h/2      posts
    U[k, y] >= D[k, y] - S0[k, y] - sum_h R[k, y, h] E[h],  U >= 0
    eta + sum_i above[i] / (n (1 - a)) <= limit,  above[i] >= mean_y sum_k U / sum_k D - eta, >= 0
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from lis1plan.core.flow.rates import training_exits
from lis1plan.core.scenarios.draws import Figures, draw, sample_of
from lis1plan.core.study.study import Study

from .limited_training import naive_admission, training_posts
from .naive import flow
from .small_study import naive_scenarios

Floats = NDArray[np.float64]


class Best(NamedTuple):
    """The optimum: NOK discounted, and posts opened less closed, [group, decision year].

    Infinite and NaN where no plan keeps the limits.
    """

    cost: float
    posts: Floats


class _Scenario(NamedTuple):
    """What the naive flow tells of one scenario."""

    wanting: Floats  # [half_year, group] those who wait at the start are in the first
    staying: float  # of those who wait, a half-year
    still: Floats  # [group, duration + 1] F
    start: Floats  # [half_year, group] N
    supply: Floats  # [year, group] S0
    response: Floats  # [2, group, years since]: one who begins in spring, in autumn
    demand: Floats  # [year, group]


def cheapest_posts(study: Study, least: Floats) -> Best:
    """Return the cheapest posts; `least` [group, decision year] below zero: may be closed."""
    rows, told = _Rows(study, least), _scenarios(study)
    for i, one in enumerate(told):
        rows.add_scenario(i, one)
    rows.add_limits(len(told))
    return rows.solve()


def _scenarios(study: Study) -> list[_Scenario]:
    sample = sample_of(study)
    draws = draw(study, sample, 0, sample.scenarios)
    exits = training_exits(study, Figures(study, draws))  # of who waits or trains
    rates, demands = naive_scenarios(study, sample)
    found = []
    for i, (one, demand) in enumerate(zip(rates, demands, strict=True)):
        admission = naive_admission(study, draws, i, float(exits[i]))
        found.append(_told(study, one, demand, admission))
    return found


def _told(study: Study, one: Any, demand: Any, admission: Any) -> _Scenario:
    """What one scenario's rates say of wishes, of those there, and of one person who begins."""
    level = study.given_levels.tolist()
    staying = (1.0 - admission["exits"]) * (1.0 - admission["giving_up"])
    wanting = np.array(flow(one, level, admission=admission)["wanting"])[:, :, 0]
    wanting[0] += staying * np.array(admission["waiting"])[:, 0]
    half_years, groups = wanting.shape
    quiet = dict(one)
    for inflow in ("newcomers", "direct_entry"):
        quiet[inflow] = (0.0 * np.array(one[inflow])).tolist()
    for stock in ("occupants", "starting", "unplaced"):
        quiet[stock] = (0.0 * np.array(one[stock])).tolist()
    alone = flow(quiet, None)
    trainees = np.array([one["trainees"], *alone["trainees"]])[:half_years, :, 0]
    response = []
    for parity in (0, 1):
        beginning = np.zeros((half_years, groups, 1))
        beginning[parity] = 1.0
        more = flow(quiet | {"direct_entry": beginning.tolist()}, None)["supply"]
        response.append((np.array(more) - np.array(alone["supply"]))[:, :, 0].T)
    ended = np.array(one["outcome"]).sum(axis=0)
    still = np.concatenate([np.ones((groups, 1)), 1.0 - np.cumsum(ended, axis=1)], axis=1)
    still[:, -1] = 0.0
    supply = np.array(alone["supply"])[:, :, 0]
    wanted = np.array(demand)[:, :, 0]
    return _Scenario(
        wanting, staying, np.maximum(still, 0.0), trainees, supply, np.array(response), wanted
    )


class _Rows:
    """The program as it grows: columns are z, closed, E of every scenario, U, above and eta."""

    def __init__(self, study: Study, least: Floats) -> None:
        self.study = study
        self.groups, self.decisions = least.shape
        self.stated = training_posts(study)[:, 0]
        self.lower: list[float] = []
        self.upper: list[float] = []
        self.cost: list[float] = []
        self.whole: list[int] = []
        self.rows: list[dict[int, float]] = []
        self.most: list[float] = []
        assert study.specialist_posts is not None
        assert study.specialist_posts.new is not None
        self.new = study.specialist_posts.new
        cap = {row.group: row.most for row in self.new.most}
        names = list(study.groups)
        self.z, self.closed = (np.zeros(least.shape, dtype=int) for _ in range(2))
        for k, y in np.ndindex(least.shape):
            kept, once = self._price(names[k], y)
            self.z[k, y] = self._column(float(least[k, y]), cap[names[k]], kept + once, whole=True)
            self.closed[k, y] = self._column(0.0, np.inf, once)
            self._row({self.z[k, y]: -1.0, self.closed[k, y]: -1.0}, 0.0)
        self.eta = self._column(-np.inf, np.inf, 0.0)
        self.above: list[int] = []

    def _price(self, group: str, y: int) -> tuple[float, float]:
        """What a post of a group costs from decision year y on, and once, million NOK."""
        study, kept, once = self.study, 0.0, 0.0
        opening = study.time.first_decision + y
        for row in self.new.prices:
            if row.group not in (None, group):
                continue
            for year in range(opening, study.time.last_year + 1):
                grown = max(year - study.cost.price_year, 0)
                real = (1.0 + study.cost.real_growth.value) ** grown
                worth = (1.0 + study.cost.discount_rate.value) ** (study.time.first_decision - year)
                if row.timing == "yearly":
                    kept += row.amount_nok * real * worth / 1e6
                elif year == opening:
                    once += row.amount_nok * real * worth / 1e6
        return kept, once

    def _column(self, lower: float, upper: float, cost: float, *, whole: bool = False) -> int:
        self.lower.append(lower)
        self.upper.append(upper)
        self.cost.append(cost)
        self.whole.append(int(whole))
        return len(self.cost) - 1

    def _row(self, terms: dict[int, float], most: float) -> None:
        self.rows.append(terms)
        self.most.append(most)

    def add_scenario(self, i: int, one: _Scenario) -> None:
        """Add who begins, and what is missing, in scenario i."""
        first, (begin, end) = self.study.time.first_year, self.study.time.window
        years, missing = range(begin - first, end - first + 1), dict[int, float]()
        for k in range(self.groups):
            entry = [self._column(0.0, np.inf, 0.0) for _ in range(len(one.wanting))]
            self._add_queue(k, one, entry)
            for y in years:
                lack = self._column(0.0, np.inf, 0.0)
                terms = {lack: -1.0}
                for h in range(2 * y + 2):
                    terms[entry[h]] = -float(one.response[h % 2, k, y - h // 2])
                self._row(terms, float(one.supply[y, k] - one.demand[y, k]))
                missing[lack] = 1.0 / (len(years) * float(one.demand[y].sum()))
        self.above.append(self._column(0.0, np.inf, 0.0))
        self._row(missing | {self.eta: -1.0, self.above[i]: -1.0}, 0.0)

    def _add_queue(self, k: int, one: _Scenario, entry: list[int]) -> None:
        """Add that nobody begins who does not want to, or whose post is taken."""
        came, since = 0.0, self.study.first
        for h in range(len(entry)):
            came = one.staying * came + float(one.wanting[h, k])
            self._row({entry[j]: one.staying ** (h - j) for j in range(h + 1)}, came)
            held = {
                entry[h - d]: float(one.still[k, d]) for d in range(min(h + 1, one.still.shape[1]))
            }
            opened = {int(self.z[k, t]): -1.0 for t in range(self.decisions) if t + since <= h // 2}
            self._row(held | opened, float(self.stated[k, h // 2] - one.start[h, k]))

    def add_limits(self, count: int) -> None:
        """Add the CVaR, and the most posts, a year and in all: net where posts may close."""
        (limit,) = self.study.risk.values()
        assert limit.limit is not None
        assert limit.confidence is not None
        tail = (1.0 - limit.confidence) * count
        self._row({self.eta: 1.0} | dict.fromkeys(self.above, 1.0 / tail), limit.limit)
        if self.new.national is not None:
            for y in range(self.decisions):
                both = [*self.z[:, y], *self.closed[:, y]]
                self._row({int(x): 1.0 for x in both}, self.new.national.value)
        if self.new.total is not None:
            for y in range(self.decisions) if self.new.closing else [self.decisions - 1]:
                self._row({int(x): 1.0 for x in self.z[:, : y + 1].ravel()}, self.new.total.value)

    def solve(self) -> Best:
        """Return the optimum, proved to the last digit the solver has."""
        data = [value for row in self.rows for value in row.values()]
        columns = [column for row in self.rows for column in row]
        where = [n for n, row in enumerate(self.rows) for _ in row]
        matrix = csr_matrix((data, (where, columns)), (len(self.rows), len(self.cost)))
        found = milp(
            self.cost,
            integrality=self.whole,
            bounds=Bounds(self.lower, self.upper),
            constraints=LinearConstraint(matrix, -np.inf, self.most),
            options={"mip_rel_gap": 0.0},
        )
        if found.status == 2:  # infeasible
            return Best(np.inf, np.full(self.z.shape, np.nan))
        assert found.status == 0, found.message
        posts = np.round(found.x[self.z])
        cost = np.array(self.cost)
        exact = cost[self.z] * posts + cost[self.closed] * np.maximum(-posts, 0.0)
        return Best(float(exact.sum()) * 1e6, posts)
