"""Which specifications a sweep is asked for: a study and a grid, or a YAML file."""

import importlib
import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from analysis.book import parameters, provenance, scalars
from analysis.book.parameters import Parameter
from analysis.book.sweep import Run, grid
from analysis.errors import ParameterError, choose
from analysis.study.curve.choices import choices, defaults, estimate, offers
from analysis.study.declaration import Study
from analysis.study.sample import find_study

_KEYS = ("study", "run", "grid", "specifications")
_DATA = {".csv", ".tsv", ".txt", ".json", ".toml", ".xlsx", ".xls", ".dta", ".rds", ".parquet",
         ".feather", ".npy", ".npz", ".geojson", ".gpkg", ".shp", ".gal", ".gwt"}  # fmt: skip
"""Endings of data files beside a function of the user's own; a change of one makes its rows anew."""
ALL = "*"
"""In place of a list of values: all that the study's full grid runs through."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to sweep.

    Attributes
    ----------
    name : str
        Of the study, or of the YAML file.
    run : callable
        From a specification to its rows.
    specifications : list of dict
    choices : dict of str to Parameter
        What a study offers; empty for a function of the user's own.
    fingerprint : str
        Of the code and data behind `run`.
    """

    name: str
    run: Run
    specifications: list[dict[str, Any]]
    choices: dict[str, Parameter]
    fingerprint: str


def read(source: str | Path, values: Mapping[str, str] | None = None) -> Plan:
    """Read what is asked for on the command line.

    Parameters
    ----------
    source : str or Path
        A study's name, or a YAML file with ``study: NAME`` or ``run: module:function``, and
        ``grid:`` (lists of values by name; or a list of such grids) or ``specifications:`` (a list
        of single ones), or both.
    values : mapping, optional
        Values by name, separated by commas; ``*`` stands for all. They go before the file's.

    Raises
    ------
    ParameterError
        For an unknown study, name or value, with the nearest that exists; or a malformed file.

    Examples
    --------
    >>> len(read("cigarettes", {"weights": "contiguity,second-order", "model": "*"}).specifications)
    10
    """
    text = str(source)
    if not text.endswith((".yaml", ".yml")):
        asked: dict[str, Any] = {"study": text, "grid": {}}
        name = Path(text).resolve().name
    else:
        asked, name = _load(Path(source)), Path(source).stem
    given = {key: value.split(",") for key, value in (values or {}).items()}
    if "run" in asked:
        typed = {key: [scalars.typed(value) for value in column] for key, column in given.items()}
        plan = _own(asked, typed, Path(source))
        return Plan(name, plan[0], plan[1], {}, plan[2])
    study = find_study(asked["study"])
    specifications = _specifications(study, asked, given)
    fingerprint = provenance.fingerprint(
        [study.load.__module__], files=[*study.files, *_files(study, specifications)]
    )
    run = partial(estimate, study.name)
    return Plan(name, run, specifications, offers(study), fingerprint)


def _files(study: Study, specifications: list[dict[str, Any]]) -> list[Path]:
    """Return the user's own data files, so that rows made from earlier ones are not used again."""
    named = [name for name, parameter in offers(study).items() if parameter.path]
    places = {Path(each[name]) for each in specifications for name in named if each[name]}
    return sorted(path for place in places for path in (place, *place.rglob("*")) if path.is_file())


def _load(path: Path) -> dict[str, Any]:
    """Read and check the outline of a YAML file."""
    if not path.is_file():
        raise ParameterError(f"there is no file {path}.")
    try:
        asked = scalars.load(path)
    except ValueError as error:
        raise ParameterError(f"{path} is not valid YAML: {error}") from error
    if not isinstance(asked, dict) or ("study" in asked) == ("run" in asked):
        raise ParameterError(f"{path}: name either `study: NAME` or `run: module:function`.")
    for key in asked:
        if key not in _KEYS:
            raise ParameterError(f"{path}: unknown entry {key}{choose(key, _KEYS)}")
    if not isinstance(asked.get("study", ""), str):
        raise ParameterError(f"{path}: `study:` takes the name of one study.")
    if not asked.get("grid") and not asked.get("specifications"):
        raise ParameterError(f"{path}: give a `grid:` of values, or a list `specifications:`.")
    return asked


def _grids(asked: Mapping[str, Any], given: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    """Return the grids that were asked for; values from the command line go first."""
    written = asked.get("grid")
    grids = written if isinstance(written, list) else [{} if written is None else written]
    singles = asked.get("specifications") or []
    if not isinstance(singles, list):
        raise ParameterError(f"`specifications:` takes a list of them, not {singles!r}.")
    for each in [*grids, *singles]:
        if not isinstance(each, dict) or not all(isinstance(name, str) for name in each):
            raise ParameterError(
                f"a grid or specification is written as name: value, not {each!r}."
            )
    wanted = ([] if written is None else grids) + singles
    return [{**each, **given} for each in wanted]


def _specifications(
    study: Study, asked: Mapping[str, Any], given: Mapping[str, list[str]]
) -> list[dict[str, Any]]:
    """Return every specification in full, checked."""
    known = offers(study)
    rows = []
    for each in _grids(asked, given):
        columns: dict[str, Any] = {name: [value] for name, value in defaults(study).items()}
        for name, value in each.items():
            parameter = parameters.known(known, name)
            given_here = value if isinstance(value, list) else [value]
            everything = list(choices(study)[name].values) if given_here == [ALL] else []
            columns[name] = everything or [
                parameter.read(item.strip() if isinstance(item, str) else item)
                for item in given_here
            ]
        rows += grid(columns)
    return _once(rows)


def _once(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each specification once, whatever it was written like."""
    return list({repr(sorted(row.items())): row for row in rows}.values())


def _own(
    asked: Mapping[str, Any], given: Mapping[str, list[str]], source: Path
) -> tuple[Run, list[dict[str, Any]], str]:
    """Import a function of the user's own; its file's content counts as the fingerprint."""
    module_name, _, function_name = str(asked["run"]).partition(":")
    folder = str(source.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        spec = importlib.util.find_spec(module_name)  # said before, for importing runs it
        print(f"runs {function_name} of {spec and spec.origin}", file=sys.stderr)
        run = getattr(importlib.import_module(module_name), function_name)
    except Exception as error:
        raise ParameterError(
            f"{source}: cannot find the function {asked['run']} ({type(error).__name__}: {error}). "
            "Write `run: module:function`, the module beside this file or installed."
        ) from error
    if not callable(run):
        raise ParameterError(f"{source}: {asked['run']} is no function.")
    specifications = _once([row for each in _grids(asked, given) for row in grid(each)])
    return run, specifications, _behind(sys.modules[module_name], source.resolve().parent)


def _behind(module: ModuleType, folder: Path) -> str:
    """Digest of the module, of those imported from beside it, and of the data files there."""
    loaded = (getattr(each, "__file__", None) for each in [module, *sys.modules.values()])
    files = {Path(file).resolve() for file in loaded if file}
    beside = {path for path in files if folder in path.parents}
    beside |= {path for path in folder.iterdir() if path.suffix in _DATA and path.is_file()}
    own = getattr(module, "__file__", None)  # none if Python was built with it
    paths = sorted(beside | ({Path(own).resolve()} if own else set()))
    return ",".join(f"{path.name}:{provenance.file_digest(path)}" for path in paths)
