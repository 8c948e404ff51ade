"""Months and years in words: when slots start and stocks are counted, which years are meant."""

from __future__ import annotations

from collections.abc import Sequence

from ..reading import Reading
from .words import Words


def month_in_words(month: int, words: Words) -> str:
    """Return a month's name, 1 to 12."""
    return words(f"month.{month:02}")


def first_intake(reading: Reading, words: Words) -> str:
    """Return the month of a year's first intake."""
    return month_in_words(reading.study.posts.intake_months[0], words)


def when_counted(reading: Reading, words: Words) -> str:
    """Return when stocks are counted: as the half-year ends that begins with the last intake."""
    first = reading.study.posts.intake_months[0]
    if first == 1:
        return words("word.year_end")
    return words("word.after_year", month=month_in_words(first - 1, words))


def span(first: int, last: int, short: bool = False) -> str:
    """Return years from the first to the last, or the one there is.

    >>> span(2027, 2030), span(2027, 2030, short=True), span(2027, 2027)
    ('2027–2030', '2027–30', '2027')
    """
    if first == last:
        return str(first)
    return f"{first}–{last % 100:02}" if short else f"{first}–{last}"


def known_as_of(reading: Reading, words: Words) -> str:
    """Return `2019-01` as a month in words, anything else as it stands."""
    text = reading.study.known_as_of
    year, _, month = text.partition("-")
    return f"{words(f'month.{month}')} {year}" if words.has(f"month.{month}") else text


def spans(years: Sequence[int]) -> str:
    """Return years in their order, each run of them as a span.

    >>> spans([2020, 2021, 2022, 2025])
    '2020–2022, 2025'
    """
    runs = list[list[int]]()
    for year in years:
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)
