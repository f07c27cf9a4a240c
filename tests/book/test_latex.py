"""Every table of the built book compiles in LaTeX."""

import re
import shutil
import subprocess

import pytest

from analysis.resources import ROOT

RESULTS = ROOT / "_build" / "html" / "_results"
SHELL = r"""\documentclass{article}
\usepackage[utf8]{inputenc}\usepackage[T1]{fontenc}\usepackage{longtable,booktabs,array}
\begin{document}
%s
\end{document}
"""


@pytest.mark.book
def test_no_export_holds_what_latex_would_stumble_over():
    exports = sorted(RESULTS.glob("*.tex"))
    assert exports
    faults = []
    for path in exports:
        text = path.read_text(encoding="utf-8")
        body = text.split("\n", 1)[1]  # the first line is a comment
        plain = re.sub(r"\\[\\{}$&#%_]", "", body)
        bare = re.sub(r"\$[^$]*\$", "", plain)
        if plain.count("$") % 2 or re.search(r"[\^#%~](?!\s)", bare.replace("~", "")):
            faults.append(f"{path.name}: mathematics outside of mathematics")
        if plain.count("{") != plain.count("}"):
            faults.append(f"{path.name}: braces do not pair")
        rows = [
            line for line in body.split("\n") if line.endswith(r"\\") and "multicolumn" not in line
        ]
        cells = {len(re.findall(r"(?<!\\)&", line)) for line in rows if "caption" not in line}
        if len(cells) > 1:
            faults.append(f"{path.name}: rows of {sorted(cells)} separators")
        if any(ord(c) >= 0x180 for c in body):
            faults.append(f"{path.name}: a character that no font is sure to have")
    assert not faults


@pytest.mark.book
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX here")
def test_every_export_compiles(tmp_path):
    faults = []
    for path in sorted(RESULTS.glob("*.tex")):
        (tmp_path / "a.tex").write_text(SHELL % path.read_text("utf-8"), encoding="utf-8")
        command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "a.tex"]
        if subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode:
            faults.append(path.name)
    assert not faults
