"""Options of the jobs: a frozen value for each, which is command line, manifest, rerun and JSON.

An option is a field. Its type, default and help stand here and nowhere else: the command line is
made of the fields (`cli.options`), an interrupted run and a result file hold their values
(`as_data`, `from_data`), and the job reads them. This module imports no library of numbers, so that
help is shown and options are refused at once.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import (
    Annotated,
    ClassVar,
    Literal,
    Self,
    TypeAlias,
    get_args,
    get_origin,
    get_type_hints,
)

from ..core.errors import InputError

Method: TypeAlias = Literal["sobol", "morris"]


class OptionsError(ValueError):
    """Options in a file that are not those of this program."""


@dataclass(frozen=True)
class Option:
    """How an option looks on the command line; its type and default are those of its field."""

    help: str
    name: str | None = None  # by default the field's, with dashes
    metavar: str | None = None
    least: int | None = None
    most: int | None = None
    shown: bool = True  # whether help tells the default
    traced: bool = True  # whether manifests and files hold it where it is off


def _fits(value: object, kind: object, said: Option) -> bool:
    """Tell whether a value of JSON may stand where an option of a type is asked for."""
    allowed = get_args(kind) or (kind,)
    if get_origin(kind) is Literal or value is None:
        return value in allowed or type(value) in allowed
    if isinstance(value, int) and not isinstance(value, bool) and int in allowed:
        return (said.least is None or value >= said.least) and (
            said.most is None or value <= said.most
        )
    return type(value) in allowed and (not isinstance(value, float) or math.isfinite(value))


@dataclass(frozen=True, kw_only=True)
class Options:
    """Options of a job: plain values, one for each field."""

    kind: ClassVar[str] = ""
    """Of the result (`core.files.kinds`)."""
    chooses: ClassVar[bool] = False
    """Whether measures left open are chosen before anything else."""

    def as_data(self) -> dict[str, bool | int | float | str | None]:
        """Return the options as JSON knows them; without those that leave no trace while off."""
        untraced, data = self._untraced(), asdict(self)
        return {name: x for name, x in data.items() if name not in untraced or x}

    @classmethod
    def _untraced(cls) -> set[str]:
        """Return the names of the options that leave no trace while they are off."""
        known = get_type_hints(cls, include_extras=True)
        return {field.name for field in fields(cls) if not get_args(known[field.name])[1].traced}

    def as_text(self) -> str:
        """Return the options as JSON."""
        return json.dumps(self.as_data(), ensure_ascii=False)

    @classmethod
    def from_data(cls, data: object) -> Self:
        """Return the options that `as_data` gave.

        Raises
        ------
        OptionsError
            If they are not those of this program.
        """
        known = get_type_hints(cls, include_extras=True)
        names = {field.name for field in fields(cls)}
        if not isinstance(data, Mapping) or not names - cls._untraced() <= set(data) <= names:
            raise OptionsError(f"options of another lis1plan: {str(data)[:200]}")
        for name, value in data.items():
            kind, said = get_args(known[name])
            if not _fits(value, kind, said):
                raise OptionsError(f"option {name} cannot be {str(value)[:60]!r}")
        return cls(**data)


@dataclass(frozen=True, kw_only=True)
class EnsembleOptions(Options):
    """Whether single scenarios are kept, and how exactly."""

    ensemble: Annotated[bool, Option("Keep every flow of every scenario.")] = False
    significant_digits: Annotated[
        int | None,
        Option("Digits to which --ensemble keeps its values. By default all.", least=1, most=6),
    ] = None

    def __post_init__(self) -> None:
        """Refuse digits for an ensemble that is not kept."""
        if self.significant_digits is not None and not self.ensemble:
            raise InputError(
                "--significant-digits: rounds what --ensemble keeps, which is not given"
            )

    @property
    def rounding(self) -> dict[str, int]:
        """Return the attribute that lets the file round its ensemble, if it is to."""
        digits = self.significant_digits
        return {} if digits is None else {"significant_digits": digits}


@dataclass(frozen=True, kw_only=True)
class ExtrasOptions(Options):
    """What else a run finds out, beside its plan."""

    sensitivity: Annotated[bool, Option("Add what drives the shortage under the plan (Sobol).")] = (
        False
    )
    replicate: Annotated[
        int | None,
        Option(
            "Add whether there are scenarios enough, by solving on so many other draws.",
            metavar="SEEDS",
            least=2,
            most=1_000,
        ),
    ] = None
    discover: Annotated[
        bool,
        Option(
            "Add when the plan fails: boxes of what is uncertain (extra `discover`).", traced=False
        ),
    ] = False


@dataclass(frozen=True, kw_only=True)
class RunOptions(EnsembleOptions, ExtrasOptions):
    """Options of `run`."""

    kind: ClassVar[str] = "run"
    chooses: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class ProjectOptions(EnsembleOptions):
    """Options of `project`."""

    kind: ClassVar[str] = "projection"
    follow: Annotated[
        str, Option("Branch that is followed, and in which futures, as JSON.", traced=False)
    ] = ""


@dataclass(frozen=True, kw_only=True)
class ReplayOptions(Options):
    """Options of `project --realization`."""

    kind: ClassVar[str] = "scenario"
    realization: Annotated[int, Option("Number of the scenario in the sample.", least=0)]


@dataclass(frozen=True, kw_only=True)
class BacktestOptions(Options):
    """Options of `backtest`."""

    kind: ClassVar[str] = "backtest"
    observed: Annotated[str, Option("What was counted, as the text of a CSV file.")]


@dataclass(frozen=True, kw_only=True)
class MeasuresOptions(Options):
    """Options of `measures`."""

    kind: ClassVar[str] = "measures"


@dataclass(frozen=True, kw_only=True)
class SensitivityOptions(Options):
    """Options of `sensitivity`."""

    kind: ClassVar[str] = "sensitivity"
    method: Annotated[
        Method, Option("Sobol: shares of the variance. Morris: a quick screening.")
    ] = "sobol"
    samples: Annotated[
        int | None,
        Option(
            "Sobol: base points (a power of two), by default 4096; Morris: trajectories, 256.",
            least=2,
            most=2**20,
        ),
    ] = None

    def __post_init__(self) -> None:
        """Refuse a number of base points that would leave a Sobol sequence unbalanced."""
        samples = self.samples
        if self.method == "sobol" and samples is not None and samples & (samples - 1):
            above = 1 << samples.bit_length()
            raise InputError(
                f"--samples {samples}: Sobol takes a power of two, such as {above // 2} or {above}"
            )


@dataclass(frozen=True, kw_only=True)
class FrontierOptions(Options):
    """Options of `frontier`."""

    kind: ClassVar[str] = "frontier"
    chooses: ClassVar[bool] = True
    over: Annotated[str, Option("Key to vary, e.g. risk.national.limit.")]
    points: Annotated[int, Option("Number of values.", least=2, most=1_000)] = 12
    low: Annotated[
        float | None, Option("First value. Risk: from near its floor.", name="--from")
    ] = None
    high: Annotated[float | None, Option("Last value. Risk: to no new slots.", name="--to")] = None

    def __post_init__(self) -> None:
        """Refuse ends that are not numbers."""
        for option, end in (("--from", self.low), ("--to", self.high)):
            if end is not None and not math.isfinite(end):
                raise InputError(f"{option} {end}: is not a number; give a value of {self.over}")


@dataclass(frozen=True, kw_only=True)
class ReplicateOptions(Options):
    """Options of `replicate`."""

    kind: ClassVar[str] = "replication"
    seeds: Annotated[int, Option("Number of other draws to solve on.", least=2, most=1_000)] = 8
