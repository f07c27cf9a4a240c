"""Specification curves: the choices an analyst could have made, all estimated, and what follows.

:mod:`~analysis.study.curve.choices` holds the choices that all studies share and estimates one
specification, :mod:`~analysis.study.curve.plan` reads which specifications are asked for,
:mod:`~analysis.study.curve.null` says how such a curve looks where there is no effect (Simonsohn,
Simmons and Nelson 2020), :mod:`~analysis.study.curve.picture` draws it.
"""

from analysis.study.curve.choices import choices, estimate

__all__ = ["choices", "estimate"]
