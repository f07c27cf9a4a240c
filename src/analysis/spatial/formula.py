"""Formulas: logs, powers, lags, interactions and categories become columns of the panel."""

import re
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from analysis import errors
from analysis.errors import did_you_mean, listed
from analysis.panel import Panel, as_panel
from analysis.resources import declared, refuse
from analysis.spatial.estimates import check_choice
from analysis.spatial.specification import Term, term_values

SAYS = declared("analysis.spatial", "refusals.toml")["formula"]
_TOKEN = re.compile(
    r"`[^`]*`|(?<![\w.])(?:L\d*\.[A-Za-z_]\w*(?:\^\d+)?|[A-Za-z_]\w*\^\d+)(?![\w.(^])"
)
"""A quoted name, or a term of ours that a formula would read otherwise: L.x, L2.x, x^2, L.x^2."""


S = TypeVar("S")


def asked(
    data: Panel | pd.DataFrame, specification: S | str, kind: type[S], options: dict[str, Any]
) -> tuple[Panel, S]:
    """Panel and specification of a call that may have a frame and a formula instead.

    Raises
    ------
    SpecificationError
        If the specification is none of its kind, or a ready one comes with options.
    """
    panel = as_panel(data)
    if isinstance(specification, str):
        panel, outcome, regressors, time_lag = read(panel, specification)
        for name in options:
            check_choice("option", name, [field.name for field in fields(kind)][2:])  # type: ignore[arg-type]
        chosen = {"time_lag": True, **options} if time_lag else options
        return panel, kind(outcome, regressors, **chosen)  # type: ignore[call-arg]
    wrong = {"kind": not isinstance(specification, kind), "options": list(options)}
    refuse(errors.SpecificationError, SAYS, wrong, kind=kind, given=specification)
    return panel, specification


def read(panel: Panel, formula: str) -> tuple[Panel, str, tuple[str, ...], bool]:
    """Make the columns that a formula asks for.

    Parameters
    ----------
    panel : Panel
    formula : str
        ``"log(y) ~ x + x^2 + L.x + x:z + C(region)"``, read by formulaic; ``x^2`` and ``L.x`` mean
        what they mean in a :class:`Specification`, and a lag is one of periods. The constant is
        the model's affair. A lag of the outcome, ``L.y``, stands for ``time_lag=True``.

    Returns
    -------
    panel : Panel
        With the columns; where a function of a lag is asked for, without the periods that it costs.
    outcome : str
    regressors : tuple of str
    time_lag : bool

    Raises
    ------
    SpecificationError
        If the formula cannot be read.
    MissingColumnError
        If it names a column that is not in the data.
    """
    from formulaic import model_matrix
    from formulaic.errors import FormulaicError

    frame = panel.frame
    own = {token: Term.parse(token) for token in _TOKEN.findall(formula) if token[0] != "`"}
    text = _TOKEN.sub(lambda token: f"`{token[0].strip('`')}`", formula)
    for token, term in own.items():
        column = panel.series(term_values(panel, term), token)
        frame = frame.assign(**{token: column.groupby(level=0).shift(term.lag)})
    try:
        both = model_matrix(text, frame, na_action="ignore", context={"lag": _lag, "log": _log})
        left, right = both.lhs, both.rhs
    except (FormulaicError, AttributeError, TypeError, ValueError) as error:
        name = re.search(r"NameError: (?:name )?[`']?([^`'\]]+?)[`']? ", str(error))
        words: dict[str, Any] = {"formula": formula, "panel": panel}
        if name:
            words |= {"hint": did_you_mean(name[1], panel.columns), "name": name[1]}
            said = SAYS["column"].format(known=listed(panel.columns, 30), **words)
            raise errors.MissingColumnError(said) from error
        if isinstance(error.__cause__, errors.AnalysisError):
            raise error.__cause__ from None
        for column in frame.select_dtypes("object"):
            if "Unable to evaluate" in str(error) and re.search(rf"\b{column}\b", formula):
                panel.values(column)  # names the cell that is no number
        said = " ".join(re.sub("\x1b\\[[0-9;]*m|[⧛⧚]", "", str(error)).split())
        raise errors.SpecificationError(SAYS["unread"].format(said=said, **words)) from error
    refuse(errors.SpecificationError, SAYS, {"outcome": left.shape[1] != 1}, formula=formula)
    outcome = str(left.columns[0])
    right = right.drop(columns="Intercept", errors="ignore").rename(columns=str)
    names = list(right.columns)
    made = right.drop(columns=[name for name in names if name in own or name in panel.columns])
    if outcome not in panel.columns:
        made = made.assign(**{outcome: left.iloc[:, 0]})
    panel = panel.assign(**{name: made[name] for name in made})
    # Lags inside functions and products may cost periods at the start.
    inside = [int(count or 1) for count in re.findall(r"\blag\([^()]*?(?:,\s*(\d+))?\)", text)]
    longest = max([0, *inside, *(term.lag for term in own.values())])
    lost = made.index[made.isna().any(axis=1)].get_level_values(1)
    early = panel.periods < panel.periods[0] + longest
    panel = panel.sub(periods=panel.periods[~(panel.periods.isin(lost) & early)])
    before = f"L.{outcome}"
    return panel, outcome, tuple(name for name in names if name != before), before in names


def _log(values: pd.Series) -> pd.Series:
    bad = [f"{unit} {period} ({value:g})" for (unit, period), value in values[values <= 0].items()]
    refuse(errors.DomainError, SAYS, {"log": bad}, name=values.name)
    return np.log(values)


def _lag(values: pd.Series, periods: int = 1) -> pd.Series:
    return values.groupby(level=0).shift(periods)
