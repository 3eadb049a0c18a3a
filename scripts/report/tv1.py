"""tv1: what is streamed, by whom, on which platform; the overview page of the product."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import altair as alt

from scripts.report import charts
from scripts.report.data import Row, Rows
from scripts.report.figures import COLOURS, Cards, Choice, Column, Figure, Option, Section
from scripts.report.words import Words

LANGUAGE = "da"
EVERYTHING = "*"
ALL_PLATFORMS = "Alle platforme"
UNKNOWN = "Ukendt"
WHOLE = "alt"
# Characters of session lengths that the page holds; the categories and then the programmes that are
# watched most can be chosen, as many as there is room for.
MOST_LENGTHS = 250_000

_MONTHS = (
    *("januar", "februar", "marts", "april", "maj", "juni", "juli", "august"),
    *("september", "oktober", "november", "december"),
)
_STEPS = {"dag": "Dag", "uge": "Uge", "maaned": "Måned"}
_LENGTH = "laengde_"
_COLOURS = {"Sessioner": COLOURS[0], "Brugere": COLOURS[7]}
# the height of each of two bars beside each other
_HALF = charts.BAR_HEIGHT // 2 + 2
_EMPTY = Words("Ingen sessioner endnu.", "No sessions yet.")

_IS_CHOSEN = "datum.program == program && (program != '*' || datum.kategori == kategori)"
_NUMBER = "indexof(perioder, periode)"
_CHOSEN_TITLE = (
    f"=navne[{_NUMBER}] + (kategori == '*' ? '' : ' · ' + kategori)"
    " + (program == '*' ? '' : ' · det valgte program')"
)


@dataclass(frozen=True)
class _Period:
    """A period that can be chosen: `key` is the parameter's value, `step` a key of `_STEPS`."""

    key: str
    step: str
    label: str
    first: date | None
    end: date | None


def section(answers: dict[str, Rows]) -> Section:
    """Make the product's part of the page.

    Args:
        answers: `udvalg` (counts for each period, choice of programmes and platform) and `ramme`
            (first and last day, the target, how many programmes were watched).

    Returns:
        The section.
    """
    frame: Row = answers["ramme"][0] if answers["ramme"] else {}
    cells = sorted(answers["udvalg"], key=_order)
    periods = _periods(cells, frame.get("sidste_dag"))
    grid = _grid(cells, periods)
    platforms = _platforms(grid)
    offered = _offered(grid, _titles(cells))
    target = frame.get("maal")
    programs = _programs(cells, grid)
    params: dict[str, Any] = {
        "periode": WHOLE,
        "kategori": EVERYTHING,
        "program": EVERYTHING,
        "perioder": [period.key for period in periods],
        "navne": [period.label for period in periods],
    }
    whole = _cards(grid, (EVERYTHING, None), 0)
    figures = [
        _by_platform(_platform_rows(grid, offered, platforms), params, platforms),
        _share(_share_rows(grid, platforms), params, target),
        _over_time(_time_rows(grid, offered), params, periods),
        _lengths(_length_rows(grid, offered, platforms), params, cells, platforms),
        _most_watched(programs, params, frame.get("sete_programmer") or 0),
        _by_users(programs, params),
    ]
    return Section(
        product="tv1",
        language=LANGUAGE,
        question=Words(
            "Hvor meget streames der, af hvem, på hvilken platform?",
            "How much is streamed, by whom, and on which platform?",
        ),
        headline=_headline(whole, target),
        first=frame.get("foerste_dag"),
        last=frame.get("sidste_dag"),
        remark=Words(
            "Med en kategori eller et program valgt tæller sessioner, hvor det blev set, brugere "
            "med en sådan session, og de minutter, der blev set af det. En session hører til den "
            "dag, hvor den begyndte." + _not_offered(offered, programs, "da"),
            "With a category or a programme chosen, these count: sessions in which it was watched, "
            "users with such a session, and the minutes watched of it. A session belongs to the "
            "day on which it began." + _not_offered(offered, programs, "en"),
        ),
        choices=_choices(cells, periods, offered),
        cards=Cards(
            rows=list(_card_rows(grid, offered, periods)),
            columns=[
                Column("minutter", "Minutter streamet", "n0"),
                Column("sessioner", "Sessioner", "n0"),
                Column("brugere", "Aktive brugere", "n0"),
                Column("andel", "Andel streamingsessioner", "percent"),
            ],
            keys={"periode": "periode", "kategori": "kategori", "program": "program"},
            target={}
            if target is None
            else {
                "andel": Words(
                    f"Mål: {target:g} %. Gælder alle programmer.",
                    f"Target: {target:g}%. Of all programmes.",
                )
            },
        ),
        figures=figures,
    )


# what is chosen: a category, or a programme with its category
Chosen = tuple[str, str | None]
# the same on a platform; None is all of them
Key = tuple[str, str | None, str | None]
# measure -> a value for each period
Series = dict[str, list[Any]]


def _order(cell: Row) -> tuple[str, ...]:
    keys = ("kategori", "program_id", "platform", "periodetype", "fra")
    return tuple("" if cell[name] is None else f" {cell[name]}" for name in keys)


def _periods(cells: Rows, last: str | None) -> list[_Period]:
    """List the periods: the whole, then months, weeks and days, the latest of each first."""
    found = [_Period(WHOLE, WHOLE, "Hele perioden", None, None)]
    firsts = {
        step: min((row["fra"] for row in cells if row["periodetype"] == step), default=None)
        for step in _STEPS
    }
    if last is None:
        return found
    for step in ("maaned", "uge", "dag"):
        if firsts[step] is not None:
            all_of_them = _from_to(step, date.fromisoformat(firsts[step]), date.fromisoformat(last))
            found += sorted(all_of_them, key=lambda period: period.first, reverse=True)
    return found


def _from_to(step: str, first: date, last: date) -> Iterator[_Period]:
    """Make all periods of a kind, those that nobody streamed in, too."""
    while first <= last:
        if step == "dag":
            end = first + timedelta(days=1)
            label = f"{first.day}. {_MONTHS[first.month - 1]} {first.year}"
            yield _Period(first.isoformat(), step, label, first, end)
        elif step == "uge":
            end = first + timedelta(days=7)
            year, week, _ = first.isocalendar()
            yield _Period(f"{year}-W{week:02}", step, f"Uge {week}, {year}", first, end)
        else:
            end = (first + timedelta(days=31)).replace(day=1)
            label = f"{_MONTHS[first.month - 1].capitalize()} {first.year}"
            yield _Period(f"{first:%Y-%m}", step, label, first, end)
        first = end


def _grid(cells: Rows, periods: Sequence[_Period]) -> dict[Key, Series]:
    """Arrange the counts by choice and platform, a value for each period, zeros filled in."""
    place = {(period.step, period.first): number for number, period in enumerate(periods)}
    measures = ["sessioner", "streamingsessioner", "brugere", "minutter"]
    measures += [name for name in (cells[0] if cells else ()) if name.startswith(_LENGTH)]
    grid: dict[Key, Series] = {}
    for row in cells:
        key = (row["kategori"], _id(row["program_id"]), row["platform"])
        first = None if row["fra"] is None else date.fromisoformat(row["fra"])
        series = grid.setdefault(key, {name: [0] * len(periods) for name in measures})
        for name in measures:
            series[name][place[row["periodetype"], first]] = row[name]
    return grid


def _id(program_id: int | None) -> str | None:
    return None if program_id is None else str(program_id)


def _platforms(grid: Mapping[Key, Series]) -> list[str]:
    """List the platforms, the one with most sessions first."""
    of_all = {key[2]: series for key, series in grid.items() if key[:2] == (EVERYTHING, None)}
    return sorted(
        (platform for platform in of_all if platform is not None),
        key=lambda platform: (-of_all[platform]["sessioner"][0], platform),
    )


def _titles(cells: Rows) -> dict[str, str]:
    """Return the programmes' titles by their ids, those watched most first, no two the same."""
    by_place = {row["plads"]: row for row in cells if row["program_id"] is not None}
    named = {
        str(row["program_id"]): row["titel"] or f"Program {row['program_id']}"
        for _, row in sorted(by_place.items())
    }
    names = list(named.values())
    return {
        key: f"{name} ({key})" if names.count(name) > 1 else name for key, name in named.items()
    }


def _offered(grid: Mapping[Key, Series], titles: Mapping[str, str]) -> list[Chosen]:
    """List what can be chosen: everything, then what was watched most, as long as there is room."""
    size: dict[Chosen, int] = {}
    for (category, program, platform), series in grid.items():
        if platform is not None:
            chosen = (category, program)
            size[chosen] = size.get(chosen, 0) + sum(map(len, _packed(series)))
    place = {program: number for number, program in enumerate(titles)}
    in_order = sorted(
        size,
        key=lambda chosen: (
            chosen != (EVERYTHING, None),
            chosen[1] is not None,
            place.get(chosen[1], 0),
            -grid[*chosen, None]["minutter"][0],
            chosen[0],
        ),
    )
    offered, room = in_order[:1], MOST_LENGTHS
    for chosen in in_order[1:]:
        room -= size[chosen]
        if room < 0:
            break
        offered.append(chosen)
    return offered


def _not_offered(offered: Sequence[Chosen], programs: Rows, language: str) -> str:
    fit = sum(program is not None for _, program in offered)
    if fit == len(programs):
        return ""
    if language == "da":
        return f" De {fit} mest sete af {len(programs)} programmer kan vælges."
    return f" The {fit} most watched of {len(programs)} programmes can be chosen."


def _packed(series: Series) -> list[str]:
    """Write session lengths as text, a short one for each period: most numbers are 0."""
    bins = [values for name, values in series.items() if name.startswith(_LENGTH)]
    return [
        ",".join(str(count or "") for count in counts) if any(counts) else ""
        for counts in zip(*bins, strict=True)
    ]


def _names(chosen: Chosen) -> Row:
    return {"kategori": chosen[0], "program": chosen[1] or EVERYTHING}


def _platform_rows(
    grid: Mapping[Key, Series], offered: Sequence[Chosen], platforms: Sequence[str]
) -> Rows:
    return [
        _names(chosen)
        | {"platform": platform}
        | {name: grid[*chosen, platform][name] for name in ("sessioner", "brugere")}
        for chosen in offered
        for platform in platforms
        if (*chosen, platform) in grid
    ]


def _length_rows(
    grid: Mapping[Key, Series], offered: Sequence[Chosen], platforms: Sequence[str]
) -> Rows:
    return [
        _names(chosen) | {"platform": platform, "laengder": _packed(grid[*chosen, platform])}
        for chosen in offered
        for platform in platforms
        if (*chosen, platform) in grid
    ]


def _share_rows(grid: Mapping[Key, Series], platforms: Sequence[str]) -> Rows:
    return [
        {
            "platform": platform or ALL_PLATFORMS,
            "plads": place,
            "sessioner": grid[EVERYTHING, None, platform]["sessioner"],
            "streaming": grid[EVERYTHING, None, platform]["streamingsessioner"],
        }
        for place, platform in enumerate([None, *platforms] if platforms else [])
    ]


def _time_rows(grid: Mapping[Key, Series], offered: Sequence[Chosen]) -> Rows:
    return [
        _names(chosen) | {name: grid[*chosen, None][name][1:] for name in ("sessioner", "brugere")}
        for chosen in offered
    ]


def _programs(cells: Rows, grid: Mapping[Key, Series]) -> Rows:
    """Make a row for each programme, the one watched most first."""
    categories = {program: category for category, program, _ in grid if program is not None}
    return [
        {"titel": title, "kategori": categories[program], "program": program}
        | {
            name: grid[categories[program], program, None][name]
            for name in ("minutter", "sessioner", "brugere")
        }
        for program, title in _titles(cells).items()
    ]


def _cards(grid: Mapping[Key, Series], chosen: Chosen, number: int) -> Row:
    """Return the key figures of a choice in a period; the share is of everything only."""
    if (*chosen, None) not in grid:
        return {"minutter": 0, "sessioner": 0, "brugere": 0, "andel": None}
    values = {name: series[number] for name, series in grid[*chosen, None].items()}
    found = {name: values[name] for name in ("minutter", "sessioner", "brugere")}
    has_share = chosen == (EVERYTHING, None) and values["sessioner"] > 0
    found["andel"] = 100 * values["streamingsessioner"] / values["sessioner"] if has_share else None
    return found


def _card_rows(
    grid: Mapping[Key, Series], offered: Sequence[Chosen], periods: Sequence[_Period]
) -> Iterator[Row]:
    """Make the key figures of everything that can be chosen; a programme also without category."""
    for chosen in offered or [(EVERYTHING, None)]:
        for number, period in enumerate(periods):
            figures = _cards(grid, chosen, number)
            yield {"periode": period.key} | _names(chosen) | figures
            if chosen[1] is not None:
                yield {"periode": period.key} | _names((EVERYTHING, chosen[1])) | figures


def _headline(whole: Row, target: float | None) -> Words:
    if not whole["sessioner"]:
        return _EMPTY
    danish = f"{whole['sessioner']:,}".replace(",", ".")
    users = f"{whole['brugere']:,}".replace(",", ".")
    share = f"{whole['andel']:.1f}"
    return Words(
        f"{danish} sessioner af {users} brugere; {share.replace('.', ',')} % af sessionerne var "
        f"streamingsessioner{'' if target is None else f' (mål: {target:g} %)'}.",
        f"{whole['sessioner']:,} sessions by {whole['brugere']:,} users; {share}% of the sessions "
        f"were streaming sessions{'' if target is None else f' (target: {target:g}%)'}.",
    )


def _choices(cells: Rows, periods: Sequence[_Period], offered: Sequence[Chosen]) -> list[Choice]:
    categories = {category for category, program in offered if program is None} - {EVERYTHING}
    titles = _titles(cells)
    programs = [(titles[program], program, category) for category, program in offered if program]
    return [
        Choice(
            "periode",
            Words("Periode", "Period"),
            [Option(period.key, period.label) for period in periods],
            WHOLE,
        ),
        Choice(
            "kategori",
            Words("Kategori", "Category"),
            [
                Option(EVERYTHING, "Alle kategorier"),
                *(Option(one, one) for one in sorted(categories, key=str.casefold)),
            ],
            EVERYTHING,
        ),
        Choice(
            "program",
            Words("Program", "Programme"),
            [
                Option(EVERYTHING, "Alle programmer"),
                *(
                    Option(program, title, category)
                    for title, program, category in sorted(
                        programs, key=lambda one: (one[0].casefold(), one[1])
                    )
                ),
            ],
            EVERYTHING,
            depends_on="kategori",
        ),
    ]


def _begun(params: Mapping[str, Any], **more: Any) -> alt.Chart:
    return alt.Chart(charts.ROWS).add_params(*charts.parameters(**params, **more))


def _sessions_and_users(chart: alt.Chart) -> alt.Chart:
    """Make two rows of each: its sessions and its users."""
    return chart.transform_fold(["Sessioner", "Brugere"], as_=["serie", "antal"])


def _two_colours() -> alt.Color:
    scale = alt.Scale(domain=list(_COLOURS), range=list(_COLOURS.values()))
    return alt.Color("serie:N", title=None, scale=scale)


def _by_platform(rows: Rows, params: Mapping[str, Any], platforms: Sequence[str]) -> Figure:
    """Sessions and users on each platform."""
    chart = (
        _sessions_and_users(
            _begun(params)
            .transform_filter(_IS_CHOSEN)
            .transform_calculate(
                Sessioner=f"datum.sessioner[{_NUMBER}]", Brugere=f"datum.brugere[{_NUMBER}]"
            )
        )
        .mark_bar()
        .encode(
            y=alt.Y("platform:N", title="Platform", sort=list(platforms)),
            yOffset=alt.YOffset("serie:N", sort=list(_COLOURS)),
            x=alt.X("antal:Q", title="Antal", axis=charts.whole_numbers()),
            color=_two_colours(),
            tooltip=[
                alt.Tooltip("platform:N", title="Platform"),
                alt.Tooltip("serie:N", title="Hvad"),
                alt.Tooltip("antal:Q", title="Antal", format=",.0f"),
            ],
        )
        .properties(width="container", height=alt.Step(_HALF), title=_CHOSEN_TITLE)
    )
    return Figure(
        name="tv1-platforme",
        title=Words("Sessioner og brugere pr. platform", "Sessions and users per platform"),
        note=Words(
            "En bruger, der streamer på flere platforme, tæller på hver af dem.",
            "A user who streams on several platforms counts on each of them.",
        ),
        chart=chart,
        rows=rows,
        columns=[
            Column("platform", "Platform"),
            Column("serie", "Hvad"),
            Column("antal", "Antal", "n0"),
        ],
        order=["platform", "-serie"],
        empty=_EMPTY,
    )


def _share(rows: Rows, params: Mapping[str, Any], target: float | None) -> Figure:
    """The share of streaming sessions, against its target."""
    shares = (
        _begun(params, maal=target)
        .transform_calculate(
            alle=f"datum.sessioner[{_NUMBER}]", med_afsnit=f"datum.streaming[{_NUMBER}]"
        )
        .transform_filter("datum.alle > 0")
        .transform_calculate(
            andel="100 * datum.med_afsnit / datum.alle",
            linje="datum.platform + ' · ' + format(datum.andel, '.1f') + ' %'",
            maalet="maal == null || datum.andel >= maal ? 'Målet er nået' : 'Under målet'",
        )
        .encode(
            y=alt.Y("linje:N", title="Platform", sort=_BY_PLACE),
            x=alt.X(
                "andel:Q",
                title="Procent af sessionerne",
                scale=alt.Scale(domain=[0, 100]),
                axis=alt.Axis(format=".0f"),
            ),
            color=alt.Color(
                "maalet:N",
                title=None,
                scale=alt.Scale(
                    domain=["Målet er nået", "Under målet"], range=[COLOURS[0], COLOURS[7]]
                ),
            ),
            tooltip=[
                alt.Tooltip("platform:N", title="Platform"),
                alt.Tooltip("andel:Q", title="Procent", format=".1f"),
                alt.Tooltip("med_afsnit:Q", title="Streamingsessioner", format=",.0f"),
                alt.Tooltip("alle:Q", title="Sessioner", format=",.0f"),
            ],
        )
    )
    line = alt.Chart(alt.InlineData([] if target is None else [{"maal": target}]))
    layers = [
        shares.mark_bar(),
        line.mark_rule(strokeWidth=3, strokeDash=[6, 3], color=COLOURS[3]).encode(x="maal:Q"),
    ]
    return Figure(
        name="tv1-andel",
        title=Words(
            "Andel streamingsessioner pr. platform", "Share of streaming sessions per platform"
        ),
        note=Words(
            "En streamingsession har mindst ét afsnit. "
            + ("" if target is None else f"Den stiplede linje er målet, {target:g} %. ")
            + "Andelen er altid af alle programmer: den følger perioden, men ikke valget af "
            "kategori og program, for en session, hvor et program blev set, er altid en "
            "streamingsession.",
            "A streaming session has at least one episode. "
            + ("" if target is None else f"The dashed line is the target, {target:g}%. ")
            + "The share is always of all programmes: it follows the period but not the choice of "
            "category and programme, for a session in which a programme was watched is always a "
            "streaming session.",
        ),
        chart=alt.layer(*layers).properties(
            width="container",
            height=alt.Step(charts.BAR_HEIGHT * 1.5),
            title=f"=navne[{_NUMBER}] + ' · alle programmer'",
        ),
        rows=rows,
        columns=[
            Column("platform", "Platform"),
            Column("alle", "Sessioner", "n0"),
            Column("med_afsnit", "Streamingsessioner", "n0"),
            Column("andel", "Procent", "percent"),
        ],
        order=["plads"],
        empty=_EMPTY,
    )


def _over_time(rows: Rows, params: Mapping[str, Any], periods: Sequence[_Period]) -> Figure:
    """Sessions and users by day, week or month, the chosen period marked."""
    of_time = periods[1:]
    held = {step: sum(period.step == step for period in of_time) for step in _STEPS}
    begun = _begun(
        params,
        trin="dag",
        typer=[period.step for period in of_time],
        starter=[period.first.isoformat() for period in of_time],
        slutter=[period.end.isoformat() for period in of_time],
    )
    chart = _sessions_and_users(
        begun.transform_filter(_IS_CHOSEN)
        .transform_calculate(nummer="sequence(length(typer))")
        .transform_flatten(["sessioner", "brugere", "nummer"])
        .transform_filter("typer[datum.nummer] == trin")
        .transform_calculate(
            Sessioner="datum.sessioner",
            Brugere="datum.brugere",
            dag="toDate(starter[datum.nummer] + 'T00:00:00')",
            navn="navne[datum.nummer + 1]",
        )
    )
    lines = chart.mark_line(point=alt.OverlayMarkDef(size=45)).encode(
        x=alt.X(
            "dag:T",
            title="=trin == 'dag' ? 'Dag' : 'Første dag'",
            axis=alt.Axis(
                labelExpr="timeFormat(datum.value, trin == 'maaned' ? '%b %Y' : '%-d. %b')",
                labelOverlap=True,
                tickCount=8,
            ),
        ),
        y=alt.Y("antal:Q", title="Antal", axis=charts.whole_numbers()),
        color=_two_colours(),
        tooltip=[
            alt.Tooltip("navn:N", title="Periode"),
            alt.Tooltip("serie:N", title="Hvad"),
            alt.Tooltip("antal:Q", title="Antal", format=",.0f"),
        ],
    )
    marked = (
        alt.Chart(alt.sequence(0, len(of_time), 1, as_="nr"))
        .transform_filter("perioder[datum.nr + 1] == periode")
        .transform_calculate(
            dag="toDate(starter[datum.nr] + 'T00:00:00')",
            slut="toDate(slutter[datum.nr] + 'T00:00:00')",
        )
        .mark_rect(opacity=0.25, color="#888888")
        .encode(x="dag:T", x2="slut:T")
    )
    return Figure(
        name="tv1-tid",
        title=Words("Sessioner og brugere over tid", "Sessions and users over time"),
        note=Words(
            "En bruger tæller én gang i hver dag, uge eller måned. Den valgte periode er skygget. "
            f"Med er de seneste {held['dag']} dage, {held['uge']} uger og {held['maaned']} "
            "måneder, også dage uden sessioner.",
            "A user counts once in each day, week or month. The chosen period is shaded. The "
            f"latest {held['dag']} days, {held['uge']} weeks and {held['maaned']} months are here, "
            "days without sessions, too.",
        ),
        chart=alt.layer(marked, lines).properties(
            width="container",
            height=charts.TALL,
            title="=(trin == 'dag' ? 'Pr. dag' : trin == 'uge' ? 'Pr. uge' : 'Pr. måned')"
            " + (kategori == '*' ? '' : ' · ' + kategori)"
            " + (program == '*' ? '' : ' · det valgte program')",
        ),
        rows=rows if of_time else [],
        columns=[
            Column("navn", "Periode"),
            Column("dag", "Fra", "day"),
            Column("serie", "Hvad"),
            Column("antal", "Antal", "n0"),
        ],
        order=["dag", "-serie"],
        choices=[
            Choice(
                "trin",
                Words("Pr.", "Per"),
                [Option(step, name) for step, name in _STEPS.items()],
                "dag",
            )
        ],
        wide=True,
        empty=_EMPTY,
    )


def _length_names(cells: Rows) -> list[str]:
    """Name the bins of session lengths as the marts do, by their upper bounds."""
    bounds = [
        int(name.removeprefix(_LENGTH))
        for name in (cells[0] if cells else ())
        if name.startswith(_LENGTH)
    ]
    names = ["0 min"]
    names += [f"{low}\N{EN DASH}{high} min" for low, high in pairwise(bounds[:-1])]
    return [*names, f"{bounds[-2]}+ min"] if bounds else []


def _lengths(
    rows: Rows, params: Mapping[str, Any], cells: Rows, platforms: Sequence[str]
) -> Figure:
    """Session lengths by platform, stacked counts or each platform's percent."""
    names = _length_names(cells)
    counted = (
        _begun(params, vis="antal", laengdenavne=names)
        .transform_filter(_IS_CHOSEN)
        .transform_calculate(
            antal_tekst=f"split(datum.laengder[{_NUMBER}] || "
            f"'{',' * max(0, len(names) - 1)}', ',')",
            orden="sequence(length(laengdenavne))",
        )
        .transform_flatten(["antal_tekst", "orden"])
        .transform_calculate(antall="+datum.antal_tekst", laengde="laengdenavne[datum.orden]")
    )
    chart = (
        charts.with_shares(counted, "platform", ["orden"])
        .transform_calculate(
            vaerdi="vis == 'procent' ? datum.andel : datum.antall",
            undergruppe="vis == 'procent' ? datum.platform : ''",
        )
        .mark_bar()
        .encode(
            y=alt.Y("laengde:N", title="Sessionens længde", sort=names),
            yOffset=alt.YOffset("undergruppe:N", sort=list(platforms)),
            x=alt.X(
                "vaerdi:Q",
                title="=vis == 'procent' ? 'Procent af platformens sessioner' : 'Sessioner'",
                axis=charts.whole_numbers(),
            ),
            color=alt.Color("platform:N", title="Platform", sort=list(platforms)),
            order=alt.Order("stak:Q"),
            tooltip=[
                alt.Tooltip("laengde:N", title="Længde"),
                alt.Tooltip("platform:N", title="Platform"),
                alt.Tooltip("antall:Q", title="Sessioner", format=",.0f"),
                alt.Tooltip("andel:Q", title="Procent", format=".1f"),
            ],
        )
        .transform_calculate(stak="indexof(platforme, datum.platform)")
        .add_params(*charts.parameters(platforme=list(platforms)))
        .properties(
            width="container",
            height=alt.Step(charts.BAR_HEIGHT + 4, **{"for": "position"}),
            title=_CHOSEN_TITLE,
        )
    )
    return Figure(
        name="tv1-laengder",
        title=Words("Sessionernes længde", "How long sessions last"),
        note=Words(
            "Fra sessionens start til slutningen af det sidste afsnit; 0 min er sessioner uden. "
            "Med et program valgt er det hele sessionens længde, ikke kun programmets. Procent er "
            "af hver platforms sessioner og giver 100.",
            "From a session's start to the end of its last episode; 0 min are those without any. "
            "With a programme chosen it is the length of the whole session, not the programme's "
            "alone. Percent is of each platform's sessions and adds up to 100.",
        ),
        chart=chart,
        rows=rows,
        columns=[
            Column("laengde", "Længde"),
            Column("platform", "Platform"),
            Column("antall", "Sessioner", "n0"),
            Column("andel", "Procent", "percent"),
        ],
        order=["orden", "stak"],
        choices=[
            Choice(
                "vis",
                Words("Vis", "Show"),
                [Option("antal", "Antal"), Option("procent", "Procent af platformen")],
                "antal",
            )
        ],
        wide=True,
        empty=_EMPTY,
    )


def _ranked(params: Mapping[str, Any], measure: str) -> alt.Chart:
    """Start a chart of the programmes with most of a measure."""
    return (
        _begun(params, vist=15)
        .transform_filter("kategori == '*' || datum.kategori == kategori")
        .transform_calculate(
            Minutter=f"datum.minutter[{_NUMBER}]",
            Sessioner=f"datum.sessioner[{_NUMBER}]",
            Brugere=f"datum.brugere[{_NUMBER}]",
        )
        .transform_filter("datum.Sessioner > 0")
        .transform_window(
            plads="row_number()",
            sort=[
                alt.SortField(measure, order="descending"),
                alt.SortField("Sessioner", order="descending"),
                alt.SortField("titel"),
            ],
        )
        .transform_filter("program == '*' ? datum.plads <= vist : datum.program == program")
    )


_SHOWN = Choice(
    "vist",
    Words("Hvor mange", "How many"),
    [Option(15, "15"), Option(30, "30"), Option(100, "100")],
    15,
)
_BY_PLACE = alt.EncodingSortField("plads", op="min", order="ascending")


def _most_watched(rows: Rows, params: Mapping[str, Any], watched: int) -> Figure:
    """The programmes with most minutes."""
    chart = (
        _ranked(params, "Minutter")
        .mark_bar()
        .encode(
            y=alt.Y("titel:N", title="Program", sort=_BY_PLACE),
            x=alt.X("Minutter:Q", title="Minutter streamet", axis=charts.whole_numbers()),
            tooltip=[
                alt.Tooltip("titel:N", title="Program"),
                alt.Tooltip("kategori:N", title="Kategori"),
                alt.Tooltip("Minutter:Q", title="Minutter", format=",.0f"),
                alt.Tooltip("Sessioner:Q", title="Sessioner", format=",.0f"),
                alt.Tooltip("Brugere:Q", title="Brugere", format=",.0f"),
            ],
        )
        .properties(width="container", height=alt.Step(charts.BAR_HEIGHT), title=_CHOSEN_TITLE)
    )
    return Figure(
        name="tv1-programmer",
        title=Words("Mest sete programmer", "Most watched programmes"),
        note=Words(
            "Efter minutter i perioden."
            + (
                f" Med er de {len(rows)} af {watched} programmer, der er set mest i alt."
                if len(rows) < watched
                else ""
            ),
            "By minutes in the period."
            + (
                f" Of {watched} programmes, the {len(rows)} watched most in all are here."
                if len(rows) < watched
                else ""
            ),
        ),
        chart=chart,
        rows=rows,
        columns=[
            Column("plads", "Nr.", "n0"),
            Column("titel", "Program"),
            Column("kategori", "Kategori"),
            Column("Minutter", "Minutter", "n0"),
            Column("Sessioner", "Sessioner", "n0"),
            Column("Brugere", "Brugere", "n0"),
        ],
        order=["plads"],
        choices=[_SHOWN],
        empty=_EMPTY,
    )


def _by_users(rows: Rows, params: Mapping[str, Any]) -> Figure:
    """The programmes with most users, and their sessions."""
    chart = (
        _sessions_and_users(_ranked(params, "Brugere"))
        .mark_bar()
        .encode(
            y=alt.Y("titel:N", title="Program", sort=_BY_PLACE),
            yOffset=alt.YOffset("serie:N", sort=list(_COLOURS)),
            x=alt.X("antal:Q", title="Antal", axis=charts.whole_numbers()),
            color=_two_colours(),
            tooltip=[
                alt.Tooltip("titel:N", title="Program"),
                alt.Tooltip("serie:N", title="Hvad"),
                alt.Tooltip("antal:Q", title="Antal", format=",.0f"),
            ],
        )
        .properties(width="container", height=alt.Step(_HALF), title=_CHOSEN_TITLE)
    )
    return Figure(
        name="tv1-brugere",
        title=Words("Programmer efter brugere og sessioner", "Programmes by users and sessions"),
        note=Words(
            "Programmerne med flest brugere i perioden. En session, hvor flere programmer blev "
            "set, tæller ved hvert af dem.",
            "The programmes with most users in the period. A session in which several programmes "
            "were watched counts for each of them.",
        ),
        chart=chart,
        rows=rows,
        columns=[
            Column("plads", "Nr.", "n0"),
            Column("titel", "Program"),
            Column("kategori", "Kategori"),
            Column("serie", "Hvad"),
            Column("antal", "Antal", "n0"),
        ],
        order=["plads", "-serie"],
        choices=[_SHOWN],
        empty=_EMPTY,
    )
