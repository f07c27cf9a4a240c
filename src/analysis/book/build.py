"""A book folder built strictly: as it stands, or as a book of its own with other parameters.

A book folder holds ``_toc.yml`` and what that names: notebooks as scripts in jupytext's percent
format, and pages of prose. What its ``_config.yml`` leaves out is taken from the project's, as are
the engine that runs the notebooks and the look of the pages.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import yaml

from analysis.book import parameters, scalars
from analysis.book.forms import fill
from analysis.book.heavy import REQUEST
from analysis.book.text import file_name, spelled
from analysis.errors import AnalysisError, ParameterError, choose, did_you_mean, listed, nearest
from analysis.resources import ROOT, declared, project, put

FAULTS = declared("analysis.book", "faults.toml")["build"]
NOTEBOOKS = "notebooks/"
COLLECTS = re.compile(r"\{(?:claims|programs|bibliography)\}")
"""What stands on pages that collect from the others; every part of a book keeps them."""


Known: TypeAlias = Mapping[str, Mapping[str, parameters.Parameter]]
"""The parameters of each section, by name."""


class BuildError(AnalysisError, RuntimeError):
    """A book that could not be built, or not without a fault."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """Which sections get which values.

    Attributes
    ----------
    values : dict
        Section to the values that differ from its own, by name.
    known : dict
        Section to its parameters.
    kept : dict
        Name as asked for to the sections that know it and keep their own value, since what was
        asked for is not among the values it may have there.
    """

    values: dict[str, dict[str, Any]]
    known: Known
    kept: dict[str, list[str]] = field(default_factory=dict)

    def differing(self) -> list[tuple[str, str, str, str]]:
        """Name, value here, value in the book, and sections, of everything that differs."""
        rows = [
            ((name, spelled(value), spelled(self.known[section][name].default)), section)
            for section, values in self.values.items()
            for name, value in values.items()
        ]
        return [(*row, ", ".join(sections)) for row, sections in _grouped(rows).items()]

    def report(self) -> list[str]:
        """Say in words which sections got which values, and which kept their own."""
        rows = [(f"{name} = {here}", where) for name, here, _, where in self.differing()]
        rows += [(f"{name} has its own value", ", ".join(own)) for name, own in self.kept.items()]
        return [f"{said} in {', '.join(where)}" for said, where in _grouped(rows).items()]


def _grouped(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, list[Any]]:
    """Second members by their first, in the order in which these come first."""
    found: dict[Any, list[Any]] = {}
    for name, each in pairs:
        found.setdefault(name, []).append(each)
    return found


def read_values(path: Path) -> dict[str, Any]:
    """Read a YAML file of parameters; what stands below a folder or section is for that alone.

    Relative paths among the values begin at the file's folder.

    Raises
    ------
    ParameterError
        If the file is missing or holds no mapping.
    """
    try:
        content = scalars.load(path)
    except (OSError, ValueError) as error:
        raise ParameterError(f"{path} cannot be read as parameters: {error}") from error
    if not isinstance(content, dict):
        raise ParameterError(f"{path} holds no parameters. Write a line `name: value` for each.")
    return dict(_flat(content, "", path.resolve().parent))


def _flat(content: Mapping[str, Any], above: str, folder: Path) -> Iterator[tuple[str, Any]]:
    for name, value in content.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}/", folder)
        else:
            beside = isinstance(value, str) and value and (folder / value).exists()
            yield f"{above}{name}", str(folder / value) if beside else value


class Entry(NamedTuple):
    """A page that a table of contents names: caption of its part, its name there, its source."""

    part: str
    file: str
    path: Path

    @property
    def section(self) -> str:
        """Name of a notebook."""
        return self.file.removeprefix(NOTEBOOKS)

    @property
    def is_notebook(self) -> bool:
        """Whether it computes."""
        return self.path.suffix != ".md"

    @property
    def collects(self) -> bool:
        """Whether it shows what the others hold."""
        return not self.is_notebook and bool(COLLECTS.search(self.path.read_text(encoding="utf-8")))


def entries(folder: Path) -> list[Entry]:
    """Every page that a book's table of contents names, the first page left out."""
    toc = _toc(folder)
    return [
        Entry(part.get("caption") or title(folder), file, _source(folder, file))
        for part in toc.get("parts", [toc])
        for file in _named(part.get("chapters", []))
    ]


def _named(chapters: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for entry in chapters:
        if "file" in entry:
            yield entry["file"]
        yield from _named(entry.get("sections", []))


def _toc(folder: Path) -> dict[str, Any]:
    path = folder / "_toc.yml"
    if path.is_file():
        return dict(yaml.safe_load(path.read_text(encoding="utf-8")))
    fault = FAULTS["no_book" if folder.is_dir() else "nothing"]
    raise BuildError(fault.format(folder=folder, do=FAULTS["instead"].format(name=folder.name)))


def _source(folder: Path, file: str) -> Path:
    paths = (folder / f"{file}{ending}" for ending in ("", ".py", ".md", ".ipynb"))
    if found := next(filter(Path.is_file, paths), None):
        return found
    raise BuildError(f"{folder / '_toc.yml'} names {file}, which is not there.")


def assign(known: Known, asked: Mapping[str, Any]) -> Assigned:
    """Give each section the values that it knows, or refuse before anything runs.

    Parameters
    ----------
    known : mapping
        Section to its parameters.
    asked : mapping
        Values by name; ``part/weights`` and ``part/chapter/weights`` ask in a folder or a section
        alone. Text is read as from the command line.

    Raises
    ------
    ParameterError
        A name that no section knows, or a value that none of those that know it may have; files of
        one study asked for in the sections of another.

    Examples
    --------
    >>> known = {
    ...     "a/x": parameters.declared('w: str = "near"  # weights: near | far'),
    ...     "a/y": parameters.declared('w: str = "queen"  # weights: queen | rook'),
    ... }
    >>> found = assign(known, {"w": "far"})
    >>> found.values, found.kept
    ({'a/x': {'w': 'far'}}, {'w': ['a/y']})
    """
    given: dict[str, dict[str, Any]] = {section: {} for section in known}
    kept: dict[str, list[str]] = {}
    for name in sorted(asked, key=lambda name: name.count("/")):
        knowing, refusals = _knowing(known, name, asked[name]), {}
        for section, parameter in knowing.items():
            try:
                value = parameter.read(asked[name])
            except ParameterError as error:
                refusals[section] = error
                continue
            given[section] |= {parameter.name: value}
        if refusals and ("/" in name or len(refusals) == len(knowing)):
            section, refusal = next(iter(refusals.items()))
            raise ParameterError(f"{section}: {refusal}") from refusal
        if refusals:
            kept[name] = list(refusals)
    for section, values in given.items():
        own = known[section]
        given[section] = {n: value for n, value in values.items() if value != own[n].default}
    return Assigned({section: own for section, own in given.items() if own}, known, kept)


def _knowing(known: Known, asked: str, value: Any) -> dict[str, parameters.Parameter]:
    """Sections that know a parameter, within the folder or section that its name begins with."""
    scope, _, name = asked.rpartition("/")
    within = {s: each for s, each in known.items() if not scope or f"{s}/".startswith(f"{scope}/")}
    if not within:
        places = sorted({*known, *(section.partition("/")[0] for section in known)})
        raise ParameterError(
            f"{asked}: there is no section or folder {scope}{choose(scope, places)}"
        )
    found = {section: each[name] for section, each in within.items() if name in each}
    if not found:
        names = sorted({each for declared in within.values() for each in declared})
        meant = nearest(name, names)
        knowing = listed(section for section, each in within.items() if meant in each)
        rest = f"{did_you_mean(name, names)} {knowing} know that." if meant else choose(name, names)
        raise ParameterError(f"no section knows the parameter {asked}{rest}")
    folders = {section.partition("/")[0] for section in found}
    if len(folders) == 1 or not any(parameter.path for parameter in found.values()):
        return found
    mine = folders.intersection(Path(str(value)).parts)
    if len(mine) != 1:
        words = {"folders": listed(sorted(folders)), "example": f"{min(folders)}/{name}"}
        raise ParameterError(FAULTS["whose_files"].format(asked=asked, value=value, **words))
    return {section: each for section, each in found.items() if section.partition("/")[0] in mine}


def build(
    folder: Path = ROOT,
    asked: Mapping[str, Any] | None = None,
    parts: Sequence[str] = (),
    output: Path | None = None,
    heavy: bool = False,
) -> tuple[Path, Assigned | None]:
    """Build a book.

    Parameters
    ----------
    folder : Path
        A book folder; the project's own by default.
    asked : mapping, optional
        Other parameters, as for :func:`assign`. The result is a book in a folder of its own.
    parts : sequence of str
        Captions of parts, their numbers (``I``) or names of single sections; all by default.
    output : Path, optional
        Where a book with other parameters goes; by default into ``_build/books``, under a name
        that says what differs.
    heavy : bool
        Whether heavy results, where pages with other parameters show them, are made anew for these
        instead of marked as the book's own.

    Returns
    -------
    index : Path
        The first page.
    assigned : Assigned or None
        Which sections got which values; None where nothing was asked for.

    Raises
    ------
    ParameterError
        As :func:`assign`; a part that does not exist.
    BuildError
        If anything is wrong with the book: the message says where that is written.
    """
    folder = folder.expanduser().resolve()
    project("analysis build")
    whole = entries(folder)
    if not asked and not parts:
        config = folder / "_config.yml"
        if folder != ROOT:
            config = folder / "_build" / "_config.yml"
            put(config, _yaml(_config(folder)))
        return _run(folder, config), None
    wanted = {file for part in parts for file in chosen(folder, part)}
    mine = [entry for entry in whole if not parts or entry.file in wanted]
    known = {e.section: parameters.of_notebook(e.path) for e in mine if e.is_notebook}
    assigned = assign(known, asked or {})
    stays = [entry for entry in mine if entry.is_notebook or not assigned.values]
    kept = [entry for entry in whole if entry.collects or entry in stays]
    said = {**(asked or {}), **({"part": ",".join(parts)} if parts else {})}
    place = output or folder / "_build" / "books" / file_name("", said)
    place = place.expanduser().resolve()
    _derive(folder, place, kept, assigned, bool(parts))
    for section in assigned.values if heavy else ():
        _executed(place, f"{NOTEBOOKS}{section}").unlink(missing_ok=True)
    return _run(place, place / "_config.yml", heavy), assigned


def chapters(folder: Path) -> dict[str, list[str]]:
    """Pages of each part of a book, by its caption; a book without parts is one of its title."""
    return _grouped((entry.part, entry.file) for entry in entries(folder))


def chosen(folder: Path, part: str) -> list[str]:
    """Pages of a part, asked for by its caption or number, or a single one by its name.

    Raises
    ------
    ParameterError
        There is none.
    """
    numbered = re.compile(rf"(part )?{re.escape(part)}(?!\w)", re.IGNORECASE)
    whole, asked = entries(folder), part.lower()
    hits = [e.file for e in whole if asked in (e.part.lower(), e.section) or numbered.match(e.part)]
    if not hits:
        groups = list(dict.fromkeys(entry.part for entry in whole))
        hint = did_you_mean(part, [*groups, *(entry.section for entry in whole)]) or ";"
        raise ParameterError(f"there is no part {part!r}{hint} there are: {'; '.join(groups)}")
    return hits


def title(folder: Path) -> str:
    """Title of a book."""
    return str(_config(folder)["title"])


def headline(page: Path) -> str:
    """Title of a page, a notebook's script or a text; empty where it has none."""
    sign = "# # " if page.suffix == ".py" else "# "
    found = re.search(rf"^{sign}(.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else ""


def _config(folder: Path) -> dict[str, Any]:
    """Configuration of a book: the project's, and over it what the folder's own says."""
    merged: dict[str, Any] = {}
    for path in (ROOT / "_config.yml", folder / "_config.yml"):
        if path.is_file():
            merged = _merged(merged, yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    library = [name for name in merged.pop("bibtex_bibfiles", []) if (folder / name).is_file()]
    if library:
        merged["bibtex_bibfiles"] = library
    sphinx = merged["sphinx"]
    sphinx["local_extensions"] = {"engine": str(ROOT / "book" / "_ext")}
    sphinx["config"] = {
        name: [_whole(each) for each in value] if isinstance(value, list) else _whole(value)
        for name, value in sphinx["config"].items()
        if library or not name.startswith("bibtex_")  # which nothing knows then
    }
    sphinx["config"]["html_title"] = str(merged.get("title", ""))
    return merged


def _whole(value: Any) -> Any:
    """Spell a path inside the project's ``book`` folder from the root of the disk."""
    is_ours = isinstance(value, str) and value.startswith("book/") and (ROOT / value).exists()
    return str(ROOT / value) if is_ours else value


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        name: _merged(one[name], value)
        for name, value in other.items()
        if isinstance(value, dict) and isinstance(one.get(name), dict)
    }
    return {**one, **other, **both}


def _derive(
    folder: Path, place: Path, kept: Sequence[Entry], assigned: Assigned, is_part: bool
) -> None:
    """Write a book folder with other parameters; what it holds already and still stands stays."""
    own, toc = _config(folder), _toc(folder)
    said = f"{own['title']}: other parameters" if assigned.values else own["title"]
    own["title"] = own["sphinx"]["config"]["html_title"] = said
    own["sphinx"]["config"] |= {
        "book_origin": str(folder),
        "book_values": {NOTEBOOKS + section: each for section, each in assigned.values.items()},
        "nb_output_stderr": "show",
    }
    parts = _grouped((entry.part, {"file": entry.file}) for entry in kept)
    new = [{"caption": caption, "chapters": files} for caption, files in parts.items()]
    first = fill(
        "first_page.md", title=said, differing=assigned.differing(), kept=assigned.kept,
        is_part=is_part, files=[entry.file for entry in kept],
    )  # fmt: skip
    library = [folder / name for name in own.get("bibtex_bibfiles", [])]
    for path in (*(entry.path for entry in kept), *library):
        put(place / path.relative_to(folder), path.read_bytes())
    put(place / f"{toc['root']}.md", first)
    rest = {key: value for key, value in toc.items() if key not in ("parts", "chapters")}
    put(place / "_toc.yml", _yaml({**rest, "parts": new}))
    put(place / "_config.yml", _yaml(own))
    for entry in kept:  # what other parameters do not reach may have been run already
        before, after = (_executed(each, entry.file) for each in (folder, place))
        if before.is_file() and not (entry.section in assigned.values or after.is_file()):
            put(after, before.read_bytes())


def _executed(folder: Path, file: str) -> Path:
    return folder / "_build" / "executed" / f"{file}.json"


def _yaml(content: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True)


def _run(folder: Path, config: Path, heavy: bool = False) -> Path:
    """Have Jupyter Book build a folder strictly, and say why if it does not."""
    log = folder / "_build" / "build.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    program = str(Path(sys.executable).with_name("jupyter-book"))
    strictly = ["-n", "-W", "--keep-going", "-q"]
    command = [program, "build", str(folder), "--config", str(config), *strictly]
    env = os.environ | ({REQUEST: "1"} if heavy else {})
    with log.open("w", encoding="utf-8") as said:
        code = subprocess.run(command, cwd=folder, stdout=said, env=env, check=False).returncode
    if code:
        last = log.read_text(encoding="utf-8").strip().splitlines()[-5:]
        why = f"signal {-code} ended it" if code < 0 else "the warnings above say why"
        raise BuildError("\n".join([f"the book in {folder} was not built: {why}", *last]))
    return folder / "_build" / "html" / "index.html"
