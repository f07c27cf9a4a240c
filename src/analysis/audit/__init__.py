"""Do printed tables agree with themselves? Checks that need nothing but the print.

Every check takes a table as it was printed (text, so that trailing zeros count), carries the
rounding of each number through the computation as an interval, and returns findings. It is silent
when some set of unrounded numbers would make the print consistent. A finding is an inference from
print: it says what does not fit, never why.
"""

from analysis.audit.curvature import totals_table, turning_points, turning_points_apart
from analysis.audit.effects import (
    DRAWS,
    dynamics,
    effect_rows,
    effect_sums,
    effects,
    exchanged,
    expected_effects,
    largest_modulus,
    leave_one_out,
    lower_bounds,
    misfit,
    stability,
    sums,
)
from analysis.audit.finding import Finding, findings_frame
from analysis.audit.moments import largest_share, natural_units, repeated_rows, spread, units
from analysis.audit.moran import implied_moran_sd, moran_against_weights, named_weights
from analysis.audit.significance import (
    confidence_intervals,
    degrees_of_freedom,
    error_bounds,
    group_difference,
    joint_test,
    stars,
    statistics_against_p,
    two_sided,
)
from analysis.audit.statements import Statement, across_columns, check_statements, stated_numbers
from analysis.audit.suite import COLUMNS, audit_table, read_table
from analysis.rounding import Interval, printed
