"""From raw tables to paper variables: contracts, cleaning, agglomeration, intensity."""

from analysis.resources import declared

SAYS = declared("analysis.measures", "refusals.toml")
"""What raw numbers are refused for."""
