"""Draw the pictures of gallery.md anew: run the tutorial's study and keep some of its figures.

`python docs/draw_gallery.py [FOLDER]`; without one docs/images/gallery. `make site` draws them.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "images" / "gallery"
RUN = ("run", "tutorial", "--sensitivity", "--replicate", "2")
PICTURES = (
    "lead", "plan-picture", "gap", "chance", "frontier-cost-against-shortage-the-country",
    "room-hospital_supervision", "cost", "drivers", "enough", "supply-coast-general-practice",
)  # fmt: skip
"""Figures of the report that the gallery shows, by the names of their files."""


def draw(folder: Path, *settings: str) -> list[Path]:
    """Draw every picture in a folder and return them; `settings` are overrides of the study."""
    folder.mkdir(parents=True, exist_ok=True)
    overrides = [part for each in settings for part in ("--set", each)]
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        told = json.loads(_said(*RUN, *overrides, "--json", "--out", str(work)))
        _said("report", told["netcdf"], "--static", "--locale", "en", "--out", str(work / "all"))
        for picture in PICTURES:
            shutil.copyfile(work / "all" / f"{picture}-en.svg", folder / f"{picture}.svg")
    return [folder / f"{picture}.svg" for picture in PICTURES]


def _said(*arguments: str) -> str:
    """Run a command of lis1plan and return what it prints."""
    command = [sys.executable, "-m", "lis1plan", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
