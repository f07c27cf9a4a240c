"""What follows from estimates: turning points, mediation, groups, tests, which W and model."""

from analysis.inference.first_stage import Frontier, frontier_bootstrap
from analysis.inference.probabilities import Prior, model_probabilities
from analysis.inference.wild import wild_bootstrap
