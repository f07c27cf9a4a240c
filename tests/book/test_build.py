"""The build is strict, and runs exactly the notebooks that a change can touch.

A small book with the engine, the configuration and the provenance of the real one is built in a
folder of its own, changed, and built again.
"""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import nbformat
import pytest

from analysis.book import provenance

pytestmark = [pytest.mark.book, pytest.mark.xdist_group("build")]
ROOT = Path(__file__).parents[2]
JUPYTER_BOOK = Path(sys.executable).with_name("jupyter-book")

HEAD = "# %% [markdown]\n# # {title}\n#\n# {prose}\n\n"
GLUED = "It is {glue:text}`computed:d`, in {ref}`the other page <other>`."
COMPUTES = """# %% tags=["parameters"]
times: int = 100  # how often: 1..

# %%
from analysis import room
from myst_nb import glue
glue("computed", room.VALUE, display=False)

# %%
room.VALUE * times
"""
READS = """# %%
from pathlib import Path
int((Path("..") / "data" / "numbers.csv").read_text()) * 1000
"""
INDEX = "(other)=\n# Small book\n\nThe other page says {glue:text}`../notebooks/computes.py::computed:d`.\n"


class Book:
    """A small project, and what building it printed."""

    def __init__(self, root):
        self.root = root
        self.printed = ""

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def build(self):
        done = subprocess.run(
            [JUPYTER_BOOK, "build", ".", "-n", "-W", "--keep-going"],
            cwd=self.root,
            env=os.environ | {"PYTHONPATH": str(self.root / "src"), "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        self.printed = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
        return done.returncode == 0

    @property
    def ran(self):
        found = re.search(r"running \d+ notebooks?: (.*)", self.printed)
        return set(found.group(1).split(", ")) if found else set()

    def page(self, name):
        return (self.root / "_build/html" / f"{name}.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    book = Book(tmp_path_factory.mktemp("book"))
    shutil.copytree(ROOT / "book/_ext", book.root / "book/_ext")
    shutil.copytree(ROOT / "book/_templates", book.root / "book/_templates")
    shutil.copytree(ROOT / "book/_static", book.root / "book/_static")
    shutil.copy(ROOT / "_config.yml", book.root)
    shutil.copy(ROOT / "uv.lock", book.root)
    shutil.copy(ROOT / "pyproject.toml", book.root)
    engine = (path.read_text() for path in (ROOT / "book/_ext/engine").glob("*.py"))
    for name in provenance.closure(set().union(*map(provenance.imported_modules, engine))):
        path = provenance.module_file(name)
        book.write(f"src/{path.relative_to(provenance.PACKAGE.parent)}", path.read_text())
        for beside in path.parent.glob("*.toml"):
            shutil.copy(beside, book.root / beside.relative_to(ROOT).parent)
    for name in ("run", "forms"):
        parts = Path("src/analysis/book", name)
        shutil.copytree(ROOT / parts, book.root / parts, dirs_exist_ok=True)
    book.write("src/analysis/room.py", '"""A room."""\n\nVALUE = 7\n')
    book.write("book/references.bib", "")
    book.write("book/index.md", INDEX)
    book.write("data/numbers.csv", "4")
    book.write("notebooks/computes.py", HEAD.format(title="Computes", prose=GLUED) + COMPUTES)
    book.write("notebooks/reads.py", HEAD.format(title="Reads", prose="Prose.") + READS)
    book.write(
        "_toc.yml",
        "format: jb-book\nroot: book/index\nchapters:\n"
        "  - file: notebooks/computes\n  - file: notebooks/reads\n",
    )
    assert book.build(), book.printed
    return book


def test_the_first_build_runs_every_notebook(book):
    assert book.ran == {"notebooks/computes", "notebooks/reads"}
    assert ">700<" in re.sub(r"<span></span>|\n", "", book.page("notebooks/computes"))
    assert "4000" in book.page("notebooks/reads")
    assert "The other page says" in book.page("book/index")


def test_a_chapter_offers_its_script_and_itself_with_outputs(book):
    page = book.page("notebooks/computes")
    offered = [f"../_programs/computes{ending}" for ending in (".py", ".ipynb")]
    assert set(offered) <= set(re.findall(r'href="([^"]*)"', page))
    assert "analysis rerun computes" in re.sub(r"<[^>]+>", "", page)
    script, text = ((book.root / "_build/html/notebooks" / link).read_text() for link in offered)
    assert script == (book.root / "notebooks/computes.py").read_text()
    notebook = nbformat.reads(text, 4)
    assert "It is 7, in the other page." in notebook.cells[0].source
    assert "analysis kernel install" in notebook.cells[1].source
    assert "700" in notebook.cells[-1].outputs[0]["data"]["text/plain"]


def test_a_build_after_no_change_runs_and_reads_nothing(book):
    assert book.build()
    assert not book.ran
    assert "0 added, 0 changed, 0 removed" in book.printed
    assert "no targets are out of date" in book.printed


def test_a_changed_line_of_the_package_reaches_every_page_that_shows_it(book):
    book.write("src/analysis/room.py", '"""A room."""\n\nVALUE = 8\n')
    assert book.build(), book.printed
    assert book.ran == {"notebooks/computes"}
    assert "800" in book.page("notebooks/computes")
    assert re.search(r"The other page says\s+<span[^>]*>8</span>", book.page("book/index"))


def test_docstrings_comments_prose_and_looks_run_nothing_but_show(book):
    book.write("book/_static/book.css", "p { color: rebeccapurple; }\n")
    _, _, code = (book.root / "src/analysis/room.py").read_text(encoding="utf-8").partition("\n")
    book.write("src/analysis/room.py", f'"""A room with a view."""\n{code}# furnished\n')
    book.write("notebooks/reads.py", HEAD.format(title="Reads", prose="Other prose.") + READS)
    assert book.build(), book.printed
    assert not book.ran
    assert "Other prose." in book.page("notebooks/reads")
    assert "a room with a view" in book.page("_modules/analysis/room").lower()
    assert "rebeccapurple" in (book.root / "_build/html/_static/book.css").read_text()


def test_a_changed_data_file_runs_only_the_notebook_that_read_it(book):
    book.write("data/numbers.csv", "5")
    assert book.build(), book.printed
    assert book.ran == {"notebooks/reads"}
    assert "5000" in book.page("notebooks/reads")


def test_a_build_waits_for_another_of_the_same_folder(book):
    fcntl = pytest.importorskip("fcntl")
    with (book.root / "_build" / ".lock").open("w") as held, ThreadPoolExecutor(1) as pool:
        fcntl.flock(held, fcntl.LOCK_EX)
        second = pool.submit(book.build)
        with pytest.raises(TimeoutError):
            second.result(timeout=8)
        fcntl.flock(held, fcntl.LOCK_UN)
        assert second.result(timeout=300)
    assert "waiting for another build of" in book.printed


FAULTS = {
    "typo": (
        "# %%\nfrom analysis import room\nroom.VALEU\n",
        ["`from analysis import room`: AttributeError"],
    ),
    "warning": ("# %%\nimport warnings\nwarnings.warn('careful')\n", ["stderr was found"]),
    "syntax": ("# %%\nx = = 1\n", ["SyntaxError"]),
    "stale": (
        "# %%\nfrom IPython.display import display\n"
        "display({'text/markdown': ':::{stale} bias\\n:::'}, raw=True)\n",
        ["make validate STUDIES=bias"],
    ),
    "prose": (
        "# %% [markdown]\n# {ref}`tab-nowhere` [there](nowhere.md) {cite:p}`nobody1900`\n"
        "# {source}`analysis.room.nothing` {glue:text}`unglued:d`\n",
        ["tab-nowhere", "nowhere.md", "nobody1900", "analysis.room.nothing", "unglued"],
    ),
}


def missed(book):
    return [word for _, says in FAULTS.values() for word in says if word not in book.printed]


def test_faults_fail_the_build_until_they_are_mended(book):
    toc = (book.root / "_toc.yml").read_text()
    for name, (body, _) in FAULTS.items():
        book.write(f"notebooks/fault-{name}.py", HEAD.format(title=name, prose="Prose.") + body)
    listed = "".join(f"  - file: notebooks/fault-{name}\n" for name in FAULTS)
    book.write("_toc.yml", toc + listed)
    assert not book.build()
    assert not missed(book), book.printed
    assert not book.build(), "a second build without a change must fail as well"
    assert not missed(book), book.printed
    assert book.ran == {"notebooks/fault-typo", "notebooks/fault-syntax"}, "what ran well stands"
    book.write("_toc.yml", toc)
    for name in FAULTS:
        (book.root / f"notebooks/fault-{name}.py").unlink()


def test_a_committed_result_that_goes_stale_runs_the_page_that_shows_it(book):
    table = "rho\n0.5\n"
    inputs = {"modules": ["analysis.room"], "files": [], "packages": [], "extra": {}, "without": []}
    probe = (
        "import json, sys; from analysis.book import provenance as p; "
        "i = json.loads(sys.argv[1]); print(p.fingerprint(**i), p.digest(sys.argv[2], 64))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", probe, json.dumps(inputs), table],
        env=os.environ | {"PYTHONPATH": str(book.root / "src")},
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    sidecar = {"fingerprint": printed[0], "content": printed[1], "inputs": inputs, "seconds": 1}
    book.write("data/validated/bias.csv", table)
    book.write("data/validated/bias.json", json.dumps(sidecar))
    shows = (
        "# %%\nfrom pathlib import Path\nfrom analysis.book import provenance\n"
        "path = Path('../data/validated/bias.json')\npath.read_text()\n"
        "provenance.is_current(path)\n"
    )
    book.write("notebooks/reads.py", HEAD.format(title="Reads", prose="Prose.") + shows)
    assert book.build(), f"mended, it must build again: {book.printed}"
    assert not list((book.root / "_build/html/notebooks").glob("fault-*.html"))
    assert not list((book.root / "_build/executed/notebooks").glob("fault-*.json"))
    assert "True" in book.page("notebooks/reads")
    book.write("src/analysis/room.py", '"""A room."""\n\nVALUE = 9\n')
    assert book.build(), book.printed
    assert "notebooks/reads" in book.ran
    assert "False" in book.page("notebooks/reads")


@pytest.fixture
def twice(book, tmp_path):
    """The same small book once more, in a folder of its own, as built."""
    copy = Book(tmp_path / "book")
    shutil.copytree(book.root, copy.root, symlinks=True)
    copy.write("src/analysis/room.py", '"""A room."""\n\nVALUE = 7\n')
    copy.write("notebooks/reads.py", HEAD.format(title="Reads", prose="Prose.") + READS)
    assert copy.build(), copy.printed
    return copy


def begin(book, seconds, **options):
    """Start a build and kill it with all that it has started."""
    started = subprocess.Popen(
        [JUPYTER_BOOK, "build", ".", "-n", "-W", "--keep-going"],
        cwd=book.root,
        env=os.environ | {"PYTHONPATH": str(book.root / "src"), "NO_COLOR": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        **options,
    )
    time.sleep(seconds)
    with suppress(ProcessLookupError):
        os.killpg(started.pid, signal.SIGKILL)
    started.wait()


def assert_whole(book, value, number):
    """Both pages show these values, and every page has its end."""
    text = re.sub(r"<span></span>|\n", "", book.page("notebooks/computes"))
    assert f">{value * 100}<" in text
    assert str(number * 1000) in book.page("notebooks/reads")
    for path in (book.root / "_build" / "html").rglob("*.html"):
        if "_static" not in path.parts and path.name != "index.html":
            assert path.read_text(encoding="utf-8").rstrip().endswith("</html>"), path


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [1, 3, 5, 7, 9, 11])
def test_after_a_build_killed_at_any_moment_the_next_one_is_right(twice, seconds):
    twice.write("src/analysis/room.py", '"""A room."""\n\nVALUE = 9\n')
    twice.write("data/numbers.csv", "6")
    begin(twice, seconds + random.Random(seconds).random() * 2)
    for path in (twice.root / "_build" / "executed").rglob("*.json"):
        json.loads(path.read_text(encoding="utf-8"))
    assert twice.build(), twice.printed
    assert_whole(twice, 9, 6)


@pytest.mark.slow
def test_a_page_half_written_by_a_build_that_was_killed_is_written_again(twice):
    page = twice.root / "_build" / "html" / "notebooks" / "reads.html"
    page.write_text(page.read_text(encoding="utf-8")[:3000], encoding="utf-8")
    (twice.root / "_build" / ".begun").touch()
    assert twice.build(), twice.printed
    assert_whole(twice, 7, int((twice.root / "data" / "numbers.csv").read_text()))


@pytest.mark.slow
@pytest.mark.parametrize("size", [0, 2_000, 9_000])
def test_writes_that_fail_fail_the_build_and_leave_nothing_that_is_taken_for_whole(twice, size):
    resource = pytest.importorskip("resource")
    twice.write("src/analysis/room.py", '"""A room."""\n\nVALUE = 9\n')
    done = subprocess.run(
        [JUPYTER_BOOK, "build", ".", "-n", "-W", "--keep-going"],
        cwd=twice.root,
        env=os.environ | {"PYTHONPATH": str(twice.root / "src"), "NO_COLOR": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert done.returncode != 0
    assert twice.build(), twice.printed
    assert_whole(twice, 9, int((twice.root / "data" / "numbers.csv").read_text()))


@pytest.mark.slow
def test_times_set_back_hide_no_change(twice):
    twice.write("src/analysis/room.py", '"""A room."""\n\nVALUE = 9\n')
    twice.write("data/numbers.csv", "8")
    twice.write("book/index.md", INDEX.replace("Small book", "Small old book"))
    for name in ("src/analysis/room.py", "data/numbers.csv", "book/index.md"):
        os.utime(twice.root / name, (1e9, 1e9))
    assert twice.build(), twice.printed
    assert_whole(twice, 9, 8)
    assert "Small old book" in twice.page("book/index")


@pytest.mark.slow
def test_a_data_file_that_changes_while_its_notebook_runs_is_read_again_by_the_next_build(twice):
    slow = READS + "\n# %%\nimport time\ntime.sleep(6)\n"
    twice.write("notebooks/reads.py", HEAD.format(title="Reads", prose="Prose.") + slow)
    done = twice.root / "_build" / "executed" / "notebooks" / "reads.json"
    with ThreadPoolExecutor(1) as pool:
        building = pool.submit(twice.build)
        while done.exists():
            time.sleep(0.05)
        time.sleep(4)  # the first cell has read it, the second sleeps
        twice.write("data/numbers.csv", "3")
        assert building.result()
    assert twice.build(), twice.printed
    assert twice.ran == {"notebooks/reads"}
    assert "3000" in twice.page("notebooks/reads")


@pytest.mark.slow
def test_a_folder_that_cannot_be_written_fails_the_build_by_name(twice):
    shutil.rmtree(twice.root / "_build")
    (twice.root / "_build").write_text("no folder")
    assert not twice.build()
    assert "_build" in twice.printed
    (twice.root / "_build").unlink()
    assert twice.build(), twice.printed
