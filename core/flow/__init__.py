"""Labels to arrays and back: rates, intake, demand, trainees, projection."""
