"""The first section: the answer of a run, or what follows from a given plan."""

from __future__ import annotations

import numpy as np

from ...core.system.families import AXES
from ..blocks import Block, Details, Front, Headline, Paragraph, Section
from ..reading import Reading
from ..texts.calendar import known_as_of
from ..texts.risk import chances_in_words, judged_in_words, years_judged
from ..texts.words import Words
from .asked import followed
from .first.cards import cards
from .first.headline import headline
from .first.notes import notes
from .first.pictures import pictures


def answer(reading: Reading, words: Words) -> Section:
    """Return the sentence, the figures, the pictures, who chose the limit and how sure we are."""
    sentences = [
        _asked(reading, words, "answer.asked"),
        *_beside(reading, words),
        _cost(reading, words),
    ]
    if reading.flag("another_costs_the_same"):
        sentences.append(words("answer.another"))
    warnings = []
    if reading.attribute("solution_status") != "optimal":
        warnings.append(Paragraph(words("answer.warning"), tone="warning"))
    return _section(reading, words, "answer.title", warnings, sentences)


def given(reading: Reading, words: Words) -> Section:
    """Return the same of a plan that was given, with the limits it breaks."""
    room = "no_room" if reading.at("plan_breaks_supervision", plan=0) else "room"
    if followed.branch_followed(reading) is None:
        kept = [_kept(reading, words), words(f"given.{room}")]
    else:  # limits are asked of all futures together: a branch alone neither keeps nor breaks them
        kept = [followed.in_words(reading, words), words(f"given.{room}")]
    sentences = [
        _asked(reading, words, "given.asked"),
        *_beside(reading, words),
        _cost(reading, words),
    ]
    return _section(reading, words, "given.title", [Paragraph(" ".join(kept))], sentences)


def _section(
    reading: Reading, words: Words, title: str, told: list[Paragraph], more: list[str]
) -> Section:
    """Return the first page: what was asked and how costs are counted stand folded below."""
    chance = words(
        "answer.chance",
        judged=judged_in_words(reading.limits[reading.national], words),
        years=years_judged(reading, reading.national),
        **chances_in_words(reading, words, reading.national),
    )
    folded = Details(words("answer.more"), (Paragraph(" ".join([*more, chance])),), printed=False)
    blocks: tuple[Block, ...] = (
        Headline(headline(reading, words)),
        *told,
        cards(reading, words),
        Front((pictures(reading, words), notes(reading, words))),
        folded,
    )
    return Section("answer", words(title), blocks)


def _asked(reading: Reading, words: Words, key: str) -> str:
    study = reading.study
    return words(
        key,
        known=known_as_of(reading, words),
        posts=words.number(float(study.level0.sum())),
        first=study.time.first_decision,
        last=study.time.last_decision,
    )


def _beside(reading: Reading, words: Words) -> list[str]:
    """Return what the plan opens and earmarks beside LIS1 posts, where the study decides on it."""
    sentences = []
    for variable, dim in AXES.items():
        if not reading.has(variable):
            continue
        every = reading.values(variable, plan=0)
        opened, closed = every.sum(axis=(0, 2)), -float(np.minimum(every, 0.0).sum())
        if not every.any():
            sentences.append(words(f"answer.no_{variable}"))
            continue
        names = map(words.name, reading.names(dim))
        each = [
            words(
                "answer.of_a_kind",
                name=name[:1].lower() + name[1:],
                posts=words.number(float(count)),
            )
            for name, count in zip(names, opened, strict=True)
            if count
        ]
        told = {"total": words.number(float(opened.sum())), "each": words.listed(each)}
        if closed:
            anew = words.number(float(opened.sum()) + closed)
            told |= {"opened": anew, "closed": words.number(closed)}
        key = f"answer.{variable}_closed" if closed else f"answer.{variable}"
        sentences.append(words(key, **told))
    return sentences


def _cost(reading: Reading, words: Words) -> str:
    """Return what the plan costs, with the price of shortage where there is one."""
    said = cost_in_words(reading, words)
    if not reading.priced:
        return said
    whole, shortage = (words.billion(reading.scalar(x)) for x in ("upper_bound", "shortage_cost"))
    return f"{said} {words('answer.priced', shortage=shortage, total=whole)}"


def cost_in_words(reading: Reading, words: Words) -> str:
    """Return what the plan costs, and how that is added up."""
    cost = reading.study.cost
    if not reading.slot_years:
        return words("answer.no_cost")
    return words(
        "answer.cost",
        cost=words.billion(reading.at("plan_cost", plan=0)),
        rate=words.share(cost.discount_rate.value),
        price_year=cost.price_year,
        basis=words(f"answer.basis_{reading.basis}"),
    )


def _kept(reading: Reading, words: Words) -> str:
    """Return whether the plan keeps the limits on risk, and which it exceeds."""
    over = [words.name(reading.names("limit")[n]) for n in reading.exceeded(0)]
    return words("given.broken", names=words.listed(over)) if over else words("given.kept")
