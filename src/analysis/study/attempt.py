"""A section on data of any kind: where it cannot be made, its page says why and what to do."""

import warnings
from collections.abc import Callable, Collection
from functools import partial
from typing import Any

import numpy as np

from analysis.book.conditions import conditions
from analysis.book.text import literal
from analysis.errors import AnalysisError, listed
from analysis.panel import Panel, within
from analysis.spatial import Specification
from analysis.study.declaration import Study
from analysis.study.fallback import estimate
from analysis.study.keys import FAULTS
from analysis.study.sample import Sample, open_study
from analysis.study.sections import SECTIONS, Section, by_group, estimates, lacks


class NotMade(Section):
    """A section that has no part."""

    def __getitem__(self, name: str) -> None:
        return None


def reason(error: Exception) -> str:
    """Say what went wrong, with what can be done about it."""
    kind = "" if isinstance(error, AnalysisError) else f"{type(error).__name__}: "
    known = [of.__name__ for of in type(error).__mro__ if of.__name__ in FAULTS["remedies"]]
    return f"{kind}{str(error).rstrip('.')}. {FAULTS['remedies'][known[0]]}"


def attempt(make: Callable[..., Section], sample: Sample, **options: Any) -> Section:
    """Make a section; where that cannot be, return one whose box says why.

    Cells tagged ``when-possible`` stand on the page only where the section could be made, and what
    its computation warned of is said in its box.

    Parameters
    ----------
    make : callable
        A function of :mod:`analysis.study.sections`.
    sample : Sample
    **options
        Handed to `make`.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", DeprecationWarning)  # of libraries, for their programmers
        warnings.filterwarnings("ignore", "Glyph")  # the reader's browser sets a drawing's text
        try:
            made = make(sample, **options)
        except Exception as error:  # whatever it is, the other pages of the book stand
            made = NotMade(sample.page(make))
            made.said.append(f"This section cannot be made of these data: {literal(reason(error))}")
    possible = not isinstance(made, NotMade)
    near = possible and make is estimates and nearly_dependent(sample.panel, sample.study.model)
    for message in filter(None, dict.fromkeys([near or "", *(str(w.message) for w in caught)])):
        made.said.append(f"A caution of the computation: {literal(message.rstrip('.'))}.")
    conditions(possible=possible)
    return made


def nearly_dependent(panel: Panel, model: Specification) -> str:
    """Name a regressor that the others determine to a millionth of its variance, effects removed.

    Sums whose parts were rounded are such: their coefficients exist, and mean nothing.
    """
    names = [term for term in model.regressors if term in panel.columns]
    effects = model.effects if model.effects in ("individual", "time", "two-way") else "none"
    values = within(panel.block(names), effects).reshape(-1, len(names))  # type: ignore[arg-type]
    values = values / np.linalg.norm(values, axis=0)
    for k, name in enumerate(names):
        others = np.delete(values, k, axis=1)
        weight = np.linalg.lstsq(others, values[:, k])[0]
        left = float(np.sum((values[:, k] - others @ weight) ** 2))
        if left < 1e-6:
            largest = np.abs(weight) > 0.01 * np.abs(weight).max(initial=0.0)
            involved = [n for n, far in zip(np.delete(names, k), largest, strict=True) if far]
            return (
                f"{name} is a combination of {listed(involved)} but for {left:.0e} of its variance "
                "once the effects are removed, as a sum and its rounded parts are; their "
                "coefficients mean nothing side by side. Take one of them out of the regressors"
            )
    return ""


def trial(study: Study) -> dict[str, str]:
    """Estimate the declared model and those of the groups, and say what cannot be.

    Returns
    -------
    dict
        Heading in study.toml to the reason; where a model can be estimated all the same, the heading
        has a word more.
    """
    sample = open_study(study)
    panel, model, weights = sample.panel, study.model, sample.weights
    asked: dict[str, Callable[[], object]] = {"[model]": partial(estimate, panel, model, weights)}
    asked |= {f"[groups.{name}]": partial(by_group, sample, name) for name in study.groups}
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for where, make in asked.items():
            try:
                make()
            except AnalysisError as error:
                found[where] = reason(error)
        if "[model]" not in found and (caution := nearly_dependent(panel, model)):
            found["[model] regressors"] = f"{caution}."
    return found


def prospects(study: Study, refused: Collection[str] = ()) -> dict[str, str]:
    """Say of each section whether it can run, and where a model is refused, which can without it.

    Parameters
    ----------
    study : Study
    refused : collection of str
        Headings of models that cannot be estimated, from :func:`trial`.
    """
    said = dict.fromkeys(SECTIONS, "can run")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, make in SECTIONS.items():
            if lack := lacks(study).get(make.__name__, ""):
                said[name] = f"left out, needs {lack}"
            elif refused:
                try:
                    make(open_study(study))
                except AnalysisError as error:
                    said[name] = f"not made, its page says why: {error}"
    return said
