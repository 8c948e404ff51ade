"""Checks across the sections of a study: what does not fit together, all at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..keys import meaning_of
from ..risk_limit import SupervisionLimit
from ..settings import NO_POSTS, OWN_PLANS
from ..unchecked import UncheckedStudy
from .cost import cost_problems
from .demand import correlation_problems, demand_problems
from .limits import limit_problems
from .measures import measure_problems
from .rates import rate_problems
from .review import review_problems
from .rows import row_problems
from .sizes import size_problems
from .specialist_posts import specialist_posts_problems
from .tracks import track_problems


def inconsistencies(study: UncheckedStudy) -> Iterator[str]:
    """Yield what does not fit together, each as `key: found; what is allowed`."""
    beyond = list(size_problems(study))
    if beyond:
        yield from beyond
        return
    yield from _label_problems(study)
    yield from _double_labels(study)
    yield from _first_limit_problems(study)
    yield from _supervision_problems(study)
    yield from row_problems(study)
    yield from rate_problems(study)
    yield from _range_problems(study)
    yield from _time_problems(study)
    rest = [name for name, group in study.groups.items() if group.choice is None]
    if len(rest) != 1:
        yield (
            "groups: exactly one group must leave out `choice` and take the rest, "
            f"found {rest or 'none'}"
        )
    yield from _lis1_problems(study)
    yield from _posts_problems(study)
    yield from _weight_problems(study)
    yield from _stay_problems(study)
    yield from _other_problems(study)
    yield from _training_problems(study)
    yield from specialist_posts_problems(study)
    yield from track_problems(study)
    yield from demand_problems(study)
    yield from correlation_problems(study)
    yield from limit_problems(study)
    yield from cost_problems(study)
    yield from measure_problems(study)
    yield from review_problems(study)
    yield from _share_problems(study)


def _share_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield shares that do not add up to one."""
    for key, parts, attribute in (
        ("groups.*.foreign_share", study.groups, "foreign_share"),
        ("groups.*.direct_share", study.groups, "direct_share"),
        ("applicants.*.unplaced_share", study.applicants, "unplaced_share"),
    ):
        total = sum(getattr(part, attribute).value for part in parts.values())
        if abs(total - 1.0) > 1e-9:
            yield f"{key}: shares add up to {total:g}, must be 1"


def _lis1_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield rounds before the start that are too many or too few for those in LIS1."""
    found, stages = len(study.lis1.appointed_before_start), len(study.posts.stages)
    to_start = study.lis1.half_years_to_start
    if found != stages + to_start:
        more = f" and {to_start} for those who have yet to begin (lis1.half_years_to_start)"
        yield (
            f"lis1.appointed_before_start: {found} values for {stages} stages of posts.stages; "
            f"give one per stage{more if to_start else ''}"
        )


def _posts_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield a country without posts: applicants and demand are shared out as posts are."""
    in_use = {name: region.posts_in_use.value for name, region in study.regions.items()}
    latest = sorted(study.posts.history, key=lambda row: row.year)
    if not any(in_use.values()):
        yield "regions.*.posts_in_use: 0 in every region; at least one region must have posts"
    elif not any((in_use | {row.region: float(row.posts) for row in latest}).values()):
        yield (
            "posts.history: no region has posts left at the first decision; at least one must, "
            "since applicants and demand are shared out as posts are"
        )


def _weight_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield weights that some regions lack, weights of nothing, and retention without a choice."""
    for field in ("stock_weight", "demand_weight"):
        weights = {name: getattr(region, field) for name, region in study.regions.items()}
        lacking = [name for name, weight in weights.items() if weight is None]
        if 0 < len(lacking) < len(weights):
            yield (
                f"regions.*.{field}: missing in {', '.join(lacking)}; give it in every region or "
                "in none"
            )
        elif not lacking and not any(weight.value for weight in weights.values()):
            yield f"regions.*.{field}: 0 in every region; at least one must be above 0"
    for name, region in study.regions.items():
        low, high = region.retention.bounds
        calibrated = region.stock_weight is not None and len(study.regions) > 1
        if calibrated and low == high and high in (0.0, 1.0):
            yield (
                f"regions.{name}.retention: is {high:g}; must lie between 0 and 1 where "
                "stock_weight is given: shares could not be made to stand still"
            )


def _stay_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield arenas whose costs are for a stay of another length than LIS1 has there."""
    stages, told = study.posts.stages, study.cost.stay_months
    for arena in sorted(_arenas_charged(study) & set(stages)):
        months = 6 * stages.count(arena)
        if told.get(arena, months) != months:
            yield (
                f"posts.stages: {months} months in '{arena}', but cost.components charges for a "
                f"stay of {told[arena]} (cost.stay_months); give the costs of the new stay, and "
                "its months"
            )


def _training_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield what cannot be in LIS2/3: its rules by year, its durations, those in it."""
    until = len(study.posts.stages) + study.lis1.half_years_to_start
    if 2 * (study.training.historic_until - study.time.first_year) > until:
        yield (
            f"training.historic_until: {study.training.historic_until} is so late that doctors "
            "appointed in the projection would follow the historic share; at most "
            f"{study.time.first_year + until // 2}"
        )
    longest, most = study.training.longest_years.value, study.training.mean_years.bounds[1]
    if longest < 0.5:
        yield f"training.longest_years: {longest:g}; at least 0.5, one half-year"
    elif study.training.most_half_years == 1 and study.training.trainees_at_start.value > 0:
        yield (
            f"training.trainees_at_start: {study.training.trainees_at_start.value:g}; must be 0 "
            "where training takes one half-year: nobody is in it between half-years"
        )
    shortest = study.training.shortest_years.value
    if study.training.half_years == "split" and shortest < 0.5:
        yield (
            f"training.shortest_years: {shortest:g}; at least 0.5, one half-year, with "
            'half_years = "split"'
        )
    if longest < most:
        yield (
            f"training.longest_years: {longest:g}; must not lie below training.mean_years, up to "
            f"{most:g}"
        )
    if study.training.mean_years.bounds[0] < study.training.shortest_years.value:
        yield (
            f"training.mean_years: can be as low as {study.training.mean_years.bounds[0]:g}; must "
            f"not fall below training.shortest_years = {study.training.shortest_years.value:g}"
        )


def _first_limit_problems(study: UncheckedStudy) -> Iterator[str]:
    name, limit = next(iter(study.risk.items()))
    if isinstance(limit, SupervisionLimit):
        yield f"risk.{name}: the first limit must be one on shortage; `supervises` only after it"


def _supervision_problems(study: UncheckedStudy) -> Iterator[str]:
    idle = {key for key, each in study.capacity.items() if not each.need_per_place_year.central}
    for name, limit in study.risk.items():
        if isinstance(limit, SupervisionLimit) and limit.supervises in idle:
            yield (
                f"risk.{name}.supervises: capacity.{limit.supervises} needs nothing "
                "(need_per_place_year is 0), so there is no share of it: leave the limit out"
            )


def _label_problems(study: UncheckedStudy) -> Iterator[str]:
    regions, groups = set(study.regions), set(study.groups)
    for key, found, allowed in [
        *((f"risk.{n}.regions", set(limit.regions), regions) for n, limit in study.risk.items()),
        *((f"risk.{n}.groups", set(limit.groups), groups) for n, limit in study.risk.items()),
        *(
            (f"risk.{n}.supervises", {limit.supervises}, set(study.capacity))
            for n, limit in study.risk.items()
            if isinstance(limit, SupervisionLimit)
        ),
        ("without_speciality.leaves_like", _leaves_like(study), groups),
        ("demand.unmet", set(study.demand.unmet), groups),
        ("demand.need", set(study.demand.need), groups),
        ("demand.by_group.specialist_share", _shares_by_group(study), groups),
        ("lis1.late_withdrawal", set(study.lis1.late_withdrawal), set(study.posts.stages)),
        ("ramp.regional", set(study.ramp.regional), regions),
        ("cost.components", _arenas_charged(study), set(study.posts.stages)),
        ("cost.stay_months", set(study.cost.stay_months), set(study.posts.stages)),
        ("capacity.*.arena", {c.arena for c in study.capacity.values()}, set(study.posts.stages)),
    ]:
        for label in sorted(found - allowed):
            yield f"{key}: unknown label '{label}'; known: {', '.join(sorted(allowed))}"
    for region in sorted(regions - set(study.ramp.regional)):
        yield f"ramp.regional: region '{region}' is missing"
    for group in sorted(groups - {row.group for row in study.specialists.stock}):
        yield f"specialists.stock: group '{group}' is missing"
    wanted = {(limit, region) for limit in study.capacity for region in regions}
    found_pairs = [(row.limit, row.region) for row in study.supervision]
    for limit, region in sorted(wanted - set(found_pairs)):
        yield f"supervision: no row for limit '{limit}', region '{region}'"
    for limit, region in sorted(set(found_pairs) - wanted):
        yield f"supervision: row for limit '{limit}', region '{region}': not in the study"


def _double_labels(study: UncheckedStudy) -> Iterator[str]:
    """Yield labels that stand twice in a list, and entries of one section with the same name."""
    for key, labels in (
        *((f"risk.{n}.regions", limit.regions) for n, limit in study.risk.items()),
        *((f"risk.{n}.groups", limit.groups) for n, limit in study.risk.items()),
        *((f"limits.trainees.{n}.regions", t.regions) for n, t in study.limits.trainees.items()),
    ):
        for label in sorted(label for label, times in Counter(labels).items() if times > 1):
            yield f"{key}: '{label}' stands there twice; name it once"
    named: dict[str, dict[str, str]] = {
        "regions": {key: each.name for key, each in study.regions.items()},
        "groups": {key: each.name for key, each in study.groups.items()},
        "applicants": {key: each.name for key, each in study.applicants.items()},
        "capacity": {key: each.name for key, each in study.capacity.items()},
        "risk": {key: each.name for key, each in study.risk.items()},
        "limits.trainees": {key: each.name for key, each in study.limits.trainees.items()},
        "comparison": {key: each.name for key, each in study.comparison.items()},
    }
    for section, names in named.items():
        for key, name in names.items():
            first = next(other for other, same in names.items() if same == name)
            if first != key:
                yield (
                    f"{section}.{key}.name: '{name}' is the name of {section}.{first}, too; give "
                    "each its own"
                )


def _shares_by_group(study: UncheckedStudy) -> set[str]:
    """Return the groups whose growth has a share of specialists of its own."""
    return set() if study.demand.by_group is None else set(study.demand.by_group.specialist_share)


def _leaves_like(study: UncheckedStudy) -> set[str]:
    """Return the group whose exits doctors without a speciality share."""
    return set() if study.without_speciality is None else {study.without_speciality.leaves_like}


def _other_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield doctors without a speciality who are older than any age whose exits were told."""
    if study.without_speciality is None:
        return
    rows = study.without_speciality.stock
    ages = [age for row in study.specialists.stock for age in row.ages]
    oldest, youngest = max(ages), min(ages + [row.ages[0] for row in rows])
    for index, row in enumerate(rows):
        if row.ages[-1] > oldest:
            yield (
                f"without_speciality.stock.{index}: age {row.age}; must not lie above {oldest}, "
                "the oldest of specialists.stock"
            )
    mean = study.without_speciality.entry_age_mean.value
    if not youngest <= mean <= oldest:
        yield (
            f"without_speciality.entry_age_mean: {mean:g}; must lie within {youngest} to {oldest}, "
            "the ages of the tables"
        )


def _arenas_charged(study: UncheckedStudy) -> set[str]:
    """Return the arenas that the timing of cost components speaks of."""
    arenas = {row.timing.partition(":")[2] for row in study.cost.components}
    return arenas - {""}


def _time_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield windows that no plan can reach, and years that lie outside what they speak of."""
    for name, origin in study.applicants.items():
        for year in origin.added_from:
            if not year.isdecimal():
                yield f"applicants.{name}.added_from: key '{year}'; keys are calendar years"
        lost = sum(amount for amount in origin.added_from.values() if amount < 0)
        if origin.net_per_year.bounds[0] + lost < 0:
            yield (
                f"applicants.{name}.added_from: takes {-lost:g} a year from applicants who may be "
                f"only {origin.net_per_year.bounds[0]:g}"
            )
    half_years = len(study.posts.stages) + study.training.fewest_half_years
    earliest = study.time.first_decision + (half_years - 1) // 2
    if study.time.window[1] < earliest:
        yield (
            f"time.window: ends in {study.time.window[1]}, before a slot of "
            f"{study.time.first_decision} yields a specialist (posts.stages and "
            f"training.shortest_years); must end in {earliest} or later"
        )
    yield from _comparison_problems(study)


def _comparison_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield comparison plans named like the program's own, and slots no plan can open."""
    for name in study.comparison:
        if name in OWN_PLANS:
            yield (
                f"comparison.{name}: the program has a plan of that name; give another than "
                f"{', '.join(OWN_PLANS)}"
            )
    if NO_POSTS in study.comparison and any(study.comparison[NO_POSTS].slots_per_year.values()):
        yield (
            f"comparison.{NO_POSTS}.slots_per_year: opens slots; '{NO_POSTS}' is the plan of no "
            "new posts: leave it {} and give a plan with slots another name"
        )
    allowed = {str(year) for year in study.decision_years}
    for name, plan in study.comparison.items():
        for year, slots in plan.slots_per_year.items():
            if year not in allowed or slots < 0:
                yield (
                    f"comparison.{name}.slots_per_year: {year} = {slots}; give 0 or more slots in "
                    f"{study.time.first_decision} to {study.time.last_decision}"
                )


def _range_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield figures outside the range their field allows, and ages nobody of the stock has."""
    for key, figure in study.quantities.items():
        problem = meaning_of(key).meaning.problem(*figure.bounds)
        if problem:
            yield f"{key}: {problem}"
    ages = [age for row in study.specialists.stock for age in row.ages]
    youngest, mean = min(ages), study.specialists.entry_age_mean.value
    if not youngest <= mean <= max(ages):
        yield f"specialists.entry_age_mean: {mean:g}; must lie within {youngest} to {max(ages)}"
    below = study.specialists.other_exits_below_age
    if sum(row.persons_below(below) for row in study.specialists.stock) <= 0:
        yield (
            f"specialists.other_exits_below_age: {below}; must lie above {youngest}, the youngest "
            "age of the stock, with persons below it"
        )
