"""Campaigns and profiles as other hands leave them: one thing wrong in each, by seed."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .damage import Files, changed
from .forks import Forks
from .mutations import BYTES, VALUES, Case, base_files, toml_lines

PROFILE: dict[str, Any] = {
    "cluster": {"kind": "slurm", "workers": 2, "connect_seconds": 20.0, "start_seconds": 600.0},
    "slurm": {
        "partition": "normal", "account": "", "walltime": "01:00:00", "cpus": 1, "memory": "2G",
        "most_walltime": "24:00:00", "most_memory": "64G", "at_once": 50, "modules": ["python"],
        "before": [], "extra": ["--nice"], "interface": "", "local_directory": "", "requeue": True,
    },
}  # fmt: skip
MAKE = ("submit", "study.toml", "--scheduler", "local", "--dry-run", "--out", "out")
READERS = (("status", "out", "--json"), ("status", "out"), ("collect", "out"), ("cancel", "out"))


def whole_campaign(forks: Forks, folder: Path) -> Files:
    """Make a campaign of which nothing is done yet; return its files."""
    Case("", base_files(), (), ()).write(folder)
    ended = forks.run(*MAKE, folder=folder)
    assert ended.code == 0, ended.err
    files = [each for each in (folder / "out").rglob("*") if each.is_file()]
    return {str(each.relative_to(folder)): each.read_bytes() for each in files}


def campaigns(seed: int, whole: Files) -> Iterator[Case]:
    """Yield campaigns and profiles with one thing wrong in turn, without end."""
    choose, count = random.Random(seed), 0
    while True:
        count += 1
        yield _profile(choose)
        name, files = "out/campaign.json", dict(whole)
        content = files[name] or b""
        if choose.random() < 0.7:
            found = json.loads(content)
            how = changed(choose, found)
            files[name] = json.dumps(found).encode()
        else:
            how = choose.choice(list(BYTES))
            files[name] = BYTES[how](choose, content)
        command = READERS[count % len(READERS)]
        yield Case(f"campaign: {how}", files, command, ("campaign.json",))


def _profile(choose: random.Random) -> Case:
    """Return a campaign asked for with a profile in which one thing is wrong."""
    profile, kind = copy.deepcopy(PROFILE), choose.choice([*VALUES, *BYTES, "renamed"])
    section = choose.choice(list(profile))
    key = choose.choice(list(profile[section]))
    if kind == "renamed":
        profile[section][f"{key}s"] = profile[section].pop(key)
    elif kind in VALUES:
        profile[section][key] = VALUES[kind]
    content: bytes | None = "\n".join(toml_lines(profile)[0]).encode()
    if kind in BYTES:
        content = BYTES[kind](choose, content or b"")
    files = base_files() | {"profile.toml": content}
    command = (*MAKE, "--profile", "profile.toml")
    return Case(f"profile: {section}.{key}: {kind}", files, command, ("profile.toml: ",))
