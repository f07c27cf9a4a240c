"""Chapters are numbered by their part and their place in it, as the contents have them."""

import re

import yaml

from analysis.resources import ROOT


def chapters():
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    for part in contents["parts"]:
        numeral = part["caption"].split(" ")[0]
        for place, chapter in enumerate(part["chapters"], 1):
            (path,) = (p for e in (".md", ".py") if (p := ROOT / f"{chapter['file']}{e}").is_file())
            yield f"{numeral}.{place}", path


def test_each_title_begins_with_the_number_that_the_contents_give_it():
    wrong = []
    for number, path in chapters():
        start = "# # " if path.suffix == ".py" else "# "
        lines = path.read_text(encoding="utf-8").splitlines()
        title = next(line.removeprefix(start) for line in lines if line.startswith(start))
        if not re.match(rf"{re.escape(number)} \S", title):
            wrong.append(f"{path.relative_to(ROOT)}: {title!r} should begin with {number}")
    assert not wrong, "\n".join(wrong)
