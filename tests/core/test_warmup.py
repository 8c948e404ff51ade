"""Compiling is announced where kernels are compiled, not at every run."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from lis1plan.core.kernels import compiled


@pytest.mark.parametrize(
    ("index", "age", "there"),
    [
        (None, 0.0, False),
        ("other.shortage-1.py311.nbi", 0.0, False),
        ("kernels.shortage-7.py311.nbi", 10.0, False),
        ("kernels.shortage-7.py311.nbi", -10.0, True),
    ],
    ids=["empty", "another kernel", "of an older source", "there"],
)
def test_compiling_is_told_where_the_cache_lacks_it(
    index: str | None, age: float, there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, cache = tmp_path / "kernels.py", tmp_path / "cache"
    source.touch()
    cache.mkdir()
    if index is not None:
        (cache / index).touch()
        written = source.stat().st_mtime - age
        os.utime(cache / index, (written, written))
    kernel = SimpleNamespace(
        __name__="shortage",
        py_func=SimpleNamespace(__code__=SimpleNamespace(co_filename=str(source))),
        stats=SimpleNamespace(cache_path=str(cache)),
    )
    monkeypatch.setattr(compiled, "_FILES", (source,))
    monkeypatch.setattr(compiled.config, "DISABLE_JIT", 0)
    assert compiled.is_kept(kernel) == there
