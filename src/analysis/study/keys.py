"""Keys of a user's TOML file: their kinds, what they may be, and a check that lists all that is wrong."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError, StudyFileError, choose, did_you_mean, listed
from analysis.resources import declared
from analysis.study.cells import present

KINDS: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "a list": (list,),
    "a table": (dict,),
    "a whole number": (int,),
    "a number": (int, float),
    "text or a number": (str, int),
    "true or false": (bool,),
}


FAULTS: Mapping[str, Mapping[str, str]] = declared("analysis.study", "faults.toml")
"""What a user's files can have wrong, in words, by who finds it."""


def told(fault: str, name: object = "", known: Iterable[object] = (), /, **words: object) -> str:
    """Put a fault into words.

    Parameters
    ----------
    fault : str
        Its place in ``faults.toml``.
    name, known
        What was asked for and all that there is: ``{near}`` and ``{there}`` of the words.
    **words
        What else they name.

    Examples
    --------
    >>> told("own.column", "lan", ["id", "lon", "lat"], column="lan")
    "no column 'lan', did you mean 'lon'?; it has id, lon, lat"
    """
    room, _, which = fault.partition(".")
    there = [str(each) for each in known]
    near = did_you_mean(name, there)
    return FAULTS[room][which].format(near=near, there=listed(there, 20), **words)


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a file.

    Attributes
    ----------
    kind : str
        One of :data:`KINDS`.
    meaning : str
    required : bool
    choices : tuple of str
        What it may be; anything where empty.
    among : str
        What its values must be found among: "variable", "column", "matrix" and the like.
    """

    kind: str
    meaning: str
    required: bool
    choices: tuple[str, ...]
    among: str

    @property
    def told(self) -> str:
        """What it may be and means, for a comment."""
        return (" | ".join(self.choices) + ": ") * bool(self.choices) + self.meaning

    def fault(self, name: str, value: object) -> str:
        """Say what is wrong with a value; empty where nothing is."""
        kinds = KINDS[self.kind]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            return f"{name} = {value!r} must be {self.kind}"
        odd = [each for each in leaves(value) if self.choices and each not in self.choices]
        return f"no {name} {odd[0]!r}{choose(odd[0], self.choices)}" if odd else ""

    @classmethod
    def of(cls, said: str) -> Key:
        """Read a line of a table of keys.

        Examples
        --------
        >>> Key.of("text, required, sdm | sar: where space enters")
        Key(kind='text', meaning='where space enters', required=True, choices=('sdm', 'sar'), among='')
        """
        head, meaning = said.split(": ", 1)
        kind, *rules = head.split(", ")
        among = "".join(rule.removeprefix("of ") for rule in rules if rule.startswith("of "))
        rest = [rule for rule in rules if rule not in ("required", f"of {among}")]
        choices = tuple(rest[0].split(" | ")) if rest else ()
        return cls(kind, meaning, "required" in rules, choices, among)


Fields = Mapping[str, Mapping[str, Key]]


def fields(said: Mapping[str, Mapping[str, str]]) -> Fields:
    """Read a table of keys by section; ``NAME`` in a section's heading is a name of the user's."""
    return {
        section: {key: Key.of(each) for key, each in of.items()} for section, of in said.items()
    }


@dataclass(slots=True)
class Problems:
    """What is wrong, collected so that one check lists everything."""

    found: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, where: str, what: str) -> None:
        """Note a problem, and where."""
        self.found.append(f"{where}: {what}" if where else what)

    @contextmanager
    def at(self, where: str) -> Iterator[None]:
        """Note what is raised on purpose."""
        try:
            yield
        except (AnalysisError, OSError, ValueError) as error:
            self.add(where, str(error))


def load(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises
    ------
    StudyFileError, RawDataError
        If it is none, or not there.
    """
    try:
        content = tomllib.loads(present(path).read_text(encoding="utf-8-sig"))
        return deepcopy(content)  # as deep as whoever goes through it
    except (ValueError, RecursionError) as error:
        raise StudyFileError(f"{path} is no TOML: {error}") from error


def refusal(path: Path, problems: Collection[str]) -> StudyFileError:
    """The error that lists all problems of a file."""
    return StudyFileError("\n- ".join([f"{path} cannot be used:", *problems]))


def leaves(value: object) -> Iterator[object]:
    """Values in tables and lists, however deep."""
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from leaves(each)
    else:
        yield value


def entries(content: Mapping[str, Any], known: Fields) -> Iterator[tuple[str, str, Any]]:
    """Each table of keys: its heading, its section, and the keys."""
    for section in known:
        found: dict[str, Any] = {"": content}
        for part in section.split("."):
            found = {
                f"{where}.{name}".strip("."): each
                for where, held in found.items()
                for name, each in (held.items() if isinstance(held, dict) else [("", held)])
                if part in ("NAME", name) or not name
            }
        yield from ((where, section, entry) for where, entry in found.items())


def check(
    content: Mapping[str, Any], known: Fields, needed: Collection[str], problems: Problems
) -> None:
    """Check every section, key, type and choice.

    Parameters
    ----------
    content : mapping
    known : mapping
        Sections and their keys.
    needed : collection of str
        Sections that must be there.
    problems : Problems
        Gets what is wrong.
    """
    top = {section.partition(".")[0]: section for section in reversed(list(known))}
    for section in content:
        if section not in top:
            problems.add("", f"unknown section [{section}]{choose(section, top)}")
    for name in needed:
        if not content.get(name):
            problems.add("", f"there is no [{top[name]}], which is needed")
    for where, section, entry in entries(content, known):
        if not isinstance(entry, dict):
            problems.add(f"[{where}]", f"write [{section}] and lines key = value")
            continue
        keys = known[section]
        for key, value in entry.items():
            if key not in keys:
                problems.add(f"[{where}]", f"unknown key {key}{choose(key, keys)}")
            elif fault := keys[key].fault(key, value):
                problems.add(f"[{where}]", fault)
        for key, said in keys.items():
            if said.required and key not in entry:
                problems.add(f"[{where}]", f"{key} is missing: {said.meaning}")


def check_names(
    content: Mapping[str, Any], known: Fields, there: Mapping[str, Collection[str]],
    problems: Problems,
) -> None:  # fmt: skip
    """Check that each value that names something names what there is."""
    for where, section, entry in entries(content, known):
        for key, value in entry.items():
            among = known[section][key].among
            for each in leaves(value) if among else ():
                if str(each) not in there[among]:
                    near = did_you_mean(each, there[among])
                    problems.add(f"[{where}] {key}", f"no {among} {each!r}{near}")
