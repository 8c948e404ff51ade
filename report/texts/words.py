"""Words and numbers of one language: the texts of texts/*.toml, decimal comma or point."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

LANGUAGES = ("en", "nb")
MISSING = "–"
_BILLION, _MILLION = 1e9, 1e6
_LAST_BITS = 1e-6


LIKELY = {
    "very": 0.9, "likely": 0.67, "more": 0.55, "even": 0.45, "less": 0.33, "unlikely": 0.1,
    "hardly": 0.0,
}  # fmt: skip
"""Words for a probability: from which on each holds."""


def short_names(names: Sequence[str]) -> list[str]:
    """Return names without the first word where all share it.

    >>> short_names(["Helse Nord", "Helse Vest"])
    ['Nord', 'Vest']
    """
    first = {name.partition(" ")[0] for name in names}
    shared = len(names) > 1 and len(first) == 1 and all(" " in name for name in names)
    return [name.partition(" ")[2] for name in names] if shared else list(names)


@cache
def read_texts(name: str) -> dict[str, str]:
    """Return the texts of texts/`name`.toml by dotted key."""
    text = (resources.files(__package__) / f"{name}.toml").read_text("utf-8")
    return {
        key: re.sub(r"(?<=\d) %", "\u00a0%", said)  # never on the next line
        for key, said in _flat("", tomllib.loads(text))
    }


def _flat(key: str, value: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, item in value.items():
        whole = f"{key}.{name}" if key else name
        if isinstance(item, Mapping):
            yield from _flat(whole, item)
        else:
            yield whole, str(item)


@dataclass(frozen=True)
class Words:
    """The texts of one language; `words("plan.title")` gives one of them."""

    language: str

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of `key` with `{name}` replaced by the values given."""
        return self._texts[key].format(**values)

    def has(self, key: str) -> bool:
        """Tell whether there is a text of that key."""
        return key in self._texts

    def name(self, text: str) -> str:
        """Return a name of the study in this language, where it is known."""
        known = read_texts(f"names.{self.language}")
        return known.get(text, text if " " in text else text.replace("_", " "))

    def title(self, pattern: str) -> str:
        """Return the title of a key of the study, `*` for identifiers in it."""
        if self.language == "en":
            from ...core.scenarios.factors import title_of  # brings numba: not to read a text

            return title_of(pattern)
        return read_texts(f"titles.{self.language}")[pattern]

    @property
    def _texts(self) -> dict[str, str]:
        return read_texts(self.language)

    @property
    def _percent_sign(self) -> str:
        return "\u00a0%" if self.language == "nb" else "%"

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with thousands grouped and `digits` decimals."""
        if not math.isfinite(value):
            return MISSING
        plain = f"{value:,.{digits}f}"
        if plain.startswith("-"):
            plain = ("−" + plain[1:]) if plain.strip("-0.,") else plain[1:]
        if self.language == "nb":
            plain = plain.replace(",", "\u202f").replace(".", ",")
        return plain

    def compact(self, value: float) -> str:
        """Return a figure of the study with as many decimals as it was given."""
        digits = len(np.format_float_positional(value, precision=6, trim="-").partition(".")[2])
        return self.number(value, digits)

    def percent(self, value: float, digits: int = 1) -> str:
        """Return a share as a percentage."""
        if not math.isfinite(value):
            return MISSING
        return self.number(100 * value, digits) + self._percent_sign

    def decimals(self, limit: float) -> int:
        """Return decimals for a limit in per cent and what stands beside it: two if it has two.

        >>> Words("en").decimals(0.125), Words("en").decimals(0.1275)
        (1, 2)
        """
        rest = math.remainder(1000 * limit, 1.0) if math.isfinite(limit) else 0.0
        return 1 if abs(rest) < _LAST_BITS else 2

    def share(self, value: float) -> str:
        """Return a share of the study as a percentage, with as many decimals as it was given."""
        return self.compact(100 * value) + self._percent_sign

    def about(self, value: float) -> str:
        """Return a number with three digits that count: 2 040 of 2 039."""
        return self.number(float(f"{value:.3g}"))

    def money(self, value: float) -> str:
        """Return NOK: millions with three digits below a billion, else billions with two."""
        if not math.isfinite(value):
            return MISSING
        if abs(value) < 0.9995 * _BILLION:
            return self("number.million", value=self.about(value / _MILLION))
        billions = float(f"{value / _BILLION:.2g}")
        digits = 1 if abs(billions) < 10 else 0
        return self("number.short_billion", value=self.number(billions, digits))

    def likely(self, share: float) -> str:
        """Return a probability in the report's fixed words; the number is to follow."""
        (key, *_) = (key for key, least in LIKELY.items() if share >= least)
        return self(f"likely.{key}")

    def billion(self, value: float) -> str:
        """Return NOK in billions with the currency."""
        return self("number.billion", value=self.number(value / _BILLION, 2))

    def million(self, value: float) -> str:
        """Return NOK in millions, the number alone."""
        return self.number(value / _MILLION, 0)

    def between(self, low: float, high: float) -> str:
        """Return two whole numbers as an interval, kept on one line."""
        return f"{self.number(low)}\u2060–\u2060{self.number(high)}"

    def span(self, low: float, high: float, relative: bool = True, digits: int = 2) -> str:
        """Return an interval of risks, the percent sign once, kept on one line."""
        if not relative:
            return self.between(low, high)
        return f"{self.number(100 * low, digits)}\u2060–\u2060{self.percent(high, digits)}"

    def risk(self, value: float, relative: bool = True, digits: int = 2) -> str:
        """Return a risk: a percentage of demand, or FTE where the limit is absolute."""
        return self.percent(value, digits) if relative else self.number(value, 0)

    def formed(self, value: float, form: str) -> str:
        """Return a number as a chart's format writes it: `.0%`, `,.1f` and their like."""
        digits = int(form.strip(",.")[0])
        return self.percent(value, digits) if form.endswith("%") else self.number(value, digits)

    def yes(self, value: object) -> str:
        """Return yes or no."""
        return self("word.yes" if value else "word.no")

    def listed(self, items: Iterable[str]) -> str:
        """Return `a, b and c`."""
        parts = list(items)
        if len(parts) < 2:
            return "".join(parts)
        return f"{', '.join(parts[:-1])} {self('word.and')} {parts[-1]}"

    def locale(self) -> dict[str, Any]:
        """Return the number format of the charts (d3-format's locale)."""
        norwegian = self.language == "nb"
        return {
            "decimal": "," if norwegian else ".",
            "thousands": "\u202f" if norwegian else ",",
            "grouping": [3],
            "currency": ["", "\u00a0kr"] if norwegian else ["NOK\u00a0", ""],
            "percent": self._percent_sign,
            "minus": "−",
        }
