"""Mediation through three spatial equations: does a treatment work through a mediator.

Total: ``y`` on the treatment (theta1); mediator: ``m`` on the treatment (chi1); outcome: ``y`` on
treatment (phi1) and mediator (phi2). Every equation has the same other regressors, W and effects.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import stats

from analysis.errors import AnalysisError, SpecificationError, listed
from analysis.inference.resampling import SAYS
from analysis.panel import Panel
from analysis.resources import refuse
from analysis.spatial import Fit, Specification, fit
from analysis.weights import Weights

Path = tuple[float, float]
"""A coefficient and its standard error."""

_MODELS = ("ols", "slx", "sar", "sdm")


def product_tests(first: Path, second: Path) -> pd.DataFrame:
    """Sobel, Aroian and Goodman tests of a product of two independent estimates.

    Parameters
    ----------
    first, second : (float, float)
        Treatment to mediator, mediator to outcome.

    Returns
    -------
    DataFrame
        One row a test: ``estimate``, ``std_error``, ``z``, ``p_value`` (two-sided). Goodman's
        variance may be negative; it is then missing.

    Notes
    -----
    Variances ``a^2 s_b^2 + b^2 s_a^2`` plus 0, plus ``s_a^2 s_b^2``, minus ``s_a^2 s_b^2``
    (Sobel 1982; Aroian 1947; Goodman 1960).

    Examples
    --------
    >>> product_tests((1.0, 0.2), (0.5, 0.1))["z"].round(3).tolist()
    [3.536, 3.501, 3.571]
    """
    (a, sa), (b, sb) = first, second
    base, cross = a**2 * sb**2 + b**2 * sa**2, sa**2 * sb**2
    variance = pd.Series({"Sobel": base, "Aroian": base + cross, "Goodman": base - cross})
    error = np.sqrt(variance.where(variance > 0))
    z = a * b / error
    return pd.DataFrame(
        {"estimate": a * b, "std_error": error, "z": z, "p_value": 2 * stats.norm.sf(np.abs(z))}
    ).rename_axis("test")


def monte_carlo_interval(
    first: Path, second: Path, seed: int = 0, level: float = 0.95
) -> tuple[float, float]:
    """Quantiles of the product of two independent normal draws (MacKinnon et al. 2004).

    Parameters
    ----------
    first, second : (float, float)
    seed : int
    level : float

    Returns
    -------
    lower, upper : float

    Examples
    --------
    >>> low, high = monte_carlo_interval((1.0, 0.2), (0.5, 0.1))
    >>> round(low, 2), round(high, 2)
    (0.25, 0.81)
    """
    z = np.random.default_rng(seed).standard_normal((2, 100_000))
    (a, sa), (b, sb) = first, second
    product = (a + sa * z[0]) * (b + sb * z[1])
    low, high = np.quantile(product, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def decomposition(total: float, chi: float, phi1: float, phi2: float) -> pd.Series:
    """Paths with the mediated effect, the gap of the identity and the share.

    Examples
    --------
    >>> decomposition(total=1.0, chi=0.5, phi1=0.8, phi2=0.3)[["mediated", "gap", "share"]].round(3).tolist()
    [0.15, 0.05, 0.15]
    """
    mediated = chi * phi2
    return pd.Series(
        {"total": total, "chi": chi, "phi1": phi1, "phi2": phi2, "mediated": mediated,
         "gap": total - phi1 - mediated, "share": mediated / total}
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Mediation:
    """Three fitted equations and what they say together.

    Attributes
    ----------
    treatment, mediator : str
    total, mechanism, outcome : Fit
        Fits of the three equations.
    """

    treatment: str
    mediator: str
    total: Fit
    mechanism: Fit
    outcome: Fit

    @cached_property
    def paths(self) -> pd.DataFrame:
        """theta1, chi1, phi1, phi2: estimate, standard error, z, p value, interval."""
        rows = {name: fit.summary.loc[term] for name, (fit, term) in self._where.items()}
        return pd.DataFrame(rows).T.rename_axis("path")

    @property
    def _where(self) -> dict[str, tuple[Fit, str]]:
        x = self.treatment
        return {"theta1": (self.total, x), "chi1": (self.mechanism, x), "phi1": (self.outcome, x),
                "phi2": (self.outcome, self.mediator)}  # fmt: skip

    def path(self, name: str) -> Path:
        """One of the paths: estimate and standard error."""
        return tuple(self.paths.loc[name, ["estimate", "std_error"]].astype(float))

    @cached_property
    def summary(self) -> pd.Series:
        """Point estimates in one line: paths, mediated effect, gap, gap and share of theta1.

        The gap is ``theta1 - (phi1 + chi1 phi2)``: zero by least squares if the mediator enters without
        its spatial lag; that lag is a second mediator and leaves a term of its own.
        """
        paths = self.paths["estimate"].astype(float)
        parts = decomposition(*paths).rename({"mediated": "indirect"})[["indirect", "gap", "share"]]
        parts = pd.concat([paths, parts, pd.Series({"gap_share": parts["gap"] / paths["theta1"]})])
        return parts[[*paths.index, "indirect", "gap", "gap_share", "share"]].rename("estimate")

    indirect = property(lambda self: float(self.summary["indirect"]), doc="``chi1 phi2``.")
    gap = property(lambda self: float(self.summary["gap"]), doc="``theta1 - (phi1 + chi1 phi2)``.")
    share = property(lambda self: float(self.summary["share"]), doc="``chi1 phi2 / theta1``.")

    @cached_property
    def tests(self) -> pd.DataFrame:
        """Sobel, Aroian and Goodman tests of the mediated effect."""
        return product_tests(self.path("chi1"), self.path("phi2"))

    def branch(self) -> str:
        """Where the usual steps of a mediation test end, at 5 %.

        "masked" (no total effect), "interval" (chi1 or phi2 not significant, so that the interval
        of their product decides), "full" (phi1 not significant) or "partial".
        """
        yes = self.paths["p_value"].astype(float) < 0.05
        if not yes["theta1"]:
            return "masked"
        if not (yes["chi1"] and yes["phi2"]):
            return "interval"
        return "partial" if yes["phi1"] else "full"

    def in_effects(self, effect: str = "total") -> pd.DataFrame:
        """The same decomposition with effects in place of coefficients.

        Parameters
        ----------
        effect : {"direct", "indirect", "total"}

        Returns
        -------
        DataFrame
            ``estimate`` and ``std_error`` of total, chi, phi1, phi2 and mediated; of gap and share
            the estimate. The error of the mediated effect is Sobel's, both equations independent.
        """
        where = self._where.items()
        found = {name: fit.effects().loc[(effect, term)] for name, (fit, term) in where}
        rows = pd.DataFrame(found).T[["estimate", "std_error"]].astype(float)
        parts = decomposition(*rows["estimate"])
        rows = rows.set_axis(parts.index[:4])
        sobel = product_tests(tuple(rows.loc["chi"]), tuple(rows.loc["phi2"])).loc["Sobel"]
        errors = {**rows["std_error"], "mediated": float(sobel["std_error"])}
        return pd.DataFrame({"estimate": parts, "std_error": pd.Series(errors)}).loc[parts.index]


def mediation(
    panel: Panel, specification: Specification, weights: Weights, treatment: str, mediator: str
) -> Mediation:
    """Estimate the three equations of a mediation.

    Parameters
    ----------
    panel : Panel
    specification : Specification
        The total-effect equation: outcome, and regressors with the treatment among them. The
        mediator's equation replaces the outcome, the outcome's equation adds the mediator.
    weights : Weights
        In the panel's order of cities.
    treatment : str
        One of the regressors.
    mediator : str
        A column of the panel that is not a regressor yet, neither as it is nor as a power or lag.

    Returns
    -------
    Mediation

    Raises
    ------
    SpecificationError
        If treatment and mediator do not fit the specification, or the model is dynamic, has no
        city effects or has a spatial error.
    AnalysisError
        As for :func:`analysis.spatial.fit`, with the equation named.
    """
    spec = specification
    own = [str(term) for term in spec.terms if mediator in (term.name, term.contemporary)]
    own += [spec.outcome] * (mediator == spec.outcome)
    fits_in = spec.model in _MODELS and not spec.is_dynamic and spec.has_unit_effects
    wrong = {"treatment": treatment not in spec.regressors, "mediator": own, "static": not fits_in}
    refuse(
        SpecificationError, SAYS, wrong, treatment=treatment, known=listed(spec.regressors, 20),
        mediator=mediator, own=listed(own), models=listed(_MODELS), label=spec.label,
    )  # fmt: skip
    durbin = None if spec.durbin is None else (*spec.durbin, mediator)
    equations = {
        "total": spec,
        "mechanism": replace(spec, outcome=mediator),
        "outcome": replace(spec, regressors=(*spec.regressors, mediator), durbin=durbin),
    }
    fits = {}
    for name, equation in equations.items():
        try:
            fits[name] = fit(panel, equation, weights)
        except AnalysisError as error:
            raise type(error)(f"{name} equation: {error}") from error
    return Mediation(treatment, mediator, **fits)


def share_intervals(result: Mediation, seed: int = 0, level: float = 0.95) -> pd.DataFrame:
    """Sobel's and the Monte Carlo interval of ``chi1 phi2`` and of its share.

    The share is taken in ``phi1 + chi1 phi2``: theta1 belongs to a third equation, whose covariance with
    the others no formula here has. It differs from ``chi1 phi2 / theta1`` by the gap of the identity;
    :func:`analysis.inference.frontier_bootstrap` draws all three equations together, and so gives that
    one an interval. Estimates of the outcome's equation keep their covariance, the mediator's equation
    is independent of it.

    Parameters
    ----------
    result : Mediation
    seed : int
        Of the Monte Carlo interval.
    level : float

    Returns
    -------
    DataFrame
        Indexed by ``quantity`` ("indirect", "share") and ``method`` ("Sobel", "Monte Carlo"):
        ``estimate``, ``lower``, ``upper``.

    Notes
    -----
    "Sobel" is the symmetric interval by the delta method, of the share too. A denominator near
    zero makes it too short; the Monte Carlo interval then shows its tails.
    """
    chi, phi1, phi2 = result.paths["estimate"][["chi1", "phi1", "phi2"]].astype(float)
    names = [result.treatment, result.mediator]
    cov = np.zeros((3, 3))
    cov[0, 0] = float(result.paths.loc["chi1", "std_error"]) ** 2
    cov[1:, 1:] = result.outcome.cov.loc[names, names].to_numpy(dtype=float)
    product, whole = chi * phi2, phi1 + chi * phi2
    gradients = {
        "indirect": np.array([phi2, 0.0, chi]),
        "share": np.array([phi1 * phi2, -product, phi1 * chi]) / whole**2,
    }
    estimates = {"indirect": product, "share": product / whole}
    z = np.random.default_rng(seed).multivariate_normal([chi, phi1, phi2], cov, 100_000)
    mediated = z[:, 0] * z[:, 2]
    drawn = {"indirect": mediated, "share": mediated / (z[:, 1] + mediated)}
    tails, rows = [(1 - level) / 2, (1 + level) / 2], {}
    for name, gradient in gradients.items():
        reach = stats.norm.ppf(tails) * float(np.sqrt(gradient @ cov @ gradient))
        rows[name, "Sobel"] = (estimates[name], *(estimates[name] + reach))
        rows[name, "Monte Carlo"] = (estimates[name], *np.quantile(drawn[name], tails))
    table = pd.DataFrame(rows, ["estimate", "lower", "upper"]).T
    return table.rename_axis(["quantity", "method"])
