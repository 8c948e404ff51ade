"""lis1plan: planning the intake to medical specialist training under uncertainty.

The data travel through the rooms in this order:

- ``configs``: what is asked: a study (TOML) and its sourced tables (CSV)
- ``core``: what happens if a path of slots is followed: scenarios, flow, demand, shortfall, cost
- ``optimise``: what to choose: the cheapest path inside risk and capacity, with a proof
- ``report``: what is told: the result file as a page and as tables
- ``cli``: the command line; ``api``: the same for notebooks

For notebooks: ``load_study``, ``project``, ``plan``, ``frontier``, ``sensitivity``,
``backtest``, ``compare``, ``plan_of``, ``plot``, ``open_result``, ``write_result`` and
``write_report``, the errors they raise, all of them ``LisError``, and ``InputWarning``; they are
imported when they are first used. ``__version__`` is that of the installed program.
"""

TYPE_CHECKING = False  # `typing` is not imported: a signal finds the program watching soon
if TYPE_CHECKING:
    from typing import Any

    from .api import (
        backtest,
        compare,
        frontier,
        load_study,
        open_result,
        plan,
        plan_of,
        plot,
        project,
        sensitivity,
        write_report,
        write_result,
    )
    from .core.errors import InputError, InputWarning, InterruptedRunError, LisError
    from .core.files.store import ResultFileError
    from .optimise.job import InfeasibleError, StoppedError
    from .optimise.solvers.pyomo_solvers import NoSolverError

__all__ = [
    "InfeasibleError",
    "InputError",
    "InputWarning",
    "InterruptedRunError",
    "LisError",
    "NoSolverError",
    "ResultFileError",
    "StoppedError",
    "backtest",
    "compare",
    "frontier",
    "load_study",
    "open_result",
    "plan",
    "plan_of",
    "plot",
    "project",
    "sensitivity",
    "write_report",
    "write_result",
]
_ERRORS_AND_WARNINGS = {
    "InfeasibleError": "optimise.job",
    "InputError": "core.errors",
    "InputWarning": "core.errors",
    "InterruptedRunError": "core.errors",
    "LisError": "core.errors",
    "NoSolverError": "optimise.solvers.pyomo_solvers",
    "ResultFileError": "core.files.store",
    "StoppedError": "optimise.job",
}
"""The module in which each of them lies; the functions lie in `api`."""


def __getattr__(name: str) -> "Any":  # noqa: ANN401
    """Import a function, error or warning of the Python interface when it is first used."""
    if name == "__version__":
        from importlib.metadata import version

        return version(__name__)
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module = _ERRORS_AND_WARNINGS.get(name, "api")
    return getattr(import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
