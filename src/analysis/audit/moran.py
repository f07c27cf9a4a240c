"""The standard deviation of Moran's I that a printed table implies, against that of a given W."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.audit.finding import Finding, found
from analysis.audit.table import filled, place
from analysis.errors import AuditTableError


class MoranMoments:
    """What W alone, shape (N, N), says about Moran's I (Cliff and Ord 1981).

    Attributes
    ----------
    n : int
    normality_sd : float
        Standard deviation of I if the variable is normal.
    lowest, highest : float
        Least and largest I that any variable can have on W.

    Examples
    --------
    >>> ring = np.roll(np.eye(5), 1, axis=1) + np.roll(np.eye(5), -1, axis=1)
    >>> round(MoranMoments(ring / 2).normality_sd, 4)
    0.3227
    """

    def __init__(self, matrix: np.ndarray) -> None:
        self.n = n = len(matrix)
        both, centre = matrix + matrix.T, np.eye(n) - 1 / n
        # the constant vector gives zero without being a variable: leave it out of the range
        values = np.linalg.eigvalsh(centre @ both @ centre / 2)
        values = np.delete(values, np.argmin(np.abs(values)))
        s0, s1 = float(matrix.sum()), float((both**2).sum() / 2)
        s2 = float(((matrix.sum(axis=0) + matrix.sum(axis=1)) ** 2).sum())
        self.lowest, self.highest = n / s0 * float(values.min()), n / s0 * float(values.max())
        second = (n**2 * s1 - n * s2 + 3 * s0**2) / ((n**2 - 1) * s0**2)
        self.normality_sd = float(np.sqrt(second - 1 / (n - 1) ** 2))
        # under randomisation the variance is linear in the kurtosis
        scale = (n - 1) * (n - 2) * (n - 3) * s0**2
        level = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2) / scale
        self._level = level - 1 / (n - 1) ** 2
        self._slope = -((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2) / scale

    def randomisation_sd(self, kurtosis: float) -> float:
        """Return the standard deviation of I under randomisation of values with this kurtosis."""
        return math.sqrt(max(self._level + self._slope * kurtosis, 0.0))

    def kurtosis(self, sd: float) -> float:
        """Kurtosis at which randomisation gives this standard deviation."""
        # a complete W has no slope
        return (sd**2 - self._level) / self._slope if self._slope else math.nan


def implied_moran_sd(table: pd.DataFrame, n: int) -> pd.DataFrame:
    """(I - E[I]) / Z for each row, E[I] = -1 / (n - 1).

    Parameters
    ----------
    table : DataFrame
        Columns ``morans_i`` and ``z`` as printed.
    n : int
        Number of regions.

    Returns
    -------
    DataFrame
        Columns ``place``, ``implied_sd``, ``lower``, ``upper``.

    Examples
    --------
    >>> table = pd.DataFrame({"year": [2003], "morans_i": ["0.212"], "z": ["2.827"]})
    >>> print(implied_moran_sd(table, 34).round(4).to_string(index=False))
    place  implied_sd  lower  upper
     2003      0.0857 0.0855 0.0859
    """
    rows = []
    for row, value, z in filled(table, "Moran's I", "morans_i", "z"):
        if z.interval.contains(0):
            raise AuditTableError(f"{place(row)}: a Z of {z} implies no standard deviation")
        sd = (value.interval + 1 / (n - 1)) / z.interval
        rows.append((place(row), (value.value + 1 / (n - 1)) / z.value, sd.lower, sd.upper))
    return pd.DataFrame(rows, columns=["place", "implied_sd", "lower", "upper"])


def moran_against_weights(table: pd.DataFrame, matrices: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Which weight matrix can have made a table of Moran statistics.

    Parameters
    ----------
    table : DataFrame
        Columns ``morans_i`` and ``z`` as printed.
    matrices : mapping of str to ndarray, shape (N, N)
        Candidates on the same regions.

    Returns
    -------
    DataFrame
        One row a candidate: its standard deviation under normality, the range under
        randomisation, rows of the table whose implied standard deviation lies within rounding of
        either, the median kurtosis needed, rows whose I the matrix can reach at all.
    """
    rows = {}
    for name, matrix in matrices.items():
        moments = MoranMoments(matrix)
        implied = implied_moran_sd(table, len(matrix))
        n = moments.n  # numbers have a kurtosis from 1 to (n^2 - 3n + 3) / (n - 1)
        ends = sorted(map(moments.randomisation_sd, (1.0, (n**2 - 3 * n + 3) / (n - 1))))
        values, normal = table["morans_i"].astype(float), moments.normality_sd
        fit = [
            int(((implied["upper"] >= low) & (implied["lower"] <= high)).sum())
            for low, high in ((normal, normal), ends)
        ]
        rows[name] = {
            "normality_sd": normal, "sd_lowest": ends[0], "sd_highest": ends[1],
            "rows_normality": fit[0], "rows_randomisation": fit[1],
            "kurtosis_median": float(implied["implied_sd"].map(moments.kurtosis).median()),
            "rows_attainable": int(values.between(moments.lowest, moments.highest).sum()),
            "rows": len(implied),
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index")


def named_weights(against: pd.DataFrame, named: Sequence[str]) -> Finding:
    """Whether the matrix that a paper names is among those that can have made its table.

    Parameters
    ----------
    against : DataFrame
        From :func:`moran_against_weights`.
    named : sequence of str
        Rows of it that the name may mean.

    Returns
    -------
    Finding
        Against the print if none of them fits every row of the table.
    """
    best, rows = against["rows_randomisation"], int(against["rows"].max())
    fits = list(best.index[best == rows])
    off = not set(fits) & set(named)
    return found(
        "named matrix", ", ".join(named), off, rows=rows, which="none" if off else "one or more",
        named=", ".join(f"{name}: {best[name]} of {rows}" for name in named),
        fits=", ".join(fits) or "none of the candidates",
        able=", ".join(fits) or "none of those tried",
        all="; ".join(f"{name} {count} of {rows}" for name, count in best.items()),
        values={"named": int(best[list(named)].max()), "rows": rows, "fitting": len(fits)},
    )  # fmt: skip
