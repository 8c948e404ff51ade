"""Formats of an export and languages of its names, apart from what writes them: help reads this."""

from __future__ import annotations

from typing import Literal

Format = Literal["xlsx", "csv", "parquet"]
Locale = Literal["nb", "en"]
