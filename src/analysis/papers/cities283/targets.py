"""What the simulated 283-city data are calibrated to, as ``targets.toml`` declares it."""

from types import SimpleNamespace

from analysis.errors import ParameterError
from analysis.resources import declared

FILE = "src/analysis/papers/cities283/targets.toml"
DECLARED = declared("analysis.papers.cities283", "targets.toml")

SEED: int = DECLARED["seed"]
"""Seed of the committed data set."""

YEARS = tuple(range(DECLARED["years"][0], DECLARED["years"][1] + 1))
"""Years of the raw tables; the latent index begins a year later."""

DEFAULT_DROPPED: str = DECLARED["dropped"]

CONTROLS = ("lnGDP", "GOV", "ROAD", "OPEN", "HUM")
"""Controls in the order of the study."""

REGRESSORS = ("INA", *CONTROLS)
REGIONS = ("east", "central", "west")

PRINTED = SimpleNamespace(**DECLARED["printed"])
"""Numbers of the running text that the latent data are made to meet."""


def chosen(scenario: str = "placed") -> SimpleNamespace:
    """Truths that print does not give, under a scenario: *placed* in space, or with a *faint-field*.

    Raises
    ------
    ParameterError
        If the scenario is unknown.

    Examples
    --------
    >>> chosen().field_sd > chosen("faint-field").field_sd
    True
    """
    scenarios = DECLARED["scenarios"]
    if scenario not in scenarios:
        raise ParameterError(f"scenario {scenario!r} is unknown; choose {' or '.join(scenarios)}")
    return SimpleNamespace(**DECLARED["chosen"] | scenarios[scenario])


CHOSEN = chosen()
