"""Spatial panel estimation: one specification, one fit, and what follows from it."""

from analysis.spatial.conley import Conley
from analysis.spatial.effects import Stability
from analysis.spatial.estimates import StandardErrors, TestResult
from analysis.spatial.fit import Fit, fit, profile
from analysis.spatial.specification import Specification, Term

__all__ = [
    "Conley",
    "Fit",
    "Specification",
    "Stability",
    "StandardErrors",
    "Term",
    "TestResult",
    "fit",
    "profile",
]
