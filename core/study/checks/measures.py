"""Checks of measures, and of what they leave in a study: changes, converted posts, added room."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from ..distributions import Fixed, Quantity
from ..keys import fits, meaning_of
from ..measures.change import FLOWS, Change, How, bounds
from ..measures.choice import in_force_together
from ..measures.in_force import drawn
from ..measures.measure import Effect, Measure
from ..measures.moved import moved
from ..processes import Autoregressive
from ..risk_limit import SupervisionLimit
from ..unchecked import UncheckedStudy
from ..world import ConvertedRow


def measure_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield what measures that are wanted cannot do in this study, and changes that cannot be.

    What is off may speak of regions or payers of another study: it leaves no trace.
    """
    names: dict[str, str] = {}
    for name, measure in study.measure.items():
        key = f"measure.{name}"
        if names.setdefault(measure.name, name) != name:
            yield f"{key}.name: is the name of measure.{names[measure.name]}, too; give its own"
        if measure.decision != "off" or measure.units > 0.0:
            yield from problems_of(study, name)
        unknown = [other for other in measure.excludes if other not in study.measure]
        if unknown and (measure.decision != "off" or measure.units > 0.0):
            known = ", ".join(study.measure)
            yield f"{key}.excludes: unknown measure '{unknown[0]}'; known: {known}"
    used = [name for name, measure in study.measure.items() if measure.units > 0.0]
    yield from in_force_together(study, used)
    yield from _change_problems(study)
    yield from _room_problems(study)


def problems_of(study: UncheckedStudy, name: str) -> Iterator[str]:
    """Yield what one measure cannot do in a study, wanted or not."""
    measure, key = study.measure[name], f"measure.{name}"
    payers = {row.payer for row in study.cost.components}
    if measure.units > measure.most:
        yield f"{key}.use: {measure.units:g} units; at most {measure.most:g} ({key}.most)"
    yield from (f"{key}.use_by_year: {said}" for said in _path_problems(study, measure))
    for n, price in enumerate(measure.prices):
        if price.payer not in payers:
            known = ", ".join(sorted(payers))
            yield f"{key}.prices.{n}.payer: unknown label '{price.payer}'; known: {known}"
    for n, effect in enumerate(measure.effects):
        for problem in _effect_problems(study, measure, effect):
            yield f"{key}.effects.{n}.{problem}"


def _path_problems(study: UncheckedStudy, measure: Measure) -> Iterator[str]:
    """Yield units by year before they can be in use, or that come faster than they can."""
    if not all(year.isdecimal() for year in measure.use_by_year):
        yield f"keys {', '.join(measure.use_by_year)}; keys are calendar years"
        return
    steps, before = sorted((int(year), units) for year, units in measure.use_by_year.items()), 0.0
    if steps and measure.from_the_start:
        yield f"acts from the first projected year ({study.time.first_year}); give `use`"
        return
    for year, units in steps:
        if year < measure.in_use_from and units > 0.0:
            yield f"{units:g} units from {year}; in use from {measure.in_use_from} at the earliest"
        most = measure.most_per_year
        if most is not None and units - before > most:
            yield f"{units - before:g} units more from {year}; at most {most:g} a year"
        before = units


def _effect_problems(study: UncheckedStudy, measure: Measure, effect: Effect) -> Iterator[str]:
    """Yield what one effect of a measure cannot do, each from the effect's own key on."""
    if effect.region is not None and effect.region not in study.regions:
        known = ", ".join(sorted(study.regions))
        yield f"region: unknown label '{effect.region}'; known: {known}"
    match effect.lever:
        case "capacity":
            yield from _capacity_problems(study, effect)
        case "posts":
            yield from _posts_problems(study, measure)
        case "stages":
            if set(effect.stages) != set(study.posts.stages):
                known = ", ".join(sorted(set(study.posts.stages)))
                yield f"stages: {', '.join(effect.stages)}; give each of {known}, and no other"
        case "arrivals":
            yield from _arrival_problems(study, measure, effect)
        case _:
            yield from _figure_problems(study, measure, effect)
    certain = effect.lever in ("capacity", "posts")
    if certain and not isinstance(effect.amount, Fixed):
        yield f'amount: is uncertain; lever "{effect.lever}" takes a certain one, as limits are'


def _capacity_problems(study: UncheckedStudy, effect: Effect) -> Iterator[str]:
    if effect.key not in study.capacity:
        known = ", ".join(study.capacity)
        yield f"key: unknown capacity '{effect.key}'; known: {known}"
    for name, limit in study.risk.items():
        if isinstance(limit, SupervisionLimit) and limit.supervises == effect.key:
            yield f"key: '{effect.key}' grows with the specialists (risk.{name}); none can be added"


def _posts_problems(study: UncheckedStudy, measure: Measure) -> Iterator[str]:
    """Yield posts that come, all or some of them, only after plans begin."""
    first, full = study.time.first_decision, measure.model_copy(update={"decision": "on"})
    reached = full.units_in(first - full.delay_years)
    if reached != full.units:
        yield (
            f"lever: posts are all on offer from the first decision on ({first}), found "
            f"{reached:g} of {full.units:g} units there; let first_year, lead_years, years_to_full "
            "and most_per_year bring all of them by then"
        )


def _arrival_problems(study: UncheckedStudy, measure: Measure, effect: Effect) -> Iterator[str]:
    """Yield keys that are no flow of persons, and more persons taken than may come."""
    if not _is_flow(effect.key):
        yield f"key: '{effect.key}' is no flow of persons; known: {', '.join(FLOWS)}"
    elif effect.key not in study.quantities:
        yield f"key: '{effect.key}' does not stand in the study"
    elif effect.amount is not None and effect.amount.bounds[0] < 0.0:
        lost = -measure.most * effect.amount.bounds[0]
        yield from (f"amount: {said}" for said in _too_few(study, effect.key, lost))


def _figure_problems(study: UncheckedStudy, measure: Measure, effect: Effect) -> Iterator[str]:
    """Yield figures nobody knows, and what moves one out of the range its field allows."""
    figure, key = study.quantities.get(effect.key), effect.key
    if figure is None:
        yield f"key: '{key}' is no figure of the study; give the dotted key of one"
        return
    if effect.amount is None or meaning_of(key).meaning.problem(*figure.bounds):
        return  # the figure itself is refused
    if drawn(key):
        how: How = "add" if effect.lever == "add" else "factor"
        change = Change(
            name=measure.name, key=key, how=how, amount=effect.amount, units=measure.most
        )
        problem = _problem(study, key, figure, {"": change})
        if problem:
            yield f"amount: with {measure.most:g} units {key} {problem}"
        return
    if not isinstance(effect.amount, Fixed):
        yield f"amount: is uncertain; {key} is certain in every scenario, and what moves it, too"
        return
    amount = effect.amount.value
    factor = 1.0 + measure.most * (amount - 1.0) if effect.lever == "factor" else 1.0
    shift = measure.most * amount if effect.lever == "add" else 0.0
    try:
        data = moved(figure, factor, shift, measure.name)
        low, high = type(figure).model_validate(data).bounds
    except ValueError as error:
        yield f"amount: with {measure.most:g} units {key}: {str(error).splitlines()[-1].strip()}"
        return
    problem = meaning_of(key).meaning.problem(low, high)
    if problem is None and key.endswith(".need_per_place_year") and low <= 0.0:
        problem = "can be 0; must be above 0: what room there is is a share of it"
    if problem:
        yield f"amount: with {measure.most:g} units {key} {problem}"


def _problem(
    study: UncheckedStudy, key: str, figure: Quantity, changes: dict[str, Change]
) -> str | None:
    """Return what is wrong with a drawn figure once it is changed; None if nothing."""
    low, high = bounds(changes, key, figure)
    found = meaning_of(key).meaning.problem(low, high)
    if found is None and key == "training.mean_years":
        least, most = study.training.shortest_years.value, study.training.longest_years.value
        if low < least or high > most:
            return f"ranges from {low:g} to {high:g}; must lie within {least:g} to {most:g}"
    return found


def _too_few(study: UncheckedStudy, key: str, lost: float) -> Iterator[str]:
    """Yield that more persons are taken from a flow than come in its worst year."""
    section = key.rpartition(".")[0]
    process = next((p for name, p in study.processes.items() if name.startswith(section)), None)
    least = study.quantities[key].bounds[0]
    if isinstance(process, Autoregressive):
        least = 0.0
    elif process is not None:
        least *= min(1.0, *process.factors_reached)
    if lost > least:
        yield f"takes {lost:g} a year from {key}, of whom there may be only {least:g}"


def _change_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield changes of what is not drawn, and figures that all changes together move too far."""
    for name, change in study.change.items():
        key = f"change.{name}"
        if change.key not in study.quantities or not drawn(change.key):
            yield f"{key}.key: '{change.key}' is no figure that scenarios draw"
        elif change.by_year and not (change.how == "add" and _is_flow(change.key)):
            yield f"{key}.from_year: only what is added to a flow; flows: {', '.join(FLOWS)}"
        elif change.by_year and change.amount.bounds[0] < 0.0:
            lost = -change.amount.bounds[0] * max(change.from_year.values())
            yield from (f"{key}.amount: {said}" for said in _too_few(study, change.key, lost))
        for year in change.from_year:
            if not year.isdecimal():
                yield f"{key}.from_year: key '{year}'; keys are calendar years"
                return
    moved_keys = dict.fromkeys(change.key for change in study.change.values())
    for key in [key for key in moved_keys if key in study.quantities and drawn(key)]:
        problem = _problem(study, key, study.quantities[key], dict(study.change))
        if problem:
            yield f"change: all changes together leave a figure that cannot be: {key} {problem}"
    yield from _choice_problems(study)


def _choice_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield groups that more than all doctors would choose."""
    if not any(change.key.endswith(".choice") for change in study.change.values()):
        return
    most = sum(
        bounds(study.change, f"groups.{name}.choice", group.choice)[1]
        for name, group in study.groups.items()
        if group.choice is not None
    )
    if most > 1.0 + 1e-9:
        yield f"change: choices of groups can add up to {most:g}, at most 1"


def _room_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield converted posts and added room of labels nobody knows, or too late, or below none."""
    first = study.time.first_decision
    for n, post in enumerate(study.posts.converted):
        if post.region not in study.regions:
            known = ", ".join(sorted(study.regions))
            yield f"posts.converted.{n}: unknown label '{post.region}'; known: {known}"
            return
        if post.year > first:
            yield (
                f"posts.converted.{n}: a row for {post.year}; posts that no plan opens are on "
                f"offer by {first}, the first decision, at the latest"
            )
    for region in study.regions:
        rows = sorted((r for r in study.posts.converted if r.region == region), key=_year_of)
        if any(posts < 0 for posts in accumulate(row.posts for row in rows)):
            yield f"posts.converted: takes more posts from region '{region}' than it added there"
    for n, row in enumerate(study.limits.added_capacity):
        for label, known_labels in ((row.limit, study.capacity), (row.region, study.regions)):
            if label not in known_labels:
                known = ", ".join(sorted(known_labels))
                yield f"limits.added_capacity.{n}: unknown label '{label}'; known: {known}"


def _year_of(row: ConvertedRow) -> int:
    return row.year


def _is_flow(key: str) -> bool:
    return any(fits(flow, key) for flow in FLOWS)
