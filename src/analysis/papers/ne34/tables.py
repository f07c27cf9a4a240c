"""The tables of study A as functions of a sample: what each column of the print estimates."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from analysis.inference.groups import InteractionModel, interaction_model
from analysis.papers.ne34.measures import SECTORS, VARIABLES
from analysis.papers.ne34.study import (
    DYNAMIC,
    GROUPS,
    STATIC,
    Sample,
    cities_of,
    sector_specification,
)
from analysis.spatial import Fit, fit
from analysis.spatial.results import TestResult
from analysis.spatial.specification import Estimator, StandardErrors

UNCORRECTED: Estimator = "direct"
"""What printed papers mostly use: the dummy-variable likelihood without bias correction."""


def descriptives(sample: Sample) -> pd.DataFrame:
    """Table 1: observations, mean, standard deviation, minimum and maximum of each variable."""
    frame = sample.tabulated.frame[list(VARIABLES)]
    table = frame.agg(["count", "mean", "std", "min", "max"]).T
    return table.set_axis(["observations", "mean", "std_dev", "min", "max"], axis=1)


def main_fits(
    sample: Sample,
    std_errors: StandardErrors = "information",
    estimator: Estimator = "transformation",
) -> dict[str, Fit]:
    """Table 4: the static (Model 1) and the dynamic (Model 2) spatial Durbin model."""
    static = replace(STATIC, std_errors=std_errors, estimator=estimator)
    dynamic = replace(DYNAMIC, std_errors=std_errors, estimator=estimator)
    return {
        "Model 1": fit(sample.panel, static, sample.weights),
        "Model 2": fit(sample.panel, dynamic, sample.weights),
    }


def robustness_fits(sample: Sample, std_errors: StandardErrors = "information") -> dict[str, Fit]:
    """Table 6: another matrix (Model 1), spatial error model (Model 2), winsorised (Model 3)."""
    dynamic = replace(DYNAMIC, std_errors=std_errors)
    error = replace(STATIC, model="sem", std_errors=std_errors)
    other, trimmed = sample.with_weights("product"), sample.winsorised(1)
    return {
        "Model 1": fit(other.panel, dynamic, other.weights),
        "Model 2": fit(sample.panel, error, sample.weights),
        "Model 3": fit(trimmed.panel, dynamic, trimmed.weights),
    }


def group_fits(sample: Sample, std_errors: StandardErrors = "information") -> dict[str, Fit]:
    """Table 7, first two columns: resource-based cities and the others, each on its own matrix."""
    dynamic = replace(DYNAMIC, std_errors=std_errors)
    parts = {group: sample.sub(cities_of(group)) for group in ("RC", "NRC")}
    return {group: fit(part.panel, dynamic, part.weights) for group, part in parts.items()}


def sector_fits(sample: Sample, std_errors: StandardErrors = "information") -> dict[str, Fit]:
    """Table 7, last six columns: co-agglomeration of manufacturing with one service sector."""
    dynamic = replace(DYNAMIC, std_errors=std_errors)
    return {
        f"Sector {number}": fit(sample.panel, sector_specification(sector, dynamic), sample.weights)
        for number, sector in enumerate(SECTORS, start=1)
    }


def group_labels(sample: Sample) -> pd.Series:
    """``"RC"`` or ``"NRC"`` for each city."""
    return sample.geo["resource_based"].map({flag: name for name, (_, flag) in GROUPS.items()})


def group_difference(
    sample: Sample, std_errors: StandardErrors = "information"
) -> tuple[InteractionModel, TestResult]:
    """One model for all cities in which each group has its own slopes, and the test the paper omits.

    Returns
    -------
    InteractionModel
    TestResult
        Wald test that both groups have the same inverted U: equal coefficients of co-agglomeration
        and of its square.
    """
    specification = replace(DYNAMIC, std_errors=std_errors)
    model = interaction_model(sample.panel, specification, sample.weights, group_labels(sample))
    first, second = model.groups

    def gaps(p: pd.Series) -> list[complex]:
        return [p[f"{x}[{first}]"] - p[f"{x}[{second}]"] for x in ("Coagg", "Coagg^2")]

    return model, model.fit.wald(gaps, "same inverted U in both groups")
