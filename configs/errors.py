"""What is said when a study or a file is not right: all problems at once, each in one line."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.errors import Exit, LisError

MOST_TOLD = 60
"""Problems told; of more the number is given."""


class InputError(LisError):
    """Bad input. `problems` holds one line each: where, what was found, what is allowed."""

    exit_code = Exit.BAD_INPUT
    final = True

    def __init__(self, problems: str | Sequence[str]) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.told))

    @property
    def told(self) -> list[str]:
        """Return the problems, of very many the first; one may hold a line break of its own."""
        more = len(self.problems) - MOST_TOLD
        return self.problems[:MOST_TOLD] + [f"and {more:,} problems more"] * (more > 0)
