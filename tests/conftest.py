"""What all tests share: finding programs of the system."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable

import pytest


@pytest.fixture
def tool() -> Callable[[str], str]:
    """Return a finder of a program's path; a missing one skips the test, in .ci/run fails it."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            missing = (
                pytest.fail if os.environ.get("LIS1PLAN_REQUIRE_TOOLS") == "1" else pytest.skip
            )
            missing(f"the program {name} is not installed; .ci/run lists the packages")
        return str(path)

    return find
