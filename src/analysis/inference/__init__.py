"""What follows from estimates: turning points, mediation, groups, panel tests, which W and model."""

from analysis.inference.probabilities import Prior, model_probabilities

__all__ = ["Prior", "model_probabilities"]
