"""Profiles: how to reach a cluster, and what its jobs ask for, as a TOML file people can share."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from ..errors import Exit, InputError, LisError, cut, shortened
from ..study.wording import in_words
from ..text_files import read_text, read_toml

SCHEMES = ("tcp", "tls", "ucx", "ws", "wss")
"""Ways to reach a scheduler of Dask in another process."""
LAST_PORT = 65_535
_ADDRESS = re.compile(
    rf"(?:{'|'.join(SCHEMES)})://(?:\[[0-9A-Fa-f:.]+\]|[^\s\[\]/:@]+):(\d{{1,5}})/?"
)


class ProfileError(LisError):
    """A profile that cannot be used; `lines` say why, one problem each."""

    exit_code = Exit.BAD_INPUT

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        super().__init__("\n".join(lines))


def _walltime(text: str) -> str:
    minutes(text)
    return text


def _memory(text: str) -> str:
    megabytes(text)
    return text


def checked_address(text: str) -> str:
    """Return the address of a scheduler; whether anything answers there is not asked here.

    Raises
    ------
    ValueError
        If it can be no address.
    """
    found = _ADDRESS.fullmatch(text)
    if text and not (found and 1 <= int(found[1]) <= LAST_PORT):
        raise ValueError(
            f"'{cut(text)}': expected an address such as tcp://host:8786 "
            f"({', '.join(SCHEMES)}; ports 1 to {LAST_PORT})"
        )
    return text


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class ClusterSection(_Part):
    """What `--cluster FILE.toml` starts or reaches, and how long it waits."""

    kind: Literal["local", "address", "slurm"] = "slurm"
    address: Annotated[str, AfterValidator(checked_address)] = ""
    workers: Annotated[int, Field(ge=1)] = 2
    connect_seconds: Annotated[float, Field(gt=0)] = 20.0
    start_seconds: Annotated[float, Field(gt=0)] = 600.0
    block_seconds: Annotated[float, Field(gt=0)] = 900.0

    @model_validator(mode="after")
    def _has_its_address(self) -> Self:
        if self.kind == "address" and not self.address:
            raise ValueError('kind = "address" needs `address`, such as tcp://host:8786')
        return self


class Jobs(_Part):
    """What a job of Slurm asks for; an empty text leaves a line out."""

    partition: str = ""
    account: str = ""
    walltime: Annotated[str, AfterValidator(_walltime)] = "01:00:00"
    cpus: Annotated[int, Field(ge=1)] = 1
    memory: Annotated[str, AfterValidator(_memory)] = "2G"
    most_walltime: Annotated[str, AfterValidator(_walltime)] = "24:00:00"
    most_memory: Annotated[str, AfterValidator(_memory)] = "64G"
    at_once: Annotated[int, Field(ge=1)] = 50
    modules: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    interface: str = ""
    local_directory: str = ""
    requeue: bool = True


class Profile(_Part):
    """A profile: the cluster and the jobs."""

    cluster: ClusterSection = ClusterSection()
    slurm: Jobs = Jobs()


def read_profile(path: Path) -> Profile:
    """Read a profile.

    Raises
    ------
    ProfileError
        Naming every problem at once.
    """
    try:
        return Profile.model_validate(read_toml(read_text(path)))
    except InputError as error:
        raise ProfileError(error.told) from None
    except ValidationError as error:
        lines = [
            f"{path}: {cut('.'.join(map(str, each['loc'])))}: {shortened(_said(each))}"
            for each in error.errors()
        ]
        raise ProfileError(lines) from None
    except ValueError as error:
        raise ProfileError([f"{path}: not valid TOML: {error}"]) from None


def _said(error: ErrorDetails) -> str:
    """Return what was found and what may stand there."""
    kind, words = error["type"], in_words(error["type"], error.get("ctx", {}))
    if kind == "extra_forbidden":
        sections: dict[str, type[BaseModel]] = {"cluster": ClusterSection, "slurm": Jobs}
        section = sections.get(str(error["loc"][0]), Profile) if error["loc"][1:] else Profile
        return f"{words}; known: {', '.join(section.model_fields)}"
    return words if kind == "value_error" else f"found {error['input']!r}; {words}"


def minutes(walltime: str) -> int:
    """Return the whole minutes of a walltime as Slurm writes it: [days-]hours:minutes[:seconds].

    >>> minutes("01:30:00"), minutes("2-00:00:00"), minutes("90")
    (90, 2880, 90)
    """
    found = re.fullmatch(r"(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?", walltime)
    if found is None:
        raise ValueError(f"'{walltime}': expected a time such as 01:30:00 or 2-00:00:00")
    days, first, second, third = (int(each or 0) for each in found.groups())
    if found[1] is not None or found[4] is not None:
        return days * 1440 + first * 60 + second + (third > 0)
    return first if found[3] is None else first + (second > 0)  # minutes[:seconds]


def as_walltime(total: int) -> str:
    """Return minutes as Slurm writes them.

    >>> as_walltime(90), as_walltime(3000)
    ('01:30:00', '2-02:00:00')
    """
    days, rest = divmod(total, 1440)
    clock = f"{rest // 60:02}:{rest % 60:02}:00"
    return f"{days}-{clock}" if days else clock


def megabytes(memory: str) -> int:
    """Return the MiB of a memory as Slurm writes it.

    >>> megabytes("2G"), megabytes("512M"), megabytes("1T")
    (2048, 512, 1048576)
    """
    found = re.fullmatch(r"(\d+)([KMGT]?)B?", memory.strip().upper())
    if found is None:
        raise ValueError(f"'{memory}': expected a memory such as 4G or 512M")
    return max(
        1, int(int(found[1]) * {"K": 1 / 1024, "": 1, "M": 1, "G": 1024, "T": 1024**2}[found[2]])
    )


def as_memory(mebibytes: int) -> str:
    """Return MiB as Slurm writes them, in M: it counts no fractions of G.

    >>> as_memory(3072)
    '3072M'
    """
    return f"{mebibytes}M"
