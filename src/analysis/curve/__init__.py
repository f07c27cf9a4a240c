"""Specification curves: the choices an analyst could have made, all estimated, and what follows.

:mod:`~analysis.curve.choices` holds the choices that all studies share and estimates one
specification, :mod:`~analysis.curve.cases` declares the studies, :mod:`~analysis.curve.plan` reads
which specifications are asked for, :mod:`~analysis.curve.null` says how such a curve looks where
there is no effect (Simonsohn, Simmons and Nelson 2020), :mod:`~analysis.curve.picture` draws it.
"""

from analysis.curve.choices import CASES, Case, Choice, case_of, estimate

__all__ = ["CASES", "Case", "Choice", "case_of", "estimate"]
