"""What is said when a study or a file is not right: all problems at once, each in one line."""

from __future__ import annotations

from collections.abc import Sequence


class InputError(Exception):
    """Bad input. `problems` holds one line each: where, what was found, what is allowed."""

    def __init__(self, problems: str | Sequence[str]) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))
