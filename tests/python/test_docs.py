"""The docs are a few files that a browser opens from disk: complete, quiet, and alone.

Most is about dbt's page; the pages of our own and dbt-colibri's come at the end.

``python -m scripts.browser`` makes the browser available; the fixture here runs that step itself.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import browsing
import pytest
from browsing import run
from playwright.sync_api import Browser, expect

from scripts import ROOT, docs, docs_front, docs_lineage
from scripts import browser as chromium

# What the page itself calls its parts.
PROJECT = "angular.element(document.documentElement).injector().get('project').project"
GRAPH = "angular.element(document.documentElement).injector().get('graph')"
DRAWN = f"{GRAPH}.graph_element"
SHOWN = ("model", "seed", "snapshot", "source", "exposure")

PAGES = ("index.html", "columns.html", "lineage.html", "dbt.html")

Node = dict[str, Any]


@dataclass
class Site:
    """The pages as they were written, and what dbt knew when they were.

    Attributes:
        file: dbt's page; the others stand beside it.
        target: Where dbt worked for them.
        said: What the command printed.
    """

    file: Path
    target: Path
    manifest: dict[str, Any]
    catalog: dict[str, Any]
    said: str

    @property
    def url(self) -> str:
        """The address of dbt's page in the browser."""
        return self.file.as_uri()

    def page(self, name: str) -> Path:
        """Another page of the site."""
        return self.file.with_name(name)

    def nodes(self, *kinds: str) -> dict[str, Node]:
        """Everything of these resource types, by unique id."""
        everything = self.manifest["nodes"] | self.manifest["sources"] | self.manifest["exposures"]
        return {name: node for name, node in everything.items() if node["resource_type"] in kinds}

    def one(self, name: str) -> Node:
        """The model, seed or the like of this name."""
        return next(node for node in self.nodes(*SHOWN).values() if node["name"] == name)


@pytest.fixture(scope="session")
def site(built: Path) -> Site:
    """Write the docs of what was built."""
    results = built / "target" / "run_results.json"
    build = results.read_text(encoding="utf-8")
    written = run("scripts.docs", "--out", str(built / "docs" / "site"), folder=built)
    assert written.returncode == 0, written.stdout + written.stderr
    assert results.read_text(encoding="utf-8") == build, "the build's results are gone"
    target = built / "target" / "docs"
    return Site(
        file=built / "docs" / "site" / "dbt.html",
        target=target,
        manifest=json.loads((target / "manifest.json").read_text(encoding="utf-8")),
        catalog=json.loads((target / "catalog.json").read_text(encoding="utf-8")),
        said=written.stdout,
    )


class Visit(browsing.Visit):
    """A visit to dbt's page."""

    def go(self, where: str) -> None:
        """Follow a link inside the page."""
        self.page.evaluate("where => { window.location.hash = where }", f"#!/{where}")

    def open(self, node: Node) -> None:
        """Go to the page of a model, a seed or the like, and wait until it is there."""
        self.go(f"{node['resource_type']}/{node['unique_id']}")
        name = node.get("label") or node["name"]
        if node["resource_type"] == "source":
            name = f"{node['source_name']}.{node['name']}"
        expect(self.page.locator(".app-title h1 .break:visible")).to_have_text(name)

    def columns(self) -> dict[str, str]:
        """Read the columns on the page in front: name to description, as they are shown."""
        rows = self.page.locator("tr.column-row")
        cells = rows.evaluate_all(
            "rows => rows.map(row => [row.cells[0].innerText, row.cells[2].innerText])"
        )
        return {name.strip(): text.strip() for name, text in cells}


@pytest.fixture(scope="session")
def opened(chrome: Browser, site: Site) -> Iterator[Visit]:
    """Open the page from disk, off the network, as a reader does: once."""
    context = chrome.new_context(offline=True, viewport={"width": 1400, "height": 1000})
    context.set_default_timeout(10_000)
    visit = Visit(context.new_page())
    visit.page.goto(site.url)
    yield visit
    context.close()


@pytest.fixture
def visit(opened: Visit, site: Site) -> Iterator[Visit]:
    """Come back to the start of the page; nothing may complain until the test is over."""
    yield opened
    opened.page.evaluate(f"{GRAPH}.hideGraph()")
    opened.page.press("#search", "Escape")
    opened.go("overview")
    expect(opened.page.get_by_role("heading", level=1, name="flette")).to_be_visible()
    complaints, opened.complaints = opened.complaints, []
    assert complaints == []
    assert opened.files == {site.url}  # it asks for itself and for nothing beside it


def plain(markdown: str) -> str:
    """A description as it reads once it is rendered."""
    return " ".join(re.sub(r"[`*]", "", markdown).split())


# --- what a reader does --------------------------------------------------------------------------


def test_starts_at_the_overview_of_the_project(visit: Visit, site: Site) -> None:
    """Without a further address the page shows what the project says of itself."""
    visit.page.goto(site.url)
    expect(visit.page).to_have_title("flette: dbt docs")
    expect(visit.page.get_by_role("heading", level=1, name="flette")).to_be_visible()
    assert visit.page.url == f"{site.url}#!/overview"
    text = visit.page.locator(".app-content").inner_text()
    for said in ("How the layers read", "make build", "Nothing is lost.", "kilder", "naa"):
        assert said in text
    assert "{{" not in text


def test_overview_keeps_up_with_the_project(visit: Visit, site: Site) -> None:
    """A new product gets its line, and a new model its place in a diagram."""
    text = visit.page.locator(".app-content").inner_text()
    products = visit.page.locator("td strong").all_inner_texts()
    assert set(products) == {group["name"] for group in site.manifest["groups"].values()}
    for node in site.nodes("model", "snapshot", "seed").values():
        product = node["fqn"][1]
        short = node["name"].split("__", 1)[-1].removeprefix(f"{product}_")
        assert re.search(rf"\b{short}\b", text), f"{node['name']} is not in models/_overview.md"


def test_links_of_the_overview_lead_somewhere(visit: Visit, site: Site) -> None:
    """Every link inside the page names something that exists, and works."""
    links = visit.page.locator(".app-content a[href^='#!/']")
    targets = {link.get_attribute("href").rpartition("/")[2] for link in links.all()}
    assert targets
    assert targets <= set(site.nodes(*SHOWN))
    name = links.first.inner_text()
    links.first.click()
    expect(visit.page.locator(".app-title h1 .break:visible")).to_have_text(name)


def test_menu_has_its_icons(visit: Visit, site: Site) -> None:
    """What was changed to keep the console quiet did not cost the menu its icons."""
    visit.open(site.one("gold_tiltak__uke_antall"))
    sizes = visit.page.locator(".app-menu svg.icn use").evaluate_all(
        """uses => uses.filter(use => use.closest('svg').getClientRects().length)
            .map(use => use.getBBox().width)"""
    )
    assert len(sizes) > 10
    assert min(sizes) > 0


def test_menu_has_what_a_product_offers(visit: Visit, site: Site) -> None:
    """Under Group are the models that others may read, and nothing else."""
    visit.open(site.one("gold_tiltak__uke_antall"))  # which opens its group
    visit.page.locator(".app-menu").get_by_text("Group", exact=True).click()
    offered = visit.page.locator(".app-menu a[data-nav-unique-id]:visible")
    names = offered.evaluate_all("links => links.map(link => link.dataset.navUniqueId)")
    visit.page.locator(".app-menu").get_by_text("Project", exact=True).click()
    public = [
        name
        for name, node in site.nodes("model").items()
        if node["access"] == "public" and node["group"] == "tiltak"
    ]
    assert sorted(names) == sorted(public)


def test_search_finds_a_model_and_its_columns(visit: Visit, site: Site) -> None:
    """Searched by name it comes first, and its page says what each column means."""
    model = site.one("gold_tiltak__uke_antall")
    visit.page.fill("#search", "uke_antall")
    names = visit.page.locator(".search-result h4 span:first-child")
    expect(names.first).to_have_text("gold_tiltak__uke_antall")  # and not merely somewhere
    assert {"gold_tiltak__uke_antall_avdeling", "gold_tiltak__uke_antall_kontor"} <= set(
        names.all_inner_texts()
    )
    names.first.click()
    expect(visit.page.locator(".app-title h1 .break:visible")).to_have_text(model["name"])

    columns = visit.columns()
    assert list(columns) == ["år", "uke", "tiltaksnavn", "innsatsgruppe", "avdeling", "antall"]
    assert columns == {name: column["description"] for name, column in model["columns"].items()}
    assert all(columns.values())
    row = visit.page.locator("tr.column-row", has_text="antall").last
    row.click()
    opened = visit.page.locator("td.column-expanded:visible")
    expect(opened).to_contain_text(plain(model["columns"]["antall"]["description"]))
    row.click()
    expect(opened).to_have_count(0)


def test_search_finds_what_only_a_description_says(visit: Visit, site: Site) -> None:
    """A word of the trade leads to the model that explains it."""
    visit.page.fill("#search", "mother table")
    found = visit.page.locator(".search-result h4 span:first-child")
    expect(found.filter(has_text="silver_tiltak__deltakere_merged")).to_be_visible()


def test_everything_has_a_page_with_its_columns(visit: Visit, site: Site) -> None:
    """Models, seeds, snapshots, sources and exposures, one by one."""
    for name, node in site.nodes(*SHOWN).items():
        visit.open(node)
        if node["resource_type"] == "exposure":
            for parent in node["depends_on"]["nodes"]:
                expect(
                    visit.page.get_by_role("link", name=parent.split(".")[2], exact=True).last
                ).to_be_visible()
            continue
        stored = site.catalog["nodes"].get(name, {"columns": {}})["columns"]
        declared = {column: about["description"] for column, about in node["columns"].items()}
        shown = visit.columns()
        assert set(shown) == set(stored) | set(declared), name
        assert {column: shown[column] for column in declared} == declared, name


def test_every_macro_of_ours_has_a_page(visit: Visit, site: Site) -> None:
    """Our macros are in the page, and dbt's own are not."""
    macros = {
        name: macro
        for name, macro in site.manifest["macros"].items()
        if macro["package_name"] == "flette"
    }
    held = visit.page.evaluate(f"Object.keys({PROJECT}.macros)")
    assert set(held) == set(macros)
    macro = next(macro for macro in macros.values() if macro["name"] == "naa")
    visit.open(macro | {"label": "flette.naa", "resource_type": "macro"})
    expect(visit.page.locator("pre:visible").first).to_contain_text("macro naa()")


def test_lineage_of_one_model(visit: Visit, site: Site) -> None:
    """From a model's page the graph shows its neighbours, and in full size all it rests on."""
    model = site.one("gold_tiltak__uke_antall")["unique_id"]
    parents, children = site.manifest["parent_map"], site.manifest["child_map"]
    visit.open(site.one("gold_tiltak__uke_antall"))
    visit.page.locator(".launcher-btn a").click()
    near = without_tests({model, *parents[model], *children[model]})
    assert nodes_of_graph(visit) == near
    assert drawn(visit)

    visit.page.locator("a[data-large]").click()
    far = without_tests(reachable(model, parents) | reachable(model, children))
    assert nodes_of_graph(visit, more_than=len(near)) == far
    assert drawn(visit)
    assert "exposure.flette.brum_dashboard" in far
    assert "seed.flette.raw_tiltak__deltaker_siste_status" in far


def test_lineage_of_everything(visit: Visit, site: Site) -> None:
    """From the overview the graph shows the whole project."""
    visit.page.locator(".launcher-btn a").click()
    assert nodes_of_graph(visit) >= set(site.nodes(*SHOWN))
    assert visit.page.evaluate(f"{DRAWN}.edges().length") > 30
    assert drawn(visit)


def nodes_of_graph(visit: Visit, more_than: int = 0) -> set[str]:
    """The ids in the graph, tests apart, as soon as there are more than that many."""
    kinds = ", ".join(f"'{kind}'" for kind in SHOWN)
    nodes = f"{DRAWN}.nodes(':visible').filter(n => [{kinds}].includes(n.data('resource_type')))"
    visit.page.wait_for_function(f"{DRAWN} && {nodes}.length > {more_than}")
    return set(visit.page.evaluate(f"{nodes}.map(node => node.id())"))


def without_tests(names: set[str]) -> set[str]:
    """Those of the unique ids that name models, seeds and the like."""
    return {name for name in names if name.split(".")[0] in SHOWN}


def drawn(visit: Visit) -> bool:
    """Whether anything is painted: some pixel of the graph's canvas is not empty."""
    return visit.page.wait_for_function(
        """() => [...document.querySelectorAll('#cy canvas')].some(canvas =>
            canvas.width && canvas.getContext('2d')
                .getImageData(0, 0, canvas.width, canvas.height).data.some(value => value > 0))"""
    ).json_value()


def reachable(start: str, neighbours: dict[str, list[str]]) -> set[str]:
    """Everything that can be reached from a node, itself included."""
    found, waiting = {start}, [start]
    while waiting:
        new = set(neighbours[waiting.pop()]) - found
        found |= new
        waiting += new
    return found


# --- what is in the file -------------------------------------------------------------------------


def test_page_holds_every_model_and_every_gold_description(visit: Visit, site: Site) -> None:
    """Nothing was lost on the way into the page, and gold is described in full."""
    held = visit.page.evaluate(
        f"""Object.fromEntries(Object.values({PROJECT}.nodes).map(node => [
            node.unique_id,
            Object.fromEntries(Object.values(node.columns || {{}}).map(
                column => [column.name, column.description || ''])),
        ]))"""
    )
    assert set(site.nodes(*SHOWN)) <= set(held)
    gold = [node for node in site.nodes("model").values() if node["access"] == "public"]
    assert len(gold) >= 3
    for node in gold:
        assert held[node["unique_id"]], node["name"]
        for column, description in held[node["unique_id"]].items():
            assert description.strip(), f"{node['name']}.{column} has no description"


@pytest.mark.parametrize("name", PAGES)
def test_file_names_no_machine_and_no_person(site: Site, name: str) -> None:
    """The files can be published: no path, no user, no analytics."""
    text = site.page(name).read_text(encoding="utf-8")
    for place in (ROOT, site.file.parents[2], Path.home(), Path(sys.prefix)):
        assert f"{place}/" not in text
    for word in ("root_path", "compiled_path", "cloudfront.net", "us.i.posthog"):
        assert word not in text
    # as data; dbt-colibri's page has an example in its code
    assert 'invocation_id":' not in text
    assert len(text) < 6_500_000


def test_dbt_page_says_of_itself_what_it_must(site: Site) -> None:
    """Of what dbt knows of the run, nothing that is about the machine or the person is left."""
    text = site.file.read_text(encoding="utf-8")
    metadata = json.loads(re.search(r'\{manifest:\{"metadata":(\{.*?\})', text)[1])
    assert set(metadata) == set(docs._METADATA)
    # the one of dbt, which is in metadata; a column of tv1 has the same name
    assert not re.search(r'"metadata":\{[^}]*"user_id"', text)


def test_command_says_where_to_begin(site: Site) -> None:
    """It names the front page, and how large the site is."""
    assert {page.name for page in site.file.parent.iterdir()} == set(PAGES)
    size = sum(page.stat().st_size for page in site.file.parent.iterdir()) / 1e6
    assert f"{site.page('index.html')}: {len(PAGES)} pages, {size:.1f} MB in " in site.said


def test_no_text_can_end_the_script(chrome: Browser, site: Site, tmp_path: Path) -> None:
    """A description may say whatever it likes."""
    manifest, catalog = docs.without_machine(site.manifest, site.catalog)
    manifest = json.loads(json.dumps(manifest))
    mean = "<b>before</b> </script><!-- <script> \u2028 after"
    manifest["nodes"]["model.flette.gold_tiltak__uke_antall"]["description"] = mean
    template = (site.target / "index.html").read_text(encoding="utf-8")
    file = tmp_path / "index.html"
    file.write_text(docs.page(template, manifest, catalog), encoding="utf-8")
    visit = Visit(chrome.new_page())
    visit.page.goto(file.as_uri())
    assert (
        visit.page.evaluate(f"{PROJECT}.nodes['model.flette.gold_tiltak__uke_antall'].description")
        == mean
    )
    assert visit.complaints == []
    visit.page.close()


def test_visit_hears_what_goes_wrong(chrome: Browser, tmp_path: Path) -> None:
    """The watch over the other tests can fail."""
    file = tmp_path / "loud.html"
    file.write_text(
        "<link rel=stylesheet href=beside.css><img src=http://192.0.2.1/a.png>"
        "<script>console.error('one'); throw Error('two')</script>"
    )
    context = chrome.new_context(offline=True)
    visit = Visit(context.new_page())
    visit.page.goto(file.as_uri())
    heard = " ".join(visit.complaints)
    for word in ("console: one", "error: two", "request: http://192.0.2.1/a.png"):
        assert word in heard
    assert visit.files == {file.as_uri(), (tmp_path / "beside.css").as_uri()}
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_policy_in_the_page_refuses_the_network(chrome: Browser, site: Site, name: str) -> None:
    """Even a script inside the page cannot reach anything."""
    context = chrome.new_context(offline=True)
    visit = Visit(context.new_page())
    visit.page.goto(site.page(name).as_uri())
    assert (
        visit.page.evaluate(
            "() => fetch('http://192.0.2.1/').then(() => 'sent', error => error.message)"
        )
        == "Failed to fetch"
    )
    assert any("Content Security Policy" in said for said in visit.complaints)
    assert not any(said.startswith("request:") for said in visit.complaints)
    context.close()


# --- where to begin ------------------------------------------------------------------------------


@pytest.fixture
def visitor(chrome: Browser, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Visit pages off the network, with what a test asks of the browser; nothing may complain."""
    asked = {"viewport": {"width": 1400, "height": 1000}} | getattr(request, "param", {})
    context = chrome.new_context(offline=True, **asked)
    context.set_default_timeout(30_000)
    visit = Visit(context.new_page())
    yield visit
    context.close()
    assert visit.complaints == []


PHONE = {"viewport": {"width": 360, "height": 700}}
SCHEMES = [PHONE | {"color_scheme": scheme} for scheme in ("light", "dark")]


def test_links_of_our_pages_lead_somewhere(visitor: Visit, site: Site) -> None:
    """Each link names a page beside it and something in it; the report is where it will be."""
    known = set(site.nodes(*SHOWN))
    for name in ("index.html", "columns.html"):
        visitor.page.goto(site.page(name).as_uri())
        for link in visitor.page.eval_on_selector_all(
            "a", "links => links.map(link => link.getAttribute('href'))"
        ):
            if link == docs_front.REPORT:
                continue
            page, thing = re.fullmatch(r"([a-z]*\.html|)(?:[#?](.*))?", link).groups()
            assert not page or page in PAGES, link
            if page == "dbt.html" and thing:
                assert thing.rpartition("/")[2] in known, link
            elif page == "lineage.html" and thing:
                assert parse_qs(thing)["model"][0] in known, link
            elif thing:
                text = site.page(page or name).read_text(encoding="utf-8")
                assert f'id="{thing}"' in text, link
    assert visitor.files == {site.page(name).as_uri() for name in ("index.html", "columns.html")}


def test_front_page_leads_to_every_other(visitor: Visit, site: Site) -> None:
    """The four ways on; of the report it says what to run when it is not there."""
    front = site.page("index.html").as_uri()
    ways = {"Columns": "columns", "Column lineage": "lineage", "dbt docs": "dbt"}
    for words, name in ways.items():
        visitor.page.goto(front)
        visitor.page.get_by_role("navigation").get_by_role("link", name=words, exact=True).click()
        visitor.page.wait_for_url(re.compile(rf"/{name}\.html"))
    visitor.page.goto(front)
    report = visitor.page.get_by_role("listitem").filter(has_text="make report")
    expect(report.get_by_role("link")).to_have_attribute("href", "../../report/index.html")
    # docs/site is two folders down; report/ stands beside docs/
    assert (ROOT / docs.SITE / docs_front.REPORT).resolve() == ROOT / "report" / "index.html"


def test_front_page_explains_every_product(visitor: Visit, site: Site) -> None:
    """What goes in, what comes out and who reads it, in words and in a drawing with a name."""
    visitor.page.goto(site.page("index.html").as_uri())
    for product in sorted(group["name"] for group in site.manifest["groups"].values()):
        section = visitor.page.get_by_role("region", name=product, exact=True)
        assert section.locator("dt").all_inner_texts() == ["In", "Out", "Read by"]
        assert all(len(text) > 30 for text in section.locator("dd").all_inner_texts())
        drawing = section.get_by_role("group", name=f"How {product} flows")
        expect(drawing).to_be_visible()
        names = drawing.locator("a").all_text_contents()
        inputs = {
            node["name"].split("__")[-1]
            for node in site.nodes("seed").values()
            if node["fqn"][1] == product and node["name"].startswith("raw_")
        }
        readers = {
            node["label"] for node in site.nodes("exposure").values() if node["fqn"][1] == product
        }
        assert inputs <= set(names)
        assert all(reader in " ".join(names) for reader in readers)
        described = drawing.locator("desc").text_content()
        assert all(name in described for name in inputs | readers)
        assert drawing.locator("path.flow-edge").count() >= 5


def test_drawing_leads_to_what_it_shows(visitor: Visit, site: Site) -> None:
    """A name in a drawing is a link to its page in dbt docs."""
    visitor.page.goto(site.page("index.html").as_uri())
    drawing = visitor.page.get_by_role("group", name="How tiltak flows")
    drawing.get_by_role("link", name="uke_endringer").click()
    visitor.page.wait_for_url("**/dbt.html#!/model/model.flette.silver_tiltak__uke_endringer")
    visitor.page.locator(".app-title h1 .break:visible").wait_for()
    title = visitor.page.locator(".app-title h1 .break:visible").inner_text()
    assert title == "silver_tiltak__uke_endringer"


@pytest.mark.parametrize("visitor", SCHEMES, indirect=True, ids=["light", "dark"])
@pytest.mark.parametrize("name", ["index.html", "columns.html"])
def test_our_pages_on_a_phone(visitor: Visit, site: Site, name: str) -> None:
    """Nothing is wider than the screen, and every word stands out from what is behind it."""
    visitor.page.goto(site.page(name).as_uri())
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 360
    faint = visitor.page.evaluate(FAINT)
    assert faint == []
    assert visitor.page.evaluate(FAINT.replace("4.5", "22")) != []  # the measure can fail


# Texts whose contrast is under 4.5 (WCAG AA); a text in a drawing stands on its node.
FAINT = """() => {
    const light = colour => {
        const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map(part => {
            const share = part / 255
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
        })
        return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const clear = colour => colour === 'rgba(0, 0, 0, 0)'
    const behind = element => {
        const node = element.closest('svg g')
        if (node) return getComputedStyle(node.querySelector('rect')).fill
        for (let one = element; one; one = one.parentElement) {
            const colour = getComputedStyle(one).backgroundColor
            if (!clear(colour)) return colour
        }
        return 'rgb(255, 255, 255)'
    }
    const faint = new Set()
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) {
        const element = texts.currentNode.parentElement
        if (!texts.currentNode.data.trim() || element.closest('title, desc, style')) continue
        const style = getComputedStyle(element)
        const ink = element.closest('svg') ? style.fill : style.color
        const [low, high] = [light(ink), light(behind(element))].sort((a, b) => a - b)
        if ((high + 0.05) / (low + 0.05) < 4.5) faint.add(texts.currentNode.data.trim())
    }
    return [...faint]
}"""


# --- where columns come from ---------------------------------------------------------------------


@pytest.fixture(scope="session")
def lineage(site: Site) -> docs_lineage.Lineage:
    """What the pages were made from, worked out again."""
    return docs_lineage.extract(
        site.target / "unbuilt" / "first_build.json", site.target / "catalog.json"
    )


def gold(site: Site) -> Iterator[tuple[Node, str, Node]]:
    """Every column of the products' last layer: its model, its name and what is said of it."""
    for group in site.manifest["groups"].values():
        for node in docs_front.offered(site.manifest, group["name"]):
            for name, about in node["columns"].items():
                yield node, name, about


def test_every_model_can_be_read(site: Site, lineage: docs_lineage.Lineage) -> None:
    """There is no model that dbt-colibri cannot parse, and no column that it leaves out."""
    assert lineage.failed == {}
    stored = {
        (name, column)
        for name in site.nodes("model", "snapshot")
        for column in site.catalog["nodes"][name]["columns"]
    }
    assert len(stored) > 1000
    assert stored - lineage.parents.keys() == set()


def test_every_gold_column_comes_from_somewhere(site: Site, lineage: docs_lineage.Lineage) -> None:
    """Its lineage reaches inputs; where it cannot, the reason stands where the way back ends."""
    ends = set()
    for node, name, _ in gold(site):
        column = (node["unique_id"], name)
        if not lineage.inputs(column):
            ends |= set(lineage.ends(column))
    unexplained = {end for end in ends if not docs_lineage.origin(site.manifest, end)}
    assert unexplained == set()
    explained = {
        (node["unique_id"], name)
        for node in site.nodes("model", "snapshot").values()
        for name in node["columns"]
        if docs_lineage.origin(site.manifest, (node["unique_id"], name))
    }
    assert explained == ends, "a reason that nothing needs"


FACTS = {
    # a view on a view, through a snapshot
    ("gold_tiltak__uke_antall_avdeling", "tiltaksnavn"): {"raw_tiltak__tiltakstyper.navn"},
    # a quoted name; the calendar has no input
    ("gold_tiltak__uke_antall_avdeling", "år"): set(),
    ("gold_tiltak__uke_antall_kontor", "enhetsnummer"): {
        "raw_tiltak__gjennomforing_nav_enheter.enhetsnummer"
    },
    # JSON read in a macro, in an incremental model
    ("marts_tv1__kpi_daily", "minutes_watched"): {"raw_tv1__tracking.context"},
    ("marts_tv1__dim_users", "age_group"): {"raw_tv1__users.age_group"},
    # capitals in a name, and a table that begins as what the owner has sent
    ("gold_saksstatistikk__view_saksstatistikk", "endretTid"): {
        "raw_saksstatistikk__avklaringsbehov_endring.tidsstempel",
        "raw_saksstatistikk__behandling.opprettet_tid",
        "raw_saksstatistikk__behandling_historikk.hendelsestidspunkt",
        "raw_saksstatistikk__saksstatistikk.endret_tid",
        "raw_saksstatistikk__steg_historikk.opprettet_tid",
    },
    ("gold_saksstatistikk__saksstatistikk", "teknisk_tid"): {
        "raw_saksstatistikk__saksstatistikk.teknisk_tid"
    },
    ("gold_dtnum__suivi_mis_a_jour", "region"): {
        "dtnum_codes_postaux.region",
        "dtnum_codes_postaux_ajouts.region",
        "raw_dtnum__suivi.region",
    },
    ("gold_arena__amt_deltaker", "person_ident"): {
        "raw_arena__meldinger.after",
        "raw_arena__personidenter.personident",
    },
}


@pytest.mark.parametrize(("relation", "column"), FACTS)
def test_lineage_of_columns_that_are_known(
    site: Site, lineage: docs_lineage.Lineage, relation: str, column: str
) -> None:
    """What a reader of the SQL would say of a column is among what the lineage says."""
    found = {
        f"{node.rpartition('.')[2]}.{name}"
        for node, name in lineage.inputs((site.one(relation)["unique_id"], column))
    }
    expected = FACTS[relation, column]
    assert expected <= found
    if len(expected) < 2:
        assert found == expected


UNITS = {
    # a whole or a decimal number: what it counts or measures, or that it only names
    "number": r"\b(number|minutes|seconds|days?|date|week(day)?|months?|quarter|year|per cent"
    r"|id|tracking_id|place|0)\b",
    "timestamp": r"local wall-clock time|always NULL",
    "timestamp with time zone": r"\binstant\b|always NULL",
}


def test_every_gold_column_says_what_it_is(site: Site) -> None:
    """Its meaning, and of a number or a time the unit; text, dates and truth have none."""
    for node, name, about in gold(site):
        assert len(about["description"]) >= 10, f"{node['name']}.{name}"
        kind = re.sub(r"^(int|bigint|double|numeric.*)$", "number", about["data_type"])
        assert kind in {*UNITS, "string", "date", "boolean"}, kind
        said = about["description"]
        assert re.search(UNITS.get(kind, ""), said, re.IGNORECASE), f"{node['name']}.{name}: {said}"


def test_columns_page_has_every_gold_column(
    visitor: Visit, site: Site, lineage: docs_lineage.Lineage
) -> None:
    """Each with its type, its meaning, and inputs or the reason why there are none."""
    visitor.page.goto(site.page("columns.html").as_uri())
    rows = visitor.page.eval_on_selector_all(
        "tbody tr",
        "rows => rows.map(row => [row.id, ...[...row.cells].map(cell => cell.textContent.trim())])",
    )
    shown = {row[0]: row[1:] for row in rows}
    expected = {f"{node['name']}.{name}": (node, name, about) for node, name, about in gold(site)}
    assert list(shown) == list(dict.fromkeys(shown))
    assert set(shown) == set(expected)
    for key, (node, name, about) in expected.items():
        column, kind, meaning, source = shown[key]
        assert (column, plain(meaning)) == (name, plain(about["description"]))
        assert kind
        for seed, of_seed in lineage.inputs((node["unique_id"], name)):
            assert seed.rpartition(".")[2] in source
            assert of_seed in source
        assert source


@pytest.mark.parametrize(
    "visitor", [{"viewport": {"width": 2600, "height": 1400}}], indirect=True, ids=["wide"]
)
def test_lineage_page_goes_back_to_an_input(visitor: Visit, site: Site) -> None:
    """From a gold column, with the links and the menu that a reader uses."""
    page = visitor.page
    page.goto(site.page("columns.html").as_uri())
    row = page.locator('[id="gold_tiltak__uke_antall.avdeling"]')
    row.get_by_role("link", name="graph of avdeling").click()
    nodes = page.locator(".react-flow__node")
    nodes.get_by_text("avdeling", exact=True).click(button="right")
    assert page.title() == "flette: column lineage"
    page.get_by_text("Show full column lineage").click()
    seed = nodes.filter(has_text="raw_tiltak__gjennomforing_avdelinger")
    seed.get_by_text("avdeling", exact=True).wait_for()
    shown = " ".join(nodes.all_inner_texts())
    assert "stg_tiltak__gjennomforing_avdelinger" in shown
    assert "raw_tiltak__tiltakstyper" not in shown
    advertised = page.locator("a[href*='colibri-data.com']:visible")
    assert advertised.count() == 0
    assert visitor.files == {site.page(name).as_uri() for name in ("columns.html", "lineage.html")}


# --- when it cannot be done ----------------------------------------------------------------------


def test_database_that_is_not_built(tmp_path: Path) -> None:
    """One sentence that says what to do, and no half-empty page."""
    done = run("scripts.docs", "--out", str(tmp_path / "site"), folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        "scripts.docs: the database has not been built, run `make build` first ("
    )
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "site").exists()


def test_target_that_does_not_exist(tmp_path: Path) -> None:
    """What dbt objects to is said in one line, without a stack trace."""
    done = run("scripts.docs", "--target", "oracle", "--out", str(tmp_path), folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "does not have a target named 'oracle'" in done.stderr
    assert done.stderr.count("\n") == 1


def test_one_relation_that_is_missing() -> None:
    """A database that is built in part is not built."""

    def node(name: str, kind: str, materialized: str) -> Node:
        return {"name": name, "resource_type": kind, "config": {"materialized": materialized}}

    manifest = {
        "nodes": {
            "model.a": node("a", "model", "view"),
            "model.b": node("b", "model", "table"),
            "model.c": node("c", "model", "ephemeral"),
            "test.d": node("d", "test", "test"),
            "seed.e": node("e", "seed", "seed"),
        }
    }
    assert docs.not_built(manifest, {"nodes": {"model.a": {}}}) == ["b", "e"]
    assert docs.not_built(manifest, {"nodes": {"model.a": {}, "model.b": {}, "seed.e": {}}}) == []


def test_page_of_another_dbt_is_refused() -> None:
    """A new dbt with another page is noticed, not patched at random."""
    with pytest.raises(RuntimeError, match="dbt's page has changed"):
        docs.page("<html></html>", {}, {})


def test_page_of_another_colibri_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same of dbt-colibri's page."""
    monkeypatch.setattr(docs_lineage.Path, "read_text", lambda *_, **__: "<html></html>")
    with pytest.raises(RuntimeError, match="dbt-colibri's page has changed"):
        docs_lineage.page(docs_lineage.Lineage({}, {}, {}))


@pytest.mark.parametrize("line", docs_front.LINES)
def test_overview_that_leaves_something_out(line: str) -> None:
    """A product without its three lines stops the docs, with what is missing."""
    said = "".join(f"- **{one}:** something.\n" for one in docs_front.LINES if one != line)
    text = f"\n## tv1, from left to right\n\n{said}\n## arena, from left\n- **{line}:** it.\n\n"
    manifest = {
        "metadata": {"project_name": "flette"},
        "docs": {"doc.flette.__overview__": {"block_contents": text}},
    }
    with pytest.raises(RuntimeError, match=f"does not say '{line}' of tv1"):
        docs_front.overview_lines(manifest, "tv1")


def test_browser_that_is_there_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """With chromium on PATH the step does and says nothing."""
    monkeypatch.setattr(chromium.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(chromium.subprocess, "run", lambda *_, **__: pytest.fail("it ran"))
    assert chromium.main() == 0
    assert capfd.readouterr() == ("", "")


def test_browser_that_cannot_be_installed(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """One sentence that says what to install."""
    monkeypatch.setattr(chromium.shutil, "which", lambda name: None)
    assert chromium.main() == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err.startswith("scripts.browser: chromium is not installed; install Debian's")
    assert said.err.count("\n") == 1


def test_browser_that_apt_cannot_get(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A line for what is tried, and one for why it failed."""
    monkeypatch.setattr(
        chromium.shutil, "which", lambda name: "/bin/false" if name == "apt-get" else None
    )
    monkeypatch.setattr(chromium.os, "geteuid", lambda: 0)
    broken = subprocess.CompletedProcess([], 100, "", "E: Temporary failure\n")
    monkeypatch.setattr(chromium.subprocess, "run", lambda *_, **__: broken)
    assert chromium.main() == 2
    said = capfd.readouterr()
    assert said.out.count("\n") == 1
    assert said.err == "scripts.browser: apt-get update failed: E: Temporary failure.\n"
