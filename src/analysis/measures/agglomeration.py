"""Location quotients and industrial co-agglomeration from employment counts."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import DomainError
from analysis.measures import SAYS
from analysis.panel import FloatArray, Panel, labels
from analysis.resources import refuse


def location_quotient(sector: FloatArray, total: FloatArray) -> FloatArray:
    """Location quotient of one industry.

    ``LQ_ij = (e_ij / E_j) / (e_i / E)``, with E_j and E summed over the cities of the study area
    in the same year.

    Parameters
    ----------
    sector : ndarray, shape (T, N)
        Employment of the industry by year and city.
    total : ndarray, shape (T, N)
        Employment of all industries; positive.

    Returns
    -------
    ndarray, shape (T, N)
        Its mean weighted by `total` is one in each year.

    Raises
    ------
    DomainError
        If employment is negative, a city has none at all, or the industry has none anywhere.

    Examples
    --------
    >>> location_quotient(np.array([[1.0, 3.0]]), np.array([[10.0, 10.0]]))
    array([[0.5, 1.5]])
    """
    area = sector.sum(axis=-1, keepdims=True)
    wrong = {
        "employment": (sector < 0).any() or not (total > 0).all(),
        "nowhere": (area <= 0).any(),
    }
    refuse(DomainError, SAYS, wrong)
    return (sector / total) / (area / total.sum(axis=-1, keepdims=True))


def coagglomeration(manufacturing: FloatArray, services: FloatArray) -> FloatArray:
    """Co-agglomeration of two industries from their location quotients.

    ``(1 - |a - b| / (a + b)) + (a + b)``: the first part rewards balance, the second the level.

    Parameters
    ----------
    manufacturing, services : ndarray
        Location quotients of the same shape, not both zero.

    Returns
    -------
    ndarray

    Raises
    ------
    DomainError
        If both quotients are zero in a city.

    Examples
    --------
    >>> coagglomeration(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([3., 2.])
    """
    level = manufacturing + services
    refuse(DomainError, SAYS, {"neither": not (level > 0).all()})
    return 1 - np.abs(manufacturing - services) / level + level


def coagglomeration_frame(
    employment: pd.DataFrame,
    manufacturing: str,
    services: Sequence[str],
    total: str,
    source: str = "employment.csv",
) -> pd.DataFrame:
    """Location quotients and co-agglomeration of manufacturing with pooled services.

    Parameters
    ----------
    employment : DataFrame
        Indexed by (city, year), every city in every year; persons.
    manufacturing, total : str
        Columns.
    services : sequence of str
        Columns that are pooled; one name gives the index of a single sector.
    source : str
        Name of the file, for messages.

    Returns
    -------
    DataFrame
        Columns ``lq_manufacturing``, ``lq_services``, ``coagg``; in the order of a panel.

    Raises
    ------
    PanelError
        As for :meth:`Panel.from_frame`, and if a cell is no number.
    DomainError
        If a count is negative or a city-year has no employment; names city, year and column.
    """
    panel = Panel.from_frame(employment, source=source)
    needed = [manufacturing, *services, total]
    for name in needed:
        counts, least = panel.series(panel.values(name), name), "zero or more"
        low = counts < 0
        if name == total:
            low, least = counts <= 0, "positive"
        words = {"source": source, "column": name, "least": least}
        refuse(DomainError, SAYS, {"persons": labels(counts.index[low])}, **words)
    values = panel.block(needed)
    lq_m = location_quotient(values[..., 0], values[..., -1])
    lq_s = location_quotient(values[..., 1:-1].sum(axis=-1), values[..., -1])
    arrays = {"lq_manufacturing": lq_m, "lq_services": lq_s, "coagg": coagglomeration(lq_m, lq_s)}
    return pd.DataFrame({name: panel.series(array, name) for name, array in arrays.items()})
