"""How well a projection made as of an earlier year met what was counted since."""
