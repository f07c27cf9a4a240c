"""The house itself: what the project declares about itself agrees with itself."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pandas as pd
import pytest
import yaml

import analysis

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LIBRARY = PROJECT["project"]["dependencies"]
EXTRAS = PROJECT["project"]["optional-dependencies"]
BOOK = [
    *LIBRARY,
    *(entry for entry in EXTRAS["book"] if not entry.startswith("analysis[")),
    *EXTRAS["cluster"],
    *EXTRAS["crate"],
]
TRACKED = subprocess.run(
    ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
).stdout.split()


def name_and_bounds(requirement):
    name, bounds = re.fullmatch(r"([A-Za-z0-9_.-]+)\s*(.*)", requirement).groups()
    return name.lower().replace("_", "-"), ",".join(sorted(bounds.replace(" ", "").split(",")))


def test_environment_yml_names_the_packages_and_bounds_of_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    *conda, pip = environment["dependencies"]
    listed = [*conda, *pip["pip"]]
    python = f"python{PROJECT['project']['requires-python']}"
    assert {python, "pip", "-e ."} <= set(listed)
    packages = [entry for entry in listed if entry not in {python, "pip", "-e ."}]
    assert sorted(map(name_and_bounds, packages)) == sorted(map(name_and_bounds, BOOK))


def imported(path):
    """Top names of the packages of others that a file imports, wherever it does."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


@pytest.mark.seconds
def test_what_a_room_imports_is_declared_for_it():
    """The library's rooms take the library's packages alone; those above may take the book's."""
    distributions = packages_distributions()
    parts = {"IPython", "cycler", "jinja2", "jupyter_client", "markupsafe", "pybtex", "sphinx"}
    parts.add("sitecustomize")  # ours
    for name in TRACKED:
        if not re.fullmatch(r"src/analysis/.+\.py", name):
            continue
        above = name.split("/")[2] in {"book", "study", "papers", "cli.py"}
        brought = [*BOOK, *EXTRAS["ingest"]] if name.endswith("ingest.py") else BOOK
        declared = {name_and_bounds(entry)[0] for entry in (brought if above else LIBRARY)}
        for module in set(imported(ROOT / name)) - sys.stdlib_module_names - {"analysis"}:
            found = {each.lower().replace("_", "-") for each in distributions.get(module, [])}
            assert found & declared or (above and module in parts), f"{name}: {module}"


def test_the_lock_names_no_host_but_pypis():
    hosts = set(re.findall(r"https?://([^/\"\s]+)", (ROOT / "uv.lock").read_text()))
    assert hosts == {"pypi.org", "files.pythonhosted.org"}


def test_the_lock_is_of_this_project():
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    own = next(entry for entry in lock["package"] if entry["name"] == PROJECT["project"]["name"])
    declared = {name_and_bounds(entry)[0] for entry in LIBRARY}
    assert {entry["name"] for entry in own["dependencies"]} == declared


def test_the_citation_has_the_version_of_the_package():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == analysis.__version__
    assert f"\n## {analysis.__version__}\n" in (ROOT / "CHANGELOG.md").read_text()
    assert citation["license"] == PROJECT["project"]["license"]


def test_make_alone_prints_every_target():
    printed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE).group(1)
    for target in phony.split():
        assert re.search(rf"^  {target} +\S", printed, re.MULTILINE), target


def toc_files(node):
    if isinstance(node, dict):
        yield from (node[key] for key in ("file", "root") if key in node)
        for value in node.values():
            yield from toc_files(value)
    elif isinstance(node, list):
        for item in node:
            yield from toc_files(item)


def test_every_page_and_notebook_is_in_the_table_of_contents():
    listed = set(toc_files(yaml.safe_load((ROOT / "_toc.yml").read_text())))
    written = {
        str(Path(name).with_suffix(""))
        for name in TRACKED
        if re.fullmatch(r"notebooks/.+\.py|book/[^_].*\.md", name)
    }
    assert written == listed


@pytest.mark.parametrize("name", [name for name in TRACKED if name.endswith(".md")])
def test_relative_links_of_a_text_lead_somewhere(name):
    text = re.sub(r"`{3,}.*?`{3,}|`[^`\n]*`", "", (ROOT / name).read_text(), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if "://" not in target:
            assert (ROOT / name).parent.joinpath(target).exists(), f"{name} links to {target}"


def test_no_path_of_one_machine_stands_in_the_project():
    home = re.compile(r"(?<![\w.])/(?:home|root|Users|work|tmp/wt)/\w")
    for name in TRACKED:
        path = ROOT / name
        if path.suffix in {".py", ".md", ".yml", ".toml", ".cff", ".bib", ".css", ".csv", ".json"}:
            assert not home.search(path.read_text(encoding="utf-8")), name


def layers():
    contract = PROJECT["tool"]["importlinter"]["contracts"][0]["layers"]
    return [re.findall(r"\w+", layer) for layer in reversed(contract)]


def test_the_floors_that_contributing_lists_are_the_import_contracts():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    rows = re.findall(r"^\| (\d) \| (.+) \|$", text, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(len(rows)))
    assert [re.findall(r"`(\w+)`", rooms) for _, rooms in rows] == layers()


def test_every_room_has_a_floor():
    package = ROOT / "src" / "analysis"
    rooms = {path.stem for path in package.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert {room for floor in layers() for room in floor} == rooms - {"__init__", "__pycache__"}


def strings_of(tree):
    """String constants of a module, docstrings aside."""
    stated = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in stated else None
        if isinstance(text, str):
            yield text


def test_only_the_papers_know_a_paper():
    package = ROOT / "src" / "analysis"
    cities = pd.read_csv(ROOT / "data" / "geography" / "cities_284.csv", dtype=str)
    names = {*cities["city_id"], *cities["name_en"].str.lower()}
    ids = {path.name for path in (package / "papers").iterdir() if (path / "study.py").exists()}
    for path in package.rglob("*.py"):
        if package / "papers" in path.parents:
            continue
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"\bne34\b|cities28[34]", source), path
        if package / "book" not in path.parents:
            assert not re.search(r"\bpaper [AB]\b", source), path
        for text in strings_of(ast.parse(source)):
            words = set(re.findall(r"[a-z_0-9]+", text.lower()))
            assert not words & (names | ids), f"{path}: {text}"
