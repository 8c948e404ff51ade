"""Presets as files, to edit."""

from __future__ import annotations

from pathlib import Path

from lis1plan.configs.loader import preset_files


def preset_in(folder: Path, name: str = "tutorial") -> Path:
    """Write a preset and its tables into a folder, and return it."""
    for file, text in preset_files(name).items():
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(text, "utf-8")
    return folder
