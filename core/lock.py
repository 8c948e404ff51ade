"""Locks between processes: a file that one process holds."""

from __future__ import annotations

from typing import TextIO


def locked(file: TextIO, shared: bool = False) -> bool:
    """Lock an open file without waiting; return False if another process holds it.

    The lock goes with the process, however that ends. Windows has no such locks: there every file
    is free, and two processes at once are not told apart.
    """
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
