"""The typed ``parameters`` cell of a notebook: what may be set, and the check of what was set.

A notebook's cell tagged ``parameters`` holds annotated assignments and nothing else. The trailing
comment gives the meaning and, after its last colon, what is allowed; comment lines below it
continue it::

    weights: str = "additive-nest"  # spatial weights: additive-nest | inverse-distance | gravity
    years: str = "2003-2022"  # sample years, first to last: 2003..2022
    seed: int = 7  # seed of the generator: 0..
    tail: float = 0.01  # share winsorised in each tail: 0..0.25
    lagged: bool = True  # include last year's outcome
    raw: str = ""  # the study's real files; empty for the simulated data: folder

Types are ``str``, ``int``, ``float``, ``bool`` and lists of the first three. What is allowed is a
list of choices (``a | b``), a closed range (``0..1``, ``0..``, ``..1``), ``folder`` or ``file``.
A range on a ``str`` makes it a span of years, ``"2005-2019"`` or ``"2012"``. The cell right after
it calls :func:`check`, which refuses whatever plain papermill would let through.
"""

import ast
import io
import math
import re
import sys
import tokenize
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.book import scalars
from analysis.errors import ParameterError, choose, did_you_mean

_SCALARS: dict[str, Any] = {"str": str, "int": int, "float": float, "bool": bool}
_KINDS = (*_SCALARS, "list[str]", "list[int]", "list[float]")
_ARTICLE = {"str": "a text", "int": "a whole number", "float": "a number", "bool": "true or false"}
_NUMBER = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_RANGE = re.compile(rf"(?P<low>{_NUMBER})?\s*\.\.\s*(?P<high>{_NUMBER})?")
_SPAN = re.compile(r"\s*(\d+)(?:\s*[-–:]\s*(\d+))?\s*")
_PATHS = ("folder", "file")
_differing: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One line of a ``parameters`` cell.

    Attributes
    ----------
    name, kind, default, meaning
        As written: ``kind`` is the annotation, for instance ``"int"`` or ``"list[str]"``.
    choices
        The allowed values, or empty for any.
    low, high
        The closed range, ``None`` for no bound; years if the kind is ``"str"``.
    path
        ``"folder"`` or ``"file"`` if the value names one, else empty.
    """

    name: str
    kind: str
    default: Any
    meaning: str = ""
    choices: tuple[Any, ...] = ()
    low: float | None = None
    high: float | None = None
    path: str = ""

    @property
    def scalar(self) -> str:
        """The kind of one value, of which there may be a list."""
        return self.kind.removeprefix("list[").removesuffix("]")

    @property
    def is_span(self) -> bool:
        """Whether the value is a span of years."""
        return self.kind == "str" and (self.low is not None or self.high is not None)

    @property
    def allowed(self) -> str:
        """What the value may be, in words.

        Examples
        --------
        >>> Parameter("tail", "float", 0.01, low=0, high=0.25).allowed
        'a number from 0 to 0.25'
        """
        each = "a list, each " if self.kind != self.scalar else ""
        if self.choices:
            return f"{each}one of " + ", ".join(map(str, self.choices))
        if self.path:
            return f"the path of a {self.path} that exists" + ("" if self.default else ", or empty")
        what = each + ('years as "first-last"' if self.is_span else _ARTICLE[self.scalar])
        if self.low is not None and self.high is not None:
            return f"{what} from {self.low:g} to {self.high:g}"
        least = "" if self.low is None else f" of {self.low:g} or more"
        return what + (least if self.high is None else f" up to {self.high:g}")

    def read(self, value: Any) -> Any:
        """Check a value; text is read as from the command line.

        There a list is separated by commas, and a path begins where the command was given.

        Raises
        ------
        ParameterError
            If the value is not of the parameter's type, or outside what is allowed.

        Examples
        --------
        >>> Parameter("seed", "int", 7, low=0).read("12")
        12
        >>> Parameter("drop", "list[int]", []).read("2020, 2021")
        [2020, 2021]
        """
        if not isinstance(value, str):
            return self.check(value)
        typed = str if self.scalar == "str" else scalars.typed
        if self.kind != self.scalar:
            parts = value.split(",") if value.strip() else []
            return self.check([typed(part.strip()) for part in parts])
        if self.path and value:
            try:
                value = str(Path(value).expanduser().resolve())
            except (OSError, RuntimeError, ValueError) as error:  # a path that no system takes
                raise ParameterError(f"parameter {self.name}: {error}") from error
        return self.check(typed(value))

    def check(self, value: Any) -> Any:
        """Return the value in the declared type.

        A whole number is accepted for ``float``, and a single year as number for a span.

        Raises
        ------
        ParameterError
            If the type is wrong or the value is outside the range, the choices or the disk.
        """
        is_list = self.kind != self.scalar
        given = value if is_list else [value]
        if isinstance(given, list | tuple):
            typed = [self._typed(each) for each in given]
            if all(map(self._allows, typed)):
                return typed if is_list else typed[0]
        raise ParameterError(
            f"parameter {self.name} = {value!r} is not {self.allowed}"
            f"{did_you_mean(value, self.choices) or ';'} its default is {self.default!r}."
        )

    def _typed(self, value: Any) -> Any:
        """Give a whole number the declared type, and a span the one way in which it is written."""
        if type(value) is int and (self.scalar == "float" or self.is_span):
            value = _SCALARS[self.scalar](value)
        if self.is_span and isinstance(value, str):
            span = years(value, self.name)
            return "-".join(map(str, dict.fromkeys((span[0], span[-1]))))
        return value

    def _allows(self, value: Any) -> bool:
        kind = _SCALARS[self.scalar]
        if not isinstance(value, kind) or isinstance(value, bool) != (kind is bool):
            return False
        if self.choices:
            return value in self.choices
        if self.path and (value or self.default):
            with suppress(OSError):  # a name that no system takes
                return Path(value).is_dir() if self.path == "folder" else Path(value).is_file()
            return False
        bounds = [value] if kind in (int, float) else []
        if self.is_span:
            bounds = [int(year) for year in value.split("-")]
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        return all(low <= bound <= high and abs(bound) < math.inf for bound in bounds)


def years(text: str, name: str = "years") -> range:
    """Read a span of years.

    Parameters
    ----------
    text : str
        ``"2005-2019"``, or one year.
    name : str
        The parameter to name in the message.

    Returns
    -------
    range
        First to last year, both included.

    Raises
    ------
    ParameterError
        If the text is no such span, or runs backwards.

    Examples
    --------
    >>> years("2005-2019")
    range(2005, 2020)
    """
    match = _SPAN.fullmatch(text)
    said = f"parameter {name} = {text!r}"
    if match is None:
        raise ParameterError(f'{said} is no span of years. Write it as "2005-2019" or "2012".')
    first, last = int(match[1]), int(match[2] or match[1])
    if last < first:
        raise ParameterError(f"{said} runs backwards: write {last}-{first} if that is meant.")
    return range(first, last + 1)


def declared(source: str, where: str = "the parameters cell") -> dict[str, Parameter]:
    """Read the source of a ``parameters`` cell.

    Parameters
    ----------
    source : str
        Python code of annotated assignments with literal defaults.
    where : str
        What to call the cell in a message.

    Returns
    -------
    dict of str to Parameter
        In the order written.

    Raises
    ------
    ParameterError
        If the cell breaks the convention of this module, or a default breaks its own rule.

    Examples
    --------
    >>> declared('W: str = "knn"  # weights: knn | gravity')["W"].choices
    ('knn', 'gravity')
    """
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        raise ParameterError(f"{where}, line {error.lineno}: not valid Python.") from error
    if not body:
        raise ParameterError(f"{where} declares no parameter.")
    comments = {
        token.start[0]: token.string.lstrip("#").strip()
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    found: dict[str, Parameter] = {}
    for node, end in zip(body, [*(node.lineno for node in body[1:]), math.inf], strict=True):
        own = (text for line, text in comments.items() if node.lineno <= line < end)
        parameter = _described(node, " ".join(own), f"{where}, line {node.lineno}")
        if not parameter.path:
            parameter.check(parameter.default)
        found[parameter.name] = parameter
    return found


def _described(node: ast.stmt, comment: str, place: str) -> Parameter:
    """Read a line of the cell and its comment: meaning, colon, what is allowed."""
    if not (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value):
        form = "name: type = default  # meaning, and nothing else stands in this cell."
        raise ParameterError(f"{place}: a parameter is written  {form}")
    name, kind = node.target.id, ast.unparse(node.annotation)
    if kind not in _KINDS:
        raise ParameterError(f"{place}: {name} has type {kind}; use one of {', '.join(_KINDS)}.")
    if not comment:
        raise ParameterError(f"{place}: say in a comment what {name} means.")
    try:
        default = ast.literal_eval(node.value)
    except ValueError as error:
        raise ParameterError(f"{place}: the default of {name} must be a literal.") from error
    meaning, _, rule = (part.strip() for part in comment.rpartition(":"))
    if not meaning or kind == "bool":
        return Parameter(name, kind, default, comment)
    allowed: dict[str, Any] = {}
    if rule in _PATHS and kind == "str":
        allowed = {"path": rule}
    elif match := _RANGE.fullmatch(rule):
        allowed = {end: float(text) for end, text in match.groupdict().items() if text}
    elif "|" in rule:
        typed = _SCALARS[kind.removeprefix("list[").removesuffix("]")]
        try:
            allowed = {"choices": tuple(typed(part.strip(" \"'")) for part in rule.split("|"))}
        except ValueError as error:
            raise ParameterError(f"{place}: the choices of {name} are not all {kind}.") from error
    return Parameter(name, kind, default, meaning if allowed else comment, **allowed)


def of_notebook(path: Path | str) -> dict[str, Parameter]:
    """Read the parameters of a notebook file (``.py`` in percent format, or ``.ipynb``).

    Raises
    ------
    ParameterError
        If the file is missing, is no notebook, or has not exactly one ``parameters`` cell.
    """
    import jupytext  # costs half a second, and only the command line needs it

    try:
        cells = jupytext.read(path).cells
    except Exception as error:
        raise ParameterError(f"{path} is no notebook that can be read: {error}") from error
    found = tagged(cells)
    if len(found) != 1:
        said = "cells tagged parameters; a notebook that can be re-run has one."
        raise ParameterError(f"{path} has {len(found)} {said}")
    return declared(found[0], f"{path}, parameters cell")


def tagged(cells: Iterable[Any]) -> list[str]:
    """Sources of the cells of a notebook that are tagged ``parameters``."""
    return [cell.source for cell in cells if "parameters" in cell.metadata.get("tags", [])]


def checked(parameters: Mapping[str, Parameter], values: Mapping[str, Any]) -> dict[str, Any]:
    """Check values against what a notebook declares.

    Raises
    ------
    ParameterError
        For an unknown name (with the nearest known one), a wrong type or a value not allowed.

    Examples
    --------
    >>> known = declared("seed: int = 7  # seed: 0..")
    >>> checked(known, {"sed": 1})
    Traceback (most recent call last):
    ...
    analysis.errors.ParameterError: unknown parameter sed, did you mean 'seed'? there are: seed
    """
    return {name: known(parameters, name).check(value) for name, value in values.items()}


def known(parameters: Mapping[str, Parameter], name: str) -> Parameter:
    """Return the parameter of that name, or refuse with the nearest match."""
    if name not in parameters:
        raise ParameterError(f"unknown parameter {name}{choose(name, parameters)}")
    return parameters[name]


def check() -> None:
    """Check, inside a running notebook, the parameters that the cells above have set.

    papermill writes values that were asked for into a cell of its own after the ``parameters``
    cell, and only warns about names that it does not find. This call, in the next cell, refuses
    them instead, and brings each value to its declared type. Outside IPython nothing can have
    been injected, and nothing is checked.

    Raises
    ------
    ParameterError
        As :func:`checked`; also if no parameters cell was run before this one.
    """
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None:  # a plain script
        return
    namespace = shell.user_ns
    parameters, injected = _from_history(namespace["In"][:-1])
    values = checked(parameters, {name: namespace[name] for name in [*parameters, *injected]})
    namespace.update(values)
    _differing.update({n: value for n, value in values.items() if value != parameters[n].default})


def differing() -> dict[str, Any]:
    """Return the values that the running notebook was given in place of its own."""
    return dict(_differing)


def _from_history(cells: list[str]) -> tuple[dict[str, Parameter], list[str]]:
    """Find the last parameters cell among those run, and the names that papermill put below it."""
    injected: list[str] = []
    for source in reversed(cells):
        try:
            body = ast.parse(source).body
        except SyntaxError:  # a cell with a magic
            continue
        if body and all(isinstance(node, ast.AnnAssign) for node in body):
            return declared(source), injected
        if source.lstrip().startswith("# Parameters"):
            assigned = [node for node in body if isinstance(node, ast.Assign)]
            injected += [ast.unparse(target) for node in assigned for target in node.targets]
    raise ParameterError("run the parameters cell before its check.")
