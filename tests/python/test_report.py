"""The report is one page that a reader can trust: it draws, it answers, it asks nobody.

What it shows is compared with questions that are put to the database by hand.
"""

from __future__ import annotations

import csv
import json
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from browsing import Visit, environment, run
from playwright.sync_api import Browser, Locator, Page, expect

from scripts.report import bygg, page
from scripts.report.content import PRODUCTS
from scripts.report.data import Build

SECTIONS = (*PRODUCTS, "build")
MOST_BYTES = 3_000_000
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="session")
def report(built: Path) -> Path:
    """Write the report of everything."""
    written = run("scripts.report", "--out", str(built / "report"), folder=built)
    assert written.returncode == 0, written.stdout + written.stderr
    return built / "report" / "index.html"


@pytest.fixture
def database(built: Path, report: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Return what was built, to be asked by hand, for one test: the report asks it, too."""
    with duckdb.connect(environment(built)["FLETTE_DUCKDB_PATH"], read_only=True) as connection:
        yield connection


def visited(chrome: Browser, report: Path, **context: Any) -> Iterator[Visit]:
    """Open the page from disk, off the network; nothing may complain until the test is over."""
    opened = chrome.new_context(
        offline=True, **{"viewport": {"width": 1300, "height": 1000}, **context}
    )
    opened.set_default_timeout(20_000)
    visit = Visit(opened.new_page())
    visit.page.goto(report.as_uri())
    yield visit
    opened.close()
    assert visit.complaints == []
    assert visit.files == {report.as_uri()}  # it asks for itself and for nothing beside it


@pytest.fixture
def visit(chrome: Browser, report: Path) -> Iterator[Visit]:
    """A reader at a desk."""
    yield from visited(chrome, report)


@pytest.fixture
def phone(chrome: Browser, report: Path) -> Iterator[Visit]:
    """A reader with a phone."""
    yield from visited(chrome, report, viewport=PHONE)


def go(page: Page, section: str) -> Locator:
    """Follow the link to a section and wait until it is drawn."""
    page.locator("nav").get_by_role("link", name=section, exact=True).click()
    here = page.locator(f"section#{section}")
    expect(here).to_be_visible()
    expect(here.locator("figure:not([data-drawn])")).to_have_count(0)
    return here


def table(page: Page, figure: str) -> list[dict[str, str]]:
    """Save a figure's CSV, as a reader does, and read it."""
    with page.expect_download() as download:
        page.locator(f"#{figure} .csv").click()
    assert download.value.suggested_filename == f"{figure}.csv"
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def choose(page: Page, figure: str, parameter: str, label: str) -> None:
    """Choose something in a figure by its label."""
    page.locator(f"#{figure} [data-parameter={parameter}]").select_option(label=label)


# --- the page ------------------------------------------------------------------------------------


def test_is_one_small_file(report: Path) -> None:
    assert [path.name for path in report.parent.iterdir()] == ["index.html"]
    assert report.stat().st_size < MOST_BYTES


def test_begins_with_an_answer_of_each_product(visit: Visit) -> None:
    answers = visit.page.locator(".products li")
    assert answers.locator("h3").all_inner_texts() == list(SECTIONS)
    for answer in answers.locator(".answer").all_inner_texts():
        assert re.search(r"\d", answer), f"no figure in {answer!r}"


@pytest.mark.parametrize("section", SECTIONS)
def test_every_chart_is_drawn_with_data_and_has_its_table(visit: Visit, section: str) -> None:
    here = go(visit.page, section)
    figures = here.locator("figure")
    assert figures.count() > 1
    for figure in figures.all():
        name = figure.get_attribute("id")
        rows = table(visit.page, name)
        shown = figure.locator("tbody tr").count()
        assert shown == min(len(rows), page.SHOWN_ROWS), name
        if not rows:
            expect(figure.locator(".nothing")).to_be_visible()
            continue
        expect(figure.locator(".nothing")).to_be_hidden()
        if figure.locator(".chart").count():
            marks = figure.locator(".chart svg [role=graphics-symbol]")
            assert marks.count() > 0, f"{name} draws nothing"
            said = figure.locator("[role=graphics-document]").get_attribute("aria-label")
            assert said == figure.locator("h3").inner_text(), f"{name} has no name for a reader"
            assert figure.locator(".chart .role-axis-title text").count() >= 2, f"{name}: axes"
        text = figure.inner_text()
        assert not re.search(r"undefined|NaN|\[object", text), f"{name}: {text[:300]}"
        said = figure.locator(".chart, figcaption").all_inner_texts()  # input may say null
        assert not re.search(r"\bnull\b", " ".join(said)), f"{name}: {said}"


@pytest.mark.parametrize("section", SECTIONS)
def test_every_control_has_a_name_and_changes_its_figures(visit: Visit, section: str) -> None:
    here = go(visit.page, section)
    nameless = here.locator("select, input, button").evaluate_all(
        """controls => controls
            .filter(one => !(one.labels?.length && one.labels[0].textContent.trim())
                && !one.textContent.trim())
            .map(one => one.outerHTML.slice(0, 100))"""
    )
    assert nameless == []
    for control in here.locator("select[data-parameter], input[data-parameter]").all():
        figure = control.locator("xpath=ancestor::figure")
        within = figure if figure.count() else here
        if control.get_attribute("type") == "checkbox":
            keys = ("Space", "Space")
        elif control.locator("option").count() > 1:
            last = control.evaluate("one => one.selectedIndex === one.options.length - 1")
            keys = ("ArrowUp", "ArrowDown") if last else ("ArrowDown", "ArrowUp")
        else:
            continue
        before, words = look(within), read(within)
        control.focus()  # as who has no mouse
        visit.page.keyboard.press(keys[0])
        assert becomes(look, within, before, equal=False), f"{control} changes nothing"
        visit.page.keyboard.press(keys[1])
        # (bars of equal length may have changed places)
        assert becomes(read, within, words, equal=True), f"{control} cannot be taken back"


def becomes(see: Callable[[Locator], Any], place: Locator, what: Any, equal: bool) -> bool:
    """Wait until a place looks like that, or does not any more; five seconds at most."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if (see(place) == what) is equal:
            return True
        time.sleep(0.05)
    return False


def read(place: Locator) -> tuple[Any, ...]:
    """The words and figures of charts, and the key figures."""
    words = [sorted(text.splitlines()) for text in place.locator(".chart").all_inner_texts()]
    return words, place.locator("dd").all_inner_texts()


def look(place: Locator) -> tuple[Any, ...]:
    """The words and the shapes."""
    shapes = """charts => charts.map(one => [...one.querySelectorAll('path')]
        .map(path => path.getAttribute('d') + path.getAttribute('fill')).sort())"""
    return *read(place), place.locator(".chart").evaluate_all(shapes)


def test_titles_follow_the_switch_and_labels_stay(visit: Visit) -> None:
    here = go(visit.page, "tiltak")
    title = here.locator("#tiltak-fordeling h3")
    expect(title).to_have_text(re.compile("Deltakere i den valgte uken"), use_inner_text=True)
    visit.page.get_by_role("button", name="English").click()
    assert title.inner_text() == "Participants in the chosen weeks"
    assert "Save as CSV" in here.locator("#tiltak-fordeling .csv").inner_text()
    assert "Deltakere" in here.locator("#tiltak-fordeling .chart").inner_text()
    visit.page.get_by_role("button", name="Norsk").click()
    assert title.inner_text().startswith("Deltakere")


def test_figure_has_an_address(chrome: Browser, report: Path) -> None:
    """A link to a figure leads to it, in its section."""
    opened = chrome.new_context(offline=True)
    here = opened.new_page()
    here.goto(f"{report.as_uri()}#tiltak-utvikling")
    expect(here.locator("#tiltak-utvikling .chart svg")).to_be_in_viewport()
    opened.close()


@pytest.mark.parametrize("section", ("overview", *SECTIONS))
def test_phone_needs_no_sideways_scrolling(phone: Visit, section: str) -> None:
    if section != "overview":
        go(phone.page, section)
    width = phone.page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_light_and_dark(chrome: Browser, report: Path, scheme: str) -> None:
    """Words on the page and in charts have at least the contrast that WCAG asks for (4.5)."""
    for visit in visited(chrome, report, color_scheme=scheme):
        go(visit.page, "tiltak")
        contrasts = visit.page.evaluate(_CONTRASTS)
        assert len(contrasts) > 20
        assert min(contrasts.values()) >= 4.5, contrasts


# contrast of each text on its background, as WCAG 2 defines it
_CONTRASTS = r"""() => {
    const colour = (text) => text.match(/[\d.]+/g).map(Number);
    const light = (rgb) => rgb.slice(0, 3)
        .map((c) => c / 255)
        .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = (one) => {
        for (; one; one = one.parentElement) {
            const found = colour(getComputedStyle(one).backgroundColor);
            if (found.length < 4 || found[3] > 0) return found;
        }
        return [255, 255, 255];
    };
    const found = {};
    for (const one of document.querySelectorAll("section.front *, header *, nav *, .chart text")) {
        const own = [...one.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
        if (!own || !one.getClientRects().length) continue;
        const style = getComputedStyle(one);
        const text = colour(one instanceof SVGElement ? style.fill : style.color);
        const [a, b] = [light(text), light(behind(one))].sort((x, y) => y - x);
        found[`${one.tagName} ${one.textContent.trim().slice(0, 30)}`] = (a + 0.05) / (b + 0.05);
    }
    return found;
}"""


def test_pictures_stand_where_scripts_are_off(chrome: Browser, report: Path) -> None:
    payload = json.loads(
        re.search(
            r'<script type="application/json" id="payload">(.*?)</script>',
            report.read_text(encoding="utf-8"),
            re.DOTALL,
        )[1]
    )
    drawn = [figure["name"] for figure in payload["figures"] if figure["chart"]]
    for visit in visited(chrome, report, java_script_enabled=False):
        for name in drawn:
            picture = visit.page.locator(f"#{name} .chart svg")
            expect(picture).to_be_visible()
            assert picture.locator("path").count() > 2, name
        expect(visit.page.locator("noscript .remark, .remark").first).to_be_visible()
        expect(visit.page.locator(".csv:visible, .choices:visible")).to_have_count(0)
        assert visit.page.locator("section:visible").count() == len(SECTIONS) + 1


def test_policy_refuses_the_network(chrome: Browser, report: Path) -> None:
    """Whatever a later version of a library may try."""
    opened = chrome.new_context()
    here = opened.new_page()
    asked: list[str] = []
    here.on("request", lambda request: asked.append(request.url))
    here.goto(report.as_uri())
    refused = here.evaluate("fetch('http://127.0.0.1:9/').then(() => 'asked', () => 'refused')")
    opened.close()
    assert refused == "refused"
    assert asked == [report.as_uri()]


# --- tiltak --------------------------------------------------------------------------------------

_WEEKS = """
    select enhetsnummer, "år" as aar, uke, tiltaksnavn, innsatsgruppe, avdeling, antall
    from tiltak_gold.uke_antall_kontor
"""
AXES = {
    "Tiltak": "tiltaksnavn",
    "Avdeling": "avdeling",
    "Innsatsgruppe": "innsatsgruppe",
    "Kontor": "enhetsnummer",
}


def counted(
    database: duckdb.DuckDBPyConnection,
    weeks: list[tuple[int, int]],
    *axes: str,
    where: str = "true",
) -> dict[tuple[str, ...], float]:
    """Count participants by hand: the average per week, of everything that is not zero."""
    columns = ", ".join(AXES[axis] for axis in axes)
    chosen = ", ".join(f"({year}, {week})" for year, week in weeks)
    rows = database.sql(
        f"select {columns}, sum(antall) / {len(weeks)} from ({_WEEKS}) "
        f"where (aar, uke) in ({chosen}) and {where} group by {columns} having sum(antall) > 0"
    ).fetchall()
    return {row[:-1]: row[-1] for row in rows}


def shown(rows: list[dict[str, str]], *axes: str) -> dict[tuple[str, ...], float]:
    """What the page says: counts above zero by axes."""
    return {
        tuple(row[axis] for axis in axes): pytest.approx(float(row["Deltakere"]))
        for row in rows
        if float(row["Deltakere"])
    }


def last_weeks(database: duckdb.DuckDBPyConnection, count: int) -> list[tuple[int, int]]:
    rows = database.sql(f"select distinct aar, uke from ({_WEEKS}) order by all desc").fetchall()
    return rows[:count]


def test_tiltak_shows_the_last_week_first(
    visit: Visit, database: duckdb.DuckDBPyConnection
) -> None:
    here = go(visit.page, "tiltak")
    rows = table(visit.page, "tiltak-fordeling")
    (week,) = last_weeks(database, 1)
    assert shown(rows, "Tiltak", "Innsatsgruppe") == counted(
        database, [week], "Tiltak", "Innsatsgruppe"
    )
    assert {row["Periode"] for row in rows} == {f"{week[0]} uke {week[1]}"}
    expect(here.locator("#tiltak-fordeling .chart")).to_contain_text(f"{week[0]} uke {week[1]}")
    everybody = sum(counted(database, [week], "Tiltak").values())
    expect(here.locator("[data-card=deltakere]")).to_have_text(str(int(everybody)))


def test_tiltak_has_any_axes(visit: Visit, database: duckdb.DuckDBPyConnection) -> None:
    go(visit.page, "tiltak")
    weeks = last_weeks(database, 1)
    for row_axis in AXES:
        choose(visit.page, "tiltak-fordeling", "rad", row_axis)
        for series in AXES:
            if series == row_axis:
                continue
            choose(visit.page, "tiltak-fordeling", "farge", series)
            rows = table(visit.page, "tiltak-fordeling")
            assert shown(rows, row_axis, series) == counted(database, weeks, row_axis, series)
        choose(visit.page, "tiltak-fordeling", "farge", "Ingen")
        rows = table(visit.page, "tiltak-fordeling")
        assert shown(rows, row_axis) == counted(database, weeks, row_axis)


def test_tiltak_compares_periods(visit: Visit, database: duckdb.DuckDBPyConnection) -> None:
    """Several periods stand beside each other, each the average per week."""
    here = go(visit.page, "tiltak")
    weeks = last_weeks(database, 60)
    periods = here.locator("[data-parameter=perioder]")
    periods.locator("summary").click()
    selects = periods.locator("select")

    def label(number: int) -> str:
        return f"{weeks[number][0]} uke {weeks[number][1]}"

    for place, number in enumerate((3, 0, 55, 52)):  # the last four weeks, and a year before
        selects.nth(place).select_option(label=label(number))
    choose(visit.page, "tiltak-fordeling", "farge", "Ingen")
    rows = table(visit.page, "tiltak-fordeling")
    by_period = defaultdict(list)
    for row in rows:
        by_period[row["Periode"]].append(row)
    assert list(by_period) == [f"{label(3)} til {label(0)}", f"{label(55)} til {label(52)}"]
    for said, chosen in zip(by_period.values(), (weeks[0:4], weeks[52:56]), strict=True):
        assert shown(said, "Tiltak") == counted(database, chosen, "Tiltak")
    lines = here.locator("#tiltak-fordeling .chart").inner_text()
    assert f"{label(3)} til {label(0)} og {label(55)} til {label(52)}" in lines
    # a week that is not shown any more
    periods.locator("input").first.uncheck()
    assert {row["Periode"] for row in table(visit.page, "tiltak-fordeling")} == {
        f"{label(3)} til {label(0)}"
    }


@pytest.mark.parametrize("series", ["Innsatsgruppe", "Ingen"])
def test_tiltak_percent_adds_up(visit: Visit, series: str) -> None:
    """Each bar is 100.0 in all; undivided, all bars are."""
    here = go(visit.page, "tiltak")
    choose(visit.page, "tiltak-fordeling", "farge", series)
    choose(visit.page, "tiltak-fordeling", "vis", "Prosent")
    rows = table(visit.page, "tiltak-fordeling")
    wholes: dict[str, float] = defaultdict(float)
    people: dict[str, float] = defaultdict(float)
    for row in rows:
        whole = row["Tiltak"] if series != "Ingen" else ""
        wholes[whole] += round(10 * float(row["Prosent"]))
        people[whole] += float(row["Deltakere"])
        if people[whole]:
            assert float(row["Prosent"]) >= 0
    assert {whole: tenths for whole, tenths in wholes.items() if people[whole]} == {
        whole: 1000 for whole in wholes if people[whole]
    }
    for row in rows:  # and each is its own share, to the tenth
        whole = row["Tiltak"] if series != "Ingen" else ""
        if people[whole]:
            share = 100 * float(row["Deltakere"]) / people[whole]
            assert abs(share - float(row["Prosent"])) < 0.1
    expect(here.locator("#tiltak-fordeling .chart")).to_contain_text("Prosent av deltakerne")
    # what stands in the table is what is written in the file
    cells = here.locator("#tiltak-fordeling tbody tr").first.locator("td").all_text_contents()
    assert (
        cells[-1]
        == rows[0]["Prosent"].replace(".", ",").rstrip()
        + (",0" if "." not in rows[0]["Prosent"] else "")
        + "\u00a0%"
    )


def test_tiltak_is_sorted_by_size_or_name(visit: Visit) -> None:
    go(visit.page, "tiltak")
    choose(visit.page, "tiltak-fordeling", "farge", "Ingen")
    sizes = [float(row["Deltakere"]) for row in table(visit.page, "tiltak-fordeling")]
    assert sizes == sorted(sizes, reverse=True)
    choose(visit.page, "tiltak-fordeling", "sortert", "Etter navn")
    names = [row["Tiltak"] for row in table(visit.page, "tiltak-fordeling")]
    assert names == sorted(names)
    assert len(set(sizes)) > 2


def test_tiltak_stacks_or_splits(visit: Visit) -> None:
    """Side by side, each group of a measure has a bar of its own that begins at zero."""
    here = go(visit.page, "tiltak")
    bars = here.locator("#tiltak-fordeling .mark-rect.role-mark path")
    left = "bars => bars.map(one => Math.round(one.getBoundingClientRect().left))"
    first = bars.first.get_attribute("d")
    stacked = set(bars.evaluate_all(left))
    here.locator("#tiltak-fordeling input[data-parameter=delt]").check()
    expect(bars.first).not_to_have_attribute("d", first)
    split = set(bars.evaluate_all(left))
    assert len(stacked) > 10
    assert len(split) == 1


def test_tiltak_filters_reach_both_figures(
    visit: Visit, database: duckdb.DuckDBPyConnection
) -> None:
    here = go(visit.page, "tiltak")
    weeks = last_weeks(database, 1)
    departments = here.locator("details[data-parameter=med_avdeling]")
    departments.locator("summary").click()
    first = departments.locator("label").first
    left_out = first.inner_text().strip()
    first.locator("input").uncheck()
    kept = f"avdeling <> '{left_out}'"
    rows = table(visit.page, "tiltak-fordeling")
    assert shown(rows, "Tiltak", "Innsatsgruppe") == counted(
        database, weeks, "Tiltak", "Innsatsgruppe", where=kept
    )
    (total,) = database.sql(f"select sum(antall) from ({_WEEKS}) where {kept}").fetchone()
    rows = table(visit.page, "tiltak-utvikling")
    assert sum(float(row["Deltakere"]) for row in rows) == total
    departments.get_by_role("button").click()
    (total,) = database.sql(f"select sum(antall) from ({_WEEKS})").fetchone()
    rows = table(visit.page, "tiltak-utvikling")
    assert sum(float(row["Deltakere"]) for row in rows) == total


def test_tiltak_development_has_every_week_and_its_zeros(
    visit: Visit, database: duckdb.DuckDBPyConnection
) -> None:
    go(visit.page, "tiltak")
    rows = table(visit.page, "tiltak-utvikling")
    expected = database.sql(
        f"select aar || ' uke ' || uke, tiltaksnavn, sum(antall) from ({_WEEKS}) group by all"
    ).fetchall()
    assert {(row["Uke"], row["Tiltak"]): int(row["Deltakere"]) for row in rows} == {
        (week, name): count for week, name, count in expected
    }
    assert any(int(row["Deltakere"]) == 0 for row in rows)


# --- the build -----------------------------------------------------------------------------------


def test_build_says_what_dbt_said(visit: Visit, built: Path, database: Any) -> None:
    here = go(visit.page, "build")
    results = json.loads((built / "target" / "run_results.json").read_text(encoding="utf-8"))
    tests = [
        one["status"]
        for one in results["results"]
        if one["unique_id"].split(".")[0] in ("test", "unit_test")
    ]
    assert len(tests) > 200
    for card, status in {"passed": "pass", "warned": "warn", "failed": "fail"}.items():
        expect(here.locator(f"[data-card={card}]")).to_have_text(str(tests.count(status)))
    rows = table(visit.page, "build-relations")
    assert len(rows) > 25
    for row in rows:
        (count,) = database.sql(f"select count(*) from {row['Relation']}").fetchone()
        assert int(row["Rows"]) == count, row["Relation"]
    rows = table(visit.page, "build-avvik")
    (count,) = database.sql("select count(*) from arena_silver.avvik").fetchone()
    assert count > 0
    assert sum(int(row["Rows"]) for row in rows if row["Product"] == "arena") == count


def test_build_without_results_says_so(chrome: Browser, tmp_path: Path) -> None:
    nothing = Build(None, "", "", "", None, None, 0.0, "", {}, [])
    section = bygg.section({"relasjoner": [], "avvik": []}, nothing)
    file = tmp_path / "index.html"
    file.write_text(page.page([section], nothing, ["tiltak"]), encoding="utf-8")
    for visit in visited(chrome, file):
        expect(visit.page.locator("#overview")).to_contain_text("built: tiltak")
        here = go(visit.page, "build")
        expect(here.locator("#build-tests .nothing")).to_contain_text("run `make build`")
        assert table(visit.page, "build-tests") == []


def test_build_that_failed_names_what_failed() -> None:
    failed = Build(
        *("build", "duckdb", "duckdb", "1.12.6"),
        *(datetime(2026, 1, 2, 3, 4), datetime(2026, 1, 2, 3, 0), 60.0, "tiltak"),
        {"tiltak": {"test": {"pass": 3, "fail": 1, "error": 2}}},
        [{"product": "tiltak", "name": "assert_x", "status": "fail", "message": "Got <3> results"}],
    )
    section = bygg.section({"relasjoner": [], "avvik": []}, failed)
    assert "3 tests passed, 0 warned, 3 failed" in section.headline.en
    text = page.page([section], failed, [])
    assert "Got &lt;3&gt; results" in text


def test_database_that_is_not_built(tmp_path: Path) -> None:
    refused = run("scripts.report", "--out", str(tmp_path / "out"), folder=tmp_path)
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "run `make build` first" in refused.stderr
    assert not (tmp_path / "out").exists()


def test_same_build_gives_the_same_bytes(report: Path, built: Path) -> None:
    again = run("scripts.report", "--out", str(built / "again"), folder=built)
    assert again.returncode == 0, again.stderr
    assert (built / "again" / "index.html").read_bytes() == report.read_bytes()


def test_report_leaves_the_results_of_the_build_alone(report: Path, built: Path) -> None:
    results = json.loads((built / "target" / "run_results.json").read_text(encoding="utf-8"))
    assert results["args"]["which"] == "build"


@pytest.mark.parametrize(
    ("value", "kind", "language", "text"),
    [
        (1234567, "n0", "nb", "1\u00a0234\u00a0567"),
        (1234.56, "n1", "da", "1.234,6"),
        (0.25, "n2", "fr", "0,25"),
        (88.4, "percent", "da", "88,4\u00a0%"),
        (100, "percent", "nb", "100,0\u00a0%"),
        ("2025-07-07", "day", "fr", "7 juil. 2025"),
        ("2025-07-07T12:05:00", "time", "da", "7. jul. 2025, 12.05"),
        (None, "n0", "nb", ""),
        ("0219", "text", "nb", "0219"),
    ],
)
def test_values_are_written_as_readers_do(value: Any, kind: str, language: str, text: str) -> None:
    assert page.written(value, kind, language) == text


def test_no_text_can_end_a_script_or_become_a_tag(chrome: Browser, tmp_path: Path) -> None:
    """Names come from the input."""
    answers = {
        "uker": [
            {
                "enhetsnummer": "0219",
                "år": 2025,
                "uke": 27,
                "tiltaksnavn": "</script><script>alert(1)</script>",
                "innsatsgruppe": "<img src=x onerror=alert(2)>",
                "avdeling": 'O\'Neill & "sønn"',
                "antall": 3,
            }
        ],
        "kalender": [{"år": 2025, "uke": 27}],
    }
    nothing = Build(None, "", "", "", None, None, 0.0, "", {}, [])
    file = tmp_path / "index.html"
    file.write_text(page.page([PRODUCTS["tiltak"](answers)], nothing, []), encoding="utf-8")
    for visit in visited(chrome, file):
        go(visit.page, "tiltak")
        (row,) = table(visit.page, "tiltak-fordeling")
        assert row["Tiltak"] == "</script><script>alert(1)</script>"
        assert row["Innsatsgruppe"] == "<img src=x onerror=alert(2)>"
        assert row["Prosent"] == "100"


def test_visit_hears_what_goes_wrong(chrome: Browser, tmp_path: Path) -> None:
    """The listener of these tests is not deaf."""
    file = tmp_path / "index.html"
    file.write_text("<script>console.error('x')</script>", encoding="utf-8")
    with pytest.raises(AssertionError, match="console: x"):
        for visit in visited(chrome, file):
            visit.page.wait_for_timeout(100)
