"""What printed dynamic parameters imply for the stability of the process."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.audit.finding import Finding, found
from analysis.audit.table import Estimate, find, require
from analysis.rounding import Interval


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

    def interval(self, name: str) -> Interval:
        """Return the rounding interval of one parameter; a parameter not printed counts as zero."""
        estimate: Estimate | None = getattr(self, name)
        return Interval(0.0, 0.0) if estimate is None else estimate.estimate.interval

    def value(self, name: str) -> float:
        """Return the printed value of one parameter, zero if not printed."""
        estimate: Estimate | None = getattr(self, name)
        return 0.0 if estimate is None else estimate.estimate.value

    def error(self, name: str) -> float:
        """Return the printed standard error of one parameter, zero if not printed."""
        estimate: Estimate | None = getattr(self, name)
        return 0.0 if estimate is None or estimate.error is None else estimate.error.value

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


def largest_modulus(
    tau: float, rho: float, eta: float, eigenvalues: NDArray[np.complex128] | NDArray[np.float64]
) -> float:
    """Largest modulus of ``(tau + eta w) / (1 - rho w)`` over the eigenvalues w of W.

    Yu, de Jong and Lee (2008): below one, the process forgets its past.

    Examples
    --------
    >>> round(largest_modulus(0.708, 0.18, 0.265, np.array([1.0, -0.1])), 3)
    1.187
    """
    w = np.asarray(eigenvalues)
    return float(np.max(np.abs((tau + eta * w) / (1 - rho * w))))


def stability(
    table: pd.DataFrame, model: str, long_run: bool = False, **names: str
) -> list[Finding]:
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
    if has.tau is None:
        return []
    tau, eta, rho = (has.value(name) for name in ("tau", "eta", "rho"))
    if has.sum.lower < 1:
        return []
    error = math.sqrt(sum(has.error(name) ** 2 for name in ("tau", "eta", "rho")))
    # with the rounding alone the sum exceeds one; with its sampling error it need not
    grade, where, sum_ = "likely main" if long_run else "", has.tau.where, tau + rho + eta
    if has.rho is None:
        needed = {"needed": 1 - tau - eta, "sum": tau + eta}
        return [
            found("needed", where, grade=grade, tau=tau, eta=eta, rho=1 - tau - eta, sum=tau + eta,
                  values=needed)
        ]  # fmt: skip
    flipped = tau + eta - rho
    return [
        found(
            "stability", where, grade=grade, ends=["long" if long_run else "short"], tau=tau, eta=eta,
            rho=rho, interval=has.sum, sum=sum_, error=error, flipped=flipped,
            response=(tau + eta) / (1 - rho) if rho != 1 else math.inf,
            values={"sum": sum_, "std_error": error, "flipped": flipped},
        )
    ]  # fmt: skip
