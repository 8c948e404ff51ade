"""Campaigns: many runs as a job array of Slurm, or one after the other without it."""
