"""Paper B's first equation as printed: what its two sign misprints do, and to how many."""

import numpy as np
import pandas as pd

from analysis.efficiency.measure import score
from analysis.efficiency.programs import SAYS, largest_output_slack, slacks_based
from analysis.efficiency.simplex import TOLERANCE, solve
from analysis.efficiency.technology import Technology, checked_data, reference_sets
from analysis.errors import SpecificationError
from analysis.panel import Panel, as_panel
from analysis.resources import refuse


def score_as_printed(
    panel: Panel,
    technology: Technology,
    *,
    minus_in_denominator: bool = True,
    bad_output_grows: bool = True,
) -> pd.DataFrame:
    """Score with a misprint of the slacks-based measure beside the right one.

    As printed, it has the denominator as *one minus* the mean relative slack of the outputs, and the
    bad output's constraint as ``B L - s = b``, so that its slack is *more* pollution. Where the
    outputs can grow so far that the denominator reaches zero, the printed program has no minimum:
    just beyond zero its ratio falls without bound.

    Parameters
    ----------
    panel : Panel
    technology : Technology
        A non-oriented slacks-based measure with a bad output, without super-efficiency.
    minus_in_denominator, bad_output_grows : bool
        Which of the two misprints to keep.

    Returns
    -------
    DataFrame
        Indexed by (city, year): ``efficiency``, the right score; ``largest_slack``, the largest
        mean relative output slack that the printed constraints allow; ``has_minimum``, whether the
        printed program has one; ``printed``, the least ratio with a positive denominator, which is
        what a solver returns for the linearised program.

    Raises
    ------
    SpecificationError
        If the technology is another one.

    Examples
    --------
    >>> good, bad = [1, 2, 6, 8, 9, 5, 4, 6, 4], [1, 1, 2, 4, 7, 2, 3, 4, 6]
    >>> frame = pd.DataFrame({"city": list("ABCDEFGHI"), "year": 1, "x": 1, "y": good, "b": bad})
    >>> panel, technology = Panel.from_frame(frame), Technology(("x",), ("y",), ("b",))
    >>> found = score_as_printed(panel, technology, bad_output_grows=False)
    >>> found["has_minimum"].to_list()
    [False, True, True, True, True, True, True, True, True]
    """
    asked = technology.measure, technology.orientation, technology.super_efficiency
    other = asked != ("sbm", "none", False) or not technology.bad
    refuse(SpecificationError, SAYS, {"printed": other})
    panel = as_panel(panel)
    shape, returns = technology.shape, technology.returns
    bad_sign = -1.0 if bad_output_grows else 1.0
    weight = -1.0 if minus_in_denominator else 1.0
    printed = slacks_based(shape, returns, output_weight=weight, bad_sign=bad_sign)
    furthest = largest_output_slack(shape, returns, bad_sign=bad_sign)
    data = checked_data(panel, technology)
    value, slack = np.empty(len(data)), np.empty(len(data))
    for units, reference in reference_sets(technology, panel.n_units, panel.n_periods):
        value[units] = solve(printed, data[units], data[reference]).objective
        slack[units] = -solve(furthest, data[units], data[reference]).objective
    least = (slack < 1.0 - TOLERANCE) | (not minus_in_denominator)
    columns = {"largest_slack": slack, "has_minimum": least, "printed": value}
    return score(panel, technology).level.to_frame("efficiency").assign(**columns)
