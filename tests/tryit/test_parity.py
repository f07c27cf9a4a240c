"""What a page computes is the package's answer to 1e-8, and it refuses what the package refuses."""

from itertools import product

import numpy as np
import pytest
from beside import package

from analysis.errors import DomainError
from analysis.inference.implied_rho import expected_rho, implied_rho
from analysis.weights import Weights

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore")]

MODELS = ("sdm", "sar", "sem", "slx")
ESTIMATORS = ("transformation", "direct", "direct-corrected")
DYNAMICS = ("static", "dynamic")
EFFECTS = ("two-way", "individual")


def choice(sample, **asked):
    study, periods = sample.study, sample.panel.periods
    return {
        "weights": sample.matrix, "first": int(periods[0]), "last": int(periods[-1]), "without": [],
        "controls": list(study.controls), "model": "sdm", "dynamics": "dynamic",
        "effects": "two-way", "estimator": "transformation", **asked,
    }  # fmt: skip


def leaves(found, at=""):
    """Numbers and words of a nested answer, by place."""
    pairs = found.items() if isinstance(found, dict) else enumerate(found)
    for key, value in pairs:
        if isinstance(value, (dict, list)):
            yield from leaves(value, f"{at}/{key}")
        elif key != "warnings":
            yield f"{at}/{key}", value


def apart(here, there):
    """What differs between two answers; numbers by more than 1e-8 of one and of themselves."""
    ours, theirs = dict(leaves(here)), dict(leaves(there))
    if ours.keys() != theirs.keys():
        return [str({k: v for k, v in found.items() if k in ("/refused", "/message")} or set(found))
                for found in (ours, theirs)]  # fmt: skip
    return [
        f"{key}: {value!r} here, {theirs[key]!r} there"
        for key, value in ours.items()
        if not (
            value == theirs[key]
            if isinstance(value, str) or value is None
            else np.isclose(value, theirs[key], rtol=1e-8, atol=1e-8, equal_nan=True)
        )
    ]


@pytest.mark.parametrize("name", ["ne34", "nations"])
def test_every_combination_is_the_packages_answer(engine, name):
    sample = engine.full[name]
    bad = {}
    for w, m, d, f, e in product(sample.study.matrices, MODELS, DYNAMICS, EFFECTS, ESTIMATORS):
        asked = choice(sample, weights=w, model=m, dynamics=d, effects=f, estimator=e)
        differences = apart(engine(name, asked), package(name, asked))
        if differences:
            bad[w, m, d, f, e] = differences[:3]
    assert not bad, "\n".join(f"{key}: {value}" for key, value in bad.items())


def some(rng, sample):
    """A choice at random: short spans, few units and no controls are among them."""
    study, periods = sample.study, list(map(int, sample.panel.periods))
    units = list(map(str, sample.units))
    length = int(rng.integers(1, len(periods) + 1)) if rng.random() < 0.5 else len(periods)
    first = int(rng.integers(0, len(periods) - length + 1))
    share = rng.choice([0, 0.05, 0.3, 0.8, 0.93])
    return choice(
        sample,
        weights=str(rng.choice(list(study.matrices))),
        first=periods[first],
        last=periods[first + length - 1],
        without=[unit for unit in units if rng.random() < share],
        controls=[c for c in study.controls if rng.random() < 0.7],
        model=str(rng.choice(MODELS)),
        dynamics=str(rng.choice(DYNAMICS)),
        effects=str(rng.choice(EFFECTS)),
        estimator=str(rng.choice(ESTIMATORS)),
    )


@pytest.mark.parametrize("name", ["ne34", "nations"])
def test_a_hundred_choices_at_random_are_the_packages_answer_or_refusal(engine, name):
    rng = np.random.default_rng(20)
    bad, refused = {}, set()
    for number in range(100):
        asked = some(rng, engine.full[name])
        there = package(name, asked)
        refused.add(there.get("refused"))
        differences = apart(engine(name, asked), there)
        if differences:
            bad[number] = [str(asked), *differences[:3]]
    assert not bad, "\n".join(f"{key}: {value}" for key, value in bad.items())
    assert len(refused) > 2, "the draws were too tame to be refused"


@pytest.mark.parametrize("name", ["ne34", "nations"])
def test_where_every_unit_is_left_out_both_say_that_none_is_left(engine, name):
    sample = engine.full[name]
    asked = choice(sample, without=list(map(str, sample.units)))
    there = package(name, asked)
    assert apart(engine(name, asked), there) == []
    assert there["refused"] == "PanelError"
    assert f"no {sample.panel.unit} left" in there["message"]


def read(weights, value):
    """The package's reading of a printed rho, or its refusal."""
    try:
        found = implied_rho(weights, value, 0.07)
    except DomainError as refusal:
        return ["DomainError", str(refusal)]
    return [found.truth, found.lower, found.upper]


@pytest.mark.parametrize("weights", ["inverse-distance", "nearest-5", "additive-nest"])
def test_a_printed_rho_is_read_as_the_package_reads_it(engine, weights):
    sample = engine.full["ne34"].with_weights(weights)
    matrix = sample.weights.dense().tolist()
    printed = [-0.4, -0.1, 0.0, 0.18, 0.45, 3.0]
    here = engine.page.evaluate(
        """([matrix, printed]) => {
            const criterion = new engine.Criterion(
              new engine.Operator(matrix.map(row => Float64Array.from(row))), 0, "W");
            const read = (rho) => {
              try { return Object.values(criterion.read(rho, 0.07)); }
              catch (refusal) { return [refusal.name, refusal.message]; }
            };
            return [...printed.map(read), [-0.5, 0, 0.3].map(rho => criterion.estimate(rho))];
        }""",
        [matrix, printed],
    )
    named = Weights(sample.weights.matrix, sample.weights.units, "W")
    there = [read(named, value) for value in printed]
    assert [found for found in here[:-1] if isinstance(found[0], str)] == [
        found for found in there if isinstance(found[0], str)
    ]
    for found, expected in zip(here, there, strict=False):
        if not isinstance(expected[0], str):
            np.testing.assert_allclose(found, expected, atol=1e-8)
    curve = [expected_rho(named, rho) for rho in (-0.5, 0, 0.3)]
    np.testing.assert_allclose(here[-1], curve, atol=1e-8)


def test_the_mathematics_ask_nobody(engine):
    assert not [url for url in engine.asked if not url.startswith(("about:", "data:"))]
    assert not engine.failed
