"""The site: how Sphinx makes it of these pages; nothing is fetched, search works from files."""

from __future__ import annotations

import tomllib
from pathlib import Path

_PROJECT = tomllib.loads(
    Path(__file__).resolve().parents[1].joinpath("pyproject.toml").read_text("utf-8")
)["project"]

project = "lis1plan"
author = _PROJECT["authors"][0]["name"]
version = release = _PROJECT["version"]
extensions = ["myst_parser"]
myst_heading_anchors = 4
html_theme = "furo"
html_title = "lis1plan"
html_copy_source = False
html_show_sphinx = False
exclude_patterns = ["*.py"]
# Mermaid, CDO, NCO and ncdump stand as they are: Pygments knows none of them.
suppress_warnings = ["misc.highlighting_failure"]
