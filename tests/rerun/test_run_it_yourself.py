"""The steps of the page "Run it yourself" and of the README, executed as they are written."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.resources import ROOT

pytestmark = pytest.mark.seconds
PAGE = (ROOT / "book" / "run_it_yourself.md").read_text(encoding="utf-8")
OWN = (ROOT / "book" / "own_study.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def execute(script, folder):
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """Walk through the page in an empty folder."""
    folder = tmp_path_factory.mktemp("walk")
    done = execute("".join(blocks(PAGE, "sh")), folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done


def test_every_step_of_the_page_runs_in_an_empty_folder(walked):
    folder, done = walked
    assert "refused, as it should be" in done.stdout
    assert "did you mean 'p_value'" in done.stderr
    made = {path.name for path in (folder / "reruns").iterdir()}
    assert made == {
        f"validation-columbus--p_value=normality.{ending}" for ending in ("ipynb", "html")
    }
    assert (folder / "columbus_normality.ipynb").is_file()
    assert (folder / "other" / "_build" / "html" / "index.html").is_file()


def test_the_sweeps_of_the_page_leave_the_tables_that_it_names(walked):
    folder, _ = walked
    table = pd.read_parquet(folder / "sweeps" / "cigarettes" / "results.parquet")
    assert len(table.drop_duplicates(["weights", "dynamics", "tail"])) == 8
    plan = pd.read_csv(folder / "sweeps" / "plan" / "results.csv", keep_default_na=False)
    assert len(plan.drop_duplicates(["model", "years", "controls", "std_errors"])) == 6 + 2
    mine = pd.read_csv(folder / "sweeps" / "mine" / "results.csv")
    np.testing.assert_allclose(mine["factor"], (1 + mine["rate"]) ** mine["years"])


def test_the_panel_of_ones_own_is_estimated(tmp_path):
    (snippet,) = blocks(PAGE, "python")
    rng = np.random.default_rng(5)
    names = [f"c{i:02}" for i in range(20)]
    geo = {"city": names, "lon": rng.uniform(120, 130, 20), "lat": rng.uniform(40, 50, 20)}
    pd.DataFrame(geo).to_csv(tmp_path / "places.csv", index=False)
    rows = pd.MultiIndex.from_product([names, range(2003, 2013)], names=["city", "year"])
    frame = rows.to_frame(index=False).assign(y=rng.normal(size=200), x=rng.normal(size=200))
    frame.to_csv(tmp_path / "panel.csv", index=False)
    (tmp_path / "own.py").write_text(snippet)
    done = execute("python own.py", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "W.x^2" in done.stdout
    assert "indirect" in done.stdout


def test_the_readme_gives_the_first_steps_of_the_pages():
    steps = [
        line for page in (OWN, PAGE) for block in blocks(page, "sh") for line in block.splitlines()
    ]
    shown = [
        line
        for block in blocks(README, "sh")
        for line in block.splitlines()
        if line.startswith("analysis ")
    ]
    assert len(shown) >= 5
    assert [line.split("  #")[0].rstrip() for line in shown] == [
        line for line in steps if line in {text.split("  #")[0].rstrip() for text in shown}
    ]
