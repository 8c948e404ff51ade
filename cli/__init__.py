"""How it is asked: commands and their options. Rooms are imported inside the commands."""

from .commands import main

__all__ = ["main"]
