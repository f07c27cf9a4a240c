"""Collects what the executed notebooks carry besides their pages.

A table or figure carries its files (CSV, LaTeX, SVG) and a comparison carries its claims as
outputs of types of their own, so that they live and die with the outputs they belong to. The files
go to ``_results/`` of the built book, each result with a sidecar that says what it was made from, the
claims of all pages to ``_results/claims.json``, and ``ro-crate-metadata.json`` describes the whole.
"""

import ast
import json
import shutil
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import nbformat
from docutils import nodes
from packaging.requirements import Requirement
from rocrate.model.contextentity import ContextEntity
from rocrate.model.entity import Entity
from rocrate.rocrate import ROCrate
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxRole

from analysis.book import ledger, provenance
from analysis.book.edition import committed
from analysis.book.export import FOLDER, made
from analysis.book.forms import fill
from analysis.book.rerun.page import citations, numbers, resolve
from analysis.book.run import plain_python, read
from analysis.book.text import as_csv
from analysis.resources import ROOT, put

from . import sources
from .execute import notebooks, outputs, program_address
from .markup import up, warn

FORMATS = {".csv": "text/csv", ".tex": "application/x-tex", ".svg": "image/svg+xml"}
RELEASED = "2026-11-30"
"""Day of the edition where no commit tells it: the same state must describe itself alike on any day."""


def payloads(record: dict, mime: str) -> list[dict]:
    """What the outputs of one executed notebook hold of one type, in order."""
    held = (output.get("data", {}) for cell in record["outputs"] for output in cell)
    return [data[mime] for data in held if mime in data]


def _records(env: BuildEnvironment) -> Iterator[tuple[str, Path, dict]]:
    store = outputs(env.app)
    for docname, path in notebooks(env).items():
        if record := store.record(docname):
            yield docname, path, record


def claims(env: BuildEnvironment) -> list[dict]:
    """Every claim of the book with its page, its anchor there and what it was computed from."""
    return [
        {**claim, "page": docname, "anchor": payload["anchor"], "origin": payload["origin"]}
        for docname, _, record in _records(env)
        for payload in payloads(record, ledger.CLAIMS_TYPE)
        for claim in payload["claims"]
    ]


def results(env: BuildEnvironment) -> list[dict]:
    """Every table and figure: its page and files, the addresses of its inputs, and its sidecar."""
    found = []
    for docname, path, record in _records(env):
        shown = _shown_at(path.read_text(encoding="utf-8"), record["cells"])
        name, sha = path.relative_to(env.srcdir).as_posix(), provenance.file_digest(path, 64)
        program = {"notebook": name, "sha256": sha, "fingerprint": record["key"]}
        for one in _made(record):
            label, origin = one["label"], one["origin"]
            about = {
                "result": label,
                "caption": one["caption"],
                "files": {n: provenance.digest(text, 64) for n, text in one["files"].items()},
                "program": program | {"line": shown[one["cell"]], "functions": origin["code"]},
                "inputs": {n: provenance.file_digest(ROOT / n, 64) for n in one["inputs"]},
                "data": origin["data"],
                "parameters": record["parameters"] | origin["parameters"],
            }
            places = {
                n: n.removeprefix("book/") if "/_static/" in n else offered(env, n)
                for n in one["inputs"]
            }
            made = {"page": docname, "content": one["files"], "about": about, "offered": places}
            found.append(made)
    return found


def _shown_at(text: str, cells: list[str]) -> list[int]:
    """Line of a notebook on which the last statement of each code cell begins, which shows its result."""
    at, found = 0, []
    for cell in cells:
        body = ast.parse(plain_python([cell])).body
        start = text.find(cell, at)  # nowhere if it has magics, which a script comments out
        at = max(start, at)
        found.append(text.count("\n", 0, at) + (body[-1].lineno if body else 1))
        at += len(cell) * (start >= 0)
    return found


def _made(record: dict) -> Iterator[dict]:
    """What the cells of a notebook carry, each with the files read by the cells that it rests on."""
    cells = zip(record["outputs"], record.get("reads_behind", []), strict=False)
    for k, (cell, names) in enumerate(cells):
        for payload in payloads({"outputs": [cell]}, provenance.FILES_TYPE):
            known = [name for name in names if (ROOT / name).is_file()]
            yield {**payload, "inputs": known, "cell": k}


def offered(env: BuildEnvironment, name: str) -> str:
    """Address in the built book of a data file that a notebook has read, empty for any other."""
    origin = Path(env.config.book_origin or env.srcdir)
    for base in (ROOT / "data", *([origin] if origin != ROOT else [])):
        if (ROOT / name).is_relative_to(base):
            return f"_data/{(ROOT / name).relative_to(base).as_posix()}"
    return ""


class MadeFrom(SphinxRole):
    """The data files that a table or figure was made from, as links; many of them folded."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        record = outputs(self.env.app).record(self.env.docname) or {"outputs": []}
        mine = (one["inputs"] for one in _made(record) if one["label"] == self.text)
        places = {name: offered(self.env, name) for names in mine for name in names}
        files = [
            (address, name)
            for name, address in places.items()
            if address
            and not (name.endswith(".json") and (ROOT / name).with_suffix(".csv").is_file())
        ]
        html = fill("made_from.html", files=files, up=up(self.env.docname))
        return [nodes.raw("", html, format="html")], []


def software() -> dict:
    """Version of the package, digest of its code, and the versions of what it depends on."""
    name = provenance.PACKAGE.name
    sources = sorted(provenance.PACKAGE.rglob("*.py"))
    code = "".join(provenance.code_digest(path.read_text(encoding="utf-8")) for path in sources)
    own = [line for line in metadata.requires(name) or [] if "extra ==" not in line]
    needed = sorted(Requirement(line).name for line in own)
    return {
        "package": f"{name} {metadata.version(name)}",
        "code": provenance.digest(code),
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "packages": {dependency: metadata.version(dependency) for dependency in needed},
    }


def sidecar(result: dict, made_with: dict) -> str:
    """What one table or figure was made from, as JSON."""
    return _json({**result["about"], "software": made_with})


def _json(content: object) -> str:
    return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def crate(made: list[dict], made_with: dict, title: str) -> str:
    """RO-Crate of the built book: each result, the notebook that made it and its inputs."""
    found = ROCrate()
    found.name = title
    found.description = "Tables and figures of the book with the programs and inputs behind them."
    found.license = "https://creativecommons.org/licenses/by/4.0/"
    found.datePublished = committed() or RELEASED

    def held(address: str, kind: str | list[str], **about: object) -> Entity:
        """What the crate holds under an address, added at first."""
        there, properties = found.dereference(address), {"@type": kind, **about}
        if there is None and "File" in kind:
            there = found.add_file(dest_path=address, properties=properties)
        return there or found.add(ContextEntity(found, address, properties))

    name, version = made_with["package"].split()
    needs = [f"{name}=={version}" for name, version in made_with["packages"].items()]
    engine = held(
        "#software", "SoftwareApplication", name=f"{name} {version}", version=version,
        softwareVersion=made_with["code"], url={"@id": "./"},
        softwareRequirements=[f"python {made_with['python']}", *needs],
    )  # fmt: skip
    for result in made:
        about = result["about"]
        label, said = about["result"], " ".join(about["caption"].split())
        code = held(
            program_address(result["page"]), ["File", "SoftwareSourceCode", "HowTo"],
            name=about["program"]["notebook"], sha256=about["program"]["sha256"],
            programmingLanguage="Python", encodingFormat="text/x-python", softwareRequirements=engine,
        )  # fmt: skip
        inputs, files = [], []
        for name, sha in sorted(about["inputs"].items()):
            address = result["offered"].get(name)
            kind = "File" if address else "CreativeWork"
            inputs.append(held(address or f"#{name}", kind, name=name, sha256=sha))
        for name, sha in about["files"].items():
            ending = Path(name).suffix
            words = {"name": f"{label} ({ending[1:]})", "description": said, "sha256": sha}
            files.append(held(f"_results/{name}", "File", encodingFormat=FORMATS[ending], **words))
        held(f"#{label}", "CreateAction", name=label, instrument=code, object=inputs, result=files)
    return _json(found.metadata.generate())


def _collect(app: Sphinx) -> None:
    made, made_with = results(app.env), software()
    files: dict[str, str] = {}
    for result in made:
        card = {f"{result['about']['result']}.json": sidecar(result, made_with)}
        for name, content in (result["content"] | card).items():
            if files.setdefault(name, content) != content:
                warn(result["page"], "result", "two results are called %r", name)
    entered = claims(app.env)
    files["claims.json"] = _json(entered)
    rows = ledger.frame(entered).drop(columns="origin", errors="ignore")
    files["claims.csv"] = as_csv(rows, index=False)
    for old in (Path(app.outdir) / "_results").glob("*"):
        if old.name not in files:
            old.unlink()
    shutil.rmtree(Path(app.outdir) / "_data", ignore_errors=True)
    for name in {name for result in made for name in result["offered"]}:
        if address := offered(app.env, name):
            put(Path(app.outdir) / address, (ROOT / name).read_bytes())
    whole = {f"_results/{name}": content for name, content in files.items()}
    whole["ro-crate-metadata.json"] = crate(made, made_with, app.config.html_title)
    for name, content in whole.items():
        put(Path(app.outdir) / name, content)


def _programs(app: Sphinx) -> None:
    """Put the script and the executed notebook of every chapter beside the pages."""
    words = numbers(app.env)
    cited = citations(Path(app.srcdir) / "book" / "references.bib")
    for docname, path in notebooks(app.env).items():
        text = path.read_text(encoding="utf-8")
        notebook = read(text)
        outputs(app).attach(docname, notebook)
        plain = nbformat.writes(resolve(notebook, words, cited)) + "\n"
        for ending, content in ((".py", text), (".ipynb", plain)):
            put(Path(app.outdir) / program_address(docname, ending), content)


def _documents(app: Sphinx) -> None:
    """Put the documents that were made of parts of the book beside its pages."""
    target = Path(app.outdir) / "_documents"
    shutil.rmtree(target, ignore_errors=True)
    for one in made(Path(app.srcdir)):
        for name in (f"{one.name}.pdf", f"{one.name}.docx"):
            put(target / name, (Path(app.srcdir) / FOLDER / name).read_bytes())


def _sweep(app: Sphinx) -> None:
    """Remove built pages and stored outputs of what has left the book."""
    kept = {*app.env.found_docs, *map(sources.page, sources.modules()), "index", "search"}
    for base, ending in ((Path(app.outdir), ".html"), (outputs(app).folder, ".json")):
        for path in base.rglob(f"*{ending}"):
            name = path.relative_to(base).as_posix().removesuffix(ending)
            if name not in kept and not name.startswith("_static/"):
                path.unlink()


def _finish(app: Sphinx, error: Exception | None) -> None:
    if error is None and app.builder.name == "html":
        for step in (_collect, _programs, _documents, _sweep):
            step(app)


def setup(app: Sphinx) -> None:
    """Register the role, and collect once every page is written."""
    app.add_role("made-from", MadeFrom())
    app.connect("build-finished", _finish)
