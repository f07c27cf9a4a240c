"""The turning point of a quadratic: where it is, how well it is known, whether there is one.

Everything works from the two coefficients and their covariance, so it serves for coefficients of a
regression and for the direct, indirect and total effects of a spatial model alike.
"""

from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from analysis.errors import EstimationError, MissingColumnError, SpecificationError, listed
from analysis.inference.resampling import SAYS
from analysis.panel import FloatArray
from analysis.resources import refuse
from analysis.rounding import Interval

Shape = Literal["U", "inverted U"]


class ConfidenceSet(NamedTuple):
    """A Fieller set: an interval, a ray, two rays around a gap, or the whole line.

    Attributes
    ----------
    kind : {"bounded", "ray", "two rays", "whole line"}
    parts : tuple of Interval
        Its pieces, left to right; an unbounded end is infinite.
    """

    kind: Literal["bounded", "ray", "two rays", "whole line"]
    parts: tuple[Interval, ...]

    def __contains__(self, x: object) -> bool:
        """Whether a point belongs to the set."""
        return any(part.contains(float(x)) for part in self.parts)  # type: ignore[arg-type]

    def __str__(self) -> str:
        """Write the set as intervals."""
        written = " ∪ ".join(f"[{part.lower:.4g}, {part.upper:.4g}]" for part in self.parts)
        return written.replace("[-inf", "(-∞").replace("inf]", "∞)")


class TurningPoint(NamedTuple):
    """Where ``b1 x + b2 x^2`` turns.

    Attributes
    ----------
    point, std_error : float
        ``-b1 / (2 b2)`` and its delta-method standard error.
    delta : Interval
        Symmetric interval; too short when b2 is badly determined.
    fieller : ConfidenceSet
        All points at which a zero slope is not rejected.
    shape : {"U", "inverted U"}
    """

    point: float
    std_error: float
    delta: Interval
    fieller: ConfidenceSet
    shape: Shape


class UTest(NamedTuple):
    """Lind and Mehlum's test for a U or an inverted U on an interval.

    Attributes
    ----------
    shape : {"U", "inverted U"}
        The alternative, by the sign of b2; the null is a monotone or the opposite shape.
    low, high : float
        The interval.
    slope_low, slope_high, t_low, t_high : float
        Slopes at its ends and their t values.
    statistic, p_value : float
        The t value of the end that speaks less for the shape, counted in the shape's direction,
        and its one-sided p value.
    """

    shape: Shape
    low: float
    high: float
    slope_low: float
    slope_high: float
    t_low: float
    t_high: float
    statistic: float
    p_value: float


def _checked(b1: float, b2: float, cov: ArrayLike) -> FloatArray:
    V = np.asarray(cov, dtype=float)
    refuse(SpecificationError, SAYS, {"square": V.shape != (2, 2)}, shape=V.shape)
    variances = V[0, 0] * V[1, 1]
    wrong = {
        "finite": not np.isfinite([b1, b2, *V.ravel()]).all(),
        "straight": b2 == 0,
        "covariance": min(V[0, 0], V[1, 1]) < 0 or variances - V[0, 1] ** 2 < -1e-9 * variances,
    }
    refuse(EstimationError, SAYS, wrong)
    return V


def _shape(b2: float) -> Shape:
    return "U" if b2 > 0 else "inverted U"


def _critical(level: float, df: float | None = None) -> float:
    refuse(SpecificationError, SAYS, {"share": not 0 < level < 1}, level=level)
    return float(stats.t.ppf((1 + level) / 2, df or np.inf))


def slope(b1: float, b2: float, cov: ArrayLike, x: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Slope ``b1 + 2 b2 x`` at given points and its standard error.

    Examples
    --------
    >>> slope(1.0, -0.5, [[0.04, 0.0], [0.0, 0.01]], [0.0, 1.0])
    (array([1., 0.]), array([0.2       , 0.28284271]))
    """
    V, at = np.asarray(cov, dtype=float), np.asarray(x, dtype=float)
    variance = V[0, 0] + 4 * at * V[0, 1] + 4 * at**2 * V[1, 1]
    return b1 + 2 * b2 * at, np.sqrt(np.maximum(variance, 0.0))


def fieller(
    b1: float, b2: float, cov: ArrayLike, level: float = 0.95, df: float | None = None
) -> ConfidenceSet:
    """Fieller's confidence set of ``-b1 / (2 b2)``.

    The set of x with ``(b1 + 2 b2 x)^2 <= c^2 Var(b1 + 2 b2 x)``, a quadratic inequality in x: an
    interval where b2 differs from zero at the level, else two rays around a gap, or the whole
    line; a single ray in the boundary case.

    Parameters
    ----------
    b1, b2 : float
        Coefficients of x and of its square.
    cov : array_like, shape (2, 2)
        Their covariance.
    level : float
    df : float, optional
        Degrees of freedom of the t distribution; normal by default.

    Returns
    -------
    ConfidenceSet

    Raises
    ------
    EstimationError
        If b2 is exactly 0, something is not finite, or `cov` is no covariance matrix.

    Examples
    --------
    >>> print(fieller(1.0, -0.5, [[0.01, 0.0], [0.0, 0.001]]))
    [0.7814, 1.25]
    >>> print(fieller(1.0, -0.5, [[0.01, 0.0], [0.0, 0.1]]))
    (-∞, -4.158] ∪ [0.431, ∞)
    >>> print(fieller(0.1, -0.5, [[0.01, 0.0], [0.0, 0.1]]))
    (-∞, ∞)
    """
    V = _checked(b1, b2, cov)
    c2 = _critical(level, df) ** 2
    a = 4 * (b2**2 - c2 * V[1, 1])
    half_b = 2 * (b1 * b2 - c2 * V[0, 1])
    c = b1**2 - c2 * V[0, 0]
    if a == 0 and half_b != 0:
        end = -c / (2 * half_b)
        ray = Interval(-np.inf, end) if half_b > 0 else Interval(end, np.inf)
        return ConfidenceSet("ray", (ray,))
    # written without b1^2 b2^2 terms, which cancel: no loss of digits for a well-known point
    quarter = 4 * c2 * (
        b1**2 * V[1, 1] + b2**2 * V[0, 0] - 2 * b1 * b2 * V[0, 1]
        - c2 * (V[0, 0] * V[1, 1] - V[0, 1] ** 2)
    )  # fmt: skip
    if a == 0 or (a < 0 and quarter <= 0):
        return ConfidenceSet("whole line", (Interval(-np.inf, np.inf),))
    root = np.sqrt(max(quarter, 0.0))
    # the stable pair of roots of a x^2 + 2 half_b x + c
    q = -(half_b + np.copysign(root, half_b))
    first, second = sorted((float(q / a), float(c / q) if q != 0 else 0.0))
    if a > 0:
        return ConfidenceSet("bounded", (Interval(first, second),))
    return ConfidenceSet("two rays", (Interval(-np.inf, first), Interval(second, np.inf)))


def turning_point(
    b1: float, b2: float, cov: ArrayLike, level: float = 0.95, df: float | None = None
) -> TurningPoint:
    """Locate the turning point, with delta-method and Fieller intervals.

    Parameters
    ----------
    b1, b2 : float
        Coefficients of x and of its square.
    cov : array_like, shape (2, 2)
    level : float
        Of the intervals.
    df : float, optional
        Degrees of freedom of the t distribution; normal by default.

    Returns
    -------
    TurningPoint

    Raises
    ------
    EstimationError
        As for :func:`fieller`.

    Examples
    --------
    >>> found = turning_point(1.0, -0.5, [[0.01, 0.0], [0.0, 0.001]])
    >>> found.shape, found.point, round(found.std_error, 4)
    ('inverted U', 1.0, 0.1183)
    """
    V = _checked(b1, b2, cov)
    point = float(-b1 / (2 * b2))
    gradient = np.array([-1 / (2 * b2), b1 / (2 * b2**2)])
    std_error = float(np.sqrt(max(gradient @ V @ gradient, 0.0)))
    half = _critical(level, df) * std_error
    found = fieller(b1, b2, V, level, df)
    delta = Interval(point - half, point + half)
    return TurningPoint(point, std_error, delta, found, _shape(b2))


def u_test(
    b1: float, b2: float, cov: ArrayLike, low: float, high: float, df: float | None = None
) -> UTest:
    """Test for a U or an inverted U on ``[low, high]`` (Lind and Mehlum 2010).

    Parameters
    ----------
    b1, b2 : float
        Coefficients of x and of its square.
    cov : array_like, shape (2, 2)
    low, high : float
        The interval, as a rule the range of x in the data.
    df : float, optional
        Degrees of freedom of the t distribution; normal by default.

    Returns
    -------
    UTest
        If the turning point lies outside the interval, the weaker end has the wrong sign and the
        p value is above one half.

    Raises
    ------
    SpecificationError
        If the interval is empty.
    EstimationError
        As for :func:`fieller`.

    Examples
    --------
    >>> test = u_test(1.0, -0.5, [[0.01, 0.0], [0.0, 0.001]], low=0.0, high=1.5)
    >>> round(test.statistic, 3), round(test.p_value, 5)
    (3.627, 0.00014)
    """
    V = _checked(b1, b2, cov)
    refuse(SpecificationError, SAYS, {"empty": not low < high}, low=low, high=high)
    slopes, errors = slope(b1, b2, V, [low, high])
    t = slopes / errors
    statistic = float(min(-t[0], t[1]) if b2 > 0 else min(t[0], -t[1]))
    p = stats.t.sf(statistic, df or np.inf)
    return UTest(_shape(b2), *map(float, (low, high, *slopes, *t, statistic, p)))


def curve(
    params: pd.Series, cov: pd.DataFrame, linear: str, squared: str, at: ArrayLike,
    level: float = 0.95,
) -> pd.DataFrame:  # fmt: skip
    """Height of the fitted curve over its value at zero, with its pointwise band.

    Examples
    --------
    >>> b = pd.Series({"x": 1.0, "x^2": -0.5})
    >>> V = pd.DataFrame([[0.01, 0.0], [0.0, 0.0]], b.index, b.index)
    >>> curve(b, V, "x", "x^2", [1.0]).round(3)
         estimate    low   high
    x
    1.0       0.5  0.304  0.696
    """
    x = np.asarray(at, dtype=float)
    powers, pair = np.column_stack([x, x**2]), [linear, squared]
    height = powers @ params[pair].to_numpy()
    variance = ((powers @ cov.loc[pair, pair].to_numpy()) * powers).sum(axis=1)
    half = _critical(level) * np.sqrt(variance)
    columns = {"estimate": height, "low": height - half, "high": height + half}
    return pd.DataFrame(columns, pd.Index(x, name=linear))


def quadratic_report(
    params: pd.Series, cov: pd.DataFrame, linear: str, squared: str, values: ArrayLike,
    level: float = 0.95, df: float | None = None,
) -> pd.Series:  # fmt: skip
    """All of this module for one labelled pair of terms.

    Parameters
    ----------
    params, cov : Series, DataFrame
        Estimates, or effects, and their covariance, labelled by term.
    linear, squared : str
        The two terms, such as ``"Coagg"`` and ``"Coagg^2"``.
    values : array_like
        Observed values of the linear variable: their range is the U test's interval.
    level : float
        Of the turning point's intervals.
    df : float, optional

    Returns
    -------
    Series
        ``turning_point``, ``std_error``, ``delta_lower``, ``delta_upper``, ``fieller`` (the set),
        ``fieller_kind``, ``shape``, ``low``, ``high``, ``slope_low``, ``slope_high``, ``t_low``,
        ``t_high``, ``u_statistic``, ``u_p``, ``share_beyond`` (of the values, right of the point).

    Raises
    ------
    MissingColumnError
        If a term was not estimated.
    EstimationError
        As for :func:`fieller`, or if a value is missing.
    """
    pair, x = [linear, squared], np.asarray(values, dtype=float)
    absent = [term for term in pair if term not in params.index]
    known = listed(params.index, 30)
    refuse(MissingColumnError, SAYS, {"pair": absent}, absent=absent, known=known)
    refuse(EstimationError, SAYS, {"observed": not x.size or not np.isfinite(x).all()})
    b1, b2 = (float(params[term]) for term in pair)
    V = cov.loc[pair, pair].to_numpy()
    where, test = turning_point(b1, b2, V, level, df), u_test(b1, b2, V, x.min(), x.max(), df)
    report = {
        "turning_point": where.point, "std_error": where.std_error,
        "delta_lower": where.delta.lower, "delta_upper": where.delta.upper,
        "fieller": str(where.fieller), "fieller_kind": where.fieller.kind,
        **test._asdict(), "share_beyond": float((x > where.point).mean()),
    }  # fmt: skip
    named = {"statistic": "u_statistic", "p_value": "u_p"}
    return pd.Series(report, name=linear, dtype=object).rename(named)
