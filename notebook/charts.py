"""Charts of results for notebooks, each with a title and a description that says its numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

import altair as alt
import numpy as np
import pandas as pd
import xarray as xr

from ..core.errors import InputError
from ..core.files.kinds import held_by
from ..report.reading import Floats, Reading
from .look import HEIGHT, NEED, OTHER, PAYERS, PLAN, REGIONS, WINDOW, amount, framed, years


def plotted(result: xr.Dataset, what: str) -> alt.LayerChart:
    """Return a chart of a result (see `CHARTS` for what there is).

    Raises
    ------
    InputError
        If the result does not hold it, naming what can be drawn of it.
    """
    there = [
        name
        for name, (several, _) in CHARTS.items()
        if any(all(each in result for each in needed) for needed in several)
    ]
    if what not in CHARTS or what not in there:
        can = f"can be drawn: {', '.join(there)}" if there else "nothing of it can be drawn"
        raise InputError(f"plot: no chart '{what}' of {held_by(result)}; {can}")
    return CHARTS[what][1](Reading(result))


def _window(reading: Reading) -> alt.Chart:
    first, last = reading.study.time.window
    ends = pd.DataFrame({"first": [first], "last": [last]})
    made = alt.Chart(ends).mark_rect(color=WINDOW).encode(x="first:Q", x2="last:Q")
    return cast(alt.Chart, made)


def _line(frame: pd.DataFrame, y: alt.Y, colour: str, dash: tuple[int, ...] = ()) -> alt.Chart:
    mark = alt.Chart(frame).mark_line(color=colour, strokeWidth=2.5, strokeDash=list(dash))
    tips = [alt.Tooltip("year:Q", format="d"), y.shorthand]
    return cast(alt.Chart, mark.encode(x=years(), y=y, tooltip=tips))


def _ends(labels: Mapping[str, tuple[float, str]], year: int, high: float) -> list[alt.Chart]:
    """Return the names at the lines' ends, in their colours, none over another.

    `high` is how much of the axis the chart shows, in its unit.
    """
    drawn, below = list[alt.Chart](), -np.inf
    for name, (value, colour) in sorted(labels.items(), key=lambda each: each[1][0]):
        below = max(value, below + 18.0 / HEIGHT * high)
        frame = pd.DataFrame({"year": [year], "value": [below], "name": [name]})
        mark = alt.Chart(frame).mark_text(align="left", dx=6, color=colour)
        drawn.append(cast(alt.Chart, mark.encode(x="year:Q", y="value:Q", text="name:N")))
    return drawn


def _band(reading: Reading) -> tuple[int, int, str]:
    """Return between which quantiles a band lies, and what it holds: 8 in 10, else the widest."""
    shares = [round(float(each), 3) for each in reading.data["quantile"].values]
    if {0.1, 0.9} <= set(shares):
        return shares.index(0.1), shares.index(0.9), "8 in 10"
    held = 10.0 * (shares[-1] - shares[0])
    return 0, len(shares) - 1, f"{held:g} in 10"


def _by_year(reading: Reading, values: Floats) -> pd.DataFrame:
    return pd.DataFrame({"year": reading.years, "value": values})


def _over_years(reading: Reading, variable: str, title: str, form: str) -> alt.LayerChart:
    """Return a national figure under the plan and without new posts."""
    plan, none = (reading.values(variable, plan=each) for each in (0, reading.none))
    y = amount("value", "", form)
    ends = {"the plan": (float(plan[-1]), PLAN), "no new posts": (float(none[-1]), OTHER)}
    last = reading.study.time.window[1]
    t = reading.year(last)
    each = f"{plan[t]:{form}} under the plan, {none[t]:{form}} without"
    said = f"{title}. In {last}: {each}."
    layers = [
        _window(reading),
        _line(_by_year(reading, none), y, OTHER, (6, 4)),
        _line(_by_year(reading, plan), y, PLAN),
        *_ends(ends, reading.years[-1], float(max(plan.max(), none.max()))),
    ]
    below = "{}–{} judged (shaded)".format(*reading.study.time.window)
    return framed(layers, title, below, said)


def _shortage(reading: Reading) -> alt.LayerChart:
    title = "Probability of a shortage of specialists in the country"
    return _over_years(reading, "national_shortage_probability", title, ".0%")


def _missing(reading: Reading) -> alt.LayerChart:
    title = "Unmet need in the country, mean, FTE"
    return _over_years(reading, "national_missing_mean", title, ",.0f")


def _supply(reading: Reading) -> alt.LayerChart:
    """Return need as a fan and supply under the plan and without."""
    need = reading.values("national_demand_quantile")
    plan, none = (
        reading.values("national_supply_quantile", plan=each) for each in (0, reading.none)
    )
    (low, high, held), m = _band(reading), reading.median
    y = amount("value", "FTE", zero=False)
    layers = [_window(reading)]
    for values, colour, opacity in ((need, NEED, 0.16), (plan, PLAN, 0.22)):
        ends_of = {"low": values[:, low], "high": values[:, high]}
        band = pd.DataFrame({"year": reading.years} | ends_of)
        area = alt.Chart(band).mark_area(color=colour, opacity=opacity)
        layers.append(area.encode(x=years(), y=amount("low", "FTE", zero=False), y2="high:Q"))
    layers += [
        _line(_by_year(reading, need[:, m]), y, NEED),
        _line(_by_year(reading, none[:, m]), y, OTHER, (6, 4)),
        _line(_by_year(reading, plan[:, m]), y, PLAN),
    ]
    drawn = ("need", need, NEED), ("the plan", plan, PLAN), ("no new posts", none, OTHER)
    ends = {name: (float(values[-1, m]), colour) for name, values, colour in drawn}
    last = reading.study.time.window[1]
    t = reading.year(last)
    said = (
        f"Supply and need of specialists, medians with bands of {held} scenarios. In {last}: "
        f"need {need[t, m]:,.0f} FTE, supply {plan[t, m]:,.0f} under the plan and "
        f"{none[t, m]:,.0f} without."
    )
    below = f"FTE, medians; bands hold {held} scenarios. The axis does not start at zero."
    shown = float(need[:, high].max() - need[:, low].min())
    layers += _ends(ends, reading.years[-1], shown)
    return framed(layers, "Supply and need of specialists", below, said)


def _stacked(table: pd.DataFrame, field: str, title: str, of: str, palette: list[str]) -> alt.Chart:
    """Return a table [year, of what] of a field as bars by year, parts on each other."""
    names = list(table.columns)
    rows = table.rename_axis(index="year", columns=of).stack().rename(field).reset_index()
    colours = alt.Scale(domain=names, range=[palette[n % len(palette)] for n in range(len(names))])
    mark = alt.Chart(rows).mark_bar()
    made = mark.encode(
        x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
        y=amount(field, title),
        color=alt.Color(f"{of}:N", scale=colours, title=None),
        tooltip=["year:O", f"{of}:N", alt.Tooltip(f"{field}:Q", format=",.0f")],
    )
    return cast(alt.Chart, made)


def _plan(reading: Reading) -> alt.LayerChart:
    """Return new slots by year and region as stacked bars."""
    decided = reading.study.decision_years
    opened = reading.slots[[reading.year(year) for year in decided]]
    table = pd.DataFrame(opened, index=decided, columns=reading.names("region"))
    bars = _stacked(table, "slots", "new slots", "region", REGIONS)
    each = ", ".join(f"{name} {value:,.0f}" for name, value in table.sum().items())
    said = f"New LIS1 slots by year and region, {table.to_numpy().sum():,.0f} in all: {each}."
    return framed([bars], "New LIS1 slots", "by year of opening and region", said)


def _cost(reading: Reading) -> alt.LayerChart:
    """Return the yearly cost by payer, stacked."""
    cost = reading.values("cost_payer", plan=0) / 1e6
    table = pd.DataFrame(cost, index=reading.years, columns=reading.names("payer"))
    bars = _stacked(table, "nok", "NOK million", "payer", PAYERS)
    last = reading.years[-1]
    said = f"Gross cost of the plan by payer. In {last}: {cost[-1].sum():,.0f} million NOK in all."
    below = f"NOK million of {reading.study.cost.price_year}, gross, undiscounted"
    return framed([bars], "What the plan costs, by payer", below, said)


def _curve(x: Floats, cost: Floats, over: str) -> alt.LayerChart:
    """Return cost over the values of a limit; values without a plan are left out."""
    there = np.isfinite(cost)
    frame = pd.DataFrame({"limit": x[there], "cost": cost[there] / 1e9})
    line = (
        alt.Chart(frame)
        .mark_line(point=True, color=PLAN, strokeWidth=2.5)
        .encode(
            x=alt.X("limit:Q", title=over, scale=alt.Scale(zero=False), axis=alt.Axis(grid=False)),
            y=amount("cost", "NOK billion", ",.1f"),
            tooltip=[alt.Tooltip("limit:Q", format=".4g"), alt.Tooltip("cost:Q", format=",.2f")],
        )
    )
    said = f"Cost of the cheapest plan over {over}; no value has a plan."
    if len(frame):
        ends = frame.iloc[[0, -1]].to_numpy()
        said = (
            f"Cost of the cheapest plan over {over}: NOK {ends[0, 1]:,.2f} billion at "
            f"{ends[0, 0]:.4g}, {ends[1, 1]:,.2f} billion at {ends[1, 0]:.4g}."
        )
    below = "present value of the cheapest plan that keeps the limit"
    return framed([line], "What a stricter limit costs", below, said)


def _frontier(reading: Reading) -> alt.LayerChart:
    """Return what `frontier` found, or the frontier of a run."""
    if reading.has("over_value"):
        values = reading.values("over_value"), reading.values("over_cost")
        return _curve(*values, str(reading.attribute("over")))
    values = reading.values("frontier_limit"), reading.values("frontier_cost")
    return _curve(*values, f"risk.{reading.attribute('frontier_axis')}.limit")


def _sensitivity(reading: Reading) -> alt.LayerChart:
    """Return how strongly each uncertain thing drives the first outcome, the strongest first."""
    sobol = reading.has("sensitivity_total")
    name = "sensitivity_total" if sobol else "sensitivity_mu_star"
    title = "share of the variance" if sobol else "mean effect"
    outcome, names = reading.names("outcome")[0], reading.names("factor")
    values = pd.Series(reading.values(name, outcome=0), index=names).sort_values(ascending=False)
    frame = values.head(12).rename_axis("factor").rename("index").reset_index()
    bars = (
        alt.Chart(frame)
        .mark_bar(color=PLAN)
        .encode(
            x=alt.X("index:Q", title=title, axis=alt.Axis(tickCount=5)),
            y=alt.Y("factor:N", sort=None, title=None, axis=alt.Axis(labelLimit=300)),
            tooltip=["factor:N", alt.Tooltip("index:Q", format=".3f")],
        )
    )
    first = ", ".join(f"{key} {value:.2f}" for key, value in values.head(3).items())
    said = f"What drives {outcome}: {first}."
    return framed([bars], "What drives the shortage", outcome, said)


def _backtest(reading: Reading) -> alt.LayerChart:
    """Return the first series counted, beside its projection."""
    counted = reading.values("backtest_observed", series=0)
    mean = reading.values("backtest_mean", series=0)
    low, high = (reading.values(f"backtest_{end}", series=0)[:, -1] for end in ("low", "high"))
    name, y = reading.names("series")[0], amount("value", "", zero=False)
    band = pd.DataFrame({"year": reading.years, "low": low, "high": high})
    points = alt.Chart(_by_year(reading, counted).dropna())
    points = points.mark_point(color=NEED, filled=True, size=50)
    area = alt.Chart(band).mark_area(color=PLAN, opacity=0.22)
    layers = [
        area.encode(x=years(), y=amount("low", "", zero=False), y2="high:Q"),
        _line(_by_year(reading, mean), y, PLAN),
        points.encode(x=years(), y=y, tooltip=[alt.Tooltip("year:Q", format="d"), "value:Q"]),
    ]
    t = int(np.flatnonzero(np.isfinite(counted))[-1])
    said = (
        f"{name}: in {reading.years[t]} {counted[t]:,.0f} were counted, {mean[t]:,.0f} projected."
    )
    below = "points: counted; line and band: the projection's mean and widest band"
    return framed(layers, name, below, said)


Needed = tuple[tuple[str, ...], ...]
CHARTS: Mapping[str, tuple[Needed, Callable[[Reading], alt.LayerChart]]] = {
    "supply": ((("national_supply_quantile", "plan_id"),), _supply),
    "shortage": ((("national_shortage_probability", "plan_id"),), _shortage),
    "missing": ((("national_missing_mean", "plan_id"),), _missing),
    "plan": ((("slots", "plan_id"),), _plan),
    "cost": ((("cost_payer", "plan_id"),), _cost),
    "frontier": ((("over_value", "over_cost"), ("frontier_limit", "frontier_cost")), _frontier),
    "sensitivity": ((("outcome_name", "factor_name"),), _sensitivity),
    "backtest": ((("backtest_observed", "backtest_mean"),), _backtest),
}
"""What can be drawn: the variables of which it takes some, and what draws it."""
