"""The section on review years: the rule by which the plan goes on, and what learning is worth."""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

import numpy as np

from ....core.system.families import LEVELS
from ...blocks import Block, Details, Figure, Paragraph, Section, Table
from ...charts.figures import figure_of
from ...charts.lines import BLUE, GREY, Frame, Line
from ...reading import Floats, Reading
from ...texts.calendar import span, spans
from ...texts.words import Words

_WORST = 0.0005
"""By how much the risk inside a branch must exceed the limit to be told of."""


class Node(NamedTuple):
    """A branch of the tree for the years until the next review."""

    years: tuple[int, int]
    ranges: tuple[tuple[float, float], ...]  # [review before it] what each saw: above, up to
    opened: dict[str, float]  # by kind of posts, in those years


def told(reading: Reading) -> bool:
    """Tell whether a result holds what the section needs."""
    return reading.has("branch_slots")


def review(reading: Reading, words: Words) -> Section:
    """Return the rule in words, what learning is worth, the branching plan as chart and tables."""
    blocks: tuple[Block, ...] = (
        Paragraph(_lead(reading, words)),
        *(Paragraph(line) for line in _rule(reading, words)),
        Paragraph(worth_in_words(reading, words)),
        Paragraph(_inside(reading, words), tone="note"),
        _chart(reading, words),
        Details(words("review.details"), (_branches(reading, words), _risks(reading, words))),
    )
    return Section("review", words("review.title"), blocks)


def in_words(reading: Reading, words: Words) -> str:
    """Return the rule, a line for each node, and what learning is worth."""
    rule = [f"  {line}" for line in _rule(reading, words)]
    return "\n".join([_lead(reading, words), *rule, worth_in_words(reading, words)])


def _lead(reading: Reading, words: Words) -> str:
    years = words.listed(reading.ids("review"))
    return words("review.lead", years=years, seen=_seen(reading, words))


def _seen(reading: Reading, words: Words) -> str:
    """Return what the reviews look at, with its unit, inside a sentence."""
    asked = reading.study.review
    assert asked is not None
    return words(f"review.seen.{asked.observes}")


def _nodes(reading: Reading) -> list[Node]:
    """Return every node, those before the first review first."""
    low, high = reading.values("branch_above"), reading.values("branch_up_to")
    years, first = reading.study.decision_years, reading.study.first
    starts = [years[0], *map(int, reading.ids("review")), years[-1] + 1]
    opened = {
        name: reading.values(f"branch_{name}") for name in LEVELS if reading.has(f"branch_{name}")
    }
    found = list[Node]()
    for stage in range(len(starts) - 1):
        begin, end = starts[stage], starts[stage + 1] - 1
        own = slice(first + begin - years[0], first + end - years[0] + 1)
        known = set[tuple[tuple[float, float], ...]]()
        for b in range(len(low)):
            pairs = zip(low[b, :stage].tolist(), high[b, :stage].tolist(), strict=True)
            ranges = tuple((_end(above, -np.inf), _end(up_to, np.inf)) for above, up_to in pairs)
            if ranges not in known:
                known.add(ranges)
                posts = {name: float(each[own, b].sum()) for name, each in opened.items()}
                found.append(Node((begin, end), ranges, posts))
    return found


def _end(value: float, otherwise: float) -> float:
    return value if np.isfinite(value) else otherwise


def _rule(reading: Reading, words: Words) -> list[str]:
    """Return a line for each node that a review parts, and one for the years before."""
    reviews, found = reading.ids("review"), list[str]()
    for (years, before), nodes in groupby(_nodes(reading), lambda n: (n.years, n.ranges[:-1])):
        when = span(*years)
        every = list(nodes)
        if not every[0].ranges:
            found.append(words("review.first", years=when, posts=_posts(every[0], words)))
            continue
        each = [
            words("review.choice", range=_range(n.ranges[-1], words), posts=_posts(n, words))
            for n in every
        ]
        if all(n.opened == every[0].opened for n in every):
            each = [words("review.either", posts=_posts(every[0], words))]
        where = [
            words("review.where", year=year, range=_range(ends, words))
            for year, ends in zip(reviews, before, strict=False)
        ]
        key = "review.later" if where else "review.node"
        found.append(words(key, years=when, where=words.listed(where), each="; ".join(each)))
    return found


def _range(ends: tuple[float, float], words: Words) -> str:
    low, high = ends
    if np.isinf(low):
        return words("review.at_most", value=words.compact(high))
    if np.isinf(high):
        return words("review.above", value=words.compact(low))
    return words("review.between", low=words.compact(low), high=words.compact(high))


def _posts(node: Node, words: Words) -> str:
    """Return what a node opens; of kinds beside LIS1 only where there are any."""
    each = [
        words(f"review.posts.{_key(name, count)}", count=words.number(count))
        for name, count in node.opened.items()
        if count or name == "slots"
    ]
    return words.listed(each)


def _key(name: str, count: float) -> str:
    """Return the key of the words for so many posts of a kind."""
    return name if count not in (0.0, 1.0) else f"one_{name}" if count else "none"


def worth_in_words(reading: Reading, words: Words) -> str:
    """Return what the plan costs, its proof, and what learning is worth on fresh futures."""
    scalar = reading.scalar
    value = scalar("review_fresh_value")
    said = {
        "cost": words.million(scalar("review_cost")),
        "fixed": words.million(scalar("upper_bound")),
        "bound": words.million(scalar("review_lower_bound")),
        "gap": words.percent(scalar("review_gap"), 2),
        "value": words.million(value),
        "fresh": words.million(scalar("review_fresh_cost")),
        "fresh_fixed": words.million(scalar("review_fresh_fixed_cost")),
        "off": words.million(scalar("review_at_same_risk")),
        "in_sample": words.million(scalar("review_value")),
    }
    key = "worth_unknown" if np.isnan(value) else "worth" if value > 0.0 else "worth_nothing"
    return f"{words('review.cost', **said)} {words(f'review.{key}', **said)}"


def _inside(reading: Reading, words: Words) -> str:
    """Return which limits hold for all futures together alone, and how far a branch exceeds them.

    Of the plan as it was made; fresh futures stand in the table.
    """
    inside, each = reading.values("branch_risk"), list[str]()
    for c, limit in enumerate(reading.limits):
        worst = float(inside[:, c].max())
        if limit.limit is not None and worst > limit.limit * (1.0 + _WORST):
            relative = reading.relative(c)
            each.append(
                words(
                    "review.inside_one",
                    name=words.name(limit.name),
                    worst=words.risk(worst, relative),
                    once=words.risk(_once(reading, c, int(inside[:, c].argmax())), relative),
                    limit=words.risk(limit.limit, relative),
                )
            )
    return words("review.inside", each="; ".join(each)) if each else words("review.inside_all")


def _once(reading: Reading, limit: int, branch: int) -> float:
    """Return the risk of the plan decided once in the futures of a branch, in sample."""
    own = reading.values("review_branch") == branch + 1
    weight = reading.values("weight")[own] if reading.has("weight") else None
    z = reading.values("shortfall_z", plan=0, limit=limit)[own]
    return reading.limits[limit].risk_rule.risk(z, weight)


def _chart(reading: Reading, words: Words) -> Figure:
    """Return the posts opened so far by year, in the end branches and by the fixed plan."""
    years, first = reading.study.decision_years, reading.study.first
    own = slice(first, first + len(years))

    def so_far(name: str, **where: int) -> Floats:
        return np.asarray(reading.values(name, **where)[own].sum(axis=1).cumsum())

    count = len(reading.ids("branch"))
    alike: dict[bytes, list[int]] = {}  # branches that open the same are one line
    for b in range(count):
        alike.setdefault(so_far("branch_slots", branch=b).tobytes(), []).append(b)
    drawn = [
        Line(spans([b + 1 for b in same]), so_far("branch_slots", branch=same[0]), BLUE)
        for same in alike.values()
    ]
    fixed = Line(words("review.fixed"), so_far("slots", plan=0), GREY, (5, 4))
    frame = Frame(years, words("review.unit"), words("word.year"))
    caption = words("review.figure")
    return figure_of("review", caption, [("", caption, frame, (*drawn, fixed))], words, "wide")


def _branches(reading: Reading, words: Words) -> Table:
    """Return what leads to each end branch, its probability, posts and cost."""
    low, high = reading.values("branch_above"), reading.values("branch_up_to")
    rows = list[tuple[str, ...]]()
    for b in range(len(low)):
        ends = zip(low[b].tolist(), high[b].tolist(), strict=True)
        ranges = [_range((_end(x, -np.inf), _end(y, np.inf)), words) for x, y in ends]
        rows.append(
            (
                str(b + 1),
                *ranges,
                words.percent(reading.at("branch_probability", branch=b)),
                words.percent(reading.at("branch_probability_fresh", branch=b)),
                words.number(float(reading.values("branch_slots", branch=b).sum())),
                words.million(reading.at("branch_cost", branch=b)),
            )
        )
    years = reading.ids("review")
    header = (words("review.branch"), *(words("review.seen_in", year=year) for year in years))
    header += tuple(words(f"review.column_{x}") for x in ("share", "fresh", "posts", "cost"))
    caption = words("review.caption", seen=_seen(reading, words))
    return Table(caption, header, tuple(rows), texts=1 + len(years))


def _risks(reading: Reading, words: Words) -> Table:
    """Return what is asked of each limit, the risk of all futures, and that inside each branch."""
    rows = list[tuple[str, ...]]()
    for c, limit in enumerate(reading.limits):
        relative = reading.relative(c)
        ends = [reading.at(f"review_risk_fresh_{end}", limit=c) for end in ("low", "high")]
        inside = reading.values("branch_risk_fresh")[:, c]
        rows.append(
            (
                words.name(limit.name),
                words.risk(limit.at_most, relative),
                words.risk(reading.at("review_risk", limit=c), relative),
                words.risk(reading.at("review_risk_fresh", limit=c), relative),
                words.span(ends[0], ends[1], relative),
                *(words.risk(float(value), relative) for value in inside),
            )
        )
    columns = ("limit", "asked", "in_sample", "fresh_risk", "interval")
    header = tuple(words(f"review.column_{x}") for x in columns)
    header += tuple(words("review.column_branch", number=b + 1) for b in range(inside.size))
    return Table(words("review.caption_risk"), header, tuple(rows))
