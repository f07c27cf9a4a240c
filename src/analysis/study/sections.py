"""The sections of a study's book: each turns a sample into tables, figures and sentences.

Chapters about a paper call them too: a caption of the study's own that names a part, as
``part = "dependence.moran"``, goes before what stands here.

A section is a mapping from the name of a part to a table or figure, with the sentences that open
its page in ``short``. A part whose data are not there is None and shows nothing; ``lacks`` says
which columns a whole section would need. Captions, headings and sentences stand in ``pages.toml``.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from functools import wraps
from itertools import product
from operator import itemgetter
from pathlib import Path
from string import Formatter
from typing import Any, cast

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy import stats

from analysis.book import figures, maps, tables
from analysis.book.page import Page, in_short, with_glued
from analysis.book.text import literal
from analysis.errors import (
    AnalysisError,
    CollinearityError,
    EstimatorWarning,
    ParameterError,
    choose,
)
from analysis.inference.contrasts import contrast
from analysis.inference.groups import InteractionModel, interaction_model
from analysis.inference.implied_rho import implied_rho
from analysis.inference.mediation import Mediation, monte_carlo_interval
from analysis.inference.mediation import mediation as mediate
from analysis.inference.panel_tests import variance_inflation
from analysis.inference.probabilities import PRIOR_NOTE, model_probabilities
from analysis.inference.turning_point import quadratic_report
from analysis.resources import declared
from analysis.spatial import Fit, Term, fit
from analysis.spatial.effects import KINDS, Horizon
from analysis.spatial.moran import global_moran, local_moran
from analysis.spatial.specification import Estimator
from analysis.spatial.specification_tests import specification_tests
from analysis.study import results
from analysis.study.declaration import Study
from analysis.study.fallback import STOOD_IN, estimate, first_estimate
from analysis.study.sample import Sample

ESTIMATED = ("estimate", "std_error", "p_value")

LARGEST_CURVE = 600
"""Specifications that a page estimates while it is built."""

PAGES: Mapping[str, dict[str, Any]] = declared("analysis.study", "pages.toml")
"""Each section's title, sentences, and words of its parts."""


SECTIONS: dict[str, Callable[..., Section]] = {}
"""The sections of a book, in its order, by the name of their page."""


class _Words(Formatter):
    """Fills a sentence in: numbers as in tables, P values in words by the format ``p``."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "p":
            return tables.p_value(value)
        return shortened(value, format_spec or "d")


def shortened(value: Any, spec: str = ".3g") -> str:
    """A number of a sentence; thousands have commas and no power of ten.

    Examples
    --------
    >>> shortened(17512.3), shortened(-0.01234), shortened(98.76)
    ('17,500', '−0.0123', '98.8')
    """
    large = spec.endswith("g") and 1000 <= abs(value) < 1e9
    return tables.number(float(f"{value:{spec}}"), ",.0f") if large else tables.number(value, spec)


@dataclass(slots=True)
class Section:
    """Parts of one section, by name, its sentences, and the numbers that the parts show."""

    page: Page
    name: str = ""
    words: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    of: dict[str, Any] = field(default_factory=dict)
    captions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        if name not in self.parts:
            raise ParameterError(f"no part {name!r}{choose(name, self.parts)}")
        return self.parts[name]

    @property
    def short(self) -> None:
        """Show the box of what was found."""
        in_short(*self.said)

    def tell(self, key: str, when: object = True, **words: Any) -> None:
        """Add a sentence of ``pages.toml`` where it holds."""
        if when:
            self.said.append(self.filled(PAGES[self.name]["said"][key], **words))

    def filled(self, text: Any, **words: Any) -> Any:
        """Fill in the words of a text, or of the texts of a mapping; anything else stays as it is."""
        if isinstance(text, dict):
            return {key: self.filled(value, **words) for key, value in text.items()}
        filled = _Words().vformat
        return filled(text, (), {**self.words, **words}) if isinstance(text, str) else text

    def _said(self, part: str, words: Mapping[str, Any], **options: Any) -> dict[str, Any]:
        own = self.captions.get(f"{self.name}.{part}", {})
        own = {key: with_glued(value, own["label"]) for key, value in own.items()}
        usual, own = (self.filled(of, **words) for of in (PAGES[self.name]["parts"][part], own))
        said = {**usual, **options, **own}
        return {key: value for key, value in said.items() if key not in ("before", "part")}

    def text(self, name: object) -> str:
        """A name as text and never markup; what a paper's study declares is the book's own."""
        return str(name) if self.captions else literal(name)

    def labels(self, terms: Iterable[str]) -> dict[str, str]:
        """Labels of terms as text that no page takes for markup."""
        return {term: self.text(self.page.names(term)) for term in terms}

    def table(
        self, part: str, frame: pd.DataFrame | Mapping[str, pd.DataFrame], *code: object,
        words: Mapping[str, Any] | None = None, **options: Any,
    ) -> None:  # fmt: skip
        """Make a part of a frame, or of estimates with errors and P values, as a page's table."""
        self.of[part] = frame
        some = len(frame if isinstance(frame, pd.DataFrame) else frame["estimate"])
        said = self._said(part, words or {}, **options)
        self.parts[part] = self._by(*code).table(frame, **said) if some else None

    def _by(self, *code: object) -> Page:
        """The page with other code before the section's own function."""
        return self.page.by(*code, *self.page.code[-1:]) if code else self.page

    def regressions(self, part: str, fits: Mapping[Any, Fit], **words: Any) -> None:
        """Make a part of fits side by side, terms in the order of the largest, the variance last."""
        longest = sorted(fits.values(), key=lambda each: -len(each.params))
        terms = dict.fromkeys(term for each in longest for term in each.params.index)
        ordered = sorted(terms, key=lambda term: term == "sigma2")
        said = {"terms": self.labels(ordered), **self._said(part, words)}
        self.parts[part] = self.page.regressions(fits, **said)

    def figure(
        self, part: str, drawn: Figure, values: pd.DataFrame, *code: object, **words: Any
    ) -> None:
        """Make a part of a drawing and its numbers."""
        said = self._said(part, words)
        self.parts[part] = self._by(*code).figure(drawn, values=values, **said)

    def intervals(self, part: str, series: Mapping[str, Any], **options: Any) -> None:
        """Make a part of estimates with their intervals, as :func:`analysis.book.figures.intervals`."""
        said = self._said(part, {})
        drawn = figures.intervals(series, **{**options, **said.pop("drawn", {})})
        self.parts[part] = self.page.figure(drawn, **said)


def section(name: str, *code: object) -> Callable[[Callable[..., None]], Callable[..., Section]]:
    """Make a function that fills a section into one of a sample, and say what its estimators warn of.

    Parameters
    ----------
    name : str
        Of its words in ``pages.toml``.
    *code
        What the foot lines name before the function itself.
    """

    def of(fill: Callable[..., None]) -> Callable[..., Section]:
        @wraps(fill)
        def make(sample: Sample, *given: Any, **options: Any) -> Section:
            bound = inspect.signature(fill).bind(None, sample, *given, **options)
            bound.apply_defaults()
            asked = dict(list(bound.arguments.items())[2:])
            told = {k: asked[k] for k in ("by", "outcome", "permutations") if asked.get(k)}
            study, panel = sample.study, sample.panel
            words: dict[str, Any] = {
                "n": panel.n_units, "t": panel.n_periods, "units": literal(study.units),
                "unit": literal(study.unit), "first": int(panel.periods[0]),
                "last": int(panel.periods[-1]), "periods": f"{study.period}s",
                "weights": literal(sample.matrix),
                "y": literal(study.label(study.outcome)),
                "x": literal(study.label(study.focus[0])) if study.focus else "",
            }  # fmt: skip
            page = replace(sample.page(*code, fill, **told), captions={})
            own = {of["part"]: {"label": label, **of}
                   for label, of in study.captions.items() if "part" in of}  # fmt: skip
            made = Section(page, name, words, captions=own)
            with cautioned(made):
                fill(made, sample, **asked)
            return made

        if "title" in PAGES[name]:
            SECTIONS[name] = make
        return make

    return of


@contextmanager
def cautioned(made: Section) -> Iterator[None]:
    """Make a section say what its estimators warn of, in place of warnings on the page."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", EstimatorWarning)
        token = STOOD_IN.set({})
        try:
            yield
        finally:
            stood_in = STOOD_IN.get()
            STOOD_IN.reset(token)
    none = {"transformation": "likelihood has no maximum"}
    for asked, used in stood_in:
        lost = none.get(asked, "estimate does not exist")
        made.said.append(
            f"The {asked} {lost} in a model here; the {used} estimator stands in its place."
        )
    for kind in EstimatorWarning.__subclasses__():
        messages = [literal(w.message) for w in caught if issubclass(w.category, kind)]
        many = f" ({len(messages)} such fits)" if len(messages) > 1 else ""
        made.said += [f"A caution of the estimator{many}: {said}." for said in messages[:1]]
    for other in caught:
        if issubclass(other.category, EstimatorWarning):
            made.of.setdefault("cautions", []).append(other.category)
        else:
            warnings.warn_explicit(other.message, other.category, other.filename, other.lineno)


def lacks(study: Study) -> dict[str, str]:
    """What each section would need and the study does not declare; empty where it can run.

    Examples
    --------
    >>> from analysis.study import find_study
    >>> lacks(find_study("cigarettes"))["mediation"]
    'a variable with the role mediator ([mediation] mediator)'
    """
    there: dict[str, object] = {
        "efficiency": study.technology,
        "effects": study.focus,
        "turning_point": study.squared,
        "robustness": study.focus,
        "heterogeneity": study.groups,
        "mediation": study.symbols("mediator"),
        "specification_curve": study.focus,
        "audit": study.printed,
    }
    return {name: "" if held else PAGES[name]["needs"] for name, held in there.items()}


def of_each(parts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Frames below each other under their headings; one alone without."""
    return pd.concat(parts) if len(parts) > 1 else next(iter(parts.values()))


def plain(text: object) -> str:
    """Text for a drawing: no dollar sign begins a formula."""
    return str(text).replace("$", r"\$")


def named(sample: Sample, unit: object) -> str:
    """Name of a unit for a sentence."""
    column = sample.study.names
    return literal(sample.places.loc[unit, column] if column else unit)


def correlation_p(x: np.ndarray, y: np.ndarray) -> float:
    """P value of the correlation of two variables."""
    return float(stats.pearsonr(x, y).pvalue)


def joined(parts: list[str]) -> str:
    """Parts of a sentence with commas and an and."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


@section("data")
def description(
    found: Section, sample: Sample, shown: Mapping[str, str] | None = None
) -> None:  # fmt: skip
    """Variables, correlations, trends, map: what the data are.

    ``shown`` are the columns and their labels, where these are not the study's variables.
    """
    study, panel = sample.study, sample.panel
    of = {v.symbol: v for v in study.variables}
    short = shown or {s: found.text(v.label) for s, v in of.items() if s in panel.columns}
    frame = panel.frame[list(short)].astype(float)
    in_model = {*study.columns, *study.symbols("mediator")}
    lowest, highest = ([f"{named(sample, unit)} {period}" for unit, period in at]
                       for at in (frame.idxmin(), frame.idxmax()))  # fmt: skip
    table = frame.agg(["count", "mean", "std", "min", "median", "max"]).T.astype({"count": int})
    found.of["moments"] = table
    found.table("variables", table.rename(index=short).assign(
        role=[of[s].role if s in in_model else "not in the model" for s in short],
        unit=[literal(of[s].unit) if s in of else "" for s in short],
        within=panel.within(list(short), "two-way").frame[list(short)].std().to_numpy(),
        lowest=lowest, highest=highest,
    ))  # fmt: skip
    columns = [c for c in dict.fromkeys((study.outcome, *study.columns)) if frame[c].std() > 0]
    r = frame[columns].corr()
    p = frame[columns].corr(correlation_p).where(r < 1)
    crossed, inflation = r.rename(columns=short).astype(object), pd.Series(dtype=float)
    try:
        inflation = variance_inflation(panel, [c for c in columns if c != study.outcome])
        crossed, p = crossed.assign(VIF=inflation), p.assign(VIF=np.nan)
    except CollinearityError as error:
        found.tell("collinear", why=literal(error))
    found.table("correlations", crossed.rename(index=short), p_values=p)
    found.of |= {"inflation": inflation, "r": frame.corr()}
    drawn = {name: plain(study.label(name))
             for name in (study.outcome, *(Term.parse(t).name for t in study.focus))}  # fmt: skip
    figure, axes = figures.canvas(1, len(drawn), width=7.2, height=2.8, squeeze=False)
    spread = frame[list(drawn)].groupby(level=1).quantile([0.1, 0.5, 0.9]).unstack()
    for axis, (name, label) in zip(axes[0], drawn.items(), strict=True):
        figures.band(axis, *(spread[name, share] for share in (0.5, 0.1, 0.9)))
        axis.set(title=label, ylabel=plain(of[name].unit))
    quantiles = spread.stack(0, future_stack=True).rename(study.label, level=1)
    quantiles.index.names = [panel.period, "variable"]
    found.figure("trends", figure, quantiles, shown=", ".join(drawn.values()))
    mean = frame[study.outcome].groupby(level=0).mean()[panel.units]
    figure, axis = figures.canvas(width=7.2, height=4.2)
    points = maps.points(axis, sample.places, mean)
    unit = plain(of[study.outcome].unit)
    measured = ", ".join(filter(None, (drawn[study.outcome], unit)))
    figure.colorbar(points, ax=axis, shrink=0.7, label=measured)
    least, most = named(sample, mean.idxmin()), named(sample, mean.idxmax())
    found.figure("map", figure, mean.to_frame(), largest=most, smallest=least)
    change = frame[study.outcome].groupby(level=1).mean()
    found.tell("panel", before=change.iloc[0], after=change.iloc[-1])
    for worst, factor in inflation.nlargest(1).items():
        much = ", above the usual bound of ten" if factor > 10 else ""
        found.tell("inflation", factor=factor, of=short[worst], much=much)
    found.said += map(literal, sample.data.notes)


@section("efficiency")
def efficiency(found: Section, sample: Sample) -> None:
    """Scores and index of the frontier behind the outcome."""
    measured = sample.data.efficiency
    if measured is None:
        raise ParameterError(f"{sample.study.title}: {PAGES['efficiency']['needs']} is missing")
    scores = measured.summary["efficiency"]
    index = measured.summary["index"].groupby(level=1)
    share = (measured.summary["index"] > 1).groupby(level=1).sum() / index.count()
    found.table("scores", pd.DataFrame({
        "mean score": scores.groupby(level=1).mean(),
        "on the frontier": (scores > 1 - 1e-6).groupby(level=1).mean(),
        "mean index": index.mean(),
        "share improving": share,
    }))  # fmt: skip
    means = scores.groupby(level=0).mean()
    best, worst = (named(sample, unit) for unit in (means.idxmax(), means.idxmin()))
    told = {"best": best, "most": means.max(), "worst": worst, "least": means.min()}
    found.tell("mean", mean=means.mean(), **told)
    found.tell("certified", when=measured.certified)


@section("dependence", global_moran)
def dependence(
    found: Section, sample: Sample, permutations: int = 499, outcome: str = "",
    periods: Sequence[int] = (), seed: int = 0, beside: pd.DataFrame | None = None,
) -> None:  # fmt: skip
    """Moran's I by period and weight matrix, local clusters of the last period or of several.

    ``beside`` has further rows for the table of matrices, such as what a print implies.
    """
    outcome, last = outcome or sample.study.outcome, int(sample.panel.periods[-1])
    wanted = {sample.matrix: permutations}
    moran = {
        kind: global_moran(sample.panel, outcome, sample.on(kind), permutations=wanted.get(kind, 0))
        for kind in sample.study.matrices
    }
    own, over = moran[sample.matrix], results.over_periods(moran).rename(index=found.text)
    found.table("moran", own)
    found.table("weights", pd.concat([over, beside]) if beside is not None else over)
    sections = {at: sample.panel.cross_section(outcome, at) for at in map(int, periods or [last])}
    made = {at: local_moran(of, sample.weights, permutations, seed) for at, of in sections.items()}
    found.of["local"], local = made, made[max(made)]
    inside = local[local["cluster"] != "not significant"].sort_values("I", ascending=False)
    listing = inside.set_axis([named(sample, unit) for unit in inside.index])
    found.table("clusters", listing, local_moran, folded=len(listing) > 15)
    kinds: dict[object, Any] = {period: each["cluster"] for period, each in made.items()}
    size = {"width": 7.2, "height": 4.2} if len(made) == 1 else {}
    many = {period: int((kind != "not significant").sum()) for period, kind in kinds.items()}
    found.of["marked"] = ", ".join(f"{count} in {period}" for period, count in many.items())
    drawn = maps.clusters(sample.places, kinds, **size)
    values = pd.DataFrame(kinds)
    found.figure("map", drawn, values, count=len(inside), marked=found.of["marked"])
    signs = set(np.sign(own["I"]))
    found.tell(
        "moran", least=own["I"].min(), most=own["I"].max(),
        signs="positive" if signs == {1} else "negative" if signs == {-1} else "of both signs",
        count=int((own["p_random"] < 0.05).sum()) or "none",
    )  # fmt: skip
    told = over["mean"].agg(["min", "idxmin", "max", "idxmax"])
    found.tell("weights", when=len(over) > 1, **told)
    found.tell(
        "clusters", count=len(inside), chance=0.05 * sample.panel.n_units,
        left=int((local["p_fdr"] < 0.05).sum()) or "none",
    )  # fmt: skip


@section("model_choice", specification_tests)
def model_choice(found: Section, sample: Sample, compared: bool = True) -> None:
    """All specification tests in one table, and, if wanted, how probable each matrix and model is."""
    model = sample.study.model
    made = first_estimate(
        lambda spec: specification_tests(sample.panel, spec, sample.weights).assign(
            estimator=spec.estimator
        ),
        replace(model, model="sdm"),
    )
    noted = made["note"][made["note"] != ""]
    notes = [f"{', '.join(names)}: {literal(note)}."
             for note, names in noted.groupby(noted, sort=False).groups.items()]  # fmt: skip
    if model.is_dynamic:
        notes.insert(0, "LM and Hausman tests use the static model, the others the declared one.")
    own = {"LR city effects": f"LR {found.words['unit']} effects",
           "LR year effects": f"LR {literal(sample.panel.period)} effects"}  # fmt: skip
    found.table("tests", made.rename(index=own), notes=" ".join(notes))
    p = made["p_value"].reindex(["LR SAR", "LR SEM", "Hausman"])
    verdicts = ["cannot be tested" if pd.isna(each) else f"is {'' if each < 0.05 else 'not '}rejected"
                for each in p]  # fmt: skip
    found.tell("tests", **dict(zip(("sar", "sem", "hausman"), verdicts, strict=True)))
    if not compared:
        return
    try:
        matrices = {kind: sample.on(kind) for kind in sample.study.matrices}
        chances = found.of["chances"] = model_probabilities(sample.panel, model, matrices)
    except AnalysisError as error:
        found.tell("uncompared", why=literal(error))
        return
    shown = chances.table.rename(index=literal, columns=str.upper)
    shown = shown.assign(ALL=chances.of_weights.rename(literal))
    formats = dict.fromkeys(shown, ".3f")
    found.table("probabilities", shown, model_probabilities, formats=formats, notes=PRIOR_NOTE)
    drawn = figures.shares(chances.table.rename(columns=str.upper), "posterior probability")
    found.figure("figure", drawn, chances.table, model_probabilities)
    matrix, of = str(chances.of_weights.idxmax()), str(chances.of_models.idxmax())
    told = {"share": chances.of_weights[matrix], "of_model": chances.of_models[of]}
    found.tell("probabilities", best=literal(matrix), model=of.upper(), **told)
    found.tell("differ", when=(p[:2] < 0.05).all() and of in ("sar", "sem"))


@section("estimates", fit)
def estimates(
    found: Section, sample: Sample, fits: Mapping[tuple[str, str], Fit] | None = None,
    printed: Mapping[str, float] | None = None, truth: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Static and dynamic model, by the default estimator and without its correction, or given `fits`.

    Those of the main model are drawn, beside what is printed and the truth by term.
    """
    study = sample.study
    fits = fits or results.main_fits(sample, (study.model.estimator, "direct"))
    found.of["fits"] = fits
    found.regressions("table", fits, model=study.model.model.upper())
    own = {key: each for key, each in fits.items() if each.specification.model == study.model.model}
    focus = [term for term in dict.fromkeys(t for each in own.values() for t in each.params.index)
             if term.removeprefix("W.") in study.focus or term == "rho"]  # fmt: skip
    telling = [place for place in (0, 1) if len({key[place] for key in own}) > 1]
    shown = {", ".join(key[place] for place in telling or (0, 1)):
             each.summary.reindex(focus)[["estimate", "std_error"]].dropna().astype(float)
             for key, each in own.items()}  # fmt: skip
    names = {term: plain(study.label(term)) for term in focus}
    marks = {"printed": printed, "truth": truth}
    found.intervals("figure", shown, labels=names, times="even", **marks)
    heading = "dynamic" if study.model.time_lag else "static"
    main = next((each for (h, _), each in fits.items() if h == heading), next(iter(fits.values())))
    told = [
        f"{label} {shortened(main.params[term])} ({tables.p_value(main.pvalues[term])})"
        for term, label in found.labels(main.params.index).items() if term in (*study.focus, "rho")
    ]  # fmt: skip
    estimator = main.specification.estimator
    found.tell("main", when=told, heading=heading, estimator=estimator, told=joined(told))
    read: dict[str, dict[str, float]] = {}
    for (model, by), result in fits.items():
        biased = result.specification.effects in ("time", "two-way")  # as the formula presumes
        if by == "direct" and biased and "rho" in result.params:
            rho, error = result.params["rho"], result.std_errors["rho"]
            try:
                read[model] = asdict(implied_rho(sample.weights, rho, error))
                found.tell("implied", heading=model, **read[model])
            except AnalysisError:
                found.tell("unread", heading=model, value=rho)
    found.table("implied", pd.DataFrame.from_dict(read, "index"), implied_rho)


@section("estimators", fit, implied_rho)
def estimators(found: Section, sample: Sample) -> None:
    """What each estimator makes of rho, on every weight matrix, and the truth behind the first."""
    shown_by: tuple[Estimator, ...] = ("direct", "direct-corrected", "transformation")
    cells: dict[str, dict[tuple[str, str], tuple[float, float]]] = {}
    for kind in sample.study.matrices:
        other = sample.with_weights(kind)
        for (heading, name), made in results.main_fits(other, shown_by, fit).items():
            cell = made.params["rho"], made.std_errors["rho"]
            cells.setdefault(name, {})[kind, heading] = cell
            if name == "direct":
                stands = implied_rho(other.weights, *cell)
                half = (stands.upper - stands.lower) / (2 * figures.QUANTILE)
                cells.setdefault("implied", {})[kind, heading] = stands.truth, half
    names = [*shown_by, "implied"]
    estimate, error = (pd.DataFrame(cells)[names].map(itemgetter(k)) for k in (0, 1))
    both = {"estimate": estimate.rename(literal, level=0), "std_error": error}
    found.table("table", both)
    drawn = {name: pd.DataFrame({"estimate": estimate[name], "std_error": error[name]})
             .rename(plain, level=0) for name in names}  # fmt: skip
    found.intervals("figure", drawn, unit="ρ, with 95 % intervals")
    kind, heading = (estimate["transformation"] - estimate["direct"]).abs().idxmax()
    row = estimate.loc[(kind, heading)].rename({"direct-corrected": "corrected"})
    found.tell("apart", kind=kind, heading=heading, **row)
    gap = (estimate["implied"] - estimate["transformation"]).abs().max()
    found.tell("gap", gap=float(np.ceil(1000 * gap) / 1000))
    z = (estimate["transformation"] / error["transformation"]).xs("dynamic", level=1)
    seen = int((z.abs() > figures.QUANTILE).sum())
    found.tell("dynamic", seen=seen or "none", many=len(z))


def _main(sample: Sample) -> Fit:
    return estimate(sample.panel, sample.study.model, sample.weights)


def effect_columns(made: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Effects as a table takes them: a row a term, a column for each heading, if any, and kind."""
    whole, terms = pd.concat(made), next(iter(made.values())).loc["total"].index
    columns = list(product(made, KINDS))
    parts = {what: whole[what].unstack([0, 1]).loc[terms, columns] for what in ESTIMATED}
    return parts if any(made) else {w: part.droplevel(0, axis=1) for w, part in parts.items()}


@section("effects", Fit.effects)
def effects(found: Section, sample: Sample, fits: Mapping[str, Fit] | None = None) -> None:
    """Direct, indirect and total effects by horizon, and the slope of a square at its mean.

    Of the main model, or of several models by their headings, of which the first is the main one.
    """
    study, fits = sample.study, fits or {"": _main(sample)}
    made: dict[str, pd.DataFrame] = {}
    of: dict[Horizon, pd.DataFrame] = {}
    without: list[str] = []
    for head, each in fits.items():
        for horizon in cast(
            tuple[Horizon, ...], ("short", "long")[: 1 + each.specification.time_lag]
        ):
            run = f"{horizon} run" if each.specification.time_lag else ""
            try:
                made[", ".join(filter(None, [head, run]))] = block = each.effects(horizon)
            except AnalysisError as error:
                without.append(str(error))
                continue
            of.setdefault(horizon, block)
    found.of |= {"fit": (main := next(iter(fits.values()))), "effects": of}
    columns = effect_columns(made)
    found.table("table", columns, rows=found.labels(columns["estimate"].index))
    slopes = {}
    dynamic, curved = main.specification.time_lag, not lacks(study)["turning_point"]
    for horizon, kind in product(of if curved else (), KINDS):
        linear, squared = study.focus
        weights = {linear: 1.0, squared: 2 * float(sample.panel.values(linear).mean())}
        block = of[horizon].loc[kind]["estimate"]
        at_mean = contrast(block, main.effects_covariance(kind, horizon), weights)
        if at_mean.std_error > 0:  # a model without spillovers has none
            what = f"{horizon}-run {kind}" if dynamic else kind
            slopes[what] = {**at_mean._asdict(), "p_value": at_mean.p_value}
            told = {"estimate": at_mean.estimate, "p": at_mean.p_value}
            found.tell("slope", when=kind == "total", kind=what, **told)
    found.table("slopes", pd.DataFrame.from_dict(slopes, orient="index"), contrast)
    for horizon, block in of.items() if not curved else ():
        for kind in ("total",) if dynamic else ("direct", "total"):
            row = block.loc[(kind, study.focus[0])]
            what = f"{horizon}-run {kind}" if dynamic else kind
            found.tell("effect", kind=what, estimate=row["estimate"], p=row["p_value"])
    for why in dict.fromkeys(without):
        found.said.append(literal(f"{why[:1].upper()}{why[1:].rstrip('.')}."))


@section("turning_point", quadratic_report)
def turning_point(
    found: Section, sample: Sample, effects: Mapping[Horizon, pd.DataFrame] | None = None
) -> None:
    """Turning points of the coefficients and of the effects of a variable with its square.

    Of the effects in the short run where `effects` are not given by their horizon.
    """
    study, main = sample.study, _main(sample)
    values = sample.panel.values(study.focus[0])
    made, without = results.turning_points(main, study.focus, effects or {"short": main.effects()})
    if not main.specification.time_lag:
        made = made.rename(index=lambda name: name.removeprefix("short-run "))
        without = {name.removeprefix("short-run "): why for name, why in without.items()}
    for name, why in without.items():
        found.tell("without", what=name, why=literal(why))
    if len(made):
        made["fieller"] = made["fieller"].str.replace("-", "−")
    found.table("table", made, words={"low": values.min(), "high": values.max()})
    for name, row in made.iterrows():
        whole = str(name) == "coefficients"
        found.tell(
            "turn", when=whole or str(name).endswith("total effect"), at=row["turning_point"],
            what="The coefficients turn" if whole else f"The {name} turns",
            side="inside" if values.min() <= row["turning_point"] <= values.max() else "outside",
            beyond=row["share_beyond"], finds="finds" if row["u_p"] < 0.05 else "does not find",
            p=row["u_p"],
        )  # fmt: skip
    for name, row in made[-1:].iterrows():
        inside = values.min() <= row["turning_point"] <= values.max() and row["u_p"] < 0.05
        first, then = ("rises", "falls") if "inverted" in row["shape"] else ("falls", "rises")
        found.tell("turns" if inside else "goes_on", what=name, first=first, then=then)


@section("robustness", fit)
def robustness(
    found: Section, sample: Sample, further: Sequence[results.Alternative] = (),
    terms: Sequence[str] = (), drawn: str = "", fitted: results.Estimate = estimate,
    printed: float | None = None, truth: float | None = None,
) -> None:  # fmt: skip
    """The estimates of interest under other choices, one at a time.

    Further choices may be given, the terms shown, and which of them is drawn, beside print and truth; one
    of the kind "outcome" has other units and is not drawn.
    """
    study, terms = sample.study, terms or [*sample.study.focus, "rho"]
    drawn = drawn or study.focus[-1]
    found.words["drawn"] = found.text(study.label(drawn))
    fits, failed = results.one_at_a_time([*results.alternatives(sample), *further], fitted)
    made = results.terms_of(
        {(kind, found.text(n)): each for (kind, n), each in fits.items()}, terms
    )
    found.of |= {"fits": fits, **made}
    estimate, error, p = (made[what] for what in ("estimate", "std_error", "p_value"))
    shown = estimate.assign(rows=[each.nobs for each in fits.values()])
    if not lacks(study)["turning_point"] and {*study.focus} <= {*terms}:
        linear, squared = study.focus
        shown["turn"] = -shown[linear] / (2 * shown[squared])
    found.table(
        "table", {**made, "estimate": shown}, columns={**found.labels(terms), "rows": "rows"},
        notes=f"Not estimated: {'; '.join(failed)}." if failed else "",
    )  # fmt: skip
    both = pd.DataFrame({"estimate": estimate[drawn], "std_error": error[drawn]})
    both.index = pd.MultiIndex.from_tuples(fits)
    both = both.drop(index="outcome", level=0, errors="ignore").rename(plain)
    marks = {"printed": printed, "truth": truth}
    told = {name: pd.Series(mark, both.index) for name, mark in marks.items() if mark is not None}
    found.intervals("figure", {plain(study.label(drawn)): both}, **told)
    for term, label in found.labels(term for term in study.focus if term in terms).items():
        values = estimate[term].dropna()
        same = np.sign(values) == np.sign(values.iloc[0])
        strong = int((same & (p.loc[values.index, term] < 0.05)).sum())
        found.tell(
            "signs", count=len(values), term=label, same=int(same.sum()), strong=strong or "none"
        )


def by_group(sample: Sample, name: str) -> InteractionModel:
    """The main model with slopes by group, for one of the study's divisions."""
    groups = sample.group(name).astype(str)
    return first_estimate(
        lambda spec: interaction_model(sample.panel, spec, sample.weights, groups),
        sample.study.model,
    )


@section("heterogeneity", interaction_model)
def heterogeneity(found: Section, sample: Sample, by: str = "") -> None:
    """Slopes by group in one model, and the test that they are equal, for one division or for each."""
    study = sample.study
    divisions = [by] if by else list(study.groups)
    made: dict[str, InteractionModel] = {}
    failed: list[AnalysisError] = []
    for name in divisions:
        try:
            made[name] = by_group(sample, name)
        except AnalysisError as error:
            failed.append(error)
            found.tell("unmade", by=literal(name), why=literal(error))
    if not made:
        raise failed[0]
    found.of["models"] = made
    blocks: dict[tuple[str, str], pd.DataFrame] = {}
    for name, model in made.items():
        counts = sample.group(name).astype(str).value_counts()
        blocks |= {(literal(name), f"{literal(of)} ({counts.get(of, 0)})"): model.slopes[of]
                   for of in model.groups}  # fmt: skip
    slopes = pd.concat(blocks, axis=1)
    inner = [
        t for t in slopes.index if t in study.regressors or t.removeprefix("W.") in study.focus
    ]
    if len(made) == 1:
        slopes = slopes.droplevel(0, axis=1)
    parts = {what: slopes.xs(what, axis=1, level=-1) for what in ESTIMATED}
    words = {"by": joined([literal(name) for name in made]), "each": " each" * (len(made) > 1)}
    found.table("table", parts, words=words, rows=found.labels(inner))
    tests = of_each({literal(name): model.tests for name, model in made.items()})
    last = tests.index.get_level_values(-1).unique()
    found.table("tests", tests.rename(found.labels(last), level=-1))
    for name, model in made.items():
        for term, label in found.labels(model.tests.index.intersection(study.focus)).items():
            p = float(model.tests.loc[term, "p_value"])
            verdict = "rejected" if p < 0.05 else "not rejected"
            which = f" of {literal(name)}" if len(divisions) > 1 else ""
            found.tell("same", term=label, by=which, verdict=verdict, p=p)


@section("mediation", mediate)
def mediation(
    found: Section, sample: Sample, made: Mapping[str, Mediation] | None = None,
    shown: pd.DataFrame | None = None,
) -> None:  # fmt: skip
    """Whether the effect of interest runs through the mediator, in the static model or as `made`.

    What is shown of the paths may have more than their summaries: a truth, further rows.
    """
    study, spec = sample.study, sample.study.static
    through, treatment = study.symbols("mediator")[0], study.focus[0]
    found.words["m"] = found.text(study.label(through))
    if made is None:
        if spec.model in ("sem", "sdem", "sac"):
            spec = replace(spec, model="sdm")
            found.tell("durbin")
        found.tell("static", when=study.model.time_lag)
        outside = tuple(x for x in spec.regressors if x.partition("^")[0] != through)
        found.tell("outside", when=outside != spec.regressors)
        one = first_estimate(
            lambda spec: mediate(sample.panel, spec, sample.weights, treatment, through),
            replace(spec, regressors=outside),
        )
        made = {"estimate": one}
    if shown is None:
        shown = pd.DataFrame({head: of.summary for head, of in made.items()})
    parts = {what: pd.DataFrame({head: of.paths[what].astype(float) for head, of in made.items()})
             .reindex_like(shown) for what in ("std_error", "p_value")}  # fmt: skip
    found.table("paths", {"estimate": shown, **parts})
    found.table("tests", of_each({head: of.tests for head, of in made.items()}))
    main = next(iter(made.values()))
    low, high = monte_carlo_interval(main.path("chi1"), main.path("phi2"))
    contains = "contains" if low <= 0 <= high else "leaves out"
    provisos, found.said = found.said, []
    found.tell("effect", indirect=main.indirect, low=low, high=high, contains=contains)
    with_square = f"{treatment}^2" in study.regressors
    certain = main.paths.loc["theta1", "p_value"] < 0.05
    found.tell("share", when=not with_square and certain, share=main.share)
    found.tell("square", when=with_square)
    total = main.summary["theta1"]
    causes = {f"W.{through}": "the neighbours mediate too", "rho": "each equation has its own ρ"}
    why = joined([said for term, said in causes.items() if term in main.outcome.params])
    found.tell("gap", when=abs(main.gap) > 0.005 * abs(total), gap=main.gap, total=total, why=why)
    found.said += provisos


@section("specification_curve")
def specification_curve(
    found: Section, sample: Sample, table: pd.DataFrame | None = None, term: str = "",
    quantity: str = "coefficient",
) -> None:  # fmt: skip
    """Every combination of the choices that the study crosses, or those of a sweep's table.

    The curve of a quantity is drawn, the coefficient of the last term of interest by default.
    """
    from analysis.study.curve import picture, report
    from analysis.study.curve.choices import estimate as estimate_one
    from analysis.study.curve.choices import full_grid
    from analysis.study.curve.null import curve_of, shares

    study, term = sample.study, term or sample.study.focus[-1]
    if table is None:
        found.page = found.page.by(curve_of, *found.page.code)
        grid = full_grid(study)
        step = -(-len(grid) // LARGEST_CURVE)
        found.tell("many", when=step > 1, all=len(grid), most=LARGEST_CURVE, step=step)
        grid = grid[::step]
        made = curve_of(study, grid)
        if made.empty:
            estimate_one(study.name, grid[0])  # and say why it cannot be
        table = made.join(pd.DataFrame(grid), on="position").assign(error="")
        failed = len(grid) - made["position"].nunique()
        found.tell("failed", when=failed > 0, failed=failed, all=len(grid))
    else:  # whose data and parameters are those of the sweep
        found.page = replace(found.page, data={}, parameters={})
    curve = picture.Curve.of(study, table, sample)
    summary = shares(table[table["error"].fillna("") == ""]).set_index(["quantity", "term"])
    found.of |= {"curve": curve, "summary": summary}
    circled = "; circled: the declared model" if curve.book is not None else ""
    found.words |= {"term": found.text(study.label(term)), "quantity": quantity, "circled": circled}
    found.table("offered", report.choices_table(curve), picture.Curve)
    values = curve.specifications.join(curve.estimates[term, quantity])
    drawn, alt = picture.still(curve, term, quantity), report.alternative(curve, term, quantity)
    found.parts["curve"] = found.page.figure(
        drawn, **found._said("curve", {}, alt=alt, values=values)
    )
    order = summary.query("quantity != 'turning point'").sort_index()
    found.table("shares", order.rename(found.labels(study.focus), level="term"), shares)
    found.table("choices", report.by_choice(curve, term, quantity), report.by_choice)
    row = summary.loc["coefficient", term]
    found.tell("signs", **row)
    found.said.insert(0, found.said.pop())  # the first sentence stands on the book's first page
    found.said += [report.beside_truth(curve, term, "coefficient")] if curve.truths else []
    with suppress(AnalysisError):  # the curve can stand where the declared model does not
        own = float(fit(sample.panel, study.model, sample.weights).params[term])
        found.tell("other_sign", when=own * row["median"] < 0, own=own)


@section("audit")
def audit(found: Section, sample: Sample) -> None:
    """What the printed numbers say about each other."""
    from analysis.audit import audit_table, findings_frame, read_table
    from analysis.book.referee import findings_table

    findings = audit_table(
        read_table(Path(sample.study.printed)), sample.panel.n_units, sample.panel.n_periods
    )
    found.parts["findings"] = findings_table(
        findings, "tab-audit", "What the printed numbers say about each other."
    ) if findings else None  # fmt: skip
    many = f"{len(findings) or 'no'} finding{'s' * (len(findings) != 1)}"
    found.tell("findings", many=many)
    for _, first in findings_frame(findings)[:1].iterrows():
        found.tell("first", where=literal(first["place"]), said=literal(first["sentence"]))
