"""Collects what the executed notebooks carry besides their pages.

A table or figure carries its files (CSV, LaTeX, SVG) and a comparison carries its claims as
outputs of types of their own, so that they live and die with the outputs they belong to. The files
go to ``_results/`` of the built book, each result with a sidecar that says what it was made from, the
claims of all pages to ``_results/claims.json``, and ``ro-crate-metadata.json`` describes the whole.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import nbformat
from docutils import nodes
from rocrate.model.contextentity import ContextEntity
from rocrate.model.entity import Entity
from rocrate.rocrate import ROCrate
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from analysis.book import ledger, provenance
from analysis.book.edition import committed
from analysis.book.export import FOLDER, made
from analysis.book.forms import fill
from analysis.book.ledger import CLAIMS_TYPE
from analysis.book.provenance import FILES_TYPE
from analysis.book.rerun.resolve import citations, numbers, resolve
from analysis.book.run import read
from analysis.book.text import as_csv
from analysis.resources import ROOT, put

from . import sources

logger = logging.getLogger(__name__)
FORMATS = {".csv": "text/csv", ".tex": "application/x-tex", ".svg": "image/svg+xml"}
RELEASED = "2026-11-30"
"""Day of the edition where no commit tells it: the same state must describe itself alike on any day."""


def payloads(record: dict, mime: str) -> Iterator[dict]:
    """What the outputs of one executed notebook hold of one type, in order."""
    for cell in record["outputs"]:
        for output in cell:
            content = output.get("data", {}).get(mime)
            if content is not None:
                yield content


def _records(env: BuildEnvironment) -> Iterator[tuple[str, Path, dict]]:
    from . import notebooks, outputs

    store = outputs(env.app)
    for docname, path in notebooks(env).items():
        yield docname, path, store.record(docname) or {
            "outputs": [], "reads": {}, "key": "", "parameters": {}
        }  # fmt: skip


def claims(env: BuildEnvironment) -> list[dict]:
    """Every claim of the book with its page, its anchor there and what it was computed from."""
    found = []
    for docname, _, record in _records(env):
        for payload in payloads(record, CLAIMS_TYPE):
            rest = {"page": docname, "anchor": payload.get("anchor", ""),
                    "origin": payload.get("origin", {})}  # fmt: skip
            found += [{**claim, **rest} for claim in payload["claims"]]
    return found


def results(env: BuildEnvironment) -> list[dict]:
    """Every table and figure: label, caption, files, program, and what it was made from."""
    found = []
    for docname, path, record in _records(env):
        lines = path.read_text(encoding="utf-8").split("\n")
        for result in _made(record):
            at = [i for i, line in enumerate(lines, 1) if f'"{result["label"]}"' in line]
            inputs = {name: provenance.file_digest(ROOT / name, 64) for name in result["inputs"]}
            about = {
                "page": docname,
                "source": path.relative_to(env.srcdir).as_posix(),
                "line": at[0] if at else "",
                "sha256": provenance.file_digest(path, 64),
                "fingerprint": record["key"],
                "notebook_parameters": record["parameters"],
            }
            shown = {name: name.removeprefix("book/") for name in inputs if "/_static/" in name}
            about["offered"] = {name: offered(env, name) for name in inputs} | shown
            found.append({**result, **about, "inputs": inputs})
    return found


def _made(record: dict) -> Iterator[dict]:
    """What the cells of a notebook carry, each with the files read by the cells that it rests on."""
    for outputs, names in zip(record["outputs"], record.get("reads_behind", []), strict=False):
        for payload in payloads({"outputs": [outputs]}, FILES_TYPE):
            yield {**payload, "inputs": [name for name in names if (ROOT / name).is_file()]}


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
        from . import outputs

        record = outputs(self.env.app).record(self.env.docname) or {"outputs": []}
        names = [n for one in _made(record) if one["label"] == self.text for n in one["inputs"]]
        files = [
            (address, name)
            for name in dict.fromkeys(names)
            if (address := offered(self.env, name)) and not _is_sidecar(name)
        ]
        up = "../" * self.env.docname.count("/")
        return [nodes.raw("", fill("made_from.html", files=files, up=up), format="html")], []


def _is_sidecar(name: str) -> bool:
    return name.endswith(".json") and (ROOT / name).with_suffix(".csv").is_file()


def software() -> dict:
    """Version of the package, digest of its code, and the versions of what it depends on."""
    name = provenance.PACKAGE.name
    sources = sorted(provenance.PACKAGE.rglob("*.py"))
    code = "".join(provenance.code_digest(path.read_text(encoding="utf-8")) for path in sources)
    needed = sorted(
        re.split(r"[^A-Za-z0-9_.-]", line, maxsplit=1)[0]
        for line in metadata.requires(name) or []
        if "extra ==" not in line
    )
    return {
        "package": f"{name} {metadata.version(name)}",
        "code": provenance.digest(code),
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "packages": {dependency: metadata.version(dependency) for dependency in needed},
    }


def sidecar(result: dict, made_with: dict) -> str:
    """What one table or figure was made from, as JSON."""
    return _json(
        {
            "result": result["label"],
            "caption": result["caption"],
            "files": {
                name: provenance.digest(content, 64) for name, content in result["files"].items()
            },
            "program": {
                "notebook": result["source"],
                "line": result["line"],
                "sha256": result["sha256"],
                "fingerprint": result["fingerprint"],
                "functions": result["origin"].get("code", []),
            },
            "inputs": result["inputs"],
            "data": result["origin"].get("data", {}),
            "parameters": {
                **result["notebook_parameters"], **result["origin"].get("parameters", {})
            },
            "software": made_with,
        }
    )  # fmt: skip


def _json(content: object) -> str:
    return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def crate(made: list[dict], made_with: dict, title: str) -> str:
    """RO-Crate of the built book: each result, the notebook that made it and its inputs."""
    found = ROCrate()
    found.name = title
    found.description = "Tables and figures of the book with the programs and inputs behind them."
    found.license = "https://creativecommons.org/licenses/by/4.0/"
    found.datePublished = committed() or RELEASED
    engine = found.add(
        ContextEntity(
            found, "#software", {"@type": "SoftwareApplication", "name": made_with["package"],
                                 "version": made_with["package"].split()[-1],
                                 "softwareVersion": made_with["code"], "url": {"@id": "./"},
                                 "softwareRequirements": _requirements(made_with)},
        )
    )  # fmt: skip
    for result in made:
        code = {"@type": ["File", "SoftwareSourceCode", "HowTo"], "name": result["source"],
                "programmingLanguage": "Python", "encodingFormat": "text/x-python",
                "sha256": result["sha256"], "softwareRequirements": engine}  # fmt: skip
        program = _entity(found, program_address(result["page"]), code)
        inputs = [
            _entity(
                found,
                address or f"#{name}",
                {"@type": "File" if address else "CreativeWork", "name": name, "sha256": content},
            )
            for name, content in sorted(result["inputs"].items())
            for address in [result["offered"].get(name)]
        ]
        files = [
            found.add_file(
                dest_path=f"_results/{name}",
                properties={
                    "name": f"{result['label']} ({Path(name).suffix[1:]})",
                    "description": " ".join(result["caption"].split()),
                    "encodingFormat": FORMATS[Path(name).suffix],
                    "sha256": provenance.digest(content, 64),
                },
            )
            for name, content in result["files"].items()
        ]
        found.add(
            ContextEntity(
                found, f"#{result['label']}",
                {"@type": "CreateAction", "name": result["label"], "instrument": program,
                 "object": inputs, "result": files},
            )
        )  # fmt: skip
    return _json(found.metadata.generate())


def _entity(found: ROCrate, address: str, about: dict) -> Entity:
    """Return what a crate holds under an address, added at first."""
    there = found.dereference(address)
    if there is None and "File" in about["@type"]:
        there = found.add_file(dest_path=address, properties=about)
    return there or found.add(ContextEntity(found, address, about))


def _requirements(made_with: dict) -> list[str]:
    return [f"python {made_with['python']}"] + [
        f"{name}=={version}" for name, version in made_with["packages"].items()
    ]


def _collect(app: Sphinx) -> None:
    folder = Path(app.outdir) / "_results"
    folder.mkdir(parents=True, exist_ok=True)
    made = results(app.env)
    made_with = software()
    files: dict[str, str] = {}
    for result in made:
        for name, content in {
            **result["files"], f"{result['label']}.json": sidecar(result, made_with)
        }.items():  # fmt: skip
            if files.setdefault(name, content) != content:
                logger.warning("two results are called %r", name, location=result["page"])
    entered = claims(app.env)
    files["claims.json"] = _json(entered)
    rows = ledger.frame(entered).drop(columns="origin", errors="ignore")
    files["claims.csv"] = as_csv(rows, index=False)
    for old in folder.iterdir():
        if old.name not in files:
            old.unlink()
    shutil.rmtree(Path(app.outdir) / "_data", ignore_errors=True)
    for name in {name for result in made for name in result["inputs"]}:
        if address := offered(app.env, name):
            put(Path(app.outdir) / address, (ROOT / name).read_bytes())
    whole = {f"_results/{name}": content for name, content in files.items()}
    whole["ro-crate-metadata.json"] = crate(made, made_with, app.config.html_title)
    for name, content in whole.items():
        put(Path(app.outdir) / name, content)


def program_address(docname: str, ending: str = ".py") -> str:
    """Address of the script or the executed notebook of a chapter in the built book."""
    return f"_programs/{docname.removeprefix('notebooks/')}{ending}"


def _programs(app: Sphinx) -> None:
    """Put the script and the executed notebook of every chapter beside the pages."""
    from . import notebooks, outputs

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
        target.mkdir(exist_ok=True)
        for ending in (".pdf", ".docx"):
            shutil.copy2(Path(app.srcdir) / FOLDER / f"{one.name}{ending}", target)


def _sweep(app: Sphinx) -> None:
    """Remove built pages and stored outputs of what has left the book."""
    from . import outputs

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
