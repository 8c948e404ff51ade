"""Write docs/reference.md, the page of all keys of a study, from what their fields say.

python docs/write_reference.py           # renew the page
python docs/write_reference.py --check   # exit code 1 where the page says something else
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from lis1plan.report.keys.catalogue import FIGURE, PROCESS, TABLE, Entry, entries
from lis1plan.report.keys.names import names_of
from lis1plan.report.keys.telling import counted_in

PAGE = Path(__file__).with_name("reference.md")
FILE = "The study itself"
HEADINGS = {
    FIGURE: "What stands where a figure stands",
    PROCESS: "What stands where a yearly process stands",
    TABLE: "What stands where the file of a table stands",
}
INTRODUCTION = """\
# Every key of a study

This page is written by `python docs/write_reference.py` from what the classes of `core/study/` say
of their own fields; `make check` refuses it where it says something else. `NAME` is an identifier
that the study chooses. A key without a word on what holds where it is left out must be given, by
the study or by the one it is laid over. Columns of tables stand below their table, further in;
every row has the columns `source` and `assumption`, too, and names one of them.

`lis1plan explain KEY` prints one of them, with the everyday words by which it is found, for
example `lis1plan explain pension` or `lis1plan explain sykefravær`. `lis1plan schema` prints a JSON
Schema for editors ([studies.md](studies.md)).
"""


def reference() -> str:
    """Return the page."""
    parts = [INTRODUCTION]
    for heading, those in _sections():
        parts.append(f"## {heading}\n")
        parts.append("| key | what it is | holds | left out |\n|---|---|---|---|")
        parts += [_row(each) for each in those]
        parts.append("")
    return "\n".join(parts)


def _sections() -> Iterator[tuple[str, list[Entry]]]:
    """Yield headings and keys: those of the file itself first, then table by table."""
    known = list(entries().values())
    top = [each for each in known if "." not in each.pattern and each.holds != "a table"]
    yield FILE, [each for each in top if not each.holds.startswith("rows")]
    rest = [each for each in known if each not in top or each.holds.startswith("rows")]
    for section, those in groupby(rest, key=lambda each: each.section):
        listed = list(those)
        named = "NAME" if listed[0].pattern.endswith(".*") else ""
        table = f"`[{'.'.join(filter(None, (section, named)))}]`"
        yield HEADINGS.get(section, f"{table} {names_of(listed[0].pattern).en}"), listed


def _row(entry: Entry) -> str:
    names = names_of(entry.pattern)
    key = entry.pattern.replace("*", "NAME")
    key = key.rpartition(".")[2] if entry.section.isupper() else key
    indent = "&nbsp;&nbsp;" if entry.column else ""
    told = f"{names.en} *({names.nb})*{_said_beside(names.en, entry.description)}"
    unit = counted_in(entry)
    holds = f"{entry.holds}: {unit}" if unit else entry.holds
    default = entry.default or ("" if entry.required else "may be")
    cells = (f"{indent}`{key}`", told, holds, default)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _said_beside(title: str, description: str) -> str:
    """Return what a description says beside the title."""
    begins_alike = description.casefold().startswith(title.casefold())
    rest = description[len(title) :].lstrip(" ,;") if begins_alike else description
    return f": {rest}" if rest else ""


def main(arguments: Sequence[str]) -> int:
    """Renew the page, or with --check say whether it is true."""
    after = reference()
    if "--check" in arguments:
        differs = not PAGE.exists() or PAGE.read_text("utf-8") != after
        if differs:
            print(f"{PAGE.name}: says other things than the fields; run {Path(__file__).name}")
        return int(differs)
    PAGE.write_text(after, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
