"""Efficiency with undesirable outputs: one function for the level, one for the index.

:func:`score` measures every city-year against a frontier, :func:`malmquist` its change from year to
year; what is measured is a frozen :class:`Technology`, and both return an :class:`Efficiency`.
:func:`score_as_printed` shows what frequent misprints of the equation do.
"""

from analysis.efficiency.measure import Efficiency, malmquist, score, score_as_printed
from analysis.efficiency.technology import Technology
