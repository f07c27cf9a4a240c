"""Where a number came from: fingerprints of the code, data and packages behind it."""

import ast
import hashlib
import itertools
import json
import symtable
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from analysis.resources import ROOT

PACKAGE = Path(__file__).resolve().parents[1]
SHORT = 12
FILES_TYPE = "application/vnd.analysis.files+json"
"""Type of the cell output that carries the files which a table or figure offers."""


def digest(content: bytes | str, length: int = SHORT) -> str:
    """Leading hexadecimal digits of the SHA-256 of some bytes.

    Examples
    --------
    >>> digest("carbon")
    '28d79d50ff51'
    """
    raw = content.encode() if isinstance(content, str) else content
    return hashlib.sha256(raw).hexdigest()[:length]


def file_digest(path: Path, length: int = SHORT) -> str:
    """Leading hexadecimal digits of the SHA-256 of a file; ``"absent"`` where there is none."""
    return digest(path.read_bytes(), length) if path.is_file() else "absent"


def module_file(name: str) -> Path | None:
    """Source file of a module of this package, or None where there is no such module.

    Examples
    --------
    >>> module_file("analysis.errors").name
    'errors.py'
    >>> module_file("analysis.no_such_room") is None
    True
    """
    stem = PACKAGE.parent.joinpath(*name.split("."))
    paths = (stem / "__init__.py", stem.with_suffix(".py"))
    return next(filter(Path.is_file, paths), None) if stem.is_relative_to(PACKAGE) else None


def _with_parents(name: str) -> Iterator[str]:
    """Modules that Python runs when it imports `name`: its packages first, then itself."""
    names = itertools.accumulate(name.split("."), "{}.{}".format)
    return filter(module_file, names)


@lru_cache(maxsize=1024)
def imported_modules(source: str, module: str = "") -> frozenset[str]:
    """Modules of this package that a piece of Python imports, wherever in it the import stands.

    Parameters
    ----------
    source : str
        Python source.
    module : str
        Name of the module it belongs to, against which relative imports resolve.

    Examples
    --------
    >>> sorted(imported_modules("from analysis import errors"))
    ['analysis', 'analysis.errors']
    """
    return frozenset(ran for name in _imports(source, module) for ran in _with_parents(name))


@lru_cache(maxsize=1024)
def imports_elsewhere(source: str) -> frozenset[str]:
    """Modules outside this package and the standard library that a piece of Python imports.

    Examples
    --------
    >>> sorted(imports_elsewhere("import json, numpy; from analysis import errors"))
    ['numpy']
    """
    known = sys.stdlib_module_names | {PACKAGE.name, ""}
    return frozenset(n for n in _imports(source) if n.partition(".")[0] not in known)


def _imports(source: str, module: str = "") -> Iterator[str]:
    """Names of modules, or perhaps of what is in them, that a piece of Python imports."""
    path = module_file(module)
    anchor = f"{module}.x".split(".") if path and path.stem == "__init__" else module.split(".")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = anchor[: -node.level] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            yield from (base, *(f"{base}.{alias.name}" for alias in node.names))


def closure(modules: Iterable[str], without: Iterable[str] = ()) -> tuple[str, ...]:
    """Every module of this package that the named ones need, themselves included, in order.

    Modules named in `without` are neither counted nor followed.

    Raises
    ------
    ModuleNotFoundError
        A named module is not part of this package.

    Examples
    --------
    >>> closure(["analysis.errors"])
    ('analysis', 'analysis.errors')
    """
    waiting = [each for name in modules for each in (name, *_with_parents(name))]
    if unknown := [name for name in waiting if module_file(name) is None]:
        raise ModuleNotFoundError(f"{unknown[0]!r} is not a module of {PACKAGE.name!r}")
    found, left_out = set[str](), set(without)
    while waiting:
        name = waiting.pop()
        path = module_file(name)
        if path is not None and name not in found | left_out:
            found.add(name)
            waiting.extend(imported_modules(path.read_text(encoding="utf-8"), name))
    return tuple(sorted(found))


def cells_behind(sources: Sequence[str]) -> list[frozenset[int]]:
    """Positions of the cells that each cell of a notebook rests on, its own among them.

    A cell rests on the earlier ones that made or changed a variable which it uses. What is
    imported counts for nothing.

    Examples
    --------
    >>> [sorted(behind) for behind in cells_behind(["a = 1", "b = 2", "c = a", "b, c"])]
    [[0], [1], [0, 2], [0, 1, 2, 3]]
    """
    named = [_used_and_made(source) for source in sources]
    found: list[frozenset[int]] = []
    for k, (used, _) in enumerate(named):
        earlier = (found[j] for j in range(k) if used & named[j][1])
        found.append(frozenset({k}).union(*earlier))
    return found


def _used_and_made(source: str) -> tuple[set[str], set[str]]:
    """Variables that a cell uses, and those that it makes or changes."""
    whole = symtable.symtable(source, "cell", "exec")
    imported = {s.get_name() for s in whole.get_symbols() if s.is_imported()}
    made = {s.get_name() for s in whole.get_symbols() if s.is_assigned()} - imported
    used = {s.get_name() for s in whole.get_symbols() if s.is_referenced()}
    inner = list(whole.get_children())
    for table in inner:  # which grows
        inner += table.get_children()
        used |= {s.get_name() for s in table.get_symbols() if s.is_global()}
    body = ast.parse(source).body
    calls = [line for line in body[:-1] if isinstance(line, ast.Expr)]  # the last one only shows
    stores = [n for line in body for n in ast.walk(line)
              if isinstance(n, ast.Attribute | ast.Subscript) and isinstance(n.ctx, ast.Store)]  # fmt: skip
    changed = (
        n.id for line in (*calls, *stores) for n in ast.walk(line) if isinstance(n, ast.Name)
    )
    return used, made.union(changed)


_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_UNSAID = {"kind", "ctx", "type_comment"}


def _canonical(node: Any) -> Any:
    """Nested tuples of a syntax tree that do not depend on the Python version that parsed it."""
    if isinstance(node, ast.AST):
        fields = {n: value for n, value in ast.iter_fields(node) if n not in _UNSAID}
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            fields["body"] = node.body[1:]
        if isinstance(node, ast.JoinedStr):  # 3.12 ends a nested format with an empty text
            fields["values"] = [v for v in node.values if getattr(v, "value", None) != ""]
        kept = ((n, _canonical(each)) for n, each in fields.items() if each not in (None, []))
        return (type(node).__name__, *kept)
    if isinstance(node, list):
        return tuple(_canonical(item) for item in node)
    return repr(node)


@lru_cache(maxsize=1024)
def code_digest(source: str) -> str:
    """Digest of what a piece of Python does: comments, docstrings and layout left out.

    Examples
    --------
    >>> code_digest("x = 1  # one") == code_digest("'Prose.'; x = (1)")
    True
    >>> code_digest("x = 1") == code_digest("x = 2")
    False
    """
    return digest(repr(_canonical(ast.parse(source))))


def locked_versions(packages: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Versions that ``uv.lock`` holds of each package (several where the lock forks by Python).

    Raises
    ------
    LookupError
        A package is not in the lock.
    """
    held = _held((ROOT / "uv.lock").read_text(encoding="utf-8"))
    try:
        return {name: tuple(sorted(held[name.lower()])) for name in packages}
    except KeyError as error:
        raise LookupError(f"{error} is not in uv.lock; add it to pyproject.toml first") from error


@lru_cache(maxsize=4)
def _held(lock: str) -> dict[str, list[str]]:
    held: dict[str, list[str]] = {}
    for entry in tomllib.loads(lock)["package"]:
        held.setdefault(entry["name"].lower(), []).append(entry.get("version", ""))
    return held


def fingerprint(
    modules: Iterable[str] = (),
    files: Iterable[str | Path] = (),
    packages: Iterable[str] = (),
    extra: Mapping[str, object] | None = None,
    without: Iterable[str] = (),
) -> str:
    """Digest of everything a result depends on.

    Parameters
    ----------
    modules : iterable of str
        Modules of this package; what they import in turn counts as well, and TOML files beside them
        that they name. Docstrings, comments and layout do not count.
    files : iterable of str or Path
        Data files, relative to the project's folder; a missing file counts as missing.
    packages : iterable of str
        Installed packages whose locked versions count.
    extra : mapping, optional
        Anything else that can be written as JSON: parameters, seeds.
    without : iterable of str
        Modules that only carry the result about and have no part in it, and names of TOML files.

    Returns
    -------
    str
        Twelve hexadecimal digits, the same on every machine and supported Python version.

    Examples
    --------
    >>> fingerprint(["analysis.errors"]) == fingerprint(["analysis.errors"])
    True
    >>> fingerprint(["analysis.errors"]) == fingerprint(["analysis.book.provenance"])
    False
    """
    left_out = set(without)
    paths = {name: module_file(name) for name in closure(modules, left_out)}
    texts = {n: path.read_text(encoding="utf-8") for n, path in paths.items() if path}
    sources = {n: code_digest(text) for n, text in texts.items()}
    for n, text in texts.items():  # and the tables that a module declares in a file beside it
        beside = (p for p in sorted(paths[n].parent.glob("*.toml")) if f'"{p.name}"' in text)  # type: ignore[union-attr]
        sources |= {f"{n} {p.name}": file_digest(p, 64) for p in beside if p.name not in left_out}
    contents = {Path(file).as_posix(): file_digest(ROOT / file, 64) for file in files}
    versions = locked_versions(packages) if packages else {}
    parts = {
        "modules": sources,
        "files": contents,
        "packages": versions,
        "extra": dict(extra or {}),
    }
    return digest(json.dumps(parts, sort_keys=True, default=str))


def is_current(sidecar: Path) -> bool:
    """Whether a committed heavy result is what today's code, data and packages stand behind.

    Parameters
    ----------
    sidecar : Path
        The ``.json`` beside the result's ``.csv``, as :mod:`analysis.book.heavy` writes it.

    Returns
    -------
    bool
        False where a file is missing, the table was edited, a module it names is gone, or the
        fingerprint of the inputs that the sidecar names has changed.
    """
    try:
        record = json.loads(sidecar.read_text(encoding="utf-8"))
        now = file_digest(sidecar.with_suffix(".csv"), 64), fingerprint(**record["inputs"])
    except (FileNotFoundError, ModuleNotFoundError, LookupError):
        return False
    return now == (record["content"], record["fingerprint"])
