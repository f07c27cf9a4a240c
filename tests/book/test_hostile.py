"""Pages that collect from the others show what they collect as text, whatever it looks like."""

import json

import pytest

from analysis.book.build import build

HOSTILE = (
    "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
    "</td></table></option> {ref}`x` $a$ **b** [l](javascript:alert(1)) a|b &lt; \\frac{1}{2}"
)
CHAPTER = f"""# %% [markdown]
# # A chapter

# %% tags=["parameters"]
label: str = {HOSTILE!r}  # a name

# %%
import pandas as pd

from analysis.book import ledger, parameters
from analysis.book.ledger import Claim
from analysis.book.page import Page
from analysis.book.text import literal

parameters.check()
shown = literal(label)
claims = [
    Claim(label, "1", f"{{label}} {{i}}", label, "free", "0.5", derived=0.4, note=label, place=label)
    for i in range(7)
]
said = Claim("C", "2", "row", "", "implied", says=label, holds=False, conflict=label, words=label)
page = Page({{label: pd.DataFrame({{"x": [1.0]}})}}, {{"label": label}}, [literal])

# %%
page.beside([Claim("C", "1", label, "", "free", "0.5", derived=0.4)], "tab-beside", f"One {{shown}}.",
            labels={{label: shown}})

# %%
ledger.record([*claims, said], "tab-beside")
"""
FILES = {
    "_toc.yml": "format: jb-book\nroot: index\nchapters:\n  - file: notebooks/chapter\n"
    "  - file: ledger\n  - file: provenance\n",
    "index.md": "# Hostile\n",
    "ledger.md": "# The ledger\n\n```{claims}\n```\n",
    "provenance.md": "# Where it came from\n\n```{programs}\n```\n",
    "notebooks/chapter.py": CHAPTER,
}


def looked_at(chromium, address):
    """Title and text of a page with all its boxes open, elements that no text makes, what it asked for."""
    page, asked = chromium.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.locator("details").evaluate_all("all => all.forEach(each => each.open = true)")
    article = page.locator("article")
    found = page.title(), article.inner_text(), article.locator("img").count(), asked
    page.close()
    return found


@pytest.mark.slow
@pytest.mark.book
@pytest.mark.browser
def test_the_ledger_and_the_provenance_page_show_hostile_text_as_text(tmp_path, chromium):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    site = build(tmp_path)[0].parent
    assert len(json.loads((site / "_results" / "claims.json").read_text())) == 9
    least = {"ledger": 9, "provenance": 1, "notebooks/chapter": 2}
    for name, times in least.items():
        title, text, images, asked = looked_at(chromium, (site / f"{name}.html").as_uri())
        assert "taken" not in title, name
        assert images == 0, name
        assert text.count("<script>") >= times, name
        assert all(url.startswith(("file:///", "data:")) for url in asked), name
        assert not any(url.endswith("/x") for url in asked), name
