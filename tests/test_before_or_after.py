"""The studies of two pages on kinds of posts: they can be asked, and say what their pages say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lis1plan.configs.loader import load_study
from lis1plan.core.flow.rates import trainees_at_start, training_posts

DOCS = Path(__file__).parents[1] / "docs"
POSTS_AT_THE_END = {"norway-2019": 5800.0, "norway-2027": 6800.0}


@pytest.mark.parametrize("name", POSTS_AT_THE_END)
def test_posts_hold_who_trains_at_the_start_and_end_as_the_page_says(name: str) -> None:
    study = load_study(str(DOCS / "before-or-after" / f"{name}.toml"))
    posts, trainees = training_posts(study), trainees_at_start(study)
    assert (posts[:, :, 0] >= trainees).all()
    assert (np.diff(posts, axis=-1) >= 0.0).all()
    assert posts[:, :, -1].sum() == pytest.approx(POSTS_AT_THE_END[name])
    page = (DOCS / "before-or-after.md").read_text("utf-8")
    assert f"{POSTS_AT_THE_END[name]:,.0f}".replace(",", " ") in page


@pytest.mark.parametrize("name", POSTS_AT_THE_END)
def test_they_ask_what_the_preset_asks_but_for_posts_and_limits(name: str) -> None:
    study, preset = load_study(str(DOCS / "before-or-after" / f"{name}.toml")), load_study(name)
    assert study.decides_posts
    assert not preset.decides_posts
    assert study.time == preset.time
    assert study.ramp == preset.ramp
    assert study.sampling == preset.sampling
    assert study.capacity == preset.capacity


BASES = {"posts-follow": "norway-2019", "posts-stand-still": "before-or-after/norway-2019.toml"}


@pytest.mark.parametrize("name", BASES)
def test_general_practice_asks_what_its_base_asks_and_a_limit_of_its_own(name: str) -> None:
    study = load_study(str(DOCS / "general-practice" / f"{name}.toml"))
    base = load_study(str(DOCS / BASES[name]) if "/" in BASES[name] else BASES[name])
    assert study.decides_tracks
    assert study.decides_posts == base.decides_posts == (name == "posts-stand-still")
    own = set(study.risk) - set(base.risk)
    assert own == {"general_practice"}
    for key, limit in base.risk.items():
        left_out = {"source", "assumption"}
        assert study.risk[key].model_dump(exclude=left_out) == limit.model_dump(exclude=left_out)
    for part in ("time", "ramp", "sampling", "capacity", "specialist_posts", "groups"):
        assert getattr(study, part) == getattr(base, part)
