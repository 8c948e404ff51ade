"""Part files and what a run keeps: read back bit for bit, or not at all."""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lis1plan.core.compute import checkpoint as kept_module
from lis1plan.core.compute.checkpoint import NOWHERE, Checkpoint
from lis1plan.core.compute.parts import NoPartError, PartError, digest, read_part, write_part
from lis1plan.core.scenarios.sampling import Sample

VALUES: list[Any] = [
    None,
    True,
    3,
    0.1 + 0.2,
    float("nan"),
    float("-inf"),
    "æøå",
    np.float32(1.5),
    np.array(2.0),
    np.arange(6.0).reshape(2, 3).T,
    np.empty((0, 4)),
    np.array(["ab", "ø"]),
    np.array([True, False]),
    Sample("sobol", 3, 5),
    [1, (2, [3.0, {"a": np.arange(3)}])],
    {"array": 1, 2: "two"},
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_comes_back_as_it_was(value: Any, tmp_path: Path) -> None:
    write_part(tmp_path / "x.npz", value)
    back = read_part(tmp_path / "x.npz")
    assert type(back) is type(value)
    np.testing.assert_equal(back, value)
    assert digest(back) == digest(value)
    assert [path.name for path in tmp_path.iterdir()] == ["x.npz"]


@pytest.mark.parametrize("value", [object(), {1, 2}, np.array([object()]), Path("x")])
def test_anything_else_is_refused(value: Any, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="cannot be kept"):
        write_part(tmp_path / "x.npz", value)
    assert list(tmp_path.iterdir()) == []


def test_damage_anywhere_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    write_part(path, {"z": np.arange(40.0), "n": 3})
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        changed = bytearray(whole)
        changed[place] ^= 0xFF
        path.write_bytes(changed)
        try:
            back = read_part(path)
        except PartError:
            continue
        np.testing.assert_equal(back, {"z": np.arange(40.0), "n": 3})  # an unused byte of the zip
    for length in (0, 10, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(PartError):
            read_part(path)


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ('{"named": ["os", "stat_result"], "items": []}', "not of this package"),
        ('{"named": ["lis1plan.core.errors", "Exit"], "items": []}', "not a named tuple"),
        ('{"named": ["lis1plan.nothing", "X"], "items": []}', "ModuleNotFoundError"),
        ('{"named": [1, "X"], "items": []}', "AttributeError"),
        ('{"array": 0, "shape": [1]}', "IndexError"),
        ('{"tuple": 3}', "TypeError"),
        ("{}", "KeyError"),
        ("", "JSONDecodeError"),
        ("[" * 100_000, "RecursionError"),
    ],
    ids=lambda each: each[:30],
)
def test_a_made_up_part_is_damaged_however_right_its_checksum(
    tree: str, said: str, tmp_path: Path
) -> None:
    """No foreign class is named, and whatever hangs together in no way is worked out anew."""
    members = {
        "tree": np.frombuffer(tree.encode(), np.uint8),
        "sha256": np.frombuffer(hashlib.sha256(tree.encode()).digest(), np.uint8),
    }
    np.savez(tmp_path / "x.npz", **members)  # type: ignore[arg-type]
    with pytest.raises(PartError, match=rf"x\.npz: holds no value .*{said}"):
        read_part(tmp_path / "x.npz")


def test_digests_tell_questions_apart() -> None:
    a = np.arange(6.0)
    asked = [(a,), (a.reshape(2, 3),), (a.astype(np.float32),), (a, 1), (a, 1.0), (-a,), ("a",)]
    assert len({digest(*each) for each in asked}) == len(asked)


def test_an_answer_is_found_once(tmp_path: Path) -> None:
    times = []

    def find() -> float:
        times.append(1)
        return 2.5

    for _ in range(3):  # a new process each time, so to say
        kept = Checkpoint(tmp_path, 0.0)
        assert kept.answer("twice", (1.25,), find) == 2.5
        kept.close()
    assert len(times) == 1
    assert Checkpoint(tmp_path, 0.0).answer("twice", (1.5,), find) == 2.5
    assert len(times) == 2
    assert not NOWHERE
    assert NOWHERE.answer("twice", (1.25,), find) == 2.5
    assert len(times) == 3


def test_a_damaged_answer_is_found_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    kept = Checkpoint(tmp_path, 0.0)
    kept.answer("x", (1,), lambda: 1.0)
    kept.close()
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:100])
    kept = Checkpoint(tmp_path, 0.0)
    assert kept.answer("x", (1,), lambda: 1.0) == 1.0
    kept.close()
    assert "worked out anew" in caplog.text
    assert read_part(path) == 1.0


def test_without_room_the_run_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, value: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept_module, "write_packed", full)
    kept = Checkpoint(tmp_path, 0.0)
    with caplog.at_level(logging.WARNING):
        assert [kept.answer("x", (n,), lambda: 1.0) for n in range(3)] == [1.0] * 3
        kept.close()
    assert caplog.text.count("No space left on device") == 1


def _stems(folder: Path) -> set[str]:
    return {path.stem.split("-")[0] for path in folder.iterdir()}


def _summed_up(kept: Checkpoint, lasts: bool = True) -> float:
    """The sum of two answers on the way, one of which others have asked for before."""

    def find() -> float:
        return sum(kept.answer(name, (1,), lambda: 1.0) for name in ("shared", "own"))

    return kept.summed_up("whole", (1,), find, lambda _: lasts)


def test_of_what_is_summed_up_only_the_sum_stays(tmp_path: Path) -> None:
    kept = Checkpoint(tmp_path, 0.0)
    assert kept.answer("shared", (1,), lambda: 1.0) == 1.0
    assert _summed_up(kept) == 2.0
    kept.close()
    assert _stems(tmp_path) == {"shared", "whole"}
    kept = Checkpoint(tmp_path, 0.0)
    assert kept.summed_up("whole", (1,), lambda: 0.0) == 2.0  # it is not asked again
    kept.close()
    assert _stems(tmp_path) == {"shared", "whole"}


def test_without_a_sum_on_the_disk_what_is_on_the_way_to_it_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Checkpoint(tmp_path, 0.0)
    assert _summed_up(kept, lasts=False) == 2.0
    kept.close()
    assert _stems(tmp_path) == {"shared", "own"}

    write = kept_module.write_packed

    def full(path: Path, value: Any) -> None:
        if path.stem.startswith("whole"):
            raise OSError(28, "No space left on device")
        write(path, value)

    monkeypatch.setattr(kept_module, "write_packed", full)
    (tmp_path / "other").mkdir()
    kept = Checkpoint(tmp_path / "other", 0.0)
    assert _summed_up(kept) == 2.0
    kept.close()
    assert _stems(tmp_path / "other") == {"shared", "own"}


@pytest.mark.parametrize("what", ["a folder", "a pipe or a device"])
def test_what_is_no_file_is_named_and_not_waited_for(what: str, tmp_path: Path) -> None:
    """Removing it is left to whoever put it there."""
    kept, asked = Checkpoint(tmp_path, 0.0), ("block", 3)
    path = tmp_path / f"{kept.key(*asked)}.npz"
    path.mkdir() if what == "a folder" else os.mkfifo(path)
    with pytest.raises(NoPartError, match=rf"{path}: is {what}, not a kept answer; remove it"):
        kept.look_up(path.stem)
    assert path.exists()
    kept.close()
