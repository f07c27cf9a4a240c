"""What follows from estimates: turning points, mediation, groups, panel tests, which W and model."""

from analysis.inference.probabilities import Prior, model_probabilities
from analysis.inference.wild import wild_bootstrap

__all__ = ["Prior", "model_probabilities", "wild_bootstrap"]
