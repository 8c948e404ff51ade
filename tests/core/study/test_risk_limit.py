"""Limits on risk: which of the two kinds a study gives, and what is said of one that is wrong."""

from __future__ import annotations

import json
import math

import pytest

from lis1plan.configs.loader import load_study, study_from_text
from lis1plan.core.errors import InputError
from lis1plan.core.study.risk_limit import ShortageLimit, SupervisionLimit
from lis1plan.core.study.risk_rules import Chance, Cvar, Price


def test_the_kind_of_a_limit_follows_from_what_it_supervises() -> None:
    study = load_study("tutorial")
    data = json.loads(study.canonical_text)
    watching = data["risk"]["coast"] | {"supervises": next(iter(study.capacity)), "limit": 0.0}
    data["risk"]["watched"] = watching | {"name": "Watched"}
    again = study_from_text(json.dumps(data))
    shortage, watched = again.risk["coast"], again.risk["watched"]
    assert isinstance(shortage, ShortageLimit)
    assert isinstance(watched, SupervisionLimit)
    assert again.on_shortage.tolist() == [True, True, False]
    assert (shortage.least, shortage.largest) == (0.0, 1.0)
    assert (watched.least, watched.largest) == (-math.inf, math.inf)
    assert shortage.years(again.time) == again.time.window
    assert watched.years(again.time) == (again.time.first_decision, again.time.last_year)
    assert (shortage.share_of(0.06), watched.share_of(0.0)) == (0.06, 1.0)
    assert json.loads(again.canonical_text)["risk"] == data["risk"]


def test_the_text_has_every_key_of_a_limit_in_the_same_order() -> None:
    """Of both kinds, so that equal limits have equal hashes."""
    own = ("name", "rule", "scope", "regions", "groups", "counts", "measure", "statistic")
    keys = ["source", "assumption", "confidence", "limit", "price", *own, "supervises"]
    for kind in (ShortageLimit, SupervisionLimit):
        assert list(kind.model_fields) == keys
    assert '"statistic":"mean","supervises":null}' in load_study("tutorial").canonical_text


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("risk.country.rule=entropy", "risk.country.rule: found 'entropy'; give 'cvar'"),
        ("risk.country.rule=mean", 'risk.country: rule = "mean" takes no `confidence`'),
        ("risk.country.limit=-1", "risk.country.limit: found -1"),
        ("risk.country.supervises=nowhere", "the first limit must be one on shortage"),
    ],
)
def test_what_is_wrong_is_said_under_the_key_of_the_study(override: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        load_study("tutorial", [override])
    assert said in str(error.value)
    assert "limit on" not in str(error.value)


def test_only_a_rule_that_is_not_convex_has_another_in_its_tails() -> None:
    study = load_study("tutorial")
    limit = study.risk["country"]
    assert limit.risk_rule == Cvar(0.5)
    assert limit.in_tails is limit
    chance = limit.model_copy(update={"rule": "chance"})
    assert chance.risk_rule == Chance(0.5)
    assert chance.in_tails.risk_rule == Cvar(0.5)
    assert not Price.limited
