"""lis1plan: planning the intake to medical specialist training under uncertainty.

The data travel through the rooms in this order:

- ``configs``: what is asked: a study (TOML) and its sourced tables (CSV)
- ``core``: what happens if a path of slots is followed: scenarios, flow, demand, shortfall, cost
- ``optimise``: what to choose: the cheapest path inside risk and capacity, with a proof
- ``report``: what is told: the result file as a page and as tables
- ``cli``: the command line; ``api``: the same for notebooks

For notebooks: ``load_study``, ``project``, ``plan``, ``open_result``, ``write_result`` and
``write_report``; they are imported when they are first used.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import load_study, open_result, plan, project, write_report, write_result

__all__ = ["load_study", "open_result", "plan", "project", "write_report", "write_result"]


def __getattr__(name: str) -> Any:
    """Import a function of the Python interface when it is first used."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.api"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
