"""What printed dynamic parameters imply for the stability of the process."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.audit.finding import Finding, checked, found
from analysis.audit.table import Estimate, find, require
from analysis.rounding import Interval, Printed


@dataclass(frozen=True, slots=True)
class Dynamics:
    """Printed parameters of y_t = rho W y_t + tau y_{t-1} + eta W y_{t-1} + ...

    Attributes
    ----------
    tau, eta, rho : Estimate or None
        None where the table does not print the parameter.
    """

    tau: Estimate | None
    eta: Estimate | None
    rho: Estimate | None

    def _of(self, name: str, part: str) -> Printed:
        found = getattr(getattr(self, name), part, None)
        return found or Printed("0", 0.0, 0.0)

    def interval(self, name: str) -> Interval:
        """Return the rounding interval of one parameter; a parameter not printed counts as zero."""
        return self._of(name, "estimate").interval

    def value(self, name: str) -> float:
        """Return the printed value of one parameter, zero if not printed."""
        return self._of(name, "estimate").value

    def error(self, name: str) -> float:
        """Return the printed standard error of one parameter, zero if not printed."""
        return self._of(name, "error").value

    @property
    def sum(self) -> Interval:
        """Sum tau + rho + eta with rounding."""
        return self.interval("tau") + self.interval("rho") + self.interval("eta")


def dynamics(
    table: pd.DataFrame, model: str, tau: str = "L.y", eta: str = "W.L.y", rho: str = "rho"
) -> Dynamics:
    """Collect tau, eta and rho of one printed model."""
    require(table, ["model", "term", "estimate"], "stability")
    return Dynamics(find(table, model, tau), find(table, model, eta), find(table, model, rho))


def largest_modulus(tau: float, rho: float, eta: float, eigenvalues: np.ndarray) -> float:
    """Largest modulus of ``(tau + eta w) / (1 - rho w)`` over the eigenvalues w of W.

    Yu, de Jong and Lee (2008): below one, the process forgets its past.

    Examples
    --------
    >>> round(largest_modulus(0.708, 0.18, 0.265, np.array([1.0, -0.1])), 3)
    1.187
    """
    w = np.asarray(eigenvalues)
    return float(np.max(np.abs((tau + eta * w) / (1 - rho * w))))


@checked
def stability(
    table: pd.DataFrame, model: str, long_run: bool = False, **names: str
) -> Iterator[Finding]:
    """Sum of the printed dynamic parameters against one.

    Parameters
    ----------
    table : DataFrame
        Columns ``model``, ``term``, ``estimate`` and, where printed, ``std_error``.
    model : str
    long_run : bool
        Whether long-run effects of this model are printed; they exist only below one.
    **names : str
        Terms of ``tau``, ``eta`` and ``rho`` if not the default ones.

    Returns
    -------
    list of Finding
        Empty for a static model and where some unrounded parameters are stable. For a
        row-standardised W, tau + rho + eta < 1 is the condition at the unit eigenvalue when
        rho < 1; where rho is not printed the finding says which rho would be needed.
    """
    has = dynamics(table, model, **names)
    if has.tau is None or has.sum.lower < 1:
        return
    tau, eta, rho = (has.value(name) for name in ("tau", "eta", "rho"))
    error = math.hypot(*(has.error(name) for name in ("tau", "eta", "rho")))
    # with the rounding alone the sum exceeds one; with its sampling error it need not
    shown: dict[str, Any] = {"grade": "likely main" if long_run else "", "tau": tau, "eta": eta}
    if has.rho is None:
        values = {"needed": 1 - tau - eta, "sum": tau + eta}
        yield found(
            "needed", has.tau.where, rho=values["needed"], sum=values["sum"], values=values, **shown
        )
        return
    values = {"sum": tau + rho + eta, "std_error": error, "flipped": tau + eta - rho}
    yield found(
        "stability", has.tau.where, ends=["long" if long_run else "short"], rho=rho,
        interval=has.sum, error=error, response=(tau + eta) / (1 - rho) if rho != 1 else math.inf,
        sum=values["sum"], flipped=values["flipped"], values=values, **shown,
    )  # fmt: skip
