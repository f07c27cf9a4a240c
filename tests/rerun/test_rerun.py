import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from analysis import resources
from analysis.book import rerun as package
from analysis.book.rerun import NotebookFailedError, rerun
from analysis.book.rerun.changes import compare, number, shown_tables
from analysis.book.text import literal
from analysis.cli import app
from analysis.errors import ParameterError

pytestmark = pytest.mark.seconds
SECTION = Path(__file__).with_name("section.py")


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """Re-run the small section from another folder, with values as a command line gives them."""
    folder = tmp_path_factory.mktemp("reruns")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = rerun(SECTION, {"seed": "8", "years": "2004-2006", "folder": "."}, "out")
        assert Path.cwd() == folder
    return done


@pytest.fixture(scope="module")
def notebook(done):
    return nbformat.read(done.notebook, 4)


def test_the_files_are_named_after_what_differs(done):
    name = "section--seed=8--years=2004-2006--folder="
    assert done.notebook.name.startswith(name)
    assert done.page.with_suffix(".ipynb") == done.notebook
    assert sorted(done.page.parent.iterdir()) == sorted([done.page, done.notebook])
    assert done.page.parent.name == "out"
    assert done.page.parents[1] == Path(done.differing["folder"])


SOURCE = package.ROOT / "notebooks" / "ne34" / "data.py"


@pytest.mark.parametrize(
    ("differing", "name"),
    [
        ({}, "ne34-data"),
        ({"rho": -0.2}, "ne34-data--rho=-0.2"),
        ({"rho": 0.2, "lagged": False}, "ne34-data--rho=0.2--lagged=False"),
        ({"weights": "nearest-5"}, "ne34-data--weights=nearest-5"),
        ({"size": 1e20}, "ne34-data--size=1e+20"),
    ],
)
def test_a_file_name_spells_what_differs(differing, name):
    assert package._file_name(SOURCE, differing) == name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (0.5, -0.5),
        ("/2021/raw", "/2022/raw"),
        ("raw", "/2021/raw"),
        ("", "empty"),
        ("a b", "a-b"),
        (["a", "b"], ["a,b"]),
        ([], ""),
        ([0.1, -0.2], [0.1, 0.2]),
        ("沈阳", "大连"),
        ("x" * 300 + "1", "x" * 300 + "2"),
    ],
)
def test_other_values_have_another_file_name_that_any_disk_takes(one, other):
    names = [package._file_name(SOURCE, {"value": value}) for value in (one, other)]
    assert names[0] != names[1]
    assert all(re.fullmatch(r"[A-Za-z0-9.,+_=-]{1,140}", name) for name in names)
    assert names[0] == package._file_name(SOURCE, {"value": one})


def test_sections_of_one_name_do_not_overwrite_each_other():
    other = package.ROOT / "notebooks" / "cities283" / "data.py"
    assert package._file_name(SOURCE, {}) != package._file_name(other, {})


def test_the_order_of_the_request_does_not_count(tmp_path, monkeypatch):
    monkeypatch.setattr(package, "_execute", lambda *_: nbformat.v4.new_notebook())
    monkeypatch.setattr(package, "render", lambda *given: ("", {}))
    pairs = [("seed", "8"), ("cities", "few")]
    pages = {rerun(SECTION, dict(order), tmp_path).page for order in (pairs, pairs[::-1])}
    assert pages == {tmp_path / "section--seed=8--cities=few.html"}


def test_two_reruns_of_the_same_may_write_at_once(tmp_path, monkeypatch):
    files = {"a.ipynb": "one", "a.html": "two"}
    move = Path.replace

    def replace(self, target):
        monkeypatch.setattr(Path, "replace", move)
        resources.write_all(tmp_path, files)
        return move(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    resources.write_all(tmp_path, files)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == files


def test_the_top_says_which_parameters_differ_and_what_changed(notebook):
    title, note, *_ = notebook.cells
    assert title.source == "# A section to try"
    assert "Not the book's results" in note.source
    assert "| seed | 8 | 7 | seed of the draws |" in note.source
    assert r"| years | 2004\-2006 | 2003\-2006 | years drawn |" in note.source
    assert re.search(r"\[Draws of some cities\]\(#tab-try\) \| 9 \| 9 \|", note.source)
    assert "| cities |" not in note.source


def test_each_changed_table_is_followed_by_the_books_numbers(notebook):
    details = [cell for cell in notebook.cells if "rerun-change" in cell.metadata.get("tags", [])]
    assert len(details) == 1
    text = details[0].source
    assert "9 of 9 numbers changed" in text
    assert text.count("book: ") == 9
    assert "Columns that only the book's has: 2003." in text
    tables = {table["label"]: table for _, table in shown_tables(notebook)}
    mine = tables["tab-try"]["rows"][0][2][0][0]
    assert f"**{literal(mine)}" in text


def test_a_path_is_absolute_for_the_notebook_that_runs_elsewhere(done):
    assert done.differing["folder"] == str(done.page.parents[1])


def test_the_page_stands_alone(done):
    page = done.page.read_text()
    assert "<h1>A section to try" in page
    assert not re.search(r'(?:src|href)="(?!data:|#)', page.split("<main")[1])
    assert 'download="tab-try.csv"' in page
    assert "Table 1" in page
    assert ":::" not in page.split("<main")[1]
    assert "<math" in page
    assert "MathJax" not in page


@pytest.mark.browser
def test_the_page_reads_well_on_a_phone_and_asks_for_nothing(done, chromium):
    page = chromium.new_page(viewport={"width": 375, "height": 700})
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(done.page.as_uri())
    width = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == []
    assert width <= 375


HOSTILE = (
    "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
    "</style></details> {ref}`x` $a$ **b** [l](javascript:alert(1)) a|b &lt;"
)


@pytest.mark.browser
def test_a_hostile_parameter_is_text_wherever_the_page_shows_it(tmp_path, chromium):
    done = rerun(SECTION, {"label": HOSTILE}, tmp_path)
    page = chromium.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(done.page.as_uri())
    title, boxes = page.title(), page.locator(".rerun-note td").all_inner_texts()
    page.locator("details").evaluate_all("all => all.forEach(each => each.open = true)")
    text = page.locator("main").inner_text()
    page.close()
    assert title.startswith("A section to try")
    straight = str.maketrans("‘’“”", "''\"\"")  # the book's prose has typographic quotes
    assert HOSTILE in [text.translate(straight) for text in boxes]
    assert text.count("<script>") >= 4, "box, table, foot line and what changed"
    assert all(url.startswith(("file:///", "data:")) for url in asked)
    assert not any(url.endswith("/x") for url in asked)


def test_nothing_depends_on_the_clock_or_on_scratch_paths(notebook):
    text = nbformat.writes(notebook)
    assert "papermill" not in text
    assert "/tmp/tmp" not in text
    assert "execution" not in text.replace("execution_count", "")


def test_the_books_own_parameters_are_said_to_be_the_books(tmp_path):
    done = rerun(SECTION, {"seed": 7, "cities": "many"}, tmp_path)
    assert done.differing == {}
    assert done.page.name == "section.html"
    assert "the book's own parameters" in nbformat.read(done.notebook, 4).cells[1].source


def test_a_cell_that_raises_leaves_nothing_behind(tmp_path):
    with pytest.raises(NotebookFailedError, match=r"seed = 13.*thirteen is not liked"):
        rerun(SECTION, {"seed": 13}, tmp_path / "out", compare=False)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"sed": "8"}, "unknown parameter sed, did you mean 'seed'"),
        ({"cities": "som"}, "one of few, many"),
        ({"seed": "x"}, "a whole number"),
        ({"years": "1999-2006"}, "from 2003 to 2022"),
        ({"folder": "/no/such"}, "folder that exists"),
    ],
)
def test_a_wrong_parameter_is_refused_before_anything_runs(tmp_path, monkeypatch, values, says):
    monkeypatch.setattr(package, "_execute", lambda *arguments: pytest.fail("it ran"))
    with pytest.raises(ParameterError, match=says):
        rerun(SECTION, values, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_take_the_result_is_refused_before_anything_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(package, "_execute", lambda *arguments: pytest.fail("it ran"))
    (tmp_path / "taken").touch()
    with pytest.raises(ParameterError, match="cannot write into"):
        rerun(SECTION, {"seed": 8}, tmp_path / "taken" / "below")
    with pytest.raises(ParameterError, match="parameter folder"):
        rerun(SECTION, {"folder": "~nobody-of-that-name/x"}, tmp_path)


def test_the_command_ends_with_one_message(tmp_path):
    runner = CliRunner()
    result = runner.invoke(app, ["rerun", str(SECTION), "-p", "sed=8", "-o", str(tmp_path)])
    assert result.exit_code == 1
    assert "did you mean 'seed'" in result.output
    assert "Traceback" not in result.output
    for wrong in (["-p", "seed"], ["-p", "seed=1", "-p", "seed=2"]):
        assert runner.invoke(app, ["rerun", str(SECTION), *wrong]).exit_code == 1


def test_the_parameters_command_lists_types_defaults_and_meaning():
    result = CliRunner().invoke(app, ["parameters", str(SECTION), "--json"])
    assert result.exit_code == 0
    assert '"meaning": "seed of the draws"' in result.output
    assert '"allowed": "one of few, many"' in result.output


def test_jupyter_elsewhere_is_offered_this_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    done = CliRunner().invoke(app, ["kernel", "install"])
    assert "Python (analysis)" in done.output
    spec = json.loads((tmp_path / "kernels" / "analysis" / "kernel.json").read_text())
    assert spec["argv"][0] == sys.executable


def test_commands_work_from_any_folder(tmp_path):
    command = [sys.executable, "-m", "analysis.cli", "parameters", str(SECTION)]
    listed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "how many rows" in listed.stdout


@pytest.mark.parametrize("name", ["", ".", "..", "/", "notebooks/"])
def test_what_names_no_file_is_refused(name):
    with pytest.raises(ParameterError, match="there is no notebook"):
        package.find(name)


def test_a_mistyped_notebook_gets_the_nearest_one(tmp_path, monkeypatch):
    monkeypatch.setattr(package, "ROOT", tmp_path)
    for name in ("ne34/spatial", "ne34/data", "cities283/data"):
        path = tmp_path / "notebooks" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert package.find("ne34/data") == tmp_path / "notebooks" / "ne34" / "data.py"
    assert package.find("spatial") == tmp_path / "notebooks" / "ne34" / "spatial.py"
    with pytest.raises(ParameterError, match="could be cities283/data or ne34/data"):
        package.find("data")
    with pytest.raises(ParameterError, match="the nearest are ne34/spatial, "):
        package.find("notebooks/ne34/spatail.py")
    with pytest.raises(ParameterError, match=r"the nearest are .*, .*, "):
        package.find("nothing/like/it")


def test_without_a_section_its_command_lists_them_all():
    listed = CliRunner().invoke(app, ["parameters", "--json"])
    names = json.loads(listed.output)
    assert "weights" in names["ne34/estimates"]
    help_text = CliRunner().invoke(app, ["rerun", "--help"]).output
    assert any(name in help_text for name in names), "help names a section that exists"


def shown(rows):
    """Return what a table carries, from section, label and two cells a row."""
    cells = [
        (section, label, [c if isinstance(c, tuple) else (c, "", "") for c in pair])
        for section, label, *pair in rows
    ]
    return {"label": "tab-x", "caption": "Caption.", "heads": ["a", "b"], "rows": cells}


values = st.lists(
    st.tuples(
        st.sampled_from(["", "I"]),
        st.sampled_from("xyz"),
        st.floats(-9, 9).map("{:.2f}".format),
        st.sampled_from(["", "yes"]),
    ),
    max_size=5,
)


@given(values)
def test_a_table_does_not_differ_from_itself(rows):
    change = compare(shown(rows), shown(rows))
    numbers, *others = change.counts.values()
    assert numbers == len(rows)
    assert (set(others), change.myst) == ({0}, "")


def test_what_changed_is_counted_by_row_and_column_label():
    book = shown(
        [("", "x", "1.00", ("2.00", "*", "")), ("", "y", "−1.00", "yes"), ("", "z", "5", "5")]
    )
    here = shown(
        [("", "y", "0.50", "no"), ("", "x", "1.00", ("3.00", "**", "")), ("", "w", "1", "1")]
    )
    change = compare(here, book)
    assert list(change.counts.values()) == [3, 2, 1, 1, 0, 0]
    assert r"| x | 1\.00 | **3\.00 \*\***<br>book: 2\.00 \* |" in change.myst
    assert r"| y | **0\.50**<br>book: −1\.00 | **no**<br>book: yes |" in change.myst
    assert r"| w | 1<br>(not in the book's) | 1<br>(not in the book's) |" in change.myst
    assert "Rows that only the book's has: z." in change.myst


def test_rows_of_the_same_name_are_told_apart_by_section_and_order():
    rows = [("I", "x", "1", "2"), ("I", "x", "3", "4"), ("II", "x", "5", "6")]
    change = compare(shown(rows), shown([*rows[:2], ("II", "x", "5", "7")]))
    assert change.counts["changed"] == 1
    assert change.myst.count("| I |") == change.myst.count("| II |") == 1


@pytest.mark.parametrize(
    ("here", "book", "counts"),
    [
        (("0.50", "**", ""), ("0.40", "*", ""), [0, 1, 0, 0]),
        (("−0.001", "", "(0.2)"), ("0.9", "", "(0.2)"), [1, 0, 1, 0]),
        ("0.2 [differs]{.chip .chip-warn}", "0.2 [agrees]{.chip .chip-good}", [0, 0, 0, 1]),
        ("0.000004", "0.0001", [0, 0, 0, 0]),
    ],
)
def test_what_changed_is_signs_significance_and_verdicts(here, book, counts):
    change = compare(shown([("", "x", here, "")]), shown([("", "x", book, "")]))
    assert list(change.counts.values())[2:] == counts


def test_numbers_are_read():
    assert number("−0.5[a]{.words}") == -0.5
    assert number("(0.1)") == 0.1
    assert number("–") is None
