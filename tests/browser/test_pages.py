"""Every page as its readers meet it: offline, on paper-white and black, on a desk and on a phone."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, unquote, urldefrag, urlsplit

import axe_playwright_python
import pytest
import yaml
from guard import DESK, Visit

from analysis.book import published

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]


def toc_files(node):
    if isinstance(node, dict):
        yield from (node[key] for key in ("file", "root") if key in node)
        for value in node.values():
            yield from toc_files(value)
    elif isinstance(node, list):
        for item in node:
            yield from toc_files(item)


PAGES = sorted(toc_files(yaml.safe_load((ROOT / "_toc.yml").read_text())))
NOTEBOOKS = [page for page in PAGES if page.startswith("notebooks/")]
SOURCES = ["_modules/analysis/book/tables", "_modules/analysis/panel"]

CONTRAST = """selector => {
  const luminance = ([r, g, b]) => [r, g, b]
    .map(c => c / 255)
    .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const ground = node => {
    for (let at = node; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0.99) return colour;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll(selector)]
    .filter(node => node.innerText && node.offsetParent)
    .map(node => {
      const [a, b] = [parse(getComputedStyle(node).color), ground(node)].map(luminance);
      return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), node.innerText.slice(0, 40)];
    })
    .filter(([ratio]) => ratio < 4.5);
}"""
CUT = """() => [...document.querySelectorAll('article :is(p, td, pre, div, math)')]
  .filter(node => node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0)
  .filter(node => getComputedStyle(node).overflowX === 'hidden')
  .map(node => `${node.tagName} ${node.className} ${node.innerText.slice(0, 40)}`)"""
READ = (
    "article :is(p, li, h1, h2, h3, td, th, caption, figcaption, summary span, .chip, "
    ".std-error, .section-row, .banner-title)"
)


@pytest.fixture(scope="module", params=[*PAGES, *SOURCES, "search"])
def opened(request, site, chromium):
    """A page, opened once for all that is asked of it."""
    context = chromium.new_context(viewport=DESK)
    guest = Visit(context.new_page(), site)
    guest.open(f"{site}/{request.param}.html")
    guest.name = request.param
    yield guest
    context.close()


def test_a_page_asks_nobody_and_complains_of_nothing(opened):
    assert not opened.outside
    assert not opened.complaints


def test_a_page_has_one_title(opened):
    assert opened.page.title().strip()
    visible = [h1.inner_text() for h1 in opened.page.locator("h1").all() if h1.is_visible()]
    assert len(visible) == 1, visible


def test_every_picture_says_in_words_what_it_shows(opened):
    for image in opened.page.locator("article img").all():
        alt = image.get_attribute("alt") or ""
        assert len(alt.split()) > 3, f"a picture says nothing: {image.get_attribute('src')}"
    for drawing in opened.page.locator("article figure svg").all():
        assert drawing.get_attribute("role") in {"img", "group"}
        assert len((drawing.get_attribute("aria-label") or "").split()) > 3


@pytest.mark.parametrize("opened", PAGES, indirect=True)
def test_mathematics_is_typeset(opened):
    formulas = opened.page.locator("article .formula")
    assert formulas.count() == opened.page.locator("article .formula > math").count()
    assert opened.page.locator("article merror").count() == 0
    assert not re.search(r"\\\(|\\\[|\$\$", opened.page.locator("article").inner_text())


def test_a_phone_needs_no_sideways_scrolling(opened):
    opened.page.set_viewport_size({"width": 360, "height": 760})
    wide = opened.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    cut = opened.page.evaluate(CUT)
    opened.page.set_viewport_size(DESK)
    assert wide <= 0, f"{wide} pixels too wide"
    assert cut == [], "content that a reader cannot scroll to"


@pytest.mark.parametrize("width", [1440, 390])
def test_a_wide_table_takes_the_room_under_the_contents_list(site, visit, width):
    guest = visit(site, viewport={"width": width, "height": 900})
    guest.open(f"{site}/notebooks/cities283/durbin.html")
    table = guest.page.locator("#tab-cities283-durbin")
    table.evaluate("node => node.closest('details').open = true")
    table.scroll_into_view_if_needed()
    box, text = table.locator("xpath=.."), guest.page.locator("article h1")
    beyond = "(a, b) => a.getBoundingClientRect().right - b.getBoundingClientRect().right"
    more = box.evaluate(beyond, text.element_handle())
    makes_way = "document.querySelector('.bd-sidebar-secondary').classList.contains('hide')"
    if width == 390:
        assert more <= 0
    else:
        assert more > 20
        assert box.evaluate("node => node.scrollWidth - node.clientWidth") <= 1
        guest.page.wait_for_function(makes_way)
        text.scroll_into_view_if_needed()
        guest.page.wait_for_function(f"!{makes_way}")


WEIGHT = """() => ["navigation", "resource"].flatMap(kind => performance.getEntriesByType(kind))
  .reduce((sum, entry) => sum + entry.decodedBodySize, 0)"""
HEAVIER = {"book/ledger"}
"""Pages that are one long table."""


def test_a_first_visit_is_light(opened):
    assert opened.page.evaluate(WEIGHT) < (3e6 if opened.name in HEAVIER else 1.5e6)


AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
  .map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 120)).join(" | ")}`)"""

LOOKS = [
    (1440, "dark"), (390, "light"),
    pytest.param(1440, "light", marks=pytest.mark.slow), pytest.param(390, "dark", marks=pytest.mark.slow),
]  # fmt: skip


@pytest.mark.parametrize(("width", "mode"), LOOKS)
def test_everyone_can_use_a_page(opened, mode, width):
    opened.page.emulate_media(color_scheme=mode)
    opened.page.set_viewport_size({"width": width, "height": 900})
    opened.page.wait_for_timeout(300)  # colours fade into the other mode
    opened.page.evaluate(AXE)
    found = opened.page.evaluate(RUN)
    opened.page.set_viewport_size(DESK)
    assert found == []


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_stands_out_in_both_modes(opened, mode):
    opened.page.emulate_media(color_scheme=mode)
    opened.page.wait_for_selector(f"html[data-theme={mode}]", state="attached")
    if opened.name in PAGES:
        assert opened.page.evaluate(CONTRAST, READ) == []


@pytest.mark.parametrize("opened", NOTEBOOKS, indirect=True)
def test_code_is_folded_and_opens(opened):
    folds = opened.page.locator("article div.cell details")
    assert folds.count() > 0
    code = folds.first.locator("pre").first
    assert not code.is_visible()
    folds.first.locator("summary").click()
    assert code.is_visible()


@pytest.mark.parametrize("opened", NOTEBOOKS, indirect=True)
def test_a_notebook_says_at_its_top_what_its_data_are(opened):
    kinds = ", ".join(f".data-{kind}" for kind in ("simulated", "real", "published"))
    before = opened.page.evaluate(
        """kinds => {
            const banner = document.querySelector(`article ${kinds}`);
            const prose = document.querySelector(
              "article section > p:not(.where), article section > section");
            return banner && prose ? banner.compareDocumentPosition(prose) : 0;
        }""",
        kinds,
    )
    follows = 4
    assert before & follows, "no banner before the first sentence"


def test_a_page_read_from_disk_is_quiet_and_typeset(built, visit):
    name = "notebooks/validation/columbus"
    home = built.as_uri()
    guest = visit(home)
    guest.open(f"{home}/{name}.html")
    assert guest.page.locator("article math").count() > 0
    assert not guest.outside
    assert not guest.complaints


@pytest.mark.parametrize("from_disk", [False, True])
def test_search_finds_a_word_of_a_chapter(from_disk, site, built, visit):
    home = built.as_uri() if from_disk else site
    guest = visit(home)
    guest.open(f"{home}/search.html?q=burglaries")
    hit = guest.page.locator("#search-results li a").first
    hit.wait_for()
    assert "columbus" in hit.get_attribute("href")
    assert not guest.outside


def test_the_mode_button_changes_the_page(site, visit):
    guest = visit(site, color_scheme="light")
    guest.open(f"{site}/{PAGES[0]}.html")
    root = guest.page.locator("html")
    seen = {root.get_attribute("data-theme")}
    for _ in range(3):
        guest.page.locator("button.theme-switch-button:visible").first.click()
        seen.add(root.get_attribute("data-theme"))
    assert seen == {"light", "dark"}


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ("notebooks/ne34/estimates", "article p a[href^='#tab-']"),
        ("book/index", "article td a[href*='.html#tab-']"),
    ],
)
def test_a_link_to_a_table_shows_it_on_hover_and_on_focus_also_from_disk(page, link, built, visit):
    home = built.as_uri()
    guest = visit(home)
    guest.open(f"{home}/{page}.html")
    preview = guest.page.locator("aside.preview")
    first = guest.page.locator(link).first
    first.hover()
    preview.wait_for()
    number = first.inner_text()
    inside = preview if link.startswith("article p") else preview.frame_locator("iframe")
    assert inside.locator(".caption-number").first.text_content().strip() in number
    guest.page.keyboard.press("Escape")
    assert preview.count() == 0
    guest.page.mouse.move(0, 0)
    before = guest.page.locator("article a").all()
    before[[a.get_attribute("href") for a in before].index(first.get_attribute("href")) - 1].focus()
    guest.page.keyboard.press("Tab")
    preview.wait_for()
    assert not guest.outside
    assert not guest.complaints


def test_on_touch_no_link_opens_a_preview(site, visit):
    guest = visit(site, has_touch=True, is_mobile=True)
    guest.open(f"{site}/notebooks/ne34/estimates.html")
    guest.page.locator("article p a[href^='#tab-']").first.focus()
    guest.page.wait_for_timeout(400)
    assert guest.page.locator("aside.preview").count() == 0


def test_the_start_page_finds_the_words_that_it_chooses_sentences_by(built):
    start = (ROOT / "book" / "index.md").read_text(encoding="utf-8")
    listed = re.findall(r"^```\{found\}\n(.*?)^```", start, re.DOTALL | re.MULTILINE)
    page = (built / "book/index.html").read_text()
    told = re.findall(r'<ul class="found">(.*?)</ul>', page, re.DOTALL)
    assert listed
    for lines, shown in zip(listed, told, strict=True):
        plain = re.sub(r"<[^>]+>", "", shown)
        for line in lines.splitlines():
            _, *words = map(str.strip, line.split("|"))
            assert all(word in plain for word in words), line


def test_every_printed_table_is_two_clicks_from_the_start(site, visit):
    guest = visit(site)
    guest.open(f"{site}/book/index.html")
    rows = guest.page.locator("table.concordance tbody tr").all()
    assert len(rows) == len(published.contents())
    for row in rows:
        cells = row.locator("td").all()
        name = cells[0].inner_text()
        assert cells[2].locator("a").count() > 0, f"no chapter speaks of {name}"
        if "-F" not in name:
            assert "analysis rerun" in cells[5].inner_text()


def test_the_ledger_keeps_what_was_asked_in_its_address(site, visit):
    guest = visit(site)
    guest.open(f"{site}/book/ledger.html?print=A4&verdict=differs")
    shown = guest.page.locator("table.ledger.sortable tbody tr:visible")
    assert shown.count() > 0
    assert {row.get_attribute("data-print") for row in shown.all()} == {"A4"}
    guest.page.locator("[data-filter=print]").select_option("A5")
    assert "print=A5" in guest.page.url
    guest.page.get_by_role("button", name="printed").click()
    assert guest.page.locator("th[aria-sort=ascending]").inner_text().startswith("printed")


@pytest.mark.parametrize(
    ("words", "page"),
    [("own data", "run_it_yourself"), ("Table A5", "effects"), ("spatial weights", "package")],
)
def test_search_finds_what_readers_ask_for(words, page, site, visit):
    guest = visit(site)
    guest.open(f"{site}/search.html?q={quote(words)}")
    hits = guest.page.locator("#search-results li a")
    hits.first.wait_for()
    found = [hit.get_attribute("href") for hit in hits.all()[:4]]
    assert any(page in address for address in found), found


class Anchors(HTMLParser):
    """Links of a page and the places in it that a link can lead to."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        self.ids.update(filter(None, (named.get("id"), named.get("name"))))
        target = named.get("href" if tag in {"a", "link"} else "src")
        if target:
            self.links.append(target)


def test_every_link_inside_the_book_leads_somewhere(built):
    parsed = {
        path: Anchors(path.read_text(encoding="utf-8"))
        for path in built.rglob("*.html")
        if "_static" not in path.parts
    }
    broken = []
    for path, anchors in parsed.items():
        for link in anchors.links:
            target, fragment = urldefrag(unquote(link))
            if urlsplit(target).scheme or target.startswith("//"):
                continue
            file = (path.parent / target.split("?")[0]).resolve() if target else path
            if file.is_dir():
                file = file / "index.html"
            found = file.is_file() and (
                not fragment or file not in parsed or fragment in parsed[file].ids
            )
            if not found:
                broken.append(f"{path.relative_to(built)}: {link}")
    assert not broken


def test_no_page_shows_a_traceback_or_an_object_at_an_address(built):
    for name in NOTEBOOKS:
        text = (built / f"{name}.html").read_text(encoding="utf-8")
        assert "Traceback (most recent call last)" not in text, name
        assert not re.search(r"(?:<|&lt;)[\w.]+ object at 0x", text), name


@pytest.mark.parametrize(
    "page",
    [
        "notebooks/ne34/estimates.html#try:weights=nearest-5",
        "notebooks/ne34/effects.html#try:model=sar",
        "notebooks/nations/estimates.html#try:without=CHN",
        "notebooks/referee/printed_rho.html#rho:weights=nearest-5",
    ],
)
@pytest.mark.parametrize(("width", "mode"), LOOKS)
def test_a_page_that_answers_back_does_so_from_disk_for_everyone(page, mode, width, built, visit):
    guest = visit(built.as_uri(), color_scheme=mode, viewport={"width": width, "height": 900})
    guest.open(f"{built.as_uri()}/{page}")
    guest.page.locator(".tryit svg").first.wait_for()
    assert guest.page.locator(".tryit-said:not(.refused)").inner_text()
    assert not guest.outside
    assert not guest.complaints
    guest.page.evaluate(AXE)
    assert guest.page.evaluate(RUN) == []
