"""Figures follow the page's colours, say in words what they show, and are the same every time."""

import re

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection

from analysis.book import figures
from analysis.book.provenance import FILES_TYPE
from analysis.errors import SpecificationError

ALT = "A line that rises from one to three."


def drawing():
    figure, axes = figures.canvas()
    axes.plot([1, 2, 3])
    axes.set(xlabel="year", title="Trend")
    return figure


def luminance(colour):
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.03928, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize("colour", figures.COLOURS)
@pytest.mark.parametrize("page", ["#ffffff", "#121212"])
def test_series_stand_out_on_light_and_dark_pages(colour, page):
    light, dark = sorted([luminance(colour), luminance(page)], reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 3


def test_lettering_takes_the_colour_of_the_page():
    text = figures.svg(drawing())
    assert "currentColor" in text
    assert not re.search("#(?:000000|010203|040506|fdfeff)", text)


def test_what_is_added_after_the_axes_takes_the_colours_of_the_page_too():
    figure = drawing()
    axes = figure.axes[0]
    axes.lines[0].set_label("line")
    axes.legend()
    figure.colorbar(axes.scatter([0, 1], [1, 2], c=[0, 1], cmap=figures.SEQUENTIAL), label="scale")
    text = figures.svg(figure)
    assert text.startswith('<svg fill="currentColor"')  # glyphs without a colour of their own
    legend = text[text.index('id="legend_1"') :]
    assert "fill: var(--figure-paper" in legend[: legend.index("</g>")]
    assert not re.search("#(?:000000|cccccc)", text)


def test_the_same_drawing_gives_the_same_bytes():
    assert figures.svg(drawing()) == figures.svg(drawing())


def test_drawing_leaves_the_global_style_alone():
    before = dict(mpl.rcParams)
    figures.svg(drawing())
    assert dict(mpl.rcParams) == before


def test_two_figures_on_a_page_share_no_id():
    one, two = (
        set(re.findall(r'\bid="([^"]+)"', figures._own_ids(figures.svg(drawing()), label)))
        for label in ("fig-one", "fig-two")
    )
    assert one
    assert not one & two


def test_every_reference_inside_the_svg_still_leads_somewhere():
    text = figures._own_ids(figures.svg(drawing()), "fig-one")
    ids = set(re.findall(r'\bid="([^"]+)"', text))
    used = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', text))
    assert {first or second for first, second in used} <= ids


def test_the_picture_carries_its_words_and_its_files():
    values = pd.DataFrame({"y": [1, 2, 3]})
    shown = figures.show(drawing(), "fig-trend", "A trend.", ALT, values=values)
    assert f":alt: {ALT}" in shown.myst
    bundle = shown._repr_mimebundle_()
    assert set(bundle[FILES_TYPE]["files"]) == {"fig-trend.svg", "fig-trend.csv"}
    assert "currentColor" not in bundle[FILES_TYPE]["files"]["fig-trend.svg"]


def test_a_hostile_caption_or_label_stays_text():
    figure = drawing()
    figure.axes[0].set_title("<script>alert(1)</script>")
    shown = figures.show(figure, "fig-trend", "<script>alert(1)</script>", ALT)
    assert "<script" not in shown.svg
    assert "\\<script" in shown.myst


@pytest.mark.parametrize(
    ("label", "alt", "says"),
    [
        ("trend", ALT, "fig-"),
        ("fig-trend", "", "say in alt"),
        ("fig-trend", "A plot", "say in alt"),
    ],
)
def test_a_figure_without_words_or_label_is_refused(label, alt, says):
    with pytest.raises(SpecificationError, match=says):
        figures.show(drawing(), label, "Caption.", alt)


def test_an_empty_figure_is_refused():
    with pytest.raises(SpecificationError, match="empty figure"):
        figures.svg(mpl.figure.Figure())


def intervals(**options):
    rows = pd.DataFrame({"estimate": [1.0, 2.0], "std_error": [0.5, 1.0]}, index=["a", "b"])
    return figures.intervals({"here": rows, "there": rows.iloc[:1]}, **options)


def test_an_interval_plot_has_a_line_for_each_estimate_and_a_mark_for_truth_and_print():
    figure = intervals(truth={"a": 1.5}, printed={"a": 1.4, "b": 3.0})
    drawn = [c for c in figure.axes[0].collections if isinstance(c, LineCollection)]
    ends = [list(np.round(line[:, 0], 2)) for c in drawn for line in c.get_segments()]
    assert ends == [[0.02, 1.98], [0.04, 3.96], [0.02, 1.98]]
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    assert words == ["here", "there", "truth", "printed"]


def test_an_interval_plot_gives_its_numbers_as_they_were_before_scaling():
    labels = {"a": r"a\$", "b": "square"}
    figure = intervals(truth={"a": 1.5}, times={"b": 5.0}, labels=labels)
    shown = figures.show(figure, "fig-trend", "A trend.").values
    assert list(shown.index) == [(of, row) for of in ("here", "there") for row in ("a$", "square")]
    assert shown.loc[("here", "square"), "value"] == 2.0
    assert list(shown["truth"].dropna()) == [1.5, 1.5]


def test_truth_and_print_share_a_mark_where_they_are_the_same():
    figure = intervals(truth={"a": 1.5}, printed={"a": 1.5})
    assert figure.legends[0].get_texts()[-1].get_text() == "truth = print"


def test_a_row_drawn_larger_says_by_how_much():
    figure = intervals(times={"b": 5.0}, labels={"b": "square"})
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["a", "square (×5)"]


def test_an_interval_beyond_the_limits_ends_in_an_arrow():
    marks = [line.get_marker() for line in intervals(limits=(0.0, 3.0)).axes[0].lines]
    assert marks.count(">") == 1
    assert marks.count("<") == 0


def test_a_series_without_an_interval_is_refused():
    with pytest.raises(SpecificationError, match="std_error or low and high"):
        figures.intervals({"here": pd.DataFrame({"estimate": [1.0]})})


@pytest.mark.parametrize(("points", "pictures"), [(50, 0), (300, 2)])
def test_a_crowd_of_points_is_a_picture(points, pictures):
    figure, panels = figures.canvas(1, 2)
    for axis in panels:
        axis.scatter(range(points), range(points), linewidth=0)
    assert figures.svg(figure).count("data:image/png") == pictures


def test_lettering_is_text_in_the_typeface_of_the_page():
    figure, axes = figures.canvas()
    figures.halo(axes.annotate("a name", (0.5, 0.5)))
    text = figures.svg(figure)
    assert ">a name</text>" in text
    assert "paint-order: stroke" in text
    assert "DejaVu" not in text


def test_lines_have_a_panel_a_frame_and_printed_marks_where_they_are_given():
    frame = pd.DataFrame({"east": [1.0, 2.0], "west": [2.0, 1.0]}, index=[2003, 2022])
    figure = figures.lines(
        {"index": frame, "": frame[["east"]]}, printed={"": frame["west"]}, level=1.0
    )
    first, second = figure.axes
    assert [len(axis.lines) for axis in figure.axes] == [3, 3]
    assert [text.get_text() for text in first.get_legend().get_texts()] == ["east", "west"]
    assert second.lines[1].get_label() == "printed"
    assert [text.get_text() for text in second.get_legend().get_texts()] == ["east", "printed"]


def test_names_that_many_panels_share_stand_once_below_them():
    frame = pd.DataFrame({"east": [1.0, 2.0], "west": [2.0, 1.0]}, index=[2003, 2022])
    figure = figures.lines({"a": frame, "b": frame, "c": frame})
    assert [axis.get_legend() for axis in figure.axes] == [None] * 3
    (below,) = figure.legends
    assert [text.get_text() for text in below.get_texts()] == ["east", "west"]


def test_responses_are_drawn_with_their_own_intervals():
    index = pd.MultiIndex.from_product(
        [range(3), ["direct", "total"], ["x"]], names=["horizon", "effect", "term"]
    )
    path = pd.DataFrame({"estimate": range(6), "lower": -1.0, "upper": 9.0}, index)
    figure = figures.responses(path, {"x": {("direct", "x"): "here", ("total", "x"): "all"}})
    here, everywhere, zero = figure.axes[0].lines
    assert list(here.get_ydata()) == [0, 2, 4]
    assert list(everywhere.get_ydata()) == [1, 3, 5]
    assert list(zero.get_ydata()) == [0, 0]
    low = figure.axes[0].collections[0].get_paths()[0].vertices[:, 1]
    assert (low.min(), low.max()) == (-1.0, 9.0)


def test_a_long_run_end_is_drawn_dotted_in_the_colour_of_its_line():
    index = pd.MultiIndex.from_product(
        [range(3), ["direct"], ["x"]], names=["horizon", "effect", "term"]
    )
    path = pd.DataFrame({"estimate": range(3), "lower": -1.0, "upper": 9.0}, index)
    figure = figures.responses(path, {"": {("direct", "x"): ""}}, ends={("direct", "x"): 4.0})
    line, end, _ = figure.axes[0].lines
    assert list(end.get_ydata()) == [4.0, 4.0]
    assert (end.get_linestyle(), end.get_color()) == (":", line.get_color())


def test_an_interval_plot_says_its_numbers_to_who_cannot_see_it():
    said = figures.show(intervals(printed={"a": 1.4}), "fig-said", "Caption.").alt
    assert "here: a 1 (0.02 to 1.98); b 2 (0.04 to 3.96)." in said
    assert "printed: a 1.4." in said


def test_rows_of_other_sizes_are_drawn_by_powers_of_ten_and_say_so():
    rows = pd.DataFrame({"estimate": [5.0, 0.02], "std_error": [0.5, 0.01]}, index=["a", "b"])
    shown = figures.intervals({"here": rows}, times="even")
    names = [text.get_text() for text in shown.axes[0].get_yticklabels()]
    assert names == ["a", "b (×100)"]
    assert "b 0.02" in shown.told


def test_lines_say_their_ends_and_extremes():
    frame = pd.DataFrame({"east": [1.0, 3.0, 2.0]}, index=[2010, 2011, 2012])
    assert "mean, east: 1 to 2, extremes 1 to 3." in figures.lines({"mean": frame}).told
