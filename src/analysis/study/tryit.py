"""The box of a page in which a reader changes the model: data, style and script in the page itself.

The mathematics are the ES modules of ``book/_static/try``. A browser loads no module from a file, so
they are written into the page as one.
"""

import base64
import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.panel import Panel
from analysis.resources import ROOT, project
from analysis.study.declaration import WEIGHTS
from analysis.study.sample import Sample, usual_choices

MATHEMATICS = ("linalg", "normal", "weights", "operator", "fit", "effects", "choose", "implied")
"""Modules without a page in them, each after those that it imports."""


@dataclass(frozen=True, slots=True)
class Box:
    """Part of a page that needs nothing from outside; without scripts there is nothing to see."""

    text: str

    def _repr_html_(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return "to be tried in the HTML pages of the book"


def script(*modules: str) -> str:
    """Several modules as one, for a page that may be read from a file."""
    folder = project("a page that answers back") / "book" / "_static" / "try"
    text = "\n".join((folder / f"{name}.js").read_text(encoding="utf-8") for name in modules)
    return re.sub(
        r"^export (?=\w)", "", re.sub(r"^import [^;]*;\n", "", text, flags=re.M), flags=re.M
    )


def packed(panel: Panel, names: list[str]) -> dict[str, str]:
    """Variables by period and unit, as base64 of little-endian doubles: no digit is lost."""
    return {
        name: base64.b64encode(panel.values(name).astype("<f8").tobytes()).decode()
        for name in names
    }


def box(kind: str, content: Mapping[str, Any], *modules: str) -> Box:
    """Pack data, style and the modules that show them into a part of a page."""
    told = json.dumps(content, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
    folder = project("a page that answers back") / "book" / "_static" / "try"
    style = (folder / "box.css").read_text(encoding="utf-8")
    return Box(
        f'<div class="tryit" data-kind="{html.escape(kind)}"><style>{style}</style>'
        f'<script type="application/json">{told}</script>'
        f'<script type="module">{script(*MATHEMATICS, *modules)}</script></div>'
    )


def estimates(sample: Sample, section: str, show: str = "estimates") -> Box:
    """The box in which a reader changes the main model of a section.

    Parameters
    ----------
    sample : Sample
        What the box starts from; units and periods can be taken away, not added.
    section : str
        As `analysis rerun` names it.
    show : {"estimates", "effects"}
        What stands first.
    """
    return box("estimates", {**content(sample), "section": section, "show": show}, "page", "box")


def printed_rho(
    places: Mapping[str, pd.DataFrame], points: pd.DataFrame, **asked: float | str
) -> Box:
    """The box that reads a printed rho for the truth behind it.

    Parameters
    ----------
    places : mapping
        Heading to places with ``lon``, ``lat`` and, where known, ``income``.
    points : DataFrame
        Means of simulated estimates: place (of `places`), weights, true_rho, mean.
    **asked
        What the fields begin with: printed, error, periods, weights.
    """
    sets = [{"label": label, "names": [str(unit) for unit in frame.index],
             **{name: frame[name].tolist() for name in ("lon", "lat", "income") if name in frame}}
            for label, frame in places.items()]  # fmt: skip
    rows = points[["place", "weights", "true_rho", "mean"]].to_numpy().tolist()
    return box("rho", {"places": sets, "points": rows, **asked}, "page", "rho")


def content(sample: Sample) -> dict[str, Any]:
    """What the box of a sample needs: its data, what can be chosen, and what the page has."""
    study, panel, model = sample.study, sample.panel, sample.study.model
    usual = usual_choices(study) | {"std_errors": "information"}
    folder = Path(study.name)
    named = [c for c in (study.names, "name_en", "name") if c in sample.places]
    names = sample.places[named[0]] if named else panel.units
    return {
        "name": folder.name,
        "study": str(folder.relative_to(ROOT)) if folder.is_relative_to(ROOT) else folder.name,
        "source": panel.source,
        "unit": panel.unit,
        "period": panel.period,
        "several": study.units,
        "units": [str(unit) for unit in panel.units],
        "names": [str(name) for name in names],
        "lon": sample.places["lon"].tolist(),
        "lat": sample.places["lat"].tolist(),
        "periods": panel.periods.tolist(),
        "income": study.income,
        "values": packed(panel, [*study.columns, *filter(None, [study.income])]),
        "outcome": study.outcome,
        "regressors": list(study.regressors),
        "focus": list(study.focus),
        "labels": study.labels([*study.regressors, study.outcome, "rho", "lambda", "sigma2",
                                f"L.{study.outcome}", f"W.L.{study.outcome}"]),
        "weights": [name for name in study.matrices if name in WEIGHTS],
        "book": {"weights": sample.matrix, "model": model.model, "effects": model.effects,
                 "dynamics": "dynamic" if model.is_dynamic else "static",
                 "estimator": model.estimator},
        "asked": {name: ", ".join(value) if isinstance(value, list) else str(value)
                  for name, value in sample.asked.items()
                  if name in usual and value not in ("", [], usual[name])},
    }  # fmt: skip
