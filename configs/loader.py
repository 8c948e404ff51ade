"""Loading a study: TOML and its CSV tables to a frozen Study, with every problem named at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from ..core.errors import InputError
from ..core.study.settings import NO_POSTS
from ..core.study.study import Study
from ..core.text_files import read_bytes, read_text, read_toml
from .guesses import meant, short
from .layers import Laid, Layer, changed_since, first_layer, over
from .measures import folded, laid_over, without_entries
from .overrides import override
from .places import Places
from .problems import problem_lines
from .schema import BASED_ON, MEASURE, REMOVE
from .tables import StudyError, Table, close_open_ages, is_table, read_table

_Found = tuple[dict[str, Table], list[str]]
"""What reading leaves: tables by key, and problems."""
IN_A_FILE = "the study in it"
"""How problems begin that lie in a study which a result or a working folder holds."""


@cache
def presets() -> dict[str, str]:
    """Return the built-in studies: name -> title."""
    folder = resources.files(__package__) / "studies"
    return {
        Path(item.name).stem: tomllib.loads(item.read_text("utf-8"))["title"]
        for item in sorted(folder.iterdir(), key=lambda item: Path(item.name).stem)
        if item.name.endswith(".toml")
    }


def preset_files(name: str) -> dict[str, str]:
    """Return the files of a preset, relative path -> text: studies and the tables they name.

    Raises
    ------
    InputError
        If there is no such preset.
    """
    text = _preset_text(name)
    folder = resources.files(__package__) / "data"
    tables = sorted(set(re.findall(r'\{\s*table\s*=\s*"([^"]+)"', text)))
    base = tomllib.loads(text).get("based_on")
    return (
        ({} if base is None else preset_files(base))
        | {f"{name}.toml": text}
        | {f"data/{table}": (folder / table).read_text("utf-8") for table in tables}
    )


class Loaded(NamedTuple):
    """A study, where its keys stand, and what each layer said."""

    study: Study
    places: Places
    laid: Laid
    tables: Mapping[str, Table]


def load_study(where: str, overrides: Sequence[str] = ()) -> Study:
    """Load a study by preset name or path of a TOML file, with `KEY=VALUE` overrides applied.

    Raises
    ------
    InputError
        Naming every problem: file and line (or key), what was found and what is allowed.
    """
    return load(where, overrides).study


def load(where: str, overrides: Sequence[str] = ()) -> Loaded:
    """Load a study as `load_study` does, and say where its keys stand and which layer said what.

    Raises
    ------
    InputError
        Naming every problem: file and line (or key), what was found and what is allowed.
    """
    text, name, folder = _study_text(where)
    texts = {name: text}
    problems: list[str] = []
    laid = with_base(_located(_parse(text, name), folder), folder, texts)
    for item in overrides:
        before = deepcopy(laid.data)
        override(laid.data, item, problems)
        laid = changed_since(before, laid, f"--set {item.strip()}")
    tables: dict[str, Table] = {}
    places = Places(texts, overrides, tables)
    data = _with_tables(_located(laid.data, folder), places, (tables, problems))
    problems += close_open_ages(tables)
    if problems:
        raise InputError(problems)
    return Loaded(_validate(data, places), places, laid, tables)


def _study_text(where: str) -> tuple[str, str, Path | None]:
    """Return text, name in messages and folder (none for a preset) of a study."""
    path = Path(where)
    if where in presets():
        return _preset_text(where), f"{where}.toml", None
    if path.suffix == ".toml" or path.exists():
        return read_text(path), str(path), path.parent
    raise InputError(
        f"{where}: no such preset or file; presets: {', '.join(presets())}; "
        f"a file ends in .toml.{meant(where, presets())}"
    )


def with_base(
    data: dict[str, Any], folder: Path | None, texts: dict[str, str], above: tuple[str, ...] = ()
) -> Laid:
    """Return a study laid over the one it is `based_on`: a file beside it, or a preset.

    `texts` holds its file, name -> text, last; those of its bases are added. `above` are the bases
    by which this one was reached.

    A preset's copy beside the study wins over the built-in one; each has its tables where it is.
    """
    name = next(reversed(texts))
    layer = Layer(name, preset=folder is None)
    base, remove = data.pop(BASED_ON, None), data.pop(REMOVE, None)
    if base is None and remove is None:
        return first_layer(layer, data)
    if base is None:
        said = f"{REMOVE}: there is no base to leave anything out of; give {BASED_ON}, or leave out"
        raise InputError(Places({name: texts[name]}).placed(said))
    if not isinstance(base, str):
        raise InputError(f"{name}: based_on: found {base!r}; name a preset or a TOML file")
    found = _base_of(base, folder, Path(name))
    if found in above:
        raise InputError(f"{name}: based_on: '{base}' is itself based on this study")
    text, where, its_folder = _study_text(found)
    texts.setdefault(where, text)
    parsed = _located(_parse(text, where), its_folder)
    below = with_base(parsed, its_folder, texts, (*above, found))
    problems: list[str] = []
    laid = over(below, layer, data, [] if remove is None else remove, problems)
    if problems:
        places = Places({name: texts[name]})
        raise InputError([places.placed(each) for each in problems])
    return laid


class TableFile(NamedTuple):
    """A table as a study names it, and the folder of that study; None: a preset's."""

    name: object  # a text, where the study is right
    folder: Path | None


def _located(value: Any, folder: Path | None) -> Any:  # noqa: ANN401
    """Return a value of a study with the study's folder beside the name of every table."""
    if not isinstance(value, dict):
        return value
    if is_table(value):
        name = value["table"]
        known = isinstance(name, TableFile)  # of the base
        return value | {"table": name if known else TableFile(name, folder)}
    return {key: _located(item, folder) for key, item in value.items()}


def _base_of(base: str, folder: Path | None, study: Path) -> str:
    """Return the preset or the path of the file that a study is based on; never the study."""
    if folder is None:
        return base
    if base not in presets():
        return str(folder / base)
    copy = folder / f"{base}.toml"
    return str(copy) if copy.is_file() and copy != study else base


def study_from_text(text: str) -> Study:
    """Return the study whose canonical text (JSON) stands in a result file.

    Raises
    ------
    InputError
        If there is none: written by another version, or changed since.
    """
    try:
        return Study.model_validate_json(text)
    except ValidationError as error:
        found = problem_lines(error, Places({IN_A_FILE: ""}))
        raise InputError(found) from None


def _preset_text(name: str) -> str:
    if name not in presets():
        raise InputError(f"{name}: no such preset; presets: {', '.join(presets())}")
    return (resources.files(__package__) / "studies" / f"{name}.toml").read_text("utf-8")


def _parse(text: str, name: str) -> dict[str, Any]:
    if "\x00" in text:
        raise InputError(f"{name}: not a text file (it holds a zero byte); a study is TOML text")
    try:
        return read_toml(text)
    except ValueError as error:
        raise InputError(f"{name}: not valid TOML: {error}") from None


def _with_tables(value: Any, places: Places, found: _Found, key: str = "") -> Any:  # noqa: ANN401
    """Replace every `{ table = "file.csv", … }` by the rows of that file, and note its place."""
    tables, problems = found
    if not isinstance(value, dict):
        return value
    if is_table(value):
        file, entries = value["table"], dict[str, Any]()
        if key == MEASURE:
            value, entries = without_entries(value)
        try:
            table = read_table(key, value | {"table": file.name}, _content(key, file))
            if key == MEASURE:
                return laid_over(folded(table), entries)
        except StudyError as error:
            problems.extend(places.placed(problem) for problem in error.problems)
            return ()
        except InputError as error:
            problems.extend(error.problems)
            return ()
        tables[key] = table
        return table.rows
    return {
        name: _with_tables(item, places, found, f"{key}.{name}" if key else name)
        for name, item in value.items()
    }


def _content(key: str, file: TableFile) -> bytes:
    """Return the content of a table: beside the study that names it or in its data/, or built in.

    Only a preset's table is built in: one that a file names and that is lost is never replaced.
    """
    name, folder = file
    if not isinstance(name, str):
        raise StudyError(f"{key}: table: found {short(name)}; name a CSV file")
    if folder is None:
        built_in = resources.files(__package__) / "data" / name
        if not built_in.is_file():
            raise StudyError(f"{key}: table '{name}' not found: no built-in table has that name")
        return built_in.read_bytes()
    candidates = (folder / "data" / name, folder / name)
    try:
        found = next((each for each in candidates if each.exists() and not each.is_dir()), None)
    except (OSError, ValueError) as error:  # of a name that no file can have
        said = getattr(error, "strerror", None) or error
        raise StudyError(f"{key}: table {short(name)}: {said}; name another file") from None
    if found is None:
        places = " and ".join(map(str, candidates))
        raise StudyError(f"{key}: table '{name}' not found: looked for {places}{_copied(name)}")
    return read_bytes(found)


def _copied(table: str) -> str:
    """Return how to come by a copy of a built-in table; nothing for other names."""
    owner = next((each for each in presets() if f'"{table}"' in _preset_text(each)), None)
    return f"; lis1plan init NEW_FOLDER --preset {owner} writes a copy" if owner else ""


def _validate(data: dict[str, Any], places: Places) -> Study:
    try:
        study = Study.model_validate(data)
    except ValidationError as error:
        raise InputError(problem_lines(error, places)) from None
    if NO_POSTS not in study.comparison:
        said = f"comparison: '{NO_POSTS}' is missing; the report sets the plan beside no new posts"
        table = f"[comparison.{NO_POSTS}] with slots_per_year = {{}}"
        raise InputError(places.placed(f"{said}: {table}"))
    return study
