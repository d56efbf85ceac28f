"""The product's speed, as ratios to a bare Django over the same tables in one run.

`make bench` starts all it needs, measures, and fails where a goal is missed.
"""
