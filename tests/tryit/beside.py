"""The mathematics of the page, loaded into a browser, and the package beside them."""

from dataclasses import replace

import numpy as np

from analysis.errors import AnalysisError
from analysis.inference.turning_point import turning_point, u_test
from analysis.resources import ROOT
from analysis.spatial import fit
from analysis.spatial.moran import global_moran
from analysis.study import find_study, open_study
from analysis.study.tryit import MATHEMATICS, content, script

STUDIES = {"ne34": "ne34", "nations": ROOT / "notebooks" / "nations"}


class Engine:
    """The modules in a page of their own, with the data of the studies."""

    def __init__(self, chromium):
        self.context = chromium.new_context()
        self.page = self.context.new_page()
        self.asked, self.failed = [], []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.failed.append(str(error)))
        self.page.add_script_tag(
            type="module",
            content=script(*MATHEMATICS)
            + "\nwindow.engine = {choose, numbers, unpack, Operator, Criterion, BUILDERS, fit,"
            " eigenvalues, symmetricEigenvalues, upperTail, general, effects};",
        )
        assert not self.failed
        self.full = {name: open_study(find_study(where)) for name, where in STUDIES.items()}
        for name, sample in self.full.items():
            self.page.evaluate(
                "([name, data]) => { window[name] = engine.unpack(data); }",
                [name, content(sample)],
            )

    def __call__(self, name, choice):
        """What the page finds for a choice."""
        return self.page.evaluate(
            "([name, choice]) => engine.numbers(engine.choose(window[name], choice))",
            [name, choice],
        )


def package(name, choice):
    """What the package finds for the same choice, or the name and words of its refusal."""
    return _attempt(lambda: _package(name, choice))


def _attempt(make):
    try:
        return make()
    except AnalysisError as refusal:
        return {"refused": type(refusal).__name__, "message": str(refusal)}


def _moran(sample):
    found = global_moran(sample.panel, sample.study.outcome, sample.weights, permutations=0)
    return found[["I", "z_random", "p_random"]].to_numpy().tolist()


def _table(found):
    return {
        term: {
            effect: [row["estimate"], row["std_error"]]
            for (effect, _), row in found.xs(term, level="term", drop_level=False).iterrows()
        }
        for term in found.index.unique("term")
    }


def _package(name, choice):
    sample = open_study(
        find_study(STUDIES[name]),
        years=f"{choice['first']}-{choice['last']}",
        without=choice["without"],
        weights=choice["weights"],
    )
    study = sample.study
    regressors = [t for t in study.regressors if t in study.focus or t in choice["controls"]]
    base = study.dynamic if choice["dynamics"] == "dynamic" else study.static
    spec = replace(
        base,
        regressors=regressors,
        model=choice["model"],
        effects=choice["effects"],
        estimator=choice["estimator"],
    )
    found = fit(sample.panel, spec, sample.weights)
    errors = np.sqrt(np.diag(found.cov))
    x = study.focus[0]
    cov = found.cov.loc[[x, f"{x}^2"], [x, f"{x}^2"]]
    b1, b2 = found.params[x], found.params[f"{x}^2"]
    turn, values = turning_point(b1, b2, cov), sample.panel.values(x)
    stability = None
    if spec.is_dynamic:
        s = found.stability
        stability = [s.root, s.root_around_trend, s.unit_sum, s.unit_test.statistic]
    return {
        "params": dict(found.params),
        "errors": dict(zip(found.params.index, errors, strict=True)),
        "loglik": found.loglik,
        "short": _table(found.effects()),
        "long": _attempt(lambda: _table(found.effects("long"))) if spec.is_dynamic else None,
        "stability": stability,
        "turn": [
            turn.point,
            turn.std_error,
            u_test(b1, b2, cov, values.min(), values.max()).p_value,
        ],
        "moran": _attempt(lambda: _moran(sample)),
    }
