"""The naive oracle: docs/model.md, sections 3 to 5, in plain Python, slow and obvious.

Written from the page alone and sharing no code with the program, so that an error has to be made
twice to go unnoticed. It works nothing out twice, else it is never optimised. The letters h, p, y,
r (t), k, s, a, d are the page's.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Literal

Rates = Mapping[str, Any]
Record = dict[str, list[Any]]
Table = Sequence[Sequence[float]]
Grid = list[list[float]]
Cube = list[Grid]


def flow(
    rates: Rates,
    level: Table | None,
    appointed_override: Table | None = None,
    admission: Rates | None = None,
    tracks: Rates | None = None,
) -> Record:
    """Run section 3 for all half-years.

    Parameters
    ----------
    rates : the table of section 2 as nested lists.
    level : [R][H/2], slots (LIS1 starts a year); None for the baseline, where nobody is appointed.
    appointed_override : [H][R], persons; appointed whatever queue and offers say.
    admission : the table of 3.8, posts [H/2][K][R], waiting [K][R], giving_up and exits, shares a
        half-year; None: whoever wants to begins LIS2/3.
    tracks : the table of 3.9, share [E][K], level [E][R][H/2]; None: no post is earmarked.

    Returns
    -------
    supply [H/2][K][R] in FTE; everything else in persons: persons, training [H/2][K][R];
    left_queue, queue (before appointment), offers, appointed, dropped_lis1, completers [H][R];
    occupants [H][S][R]; entry, qualified, left_training, trainees [H][K][R];
    left_work, aged_out, present (end of h, after ageing) [H][K]; specialists_by_age_end [K][R][A].
    With admission wanting, queue_training, waiting_training, gave_up_waiting, left_work_waiting,
    vacant [H][K][R].
    """
    half_years = len(rates["newcomers"])
    if half_years % 2 != 0:
        raise ValueError("a year has two half-years: the number of half-years must be even")
    country = _Country(rates, admission, tracks)
    for h in range(half_years):
        country.appoint(h, level, appointed_override)
        country.serve_lis1(h)
        country.train(h)
        country.practise(h)
        country.grow_older(autumn=h % 2 == 1)
    return {**country.record, "specialists_by_age_end": country.specialists}


class _Country:
    """Everybody at the end of a half-year in persons, and what has happened so far (``record``).

    unplaced [R], occupants [S][R], trainees [K][R], specialists [K][R][A]; cohort [K][R] is the
    size of each half-year's entry to LIS2/3 before h = 0.
    """

    def __init__(
        self, rates: Rates, admission: Rates | None = None, tracks: Rates | None = None
    ) -> None:
        self.rates = rates
        self.tracks = tracks
        self.in_tracks = [
            _nobody(rates["occupants"]) for _ in ([] if not tracks else tracks["share"])
        ]
        self.admission = admission
        self.waiting: Grid = [] if admission is None else admission["waiting"]
        self.unplaced: list[float] = rates["unplaced"]
        self.occupants: Grid = rates["occupants"]
        self.trainees: Grid = rates["trainees"]
        self.specialists: Cube = rates["specialists"]
        self.groups, self.regions = range(len(self.trainees)), range(len(self.unplaced))
        self.ages = range(len(self.specialists[0][0]))
        self.longest = len(rates["historic_outcome"][0][0])
        self.moves = [[mobility(rates, r, t) for t in self.regions] for r in self.regions]
        self.cohort = [[self.starting_cohort(k, r) for r in self.regions] for k in self.groups]
        self.record: Record = defaultdict(list)

    def starting_cohort(self, k: int, r: int) -> float:
        """3.3: persons who entered LIS2/3 in each half-year before h = 0, if all were equal."""
        completing, leaving = (kind[k] for kind in self.rates["historic_outcome"])
        still_training = 0.0
        for e in range(1, self.longest + 1):
            still_training += 1.0 - sum(completing[:e]) - sum(leaving[:e])
        if still_training == 0.0:  # training lasts one half-year: nobody is ever in between
            return 0.0
        return float(self.rates["trainees"][k][r] / still_training)

    def note(self, **happened: list[Any]) -> None:
        """Append this half-year's (or year's) figures to the record."""
        for name, figures in happened.items():
            self.record[name].append(figures)

    def appoint(self, h: int, level: Table | None, override: Table | None) -> None:
        """3.1: each region appoints from its own queue; all [R], persons."""
        x, old, leakage = self.rates, self.unplaced, self.rates["leakage"]
        offers = [0.0 for _ in self.regions]
        if level is not None:
            share = x["offer_share"][h]
            year = min((h + len(x["starting"])) // 2, len(level[0]) - 1)  # of the intake
            offers = [x["fill_rate"][r] * share * level[r][year] for r in self.regions]
        queue = [(1.0 - leakage) * old[r] + x["newcomers"][h][r] for r in self.regions]
        appointed = [min(offers[r], queue[r]) for r in self.regions]
        if override is not None:
            appointed = list(override[h])
        self.unplaced = [queue[r] - appointed[r] for r in self.regions]
        left_queue = [leakage * old[r] for r in self.regions]
        self.note(left_queue=left_queue, queue=queue, offers=offers, appointed=appointed)

    def serve_lis1(self, h: int) -> None:
        """3.2: stages [S][R] move on, all at once from the old values; persons."""
        old, leave, drop_out = self.occupants, self.rates["leave"], self.rates["drop_out"]
        starting = [*self.rates["starting"], *self.record["appointed"]][h]  # in their order
        stay = [[(1.0 - drop_out) * leave[s] * n for n in stage] for s, stage in enumerate(old)]
        passed = [
            [(1.0 - drop_out) * (1.0 - leave[s]) * n for n in stage] for s, stage in enumerate(old)
        ]
        self.occupants = [[starting[r] + stay[0][r] for r in self.regions]]
        for s in range(1, len(old)):
            self.occupants.append([passed[s - 1][r] + stay[s][r] for r in self.regions])
        dropped = [drop_out * sum(stage[r] for stage in old) for r in self.regions]
        self.note(completers=passed[-1], dropped_lis1=dropped, occupants=self.occupants)

    def train(self, h: int) -> None:
        """3.3: completers choose region and group, cohorts complete or leave; [K][R], persons."""
        x, groups, regions, old = self.rates, self.groups, self.regions, self.trainees
        completers = self.record["completers"][h]
        arriving = [sum(x["choice"][r][t] * completers[r] for r in regions) for t in regions]
        entry = [
            [x["group_share"][k] * arriving[t] + x["direct_entry"][h][k][t] for t in regions]
            for k in groups
        ]
        if self.tracks is not None:
            entry = self.choose_in_tracks(h, entry, self.tracks)
        if self.admission is not None:
            entry = self.admit(h, entry, self.admission)
        self.note(entry=entry)
        qualified = [[self.ending(0, h, k, r) for r in regions] for k in groups]
        left = [[self.ending(1, h, k, r) for r in regions] for k in groups]
        self.trainees = [
            [old[k][r] + entry[k][r] - qualified[k][r] - left[k][r] for r in regions]
            for k in groups
        ]
        self.note(qualified=qualified, left_training=left, trainees=self.trainees)

    def earmarked(self, h: int, tracks: Rates) -> Grid:
        """3.9: persons appointed to tracks in round h, [E][R]: no more than newcomers in all."""
        x = self.rates
        answer = [[0.0 for _ in self.regions] for _ in tracks["share"]]
        for r in self.regions:
            year = min((h + len(x["starting"])) // 2, len(tracks["level"][0][r]) - 1)
            a_slot = x["fill_rate"][r] * x["offer_share"][h]
            offers = [a_slot * level[r][year] for level in tracks["level"]]
            part = min(1.0, x["newcomers"][h][r] / sum(offers)) if sum(offers) > 0.0 else 0.0
            for e, offer in enumerate(offers):
                answer[e][r] = part * offer
        self.note(earmarked=answer)
        return answer

    def choose_in_tracks(self, h: int, entry: Grid, tracks: Rates) -> Grid:
        """3.9: who wants to begin [K][R] if those in tracks choose by the shares of theirs."""
        x, regions = self.rates, self.regions
        self.earmarked(h, tracks)
        nobody = [[0.0 for _ in regions] for _ in tracks["share"]]
        starting = [*(nobody for _ in x["starting"]), *self.record["earmarked"]][h]
        for e, share in enumerate(tracks["share"]):
            old = self.in_tracks[e]
            left = [1.0 - x["drop_out"] for _ in old]
            on = [
                [left[s] * (1.0 - x["leave"][s]) * n for n in stage] for s, stage in enumerate(old)
            ]
            again = [[left[s] * x["leave"][s] * n for n in stage] for s, stage in enumerate(old)]
            coming = [starting[e], *on[:-1]]
            self.in_tracks[e] = [
                [c + a for c, a in zip(come, stay, strict=True)]
                for come, stay in zip(coming, again, strict=True)
            ]
            for t in regions:
                arriving = sum(x["choice"][r][t] * on[-1][r] for r in regions)
                for k in self.groups:
                    entry[k][t] += (share[k] - x["group_share"][k]) * arriving
        return entry

    def admit(self, h: int, wanting: Grid, x: Rates) -> Grid:
        """3.8: persons who begin LIS2/3 [K][R] of those ``wanting`` to, and who waits for it."""
        groups, regions, old = self.groups, self.regions, self.waiting
        left_work = [[x["exits"] * old[k][r] for r in regions] for k in groups]
        gave_up = [
            [x["giving_up"] * (old[k][r] - left_work[k][r]) for r in regions] for k in groups
        ]
        queue = [
            [old[k][r] - left_work[k][r] - gave_up[k][r] + wanting[k][r] for r in regions]
            for k in groups
        ]
        free = [
            [max(0.0, x["posts"][h // 2][k][r] - self.trainees[k][r]) for r in regions]
            for k in groups
        ]
        entry = [[min(queue[k][r], free[k][r]) for r in regions] for k in groups]
        vacant = [[free[k][r] - entry[k][r] for r in regions] for k in groups]
        self.waiting = [[queue[k][r] - entry[k][r] for r in regions] for k in groups]
        self.note(wanting=wanting, queue_training=queue, waiting_training=self.waiting)
        self.note(vacant=vacant, gave_up_waiting=gave_up, left_work_waiting=left_work)
        return entry

    def ending(self, kind: int, h: int, k: int, r: int) -> float:
        """3.3: persons of group k, region r who complete (kind 0) or leave (1) as h ends."""
        historic, present = self.rates["historic_outcome"], self.rates["outcome"]
        total = 0.0
        for d in range(1, min(self.longest, h + 1) + 1):
            entered = h - d + 1
            outcome = historic if entered < self.rates["historic_until"] else present
            total += outcome[kind][k][d - 1] * self.record["entry"][entered][k][r]
        for d in range(h + 2, self.longest + 1):
            total += self.cohort[k][r] * historic[kind][k][d - 1]
        return total

    def practise(self, h: int) -> None:
        """3.4: specialists [K][R][A] leave and move, then the new ones join; persons."""
        stay, old, ages = self.rates["survival"], self.specialists, self.ages
        left_work = [
            sum((1.0 - stay[k][a]) * people[a] for people in old[k] for a in ages)
            for k in self.groups
        ]
        self.specialists = [
            [[self.working(h, k, t, a) for a in ages] for t in self.regions] for k in self.groups
        ]
        self.note(left_work=left_work)

    def working(self, h: int, k: int, t: int, a: int) -> float:
        """3.4: persons of group k and age a in region t as h ends, before ageing."""
        x, old = self.rates, self.specialists[k]
        stay = x["survival"][k][a]
        moved = sum(self.moves[r][t] * stay * old[r][a] for r in self.regions)
        qualified = self.record["qualified"][h][k][t] * x["entry_age"][k][a]
        return float(moved + qualified + x["foreign"][h][k][t] * x["foreign_age"][k][a])

    def record_year(self) -> None:
        """3.5: the year's stocks, before anybody grows older."""
        fte, people = self.rates["fte"], self.specialists
        supply = [
            [sum(fte[k][a] * people[k][r][a] for a in self.ages) for r in self.regions]
            for k in self.groups
        ]
        persons = [[sum(ages) for ages in group] for group in people]
        self.note(supply=supply, persons=persons, training=self.trainees)

    def grow_older(self, *, autumn: bool) -> None:
        """3.5: as an autumn ends all grow a year older and the oldest leave work; persons."""
        aged_out = [0.0 for _ in self.groups]
        if autumn:
            self.record_year()
            aged_out = [sum(ages[-1] for ages in group) for group in self.specialists]
            self.specialists = [[[0.0, *ages[:-1]] for ages in g] for g in self.specialists]
        present = [sum(sum(ages) for ages in group) for group in self.specialists]
        self.note(aged_out=aged_out, present=present)


def without_speciality(others: Rates, record: Record) -> Record:
    """3.7: who stopped training, after ``flow`` has told in its ``record`` who stops when.

    ``others``: stock [R][A], arrivals a half-year, share [R], entry_age [A], survival [A]; exits,
    the share of those in LIS2/3 who leave work, and trainees [K][R] at the start. Returns
    others, others_joined [H/2][R], persons.
    """
    present, ages = others["stock"], range(len(others["entry_age"]))
    answer: Record = defaultdict(list)
    joined = [0.0 for _ in present]
    for h, left in enumerate(record["left_queue"]):
        stopping = sum(left) + sum(record["dropped_lis1"][h]) + others["arrivals"]
        stopping += sum(sum(group) for group in record["left_training"][h])
        if "gave_up_waiting" in record:
            stopping += sum(sum(group) for group in record["gave_up_waiting"][h])
        training = record["trainees"][h - 1] if h > 0 else others["trainees"]
        inside = sum(map(sum, training)) + sum(map(sum, record["entry"][h]))
        stopping -= others["exits"] * inside
        coming = [share * stopping for share in others["share"]]
        joined = [j + c for j, c in zip(joined, coming, strict=True)]
        present = [
            [others["survival"][a] * people[a] + coming[r] * others["entry_age"][a] for a in ages]
            for r, people in enumerate(present)
        ]
        if h % 2 == 1:
            answer["others"].append([sum(people) for people in present])
            answer["others_joined"].append(joined)
            joined = [0.0 for _ in present]
            present = [[0.0, *people[:-1]] for people in present]
    return answer


def share_out(total: float, waiting: list[float], propensity: list[float]) -> list[float]:
    """3.6: who is taken, [O] persons, of those ``waiting`` [O], when ``total`` are appointed."""
    taken, rest = [0.0 for _ in waiting], total
    for _ in waiting:
        room = [w - t for w, t in zip(waiting, taken, strict=True)]
        weight = sum(p * m for p, m in zip(propensity, room, strict=True))
        if rest <= 0.0 or weight <= 0.0:
            break
        more = [min(1.0, rest / weight * p) * m for p, m in zip(propensity, room, strict=True)]
        taken = [t + m for t, m in zip(taken, more, strict=True)]
        rest -= sum(more)
    return taken


def appointed_by_origin(rates: Rates, origins: Rates, appointed: Table) -> list[Grid]:
    """3.6: those appointed by origin, [H][R][O] persons, of the ``appointed`` [H][R] in all."""
    count = range(len(origins["propensity"]))
    left_over = [[share * n for share in origins["origin_unplaced"]] for n in rates["unplaced"]]
    answer: list[Grid] = []
    for h, row in enumerate(appointed):
        answer.append([])
        for r, total in enumerate(row):
            new = [origins["origin_share"][h][o] * rates["newcomers"][h][r] for o in count]
            waiting = [(1.0 - rates["leakage"]) * left_over[r][o] + new[o] for o in count]
            taken = share_out(total, waiting, origins["propensity"])
            left_over[r] = [waiting[o] - taken[o] for o in count]
            answer[-1].append(taken)
    return answer


def educated_abroad(rates: Rates, origins: Rates, appointed: Table) -> Record:
    """3.6: the flow of those educated abroad, in the words of ``flow``, of all ``appointed``.

    ``origins`` is the table of 3.6 as nested lists; ``appointed`` [H][R], persons, is everybody.
    """
    part = dict(rates)
    for stock in ("occupants", "starting", "trainees", "direct_entry", "specialists"):
        in_lis1 = stock in ("occupants", "starting")
        share = origins["lis1_abroad" if in_lis1 else f"{stock}_abroad"]
        part[stock] = _times(share, rates[stock])
    abroad = [
        [
            sum(a * n for a, n in zip(origins["educated_abroad"], taken, strict=True))
            for taken in row
        ]
        for row in appointed_by_origin(rates, origins, appointed)
    ]
    return flow(part, None, abroad)


def _times(share: float, people: Any) -> Any:
    """A share of ``people``, in their (nested) shape."""
    if isinstance(people, list):
        return [_times(share, part) for part in people]
    return share * people


def response(rates: Rates, half_years: int) -> list[Any]:
    """Section 4's response in FTE of specialists, as in ``responses``."""
    return responses(rates, half_years, ["supply"])["supply"]


def responses(rates: Rates, half_years: int, kinds: Sequence[str]) -> dict[str, list[Any]]:
    """Section 4's response [K][2][half_years / 2][R][R] by kind, FTE (or persons) per person.

    By group, parity of the half-year of appointment, years since, region of appointment, region
    of supply: the flow of one person appointed into an otherwise empty country.
    """
    if rates["historic_until"] > len(rates["starting"]) + len(rates["occupants"]):
        # those appointed first would train by other rules than those who come later
        raise ValueError("the response depends on the year if historic_until exceeds B + S")
    empty = empty_country(rates, half_years)
    groups, regions = range(len(rates["trainees"])), range(len(rates["unplaced"]))
    answer: dict[str, list[Any]] = {
        kind: [[[[] for _ in range(half_years // 2)] for _ in range(2)] for _ in groups]
        for kind in kinds
    }
    for p in range(2):
        for r in regions:
            one_person = [[float(h == p and t == r) for t in regions] for h in range(half_years)]
            record = flow(empty, None, one_person)
            for kind in kinds:
                for lag, year in enumerate(record[kind]):
                    for k in groups:
                        answer[kind][k][p][lag].append(year[k])
    return answer


def empty_country(rates: Rates, half_years: int) -> dict[str, Any]:
    """The rates of a country in which nobody is and to which nobody comes."""
    empty = dict(rates)
    for stock in ("unplaced", "occupants", "starting", "trainees", "specialists"):
        empty[stock] = _nobody(rates[stock])
    for inflow in ("newcomers", "direct_entry", "foreign"):
        empty[inflow] = [_nobody(rates[inflow][0]) for _ in range(half_years)]
    return empty


def mobility(rates: Rates, r: int, t: int) -> float:
    """Section 2: the share of region r's specialists found in region t a half-year later."""
    moving = rates["moving"]
    return float((1.0 - moving) * (r == t) + moving * rates["landing"][t])


def _nobody(people: Any) -> Any:
    """Zeros in the (nested) shape of ``people``."""
    return [_nobody(part) for part in people] if isinstance(people, list) else 0.0


def supply_from_response(baseline_supply: Cube, response: list[Any], appointed: Grid) -> Cube:
    """Section 4's sum [H/2][K][R], FTE: baseline plus response to ``appointed`` [H][R] persons."""
    supply = [[list(group) for group in year] for year in baseline_supply]
    for y, year in enumerate(supply):
        for k, group in enumerate(year):
            for t in range(len(group)):
                for h in range(2 * y + 2):
                    for r, persons in enumerate(appointed[h]):
                        group[t] += response[k][h % 2][y - h // 2][r][t] * persons
    return supply


def shortfall(
    supply: Cube,
    demand: Cube,
    regions: Sequence[int],
    years: Sequence[int],
    scope: Literal["pooled", "summed", "summed_over_groups", "summed_over_both"],
    measure: Literal["relative", "absolute"],
    statistic: Literal["mean", "max", "sum"],
) -> float:
    """Section 5's Z of one scenario: a share of demand, or FTE if absolute; inputs [H/2][K][R]."""
    judged = []
    for y in years:
        parts = [range(len(demand[y]))]
        if scope.startswith("summed_over_"):
            parts = [[k] for k in parts[0]]
        missing = 0.0
        for groups in parts:
            needed = [sum(demand[y][k][r] for k in groups) for r in regions]
            at_work = [sum(supply[y][k][r] for k in groups) for r in regions]
            if scope in ("summed", "summed_over_both"):
                missing += sum(max(0.0, n - s) for n, s in zip(needed, at_work, strict=True))
            else:
                missing += max(0.0, sum(needed) - sum(at_work))
        wanted = sum(group[r] for group in demand[y] for r in regions)
        judged.append(missing / wanted if measure == "relative" else missing)
    return {"mean": sum(judged) / len(judged), "max": max(judged), "sum": sum(judged)}[statistic]


def cvar(values: Sequence[float], alpha: float) -> float:
    """Section 5's CVaR: mean of the worst share 1 - alpha of ``values`` [N], in their unit."""
    if not 0.0 <= alpha < 1.0:
        raise ValueError("alpha must be at least 0 and below 1")
    tail = (1.0 - alpha) * len(values)
    whole = math.floor(tail)
    ranked = sorted(((z, i) for i, z in enumerate(values)), reverse=True)
    rest = (tail - whole) * ranked[whole][0] if whole < len(values) else 0.0
    return (sum(z for z, _ in ranked[:whole]) + rest) / tail
