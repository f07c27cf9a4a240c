"""Was W stacked in the order of the rows? Printed LM statistics recomputed in both orders."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pandas as pd

from analysis.audit.finding import Finding, checked, found
from analysis.panel import Panel, as_panel
from analysis.rounding import printed
from analysis.spatial import Specification
from analysis.spatial.specification import term_values
from analysis.spatial.specification_tests import lm_tests
from analysis.weights import Weights


def lm_by_stacking(panel: Panel, specification: Specification, weights: Weights) -> pd.DataFrame:
    """LM statistics with W stacked as the rows are, and in the other order.

    A matrix of W's side by side, one a year, belongs to rows sorted by year. Over rows sorted by
    unit it joins other pairs than it says, and the statistics look as plausible as the right ones.

    Returns
    -------
    DataFrame
        A row a test, columns "as the rows" and "the other order".
    """
    panel = as_panel(panel)
    now = [term for term in specification.terms if not term.lag]
    panel = panel.assign(**{str(term): term_values(panel, term) for term in now})
    names = [specification.outcome, *(str(term) for term in specification.terms)]
    freed = panel.within(names, specification.fixed_effects)
    values = {name: freed.values(name) for name in names}
    mixed = freed.assign(**{name: x.T.reshape(x.shape) for name, x in values.items()})
    plain = replace(specification, time_lag=False, space_time_lag=False, durbin=None)
    orders = {"as the rows": freed, "the other order": mixed}
    tests = {name: lm_tests(data, plain, weights, pooled=True) for name, data in orders.items()}
    return pd.DataFrame({name: {t.name: t.statistic for t in of} for name, of in tests.items()})


@checked
def stacking(
    panel: Panel, specification: Specification, weights: Weights, table: Mapping[str, str]
) -> Iterator[Finding]:
    """Find printed LM statistics that arise only where W and rows are in different orders.

    Parameters
    ----------
    panel, specification, weights
        The data behind the table, its regression and its matrix.
    table : mapping
        Name of a test, as :func:`lm_by_stacking` has it, to its printed statistic.
    """
    both = lm_by_stacking(panel, specification, weights)
    for name, text in table.items():
        number = printed(text, name)
        right, wrong = (float(value) for value in both.loc[name])
        if number and number.interval.contains(wrong) and not number.interval.contains(right):
            yield found(
                "stacking of W", name, text=text, right=right, name=name,
                values={"as the rows": right, "the other order": wrong},
            )  # fmt: skip
