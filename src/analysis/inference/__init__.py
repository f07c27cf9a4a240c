"""What follows from estimates: turning points, mediation, groups, tests, which W and model."""

from analysis.inference.contrasts import wild_bootstrap
from analysis.inference.first_stage import Frontier, frontier_bootstrap
from analysis.inference.probabilities import Prior, model_probabilities
