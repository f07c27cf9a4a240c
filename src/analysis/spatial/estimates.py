"""What all estimates have in common, under linearmodels' names, and the one result of a test."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from scipy import stats

from analysis.errors import MissingColumnError, SpecificationError, did_you_mean, listed
from analysis.panel import FloatArray
from analysis.resources import declared, refuse

SAYS = declared("analysis.spatial", "refusals.toml")["estimates"]

StandardErrors = Literal[
    "information", "dummies", "observed", "sandwich", "cluster", "driscoll-kraay", "conley"
]
# The words for standard errors in every estimator, each of which offers those that it has; what they
# stand for says `std_errors` of a Specification.
FEW_CLUSTERS = 30  # clustered errors of fewer units come out too small

Restrictions: TypeAlias = (
    str | Sequence[str] | Callable[[pd.Series], Any] | FloatArray | pd.DataFrame
)


def inference(
    estimates: pd.Series, errors: pd.Series, level: float = 0.95, law: Any = stats.norm
) -> pd.DataFrame:
    """Estimate, standard error, z, two-sided P of zero and symmetric interval, a row each."""
    refuse(SpecificationError, SAYS, {"level": not 0 < level < 1}, level=level)
    z, reach = estimates / errors, law.ppf((1 + level) / 2) * errors
    columns = {"estimate": estimates, "std_error": errors, "z": z, "p_value": 2 * law.sf(z.abs())}
    return pd.DataFrame({**columns, "lower": estimates - reach, "upper": estimates + reach})


def check_choice(option: str, value: object, choices: Iterable[object]) -> None:
    """Raise SpecificationError, with the nearest choice, unless the value is one of them."""
    if value not in list(choices):
        words = {"hint": did_you_mean(value, choices) or ";", "known": listed(choices, 9)}
        refuse(SpecificationError, SAYS, {"choice": True}, option=option, value=value, **words)


@dataclass(frozen=True, slots=True)
class TestResult:
    """One statistic with its reference distribution.

    Attributes
    ----------
    name : str
    statistic : float
        Missing where the test is not defined; the note then says why.
    df : float or None
        Degrees of freedom, of the numerator for F.
    distribution : {"chi2", "normal", "upper normal", "F", "bootstrap"}
        "upper normal" counts the upper tail alone; of a bootstrap `p` is the P value.
    note : str
    df_resid : float or None
        Degrees of freedom of the denominator of F.

    Examples
    --------
    >>> TestResult("Wald", 3.84, 1).p_value.round(3)
    np.float64(0.05)
    """

    name: str
    statistic: float
    df: float | None
    distribution: Literal["chi2", "normal", "upper normal", "F", "bootstrap"] = "chi2"
    note: str = ""
    df_resid: float | None = None
    p: float | None = None

    __test__ = False  # not a test case, whatever pytest thinks of the name

    def __repr__(self) -> str:
        df = "" if self.df is None else f", df = {self.df:g}"
        return f"{self.name}: {self.statistic:.4g}{df}, P = {self.p_value:.4g}"

    @property
    def p_value(self) -> float:
        """Upper tail of chi-squared and F, both tails of the normal; missing without a statistic."""
        if np.isnan(self.statistic) or (self.df is not None and not self.df > 0):
            return np.nan
        if self.p is not None:
            return self.p
        if self.distribution == "normal":
            return 2 * stats.norm.sf(abs(self.statistic))
        if self.distribution == "upper normal":
            return stats.norm.sf(self.statistic)
        if self.distribution == "F":
            return stats.f.sf(self.statistic, self.df, self.df_resid)
        return stats.chi2.sf(self.statistic, self.df)

    @property
    def summary(self) -> pd.DataFrame:
        """One row: statistic, degrees of freedom, P, note."""
        row = (self.statistic, self.df, float(self.p_value), self.note)
        columns = ["statistic", "df", "p_value", "note"]
        return pd.DataFrame([row], pd.Index([self.name], name="test"), columns)


def table_of_tests(results: Iterable[TestResult]) -> pd.DataFrame:
    """Statistic, degrees of freedom (of F both) and P of several tests, a row each."""
    columns = ["statistic", "df", "df_resid", "p_value"]
    rows = {r.name: [getattr(r, column) for column in columns] for r in results}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns, dtype=float)
    return frame.rename_axis("test")


class Summary(pd.DataFrame):
    """The table of coefficients; printed, or shown in a notebook, it has a header."""

    _metadata = ("header",)
    header: dict[str, str] = {}  # noqa: RUF012 - pandas sets it on the instance

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame

    def __repr__(self) -> str:
        width = max(map(len, self.header), default=0)
        lines = (f"{name:{width}}  {value}" for name, value in self.header.items())
        return "\n".join([*lines, "", pd.DataFrame(self).to_string(float_format="{:.4f}".format)])

    def _repr_html_(self) -> str:
        head = pd.DataFrame({"": self.header}).to_html(header=False)
        return head + pd.DataFrame(self).to_html(float_format="{:.4f}".format)


class Estimates:
    """Estimates and what follows from them and their covariance, whoever made them.

    A class that inherits has ``params``, ``cov``, ``nobs``, ``outcome`` and ``header``; ``resids``,
    ``fitted_values``, ``loglik`` and ``rsquared`` where the estimator has them, and
    ``with_cov(kind)``.
    """

    params: pd.Series
    cov: pd.DataFrame
    nobs: int
    outcome: str
    n_clusters: int | None = None
    """Number of clusters of clustered standard errors, else missing: t then has one less."""

    @property
    def _law(self) -> Any:
        return stats.norm if self.n_clusters is None else stats.t(self.n_clusters - 1)

    @property
    def header(self) -> dict[str, str]:
        """What stands over the table of coefficients."""
        return {"outcome": self.outcome, "observations": f"{self.nobs:,}"}

    @property
    def _cov(self) -> FloatArray:
        return self.cov.to_numpy()

    @property
    def _terms(self) -> pd.Index:
        return self.params.index

    @cached_property
    def std_errors(self) -> pd.Series:
        """Square roots of the diagonal of `cov`; missing for a parameter at its bound."""
        variances = self._cov.diagonal()
        errors = np.sqrt(np.where(variances > 0, variances, np.nan))
        return pd.Series(errors, self._terms, name="std_error", copy=False)

    def _inference(self, level: float = 0.95) -> pd.DataFrame:
        return inference(self.params, self.std_errors, level, self._law)

    @property
    def tstats(self) -> pd.Series:
        """Estimates over their standard errors."""
        return (self.params / self.std_errors).rename("tstat")

    @property
    def pvalues(self) -> pd.Series:
        """Two-sided P values of zero, from the normal or, of few clusters, the t distribution."""
        return self._inference()["p_value"].rename("pvalue")

    def conf_int(self, level: float = 0.95) -> pd.DataFrame:
        """Symmetric intervals of that coverage: ``lower`` and ``upper`` by term."""
        return self._inference(level)[["lower", "upper"]]

    @property
    def df_resid(self) -> int:
        """Observations less parameters; estimators with fixed effects count these too."""
        return self.nobs - len(self.params)

    @cached_property
    def summary(self) -> Summary:
        """Estimate, standard error, z, two-sided P and 95 % interval of each parameter."""
        summary = Summary(self._inference())
        summary.header = self.header
        return summary

    def __str__(self) -> str:
        return repr(self.summary)

    def _repr_html_(self) -> str:
        return self.summary._repr_html_()

    @property
    def __maketables_coef_table__(self) -> pd.DataFrame:
        """Coefficient frame that maketables renders."""
        names = {"estimate": "b", "std_error": "se", "z": "t", "p_value": "p"}
        return self.summary.rename(columns=names).rename_axis("Coefficient")[[*names.values()]]

    @property
    def __maketables_depvar__(self) -> str:
        """Outcome, for maketables."""
        return self.outcome

    def __maketables_stat__(self, key: str) -> Any:
        """Statistics by maketables' keys."""
        names = {"N": "nobs", "ll": "loglik", "aic": "aic", "bic": "bic"}
        return getattr(self, names[key], None) if key in names else None

    def wald(
        self, restrictions: Restrictions, name: str = "Wald", values: FloatArray | float = 0.0
    ) -> TestResult:
        """Wald test of restrictions on the parameters.

        Parameters
        ----------
        restrictions : str, sequence of str, callable, ndarray or DataFrame
            Equations such as ``"x = z"``, ``"x + W.x = 1"`` or ``"W.x + rho * x = 0"``, several
            separated by commas or in a list; a parameter's name alone says that it is zero. Or a
            function of the labelled parameters that returns what is zero; it is differentiated by
            a complex step, so it may use sums, products and powers of its argument. Or a matrix
            of linear restrictions, a column a parameter (a frame is read by its labels).
        name : str
            Of the test.
        values : float or ndarray
            What the restricted quantities are under the null.

        Returns
        -------
        TestResult

        Raises
        ------
        MissingColumnError
            If a name is not a parameter.
        SpecificationError
            If a restriction cannot be read, repeats another, or has no derivative.
        """
        value, jacobian = self._restricted(restrictions)
        middle = jacobian @ self._cov @ jacobian.T
        scale = np.sqrt(np.diag(middle))
        rank = (scale > 0).all() and np.linalg.matrix_rank(middle / np.outer(scale, scale))
        refuse(SpecificationError, SAYS, {"repeats": rank < len(value)}, name=name)
        gap = value - values
        return TestResult(name, float(gap @ np.linalg.solve(middle, gap)), len(gap))

    def _restricted(self, restrictions: Restrictions) -> tuple[FloatArray, FloatArray]:
        """Restricted quantities and their derivatives in the parameters."""
        names = self.params.index
        if isinstance(restrictions, pd.DataFrame):
            self._require(restrictions.columns)
            restrictions = restrictions.reindex(columns=names, fill_value=0.0).to_numpy()
        if isinstance(restrictions, np.ndarray) and restrictions.dtype.kind in "fiub":
            matrix = np.atleast_2d(restrictions).astype(float)
            words = {"names": names, "known": listed(names, 40), "columns": matrix.shape[1]}
            wrong = {"matrix": matrix.shape[1] != len(names)}
            refuse(SpecificationError, SAYS, wrong, **words)
            return matrix @ self.params.to_numpy(), matrix
        if not callable(restrictions):
            texts = [restrictions] if isinstance(restrictions, str) else list(restrictions)
            if all(text in names for text in texts):
                return self.params[texts].to_numpy(), np.eye(len(names))[names.get_indexer(texts)]
            restrictions = self._function(texts)
        value = np.atleast_1d(np.asarray(restrictions(self.params), dtype=float))
        moved = [restrictions(self.params + 1e-30j * (names == name)) for name in names]
        return value, np.array([np.imag(np.atleast_1d(m)) / 1e-30 for m in moved]).T

    def _require(self, terms: Iterable[object]) -> None:
        names = self.params.index
        unknown = [term for term in terms if term not in names]
        refuse(MissingColumnError, SAYS, {"unknown": unknown}, known=listed(names, 40))

    def _function(self, texts: Sequence[str]) -> Callable[[pd.Series], list[Any]]:
        """Function of the parameters that equations in their names say to be zero."""
        index = self.params.index
        names = "|".join(map(re.escape, sorted(map(str, index), key=len, reverse=True)))
        pattern = re.compile(rf"(?<![\w.])({names})(?![\w.^\[])")
        coded = pattern.sub(lambda m: f"§{index.get_loc(m[1])}§", ",".join(texts)).replace(
            "^", "**"
        )
        plain = re.sub(r"\d[eE][-+]?\d|§", " ", coded)
        self._require(re.findall(r"[A-Za-z_][\w.^\[\]]*", plain))
        sides = [equation.partition("=") for equation in coded.split(",")]
        zeros = ", ".join(f"({left}) - ({right or 0})" for left, _, right in sides)
        text = re.sub(r"§(\d+)§", r"p[\1]", f"[{zeros}]")
        known = re.fullmatch(r"[p\d\s.+\-*/()\[\]eE,]*", text)
        try:
            code = compile(text if known else "?", "restriction", "eval")
        except SyntaxError as error:
            said = SAYS["syntax"].format(text=", ".join(texts))
            raise SpecificationError(said) from error
        return lambda params: eval(code, {"__builtins__": {}, "p": params.to_numpy()})
