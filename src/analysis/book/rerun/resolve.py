"""An executed notebook for any viewer: numbers, references and citations in its text are written out."""

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from analysis.book.forms import fill

GLUED = "application/papermill.record/text/plain"
_ROLE = re.compile(r"\{(?P<role>[a-z:]+)\}`(?P<body>[^`]+)`")
_TARGET = re.compile(r"(?P<words>.*?)\s*<(?P<target>[^<>]+)>", re.DOTALL)
_SPAN = re.compile(r"\[((?:[^\[\]\\]|\\.)*)\]\{[^}]*\}")


def numbers(env: Any) -> dict[str, str]:
    """Words for each label of a built book: "Table 3", or the title of what it names."""
    domain = env.domains["std"]
    words = {name: title for name, (_, _, title) in domain.labels.items() if title}
    for name, (page, anchor) in domain.anonlabels.items():
        for kind, numbered in env.toc_fignumbers.get(page, {}).items():
            if anchor in numbered:
                shown = ".".join(map(str, numbered[anchor]))
                words[name] = env.config.numfig_format[kind].replace("%s", shown)
    return words


def citations(library: Path) -> dict[str, tuple[str, str]]:
    """Authors and year of each work in a BibTeX file."""
    if not library.is_file():
        return {}
    from pybtex.database import parse_file

    found = {}
    for key, entry in parse_file(str(library)).entries.items():
        people = [" ".join(p.last_names) for p in entry.persons.get("author", [])]
        people = [re.sub(r"[{}]", "", name) for name in people] or [entry.fields.get("title", key)]
        joined = " and ".join(people) if len(people) < 3 else f"{people[0]} et al."
        found[key] = (joined, entry.fields.get("year", "n.d."))
    return found


def resolve(
    notebook: NotebookNode, words: Mapping[str, str], cited: Mapping[str, tuple[str, str]]
) -> NotebookNode:
    """Copy an executed notebook, with nothing left in it that only the book's build understands.

    Parameters
    ----------
    notebook : NotebookNode
        With its outputs.
    words : mapping
        As :func:`numbers` gives them.
    cited : mapping
        As :func:`citations` gives them.
    """
    copy = nbformat.from_dict(notebook)
    glued: dict[str, Any] = {}
    for cell in copy.cells:
        kept = []
        for output in cell.get("outputs", []):
            if GLUED in output.get("data", {}):
                name = output["metadata"]["scrapbook"]["name"]
                glued[name] = _value(output["data"][GLUED])
            else:
                kept.append(output)
        if cell.cell_type == "code":
            cell.outputs = kept

    def written(match: re.Match[str]) -> str:
        role, body = match["role"], " ".join(match["body"].split())
        explicit = _TARGET.fullmatch(body)
        target = explicit["target"] if explicit else body
        if role == "glue:text":
            name, _, form = body.partition(":")
            return format(glued[name], form).replace("-", "−") if name in glued else "…"
        if role.startswith("cite"):
            each = [cited.get(key.strip(), (key.strip(), "n.d.")) for key in body.split(",")]
            if role.endswith(":t"):
                return "; ".join(f"{who} [{year}]" for who, year in each)
            return f"[{'; '.join(f'{who}, {year}' for who, year in each)}]"
        found = words.get(target, "")
        if role == "numref":
            form = explicit["words"] if explicit else "%s"
            number = found or f"a {'figure' if target.startswith('fig') else 'table'} of the book"
            return form.replace("%s", number.split()[-1] if explicit and found else number)
        if role in ("ref", "doc"):
            return explicit["words"] if explicit else found or "another page"
        return f"`{target}`"

    for position, cell in enumerate(copy.cells):
        cell["id"] = f"cell-{position}"  # jupytext draws them
        if cell.cell_type == "markdown":
            cell.source = _SPAN.sub(r"\1", _without_fences(_ROLE.sub(written, cell.source)))
    first = next((i for i, c in enumerate(copy.cells) if c.cell_type == "code"), len(copy.cells))
    copy.cells.insert(first, nbformat.v4.new_code_cell(fill("needs.txt").strip(), id="needs"))
    return copy


def _value(shown: str) -> Any:
    try:
        return ast.literal_eval(shown)
    except (ValueError, SyntaxError):
        return shown


def _without_fences(text: str) -> str:
    """Turn MyST's fenced boxes into quotes."""
    depth, lines, options = 0, [], False
    for line in text.split("\n"):
        if opening := re.match(r":{3,}\{([\w-]+)\}(.*)", line):
            depth, options = depth + 1, True
            lines.append("> " * depth + f"**{(opening[2] or opening[1]).strip()}**")
        elif re.fullmatch(r":{3,}\s*", line):
            depth = max(depth - 1, 0)
            lines.append("")
        elif re.fullmatch(r"\(\S+\)=\s*", line) or (options and re.match(r":\w+:", line)):
            continue
        else:
            options = False
            lines.append("> " * depth + line)
    return "\n".join(lines)
