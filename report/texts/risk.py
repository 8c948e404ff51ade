"""What a limit on risk judges, in words that follow from its rule's own parameters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from ...core.study.distributions import ON_COMMAND_LINE
from ...core.study.risk_limit import RiskLimit, SupervisionLimit
from ..reading import Reading
from .words import Words

_PARTS = {
    2: "half", 3: "third", 4: "quarter", 5: "fifth", 10: "tenth", 20: "twentieth",
    50: "fiftieth", 100: "hundredth",
}  # fmt: skip


def judged_in_words(limit: RiskLimit, words: Words) -> str:
    """Return what a limit judges: `shortage in the worse half of futures`."""
    key, what = f"judged.{limit.risk_rule.words}", what_in_words(limit, words)
    return words(key, what=what, **_numbers(limit, words))


def what_in_words(limit: RiskLimit, words: Words) -> str:
    """Return of what there may be too little: `shortage`, or that of supervision."""
    if isinstance(limit, SupervisionLimit):
        return words("judged.supervision")
    return words(f"judged.{'shortage' if limit.scope == 'pooled' else limit.scope}")


def years_judged(reading: Reading, limit: int) -> str:
    """Return the years that a limit judges: `2030–2040`."""
    first, last = reading.limits[limit].years(reading.study.time)
    return f"{first}–{last}"


def chances_in_words(reading: Reading, words: Words, limit: int) -> dict[str, str]:
    """Return the probability of any shortage in the years judged: what, before, after."""
    before, after = (
        words.percent(reading.probability(limit, plan), 0) for plan in (reading.none, 0)
    )
    what = what_in_words(reading.limits[limit], words)
    return {"what": what, "chance_before": before, "chance_after": after}


def judged_title(limit: RiskLimit, words: Words) -> str:
    """Return what a limit judges as a heading."""
    return as_title(judged_in_words(limit, words))


def is_kept(risk: float, most: float) -> bool:
    """Tell whether a risk is within its limit, the last bits of its sum aside."""
    return bool(risk <= most + 1e-12)


def as_title(text: str) -> str:
    """Return a text with a capital letter first.

    >>> as_title("shortage")
    'Shortage'
    """
    return text[:1].upper() + text[1:]


def judged_alike(limits: Iterable[RiskLimit], words: Words) -> str:
    """Return what limits judge where it is the same for all; else nothing."""
    said = {judged_in_words(limit, words) for limit in limits}
    return said.pop() if len(said) == 1 else ""


def risk_in_words(reading: Reading, words: Words, limit: int) -> str:
    """Return what a limit measures: shortfall, statistic over the window, share of futures."""
    risk = reading.limits[limit]
    first, last = risk.years(reading.study.time)
    measure = words(f"risk.{risk.words}")
    if risk.scope != "pooled":
        measure = words(f"risk.{risk.scope}", measure=measure)
    return words(
        "risk.measure",
        measure=measure,
        statistic=words(f"risk.{risk.statistic}", first=first, last=last),
        futures=futures_in_words(risk, words),
    )


def futures_in_words(risk: RiskLimit, words: Words) -> str:
    """Return which futures the rule of a limit judges."""
    return words(f"risk.{risk.risk_rule.words}", **_numbers(risk, words))


def worst_in_words(share: float, words: Words) -> str:
    """Return a share of the worst futures, by its name if it has one: `the worst tenth of …`."""
    for parts, name in _PARTS.items():
        if abs(share * parts - 1.0) < 1e-9:
            return words("worst.of", part=words(f"worst.{name}"))
    return words("worst.share", share=words.share(share))


def _numbers(limit: RiskLimit, words: Words) -> dict[str, str]:
    """Return what the words on a rule name: its own numbers, and what follows from them."""
    share = 1 - (limit.confidence or 0.0)
    given = asdict(limit.risk_rule)
    return {key: words.compact(value) for key, value in given.items()} | {
        "share": words.share(share),
        "futures": worst_in_words(share, words),
    }


def chooser_in_words(limit: RiskLimit, words: Words) -> str:
    """Return who chose a limit: the command line, a source, or whoever wrote the study."""
    if limit.assumption.startswith(ON_COMMAND_LINE):
        return words("risk.chosen_here")
    if limit.source:
        return words("risk.chosen_after", source=limit.source)
    return words("risk.chosen_by_study")


def choosers_in_words(reading: Reading, words: Words) -> str:
    """Return who chose the limits, those chosen by the same named together."""
    chosen: dict[str, list[str]] = {}
    for limit, name in zip(reading.limits, reading.names("limit"), strict=True):
        chosen.setdefault(chooser_in_words(limit, words), []).append(words.name(name))
    if len(chosen) == 1:
        return next(iter(chosen))
    return "; ".join(f"{words.listed(names)} {said}" for said, names in chosen.items())


def one_of(share: float, words: Words) -> str:
    """Return a share as one of so many, at most 20, where that is within 3 %; else nothing."""
    for count in range(2, 21):
        if abs(share * count - 1.0) <= 0.03:
            return words("risk.one_of", count=count)
    return ""


def limits_named(reading: Reading, words: Words) -> str:
    """Return the limits of a study as the headline calls them."""
    limited = [limit for limit in reading.limits if limit.limit is not None]
    key = "none" if not limited else "one" if len(limited) == 1 else "several"
    return words(f"headline.limits_{key}")
