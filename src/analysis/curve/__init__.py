"""Specification curves: the choices an analyst could have made, all estimated, and what follows.

:mod:`~analysis.curve.choices` declares what can be chosen in each study and estimates one
specification, :mod:`~analysis.curve.plan` reads which ones are asked for,
:mod:`~analysis.curve.null` says how such a curve looks where there is no effect (Simonsohn, Simmons
and Nelson 2020), :mod:`~analysis.curve.picture` draws it.
"""

from analysis.curve.choices import CASES, Case, Choice, estimate
from analysis.curve.plan import Plan, read

__all__ = ["CASES", "Case", "Choice", "Plan", "estimate", "read"]
