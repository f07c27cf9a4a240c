"""What a person or a file supplies is text on a page, whatever it looks like."""

import html
import re

import pytest
from docutils.core import publish_string
from hypothesis import given
from hypothesis import strategies as st
from myst_parser.docutils_ import Parser

from analysis.book.text import literal

HOSTILE = [
    "<script>document.title='taken'</script>",
    "<img src=x onerror=alert(1)>",
    "</style></title></td><svg onload=alert(1)>",
    "{ref}`nowhere` {raw}`x` {{ name }}",
    "$x$ $$y$$ \\frac{1}{2}",
    "a|b || c",
    "[link](javascript:alert(1)) ![p](x.png) [s]{.stars}",
    "&lt;b&gt; &amp; &#60;",
    "**b** _i_ `c` # no ::: {note} %",
    "<!-- never closed",
    "0.5 -1 -- \"quoted\" 'q' ... http://x.y/z \\",
]
EXTENSIONS = ["dollarmath", "colon_fence", "attrs_inline", "attrs_block", "deflist", "smartquotes"]


def shown(myst):
    """Paragraphs of a page, as a browser would show them."""
    page = publish_string(
        myst,
        parser=Parser(),
        writer_name="html5",
        settings_overrides={"myst_enable_extensions": EXTENSIONS, "halt_level": 2},
    ).decode()
    found = re.findall(r"<p>(.*?)</p>", page.partition("<body")[2], re.DOTALL)
    assert not any("<" in text for text in found)
    return [html.unescape(text) for text in found]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_it_is_in_prose_and_in_a_table(text):
    assert (
        shown(f"{literal(text)}\n\n| {literal(text)} |\n|--|\n| {literal(text)} |\n") == [text] * 3
    )


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1))
def test_any_text_is_shown_as_it_is(text):
    assert shown(f"x{literal(text)}x") == [f"x{text}x"]


def test_lines_become_one_and_control_characters_go():
    assert literal("# one\n\n::: two\x00") == r"\# one \:\:\: two "
