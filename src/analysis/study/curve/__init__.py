"""Specification curves: the choices an analyst could have made, all estimated, and what follows.

:mod:`~analysis.study.curve.choices` holds the choices that all studies share and estimates one
specification, :mod:`~analysis.study.curve.plan` reads which specifications are asked for,
:mod:`~analysis.study.curve.null` says how such a curve looks where there is no effect (Simonsohn,
Simmons and Nelson 2020), :mod:`~analysis.study.curve.picture` draws it. Each study declares its
case in its own ``curve`` module.
"""

from analysis.study.curve.choices import CASES, Case, Choice, case_of, estimate

__all__ = ["CASES", "Case", "Choice", "case_of", "estimate"]
