"""Examples: how commands are called, shown at the end of their help; tests take each of them."""

from __future__ import annotations

EXAMPLES: dict[str, tuple[str, ...]] = {
    "presets": ("lis1plan presets",),
    "init": ("lis1plan init my-study", "lis1plan init my-study --preset tutorial"),
    "explain": (
        "lis1plan explain queue.leakage",
        "lis1plan explain parental leave",
        "lis1plan explain pensjon",
    ),
    "schema": ("lis1plan schema > study.schema.json",),
    "validate": (
        "lis1plan validate tutorial",
        "lis1plan validate my-study/tutorial.toml --show",
    ),
    "project": (
        "lis1plan project tutorial --plan mine.csv",
        "lis1plan project tutorial --plan outputs/RESULT.nc --branch 3",
        "lis1plan project tutorial --realization 7",
    ),
    "run": (
        "lis1plan run tutorial",
        "lis1plan run norway-2019 --set risk.national.limit=0.12 --scenarios 10000 --seed 7",
    ),
    "frontier": ("lis1plan frontier norway-2019 --over risk.national.limit",),
    "replicate": ("lis1plan replicate tutorial",),
    "sensitivity": ("lis1plan sensitivity tutorial",),
    "measures": ("lis1plan measures norway-2027",),
    "backtest": ("lis1plan backtest norway-2010",),
    "resources": ("lis1plan resources norway-2019 --scenarios 100000",),
    "submit": (
        "lis1plan submit tutorial --sweep sampling.seed=1,2,3 --scheduler local",
        "lis1plan submit tutorial --cases scenarios.csv --out campaign",
    ),
    "status": ("lis1plan status campaign",),
    "resume": ("lis1plan resume campaign",),
    "cancel": ("lis1plan cancel campaign",),
    "collect": ("lis1plan collect campaign",),
    "task": ("lis1plan task campaign 3",),
    "report": (
        "lis1plan report outputs/tutorial.nc",
        "lis1plan report one.nc other.nc --out both.html",
    ),
    "explore": ("lis1plan explore outputs/tutorial.nc",),
    "verify": ("lis1plan verify outputs/tutorial.nc",),
    "rerun": ("lis1plan rerun outputs/tutorial.nc",),
    "diff": ("lis1plan diff one.nc other.nc",),
    "export": ("lis1plan export outputs/tutorial.nc --format xlsx --locale nb",),
    "published": ("lis1plan published", "lis1plan published --format csv"),
}
