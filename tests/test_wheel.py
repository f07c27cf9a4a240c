"""The package as ``pip install .`` gives it: built, and used outside the repository."""

import re
import subprocess
import sys
import sysconfig
import zipfile
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions

import pytest

from analysis.resources import ROOT

pytestmark = pytest.mark.slow

ALONE = """
import sys

sys.path[:0] = [{wheel!r}, {site!r}]
allowed = set({allowed!r})
known = set({known!r})


class OnlyTheLibrary:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in known - allowed:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)


sys.meta_path.insert(0, OnlyTheLibrary())
"""
"""A Python that sees the wheel and its own dependencies, but neither the source nor the book's."""


def closure(requirements):
    """Names of the distributions that some requirements bring, without extras."""
    found, todo = set(), list(requirements)
    while todo:
        requirement = todo.pop()
        name = re.match(r"[A-Za-z0-9._-]+", requirement).group().lower().replace("_", "-")
        if "extra ==" in requirement or name in found:
            continue
        try:
            todo += distribution(name).requires or []
        except PackageNotFoundError:  # for another system or another Python
            continue
        found.add(name)
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


@pytest.fixture(scope="module")
def alone(wheel, tmp_path_factory):
    """Run code where only the wheel and what it requires are installed."""
    (metadata,) = wheel.glob("*.dist-info/METADATA")
    requires = re.findall(r"^Requires-Dist: (.+)$", metadata.read_text(), re.MULTILINE)
    brought = closure(requires)
    modules = packages_distributions()
    allowed = [
        module
        for module, names in modules.items()
        if {name.lower().replace("_", "-") for name in names} & brought
    ]
    head = ALONE.format(
        wheel=str(wheel),
        site=sysconfig.get_path("purelib"),
        allowed=[*allowed, "analysis"],
        known=list(modules),
    )

    def run(code):
        return subprocess.run(
            [sys.executable, "-I", "-S", "-c", head + code],
            cwd=tmp_path_factory.mktemp("elsewhere"),
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_the_wheel_is_typed_and_carries_geography_print_and_examples(wheel):
    package = wheel / "analysis"
    assert (package / "py.typed").is_file()
    for folder in ("geography", "published", "examples"):
        here, there = ROOT / "data" / folder, package / "data" / folder
        names = {path.name for path in here.iterdir()}
        assert {path.name for path in there.iterdir()} == names
    assert not (package / "data" / "simulated").exists()


def test_the_estimators_load_four_packages_alone(alone):
    done = alone(
        "import analysis, analysis.spatial\n"
        "print(analysis.__file__)\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules} & known))\n"
    )
    assert done.returncode == 0, done.stderr
    file, loaded = done.stdout.splitlines()
    assert "installed" in file
    theirs = {"dateutil", "six", "pytz", "tzdata", "pyarrow", "charset_normalizer"}  # if installed
    library = {"numpy", "pandas", "scipy", "threadpoolctl"}
    assert library <= set(loaded.split()) - {"analysis"} <= library | theirs


def test_the_readmes_example_runs(alone):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```python\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    done = alone(example)
    assert done.returncode == 0, done.stderr
    assert "rho" in done.stdout


def test_named_cities_travel_along(alone):
    done = alone(
        "from analysis.resources import data_path\n"
        "print(data_path('geography', 'cities_ne34.csv'), len(data_path('published').name))\n"
    )
    assert done.returncode == 0, done.stderr
    assert "installed" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        ([str(ROOT / "data" / "examples" / "printed_tables.csv")], 2, "6 findings"),
        (["--columns"], 0, "std_error"),
    ],
)
def test_printed_tables_are_audited(alone, arguments, status, says):
    done = alone(f"from analysis.cli import app\napp({['audit', *arguments]!r})\n")
    assert done.returncode == status, done.stderr
    assert says in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["where"], "clone its repository"),
        (["rerun", "columbus"], 'pip install "analysis[book]"'),
        (["sweep", "cigarettes"], 'pip install "analysis[book]"'),
    ],
)
def test_what_needs_the_book_says_so(alone, arguments, says):
    done = alone(f"from analysis.cli import app\napp({arguments!r})\n")
    assert done.returncode == 1, done.stderr
    assert says in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
