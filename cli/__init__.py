"""The doors: one command each; rooms are imported inside the commands, no logic."""
