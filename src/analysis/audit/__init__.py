"""Do printed tables agree with themselves? Checks that need nothing but the print.

Every check takes a table as it was printed (text, so that trailing zeros count), carries the
rounding of each number through the computation as an interval, and returns findings. It is silent
when some set of unrounded numbers would make the print consistent. A finding is an inference from
print: it says what does not fit, never why.
"""

from analysis.audit.curvature import turning_points, turning_points_apart
from analysis.audit.effects import (
    DRAWS,
    ClosestRho,
    ImpliedMultiplier,
    closest_rho,
    diagonal_range,
    direct_effects,
    effect_rows,
    expected_effects,
    implied_multiplier,
    indirect_std_errors,
    misfit,
    sums,
    totals,
)
from analysis.audit.finding import GRADES, Finding, findings_frame, worst
from analysis.audit.moments import extreme_cells, observations, repeated_rows, spread, units
from analysis.audit.moran import MoranMoments, implied_moran_sd, moran_against_weights
from analysis.audit.persistence import Dynamics, dynamics, largest_modulus, stability
from analysis.audit.significance import (
    confidence_intervals,
    degrees_of_freedom,
    group_difference,
    implied_degrees_of_freedom,
    ratios,
    stars,
    statistics_against_p,
    two_sided,
)
from analysis.audit.statements import Statement, check_statements
from analysis.audit.suite import COLUMNS, audit_table, read_table
from analysis.rounding import Interval, Printed, printed

__all__ = [
    "COLUMNS",
    "DRAWS",
    "GRADES",
    "ClosestRho",
    "Dynamics",
    "Finding",
    "ImpliedMultiplier",
    "Interval",
    "MoranMoments",
    "Printed",
    "Statement",
    "audit_table",
    "check_statements",
    "closest_rho",
    "confidence_intervals",
    "degrees_of_freedom",
    "diagonal_range",
    "direct_effects",
    "dynamics",
    "effect_rows",
    "expected_effects",
    "extreme_cells",
    "findings_frame",
    "group_difference",
    "implied_degrees_of_freedom",
    "implied_moran_sd",
    "implied_multiplier",
    "indirect_std_errors",
    "largest_modulus",
    "misfit",
    "moran_against_weights",
    "observations",
    "printed",
    "ratios",
    "read_table",
    "repeated_rows",
    "spread",
    "stability",
    "stars",
    "statistics_against_p",
    "sums",
    "totals",
    "turning_points",
    "turning_points_apart",
    "two_sided",
    "units",
    "worst",
]
