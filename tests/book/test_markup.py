"""What the engine's own markup does to a page."""

import sys
from pathlib import Path

from docutils import nodes
from docutils.utils import new_document

sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "_ext"))

from engine.markup import MinusSigns


def test_a_glued_number_below_zero_has_a_minus_sign_and_other_text_keeps_its_hyphens():
    document = new_document("page")
    glued = nodes.inline("", "-0.25", classes=["pasted-text"])
    word = nodes.inline("", "non-negative", classes=["pasted-text"])
    typed = nodes.inline("", "-0.25")
    document += nodes.paragraph("", "", glued, word, typed)
    MinusSigns(document).run()
    assert [part.astext() for part in document[0]] == ["−0.25", "non-negative", "-0.25"]
