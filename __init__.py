"""lis1plan: planning the intake to medical specialist training under uncertainty.

The data travel through the rooms in this order:

- ``configs``: what is asked: a study (TOML) and its sourced tables (CSV)
- ``core``: what happens if a path of slots is followed: scenarios, flow, demand, shortfall, cost
- ``optimise``: what to choose: the cheapest path inside risk and capacity, with a proof
- ``report``: what is told: the result file as a page and as tables
- ``cli``: the doors
"""
