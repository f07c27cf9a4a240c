"""The package as pages: a reference of every public name, and the source behind each of them.

Both are read from the syntax tree, so that nothing has to be imported; docstrings are shown as
they are written.
"""

import ast
import copy
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole

from analysis.book import provenance
from analysis.book.forms import fill
from analysis.resources import ROOT

from .markup import link, up, warn

Definition = ast.FunctionDef | ast.ClassDef


def modules() -> list[str]:
    """Every module of the package, floor by floor."""
    root = provenance.PACKAGE
    paths = (path for path in root.rglob("*.py") if path.name != "__main__.py")
    dotted = (".".join(path.relative_to(root.parent).with_suffix("").parts) for path in paths)
    names = {name.removesuffix(".__init__") for name in dotted} - {root.name}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    rooms = re.findall(r"\w+", " ".join(reversed(layers)))  # ground floor first
    position = {room: at for at, room in enumerate(rooms)}
    return sorted(names, key=lambda name: (position.get(name.split(".")[1], len(rooms)), name))


@cache
def tree(module: str) -> ast.Module:
    """Syntax tree of a module of the package, as this build finds it."""
    return ast.parse(provenance.module_file(module).read_text(encoding="utf-8"))


def signature(node: Definition) -> str:
    """Name and arguments, annotations left out."""
    marks = {getattr(mark, "id", "") for mark in getattr(node, "decorator_list", [])}
    if isinstance(node, ast.ClassDef) or "property" in marks:
        return node.name
    arguments = copy.deepcopy(node.args)
    for argument in ast.walk(arguments):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    return f"{node.name}({re.sub('^(self|cls)(, |$)', '', ast.unparse(arguments))})"


def uri(docname: str, module: str, inside: str = "") -> str:
    """Address of a module's source page, and of a name in it, as seen from a page."""
    return f"{up(docname)}{page(module)}.html{'#' + inside if inside else ''}"


def page(module: str) -> str:
    """Name of a module's source page."""
    return f"_modules/{module.replace('.', '/')}"


def definition(name: str) -> tuple[str, str] | None:
    """Module that defines a dotted name of the package, and the name inside it.

    Re-exports are followed, so that ``analysis.spatial.fit`` leads to where it is written.
    """
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        module, inside = ".".join(parts[:cut]), parts[cut:]
        if provenance.module_file(module) is not None:
            return _inside(module, inside) if inside else (module, "")
    return None


def _inside(module: str, names: list[str]) -> tuple[str, str] | None:
    for node in tree(module).body:
        if getattr(node, "name", None) == names[0]:
            return module, ".".join(names)
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        if any(getattr(target, "id", None) == names[0] for target in targets):
            return module, ""
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                if (alias.asname or alias.name) == names[0]:
                    return definition(".".join([node.module, alias.name, *names[1:]]))
    return None


class Source(SphinxRole):
    """Link to the page that shows the source of a name of the package."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        found = definition(self.text)
        if found is None:
            warn(self.get_location(), "source", "%r is not defined in the package", self.text)
            return [nodes.literal("", self.text)], []
        shown = self.text.removeprefix(f"{provenance.PACKAGE.name}.")
        return [link(nodes.literal("", shown), uri(self.env.docname, *found))], []


class Package(SphinxDirective):
    """List of the modules, room by room, each with a link to its own page."""

    def run(self) -> list[nodes.Node]:
        rooms: dict[str, nodes.section] = {}
        for module in modules():
            self.env.note_dependency(str(provenance.module_file(module)))
            room = module.split(".")[1]
            if room not in rooms:
                rooms[room] = nodes.section(ids=[nodes.make_id(f"room-{room}")], names=[room])
                rooms[room] += [nodes.title("", room), nodes.bullet_list()]
            name = nodes.literal("", module.partition(".")[2])
            leads = link(name, uri(self.env.docname, module))
            said = nodes.paragraph("", "", leads, nodes.Text(f": {_summary(tree(module))}"))
            rooms[room][1] += nodes.list_item("", said)
        return list(rooms.values())


def _summary(node: ast.Module | Definition) -> str:
    first = (ast.get_docstring(node) or "").partition("\n\n")[0]
    return " ".join(first.replace("``", "").split())


def _named(body: list[ast.stmt], owner: str = "") -> Iterator[tuple[str, Definition]]:
    """Functions and classes of a module, and what is inside classes, each with what it belongs to."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield owner, node
            if isinstance(node, ast.ClassDef):
                yield from _named(node.body, f"{owner}{node.name}.")


def _pages(app: Sphinx) -> Iterator[tuple[str, dict, str]]:
    """Source pages of the modules that have changed since they were last written."""
    settings = [Path(__file__), *(Path(app.srcdir) / name for name in ("_toc.yml", "_config.yml"))]
    frame = max(path.stat().st_mtime for path in settings if path.is_file())
    for module in modules():
        path = provenance.module_file(module)
        assert path is not None
        written = Path(app.outdir) / f"{page(module)}.html"
        if written.is_file() and written.stat().st_mtime >= max(frame, path.stat().st_mtime):
            continue
        source = path.read_text(encoding="utf-8")
        lines = app.builder.highlighter.highlight_block(source, "python").split("\n")
        opening, _, first = lines[0].rpartition("<pre>")
        lines[0] = first
        parsed = ast.parse(source)
        named = list(_named(parsed.body))
        for owner, node in named:
            start = min([node.lineno, *(mark.lineno for mark in node.decorator_list)]) - 1
            anchor = f'<span id="{owner}{node.name}" class="source-anchor"></span>'
            lines[start] = f"{anchor}{lines[start]}"
        public = (each for each in named if not re.search(r"\b_", f"{each[0]}{each[1].name}"))
        body = fill(
            "module.html", module=module, summary=_summary(parsed), entries=public, signature=signature,
            told=_summary, prose=ast.get_docstring,
            rest=(ast.get_docstring(parsed) or "").partition("\n\n")[2].strip(),
        )  # fmt: skip
        body += f"{opening}<pre>" + "\n".join(lines)
        yield page(module), {"title": module, "body": body, "parents": []}, "page.html"


def setup(app: Sphinx) -> None:
    """Register the directive, the role and the source pages."""
    app.add_directive("package", Package)
    app.add_role("source", Source())
    app.connect("html-collect-pages", _pages)
