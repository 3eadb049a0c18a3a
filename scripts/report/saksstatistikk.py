"""saksstatistikk: the status of cases over time, and what resends have changed."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from datetime import date, datetime

import altair as alt

from scripts.report import charts, periods
from scripts.report.data import Row, Rows
from scripts.report.figures import COLOURS, Cards, Choice, Column, Figure, Option, Section
from scripts.report.words import Words, same

LANGUAGE = "nb"
ALL = "*"

WAITS, RETURNED, CLOSED, UNKNOWN = "Venter", "Sendt tilbake", "Avsluttet", "Ukjent status"
# in the order of a case
STATUSES = {
    "Opprettet": COLOURS[4],
    "Under behandling": COLOURS[0],
    WAITS: COLOURS[3],
    RETURNED: COLOURS[1],
    "Iverksettes": COLOURS[2],
    "Oversendt KA": COLOURS[5],
    CLOSED: COLOURS[6],
    UNKNOWN: COLOURS[9],
}
OUTCOMES = {
    "endret": ("Endret", COLOURS[1]),
    "ny": ("Ny hendelse", COLOURS[2]),
    "lik": ("Uendret", COLOURS[6]),
}
STATES = {
    "forfalt": "Forfalt",
    "senere": "Skal kjøres senere",
    "uten_tid": "Uten gyldig tid",
    "ukjent": "Ukjent behandling",
}
# Of a shielded person nobody gets to know who worked on the case, also not from before it was so.
SHIELDED = "-5"
STAFF = ("saksbehandler", "ansvarlig_beslutter", "ansvarlig_enhet_kode")
# identifies a person, and says nothing that the number of the case does not
HIDDEN = ("aktor_id",)
EMPTY = "(tom)"


def section(answers: dict[str, Rows]) -> Section:
    """Make the product's part of the page.

    Args:
        answers: `tall` (one row), `status` (changes of the number of cases by day, kind and
            status), `resend` (events by day and week), `felter`, `endringer` (what they changed)
            and `jobber` (those that no run has executed).

    Returns:
        The section.
    """
    (numbers,) = answers["tall"]
    now = _now(answers["status"])
    of_status = Counter[str]()
    for row in now:
        of_status[row["hoved"]] += row["antall"]
    unfinished = sum(of_status.values()) - of_status[CLOSED]
    waiting = of_status[WAITS]
    as_of = numbers["stand"]
    jobs = [_job(row, as_of) for row in answers["jobber"]]
    due = next((row["antall"] for row in answers["jobber"] if row["tilstand"] == "forfalt"), 0)
    age = max((row["alder"] for row in jobs if row["kode"] == "forfalt"), default=None)
    changed = sum(row["endret"] + row["ny"] for row in answers["resend"] if row["per"] == "uke")
    last = (numbers["siste_tid"] or "")[:10]
    return Section(
        product="saksstatistikk",
        language=LANGUAGE,
        question=Words(
            "Hvilken status har behandlingene, og hva har resending endret?",
            "Which status do the cases have, and what did resending them change?",
        ),
        headline=Words(
            f"{unfinished} åpne behandlinger {_day(last)}, {waiting} av dem venter; resend har"
            f" endret {changed} hendelser, og {due} forfalte jobber er ikke resendt."
            if last
            else "Ingenting er sendt ennå.",
            f"{unfinished} open cases on {last}, {waiting} of them waiting; resends have changed"
            f" {changed} events, and {due} jobs that are due were not resent."
            if last
            else "Nothing has been sent yet.",
        ),
        first=numbers["forste_tid"],
        last=as_of,
        remark=Words(
            f"{numbers['uten_tid']} rader uten behandling eller hendelsestid er ikke med.",
            f"{numbers['uten_tid']} rows without a case or a functional time are left out.",
        )
        if numbers["uten_tid"]
        else None,
        cards=Cards(
            rows=[
                {
                    "apne": unfinished,
                    "venter": waiting,
                    "tilbake": of_status[RETURNED],
                    "avsluttet": of_status[CLOSED],
                    "resendte": numbers["resendte_behandlinger"],
                    "endret": changed,
                    "forfalte": due,
                    "eldste": age,
                }
            ],
            columns=[
                Column("apne", "Åpne behandlinger", "n0"),
                Column("venter", "Av dem venter", "n0"),
                Column("tilbake", "Av dem sendt tilbake", "n0"),
                Column("avsluttet", "Avsluttede behandlinger", "n0"),
                Column("resendte", "Behandlinger som er resendt", "n0"),
                Column("endret", "Hendelser som resend har endret", "n0"),
                Column("forfalte", "Forfalte jobber, ikke resendt", "n0"),
                Column("eldste", "Eldste forfalte jobb, døgn", "n1"),
            ],
        ),
        figures=[
            _statuses(now),
            _over_time(answers["status"], numbers),
            _changes(answers["endringer"], changed),
            _fields(answers["felter"], numbers["siste_resend"]),
            _resends(answers["resend"], numbers),
            _jobs(
                jobs, sum({row["tilstand"]: row["antall"] for row in answers["jobber"]}.values())
            ),
        ],
    )


def main_status(status: str | None) -> str:
    """Return what a status is above all: one of `STATUSES`; waiting comes before sent back."""
    if status is None:
        return UNKNOWN
    if status.startswith("UNDER_BEHANDLING"):
        if "_VENTER_" in status:
            return WAITS
        return RETURNED if "_SENDT_TILBAKE_" in status else "Under behandling"
    known = {name.upper().replace(" ", "_"): name for name in STATUSES}
    return known.get(status, UNKNOWN)


def reason(status: str | None) -> str:
    """Return what a case waits for or who sent it back, else its main status."""
    main = main_status(status)
    if status is None or main not in (WAITS, RETURNED):
        return main
    details = status.removeprefix("UNDER_BEHANDLING_")
    return _sentence(details.split("_SENDT_TILBAKE_")[0] if main == WAITS else details)


def status_name(status: str | None) -> str:
    """Write a status with all its parts as a person would."""
    if status is None or main_status(status) not in (WAITS, RETURNED):
        return main_status(status) if main_status(status) != UNKNOWN else status or UNKNOWN
    details = status.removeprefix("UNDER_BEHANDLING_")
    parts = [part for part in details.split("SENDT_TILBAKE_") if part]
    if "SENDT_TILBAKE_" in details:
        parts[-1] = f"SENDT_TILBAKE_{parts[-1]}"
    return ", ".join([_sentence(parts[0].strip("_")), *(_words(part) for part in parts[1:])])


def _words(code: str) -> str:
    return code.strip("_").replace("_", " ").lower()


def _sentence(code: str) -> str:
    words = _words(code)
    return words[:1].upper() + words[1:]


def _kind(code: str | None) -> str:
    return _sentence(code) if code else "Ukjent type"


def _day(day: str) -> str:
    """Write a day the Norwegian way."""
    return f"{date.fromisoformat(day):%d.%m.%Y}"


def _now(changes: Rows) -> Rows:
    """Add the changes up to what holds at the end, by kind and status."""
    totals = Counter[tuple[str | None, str | None]]()
    for row in changes:
        totals[row["behandling_type"], row["behandling_status"]] += row["endring"]
    order = list(STATUSES)
    return [
        {
            "type": _kind(kind),
            "hoved": main_status(status),
            "status": status_name(status),
            "kode": status or "",
            "rang": order.index(main_status(status)),
            "antall": number,
        }
        for (kind, status), number in sorted(totals.items(), key=str)
        if number
    ]


def _kinds(rows: Rows) -> Choice:
    """Make the choice of the kind of case, the parameter `slag`."""
    kinds = sorted({row["type"] for row in rows})
    options = [Option(ALL, "Alle"), *(Option(kind, kind) for kind in kinds)]
    return Choice("slag", Words("Behandlingstype", "Kind of case"), options, ALL)


_CLOSED_TOO = Choice("lukkede", Words("Ta med avsluttede", "Closed ones too"), (), False, "switch")
_CHOSEN = f"(slag == '{ALL}' || datum.type == slag) && (lukkede || datum.hoved != '{CLOSED}')"


def _statuses(rows: Rows) -> Figure:
    """How many cases have each status now."""
    chart = (
        alt.Chart(charts.ROWS)
        .add_params(*charts.parameters(slag=ALL, lukkede=False))
        .transform_filter(_CHOSEN)
        .transform_aggregate(
            antall="sum(antall)", rang="min(rang)", groupby=["hoved", "status", "kode"]
        )
        .transform_joinaggregate(i_alt="sum(antall)", groupby=["hoved"])
        .mark_bar()
        .encode(
            y=alt.Y(
                "status:N",
                title="Status",
                sort=alt.EncodingSortField("antall", op="sum", order="descending"),
            ),
            x=alt.X("antall:Q", title="Behandlinger", axis=alt.Axis(format=",.0f", tickMinStep=1)),
            color=alt.Color(
                "hoved:N",
                scale=alt.Scale(domain=list(STATUSES), range=list(STATUSES.values())),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("status:N", title="Status"),
                alt.Tooltip("antall:Q", title="Behandlinger", format=",.0f"),
                alt.Tooltip("hoved:N", title="Hovedstatus"),
                alt.Tooltip("i_alt:Q", title="Med den hovedstatusen", format=",.0f"),
            ],
        )
        .properties(width="container", height=alt.Step(charts.BAR_HEIGHT))
    )
    return Figure(
        name="saksstatistikk-status",
        title=Words("Behandlinger etter status nå", "Cases by their status now"),
        note=Words(
            "Statusen i den siste hendelsen som gjelder. En behandling som både venter og er sendt"
            " tilbake, har hovedstatusen Venter.",
            "The status of the last event in force. A case that both waits and was sent back counts"
            " as waiting (Venter).",
        ),
        chart=chart,
        rows=rows,
        columns=[
            Column("hoved", "Hovedstatus"),
            Column("status", "Status"),
            Column("kode", "Kode"),
            Column("antall", "Behandlinger", "n0"),
        ],
        order=["rang", "-antall", "kode"],
        choices=[_kinds(rows), _CLOSED_TOO],
        wide=True,
        empty=_NOTHING_SENT,
    )


_NOTHING_SENT = Words("Ingenting er sendt ennå.", "Nothing has been sent yet.")


# The reasons to wait have no colours of their own; they stand where Venter and Sendt tilbake would.
_OF_REASONS = [COLOURS[number] for number in (3, 7, 8, 10, 11, 1)]


def _series_colours(rows: Rows) -> tuple[alt.Scale, alt.Legend]:
    """Give each main status and each reason its colour; the legend has those that are shown."""
    found = {(row["rang"], row["hoved"], row["grunn"]) for row in rows}
    shown = {
        "hoved": [name for name in STATUSES if any(name == main for _, main, _ in found)],
        "grunn": list(dict.fromkeys(name for _, _, name in sorted(found))),
    }
    reasons = [name for name in shown["grunn"] if name not in STATUSES]
    colours = STATUSES | dict(zip(reasons, itertools.cycle(_OF_REASONS), strict=False))
    unfinished = {key: [name for name in names if name != CLOSED] for key, names in shown.items()}
    values = f"(lukkede ? {json.dumps(shown)} : {json.dumps(unfinished)})[delt]"
    return (
        alt.Scale(domain=list(colours), range=list(colours.values())),
        alt.Legend(values=alt.ExprRef(values)),
    )


def _over_time(changes: Rows, numbers: Row) -> Figure:
    """How many cases had each status at the end of each week or day."""
    names = ("type", "hoved", "grunn")
    rows: Rows = []
    if changes and numbers["siste_tid"]:
        moved = [
            (
                (
                    _kind(row["behandling_type"]),
                    main_status(row["behandling_status"]),
                    reason(row["behandling_status"]),
                ),
                date.fromisoformat(row["dag"]),
                row["endring"],
            )
            for row in changes
        ]
        first, last = (
            date.fromisoformat(numbers[name][:10]) for name in ("forste_tid", "siste_tid")
        )
        rows = periods.levels(names, moved, first, last)
    order = list(STATUSES)
    for row in rows:
        row["rang"] = order.index(row["hoved"])
    scale, legend = _series_colours(rows)
    counted = (
        alt.Chart(charts.ROWS)
        .add_params(
            *charts.parameters(
                slag=ALL, lukkede=False, per="uke", delt="hoved", vis="antall", linjer=False
            )
        )
        .transform_filter(_CHOSEN)
        .transform_calculate(serie="delt == 'hoved' ? datum.hoved : datum.grunn")
    )
    counted = periods.apart(counted).transform_aggregate(
        antall="sum(antall)", rang="min(rang)", groupby=["serie", "nr", "fra"]
    )
    counted = periods.dated(charts.with_shares(counted, "nr", ["rang", "serie"]))
    counted = counted.transform_calculate(verdi="vis == 'prosent' ? datum.andel : datum.antall")
    colour = alt.Color(
        "serie:N",
        title="=delt == 'hoved' ? 'Hovedstatus' : 'Grunn'",
        scale=scale,
        legend=legend,
    )
    tooltip = [
        alt.Tooltip("serie:N", title="Status ved slutten"),
        alt.Tooltip("antall:Q", title="Behandlinger", format=",.0f"),
        alt.Tooltip("andel:Q", title="Prosent", format=".1f"),
    ]
    y = {
        "title": "=vis == 'prosent' ? 'Prosent av behandlingene' : 'Behandlinger'",
        "axis": alt.Axis(format=",.0f", tickMinStep=1),
        "scale": alt.Scale(
            domainMax=alt.ExprRef("vis == 'prosent' && !linjer ? 100 : null"), zero=True
        ),
    }
    stacked = periods.stacked(
        counted.transform_filter("!linjer"), "verdi", alt.Y("under:Q", **y), colour, tooltip
    )
    lines = (
        counted.transform_filter("linjer")
        # areas and lines say nothing of single periods; the points do
        .mark_line(point=alt.OverlayMarkDef(opacity=0, size=60))
        .encode(
            x="slutt:T",
            y=alt.Y("verdi:Q", stack=None, **y),
            color=colour,
            tooltip=[alt.Tooltip("periode:N", title="Periode"), *tooltip],
        )
    )
    return Figure(
        name="saksstatistikk-over-tid",
        title=Words(
            "Behandlinger etter status ved slutten av hver uke eller dag",
            "Cases by their status at the end of each week or day",
        ),
        note=Words(
            "Regnet av radene som gjelder nå: en resend endrer også fortiden."
            f" Enkeltdager vises for de siste {periods.DAYS} dagene.",
            "Computed from the rows in force now: a resend changes the past, too."
            f" Single days are shown for the latest {periods.DAYS}.",
        ),
        chart=alt.layer(stacked, lines).properties(width="container", height=charts.TALL),
        rows=rows,
        columns=[
            Column("periode", "Ved slutten av"),
            Column("serie", "=delt == 'hoved' ? 'Hovedstatus' : 'Grunn'"),
            Column("antall", "Behandlinger", "n0"),
            Column("andel", "Prosent", "percent"),
        ],
        order=["-nr", "rang", "serie"],
        choices=[
            _kinds(rows),
            periods.choice("uke"),
            Choice(
                "delt",
                Words("Delt på", "Divided by"),
                [Option("hoved", "Hovedstatus"), Option("grunn", "Grunn til å vente")],
                "hoved",
            ),
            periods.HOW,
            _CLOSED_TOO,
            Choice(
                "linjer",
                Words("Linjer i stedet for flater", "Lines, not areas"),
                (),
                False,
                "switch",
            ),
        ],
        wide=True,
        empty=_NOTHING_SENT,
    )


def _changes(rows: Rows, total: int) -> Figure:
    """What the latest resends have changed, field by field."""
    listed = len({row["hendelse_nr"] for row in rows})
    cut = (
        Words(
            f" De siste {listed} av {total} hendelser vises.",
            f" The latest {listed} of {total} events are shown.",
        )
        if total > listed
        else same("")
    )
    return Figure(
        name="saksstatistikk-endringer",
        title=Words("Hva resend har endret", "What resends have changed"),
        note=Words(
            "Én linje for hvert felt som sier noe annet enn det som gjaldt før, siste resend først."
            " Hendelser som ble sendt på nytt uten endring, er ikke med." + cut.own,
            "One row for each field that says something else than what was in force before, the"
            " latest resend first. Events that were sent again unchanged are left out." + cut.en,
        ),
        chart=None,
        rows=[_change(row) for row in rows],
        columns=[
            Column("sendt", "Sendt", "time"),
            Column("saksnummer", "Sak"),
            Column("hendelse", "Hendelsestid"),
            Column("felt", "Felt"),
            Column("foer", "Før"),
            Column("etter", "Etter"),
            Column("behandling", "Behandling"),
        ],
        wide=True,
        empty=Words("Ingen resend har endret noe.", "No resend has changed anything."),
    )


def _change(row: Row) -> Row:
    """Write one change: which field of which event, from what to what."""
    before, after = (
        row[name]
        if row[name] is not None
        else _moment(row[f"{name}_tid"], row[f"{name}_tid_mikro"])
        for name in ("foer", "etter")
    )
    if row["felt"] is None:
        field, before = "Ny hendelse", "(ikke sendt før)"
        after = status_name(row["etter"])
    else:
        field = row["felt"]
        if field in HIDDEN:
            before, after = "(vises ikke)", "(vises ikke)"
        elif field in STAFF and SHIELDED in (before, after):
            before, after = ("(skjermet)" if one else one for one in (before, after))
    return {
        "sendt": row["teknisk_tid"],
        "saksnummer": row["saksnummer"] or EMPTY,
        "hendelse": _moment(row["endret_tid"], row["endret_tid_mikro"]),
        "felt": field,
        "foer": before or EMPTY,
        "etter": after or EMPTY,
        "behandling": row["behandling_uuid"],
    }


def _moment(time: str | None, microseconds: int | None) -> str | None:
    """Write a time to the microsecond; the warehouse tells events apart by it."""
    if time is None:
        return None
    return f"{time.replace('T', ' ')}.{microseconds or 0:06d}".removesuffix(".000000")


def _fields(rows: Rows, latest: str | None) -> Figure:
    """How many events resends have changed in each field."""
    chart = (
        charts.bars(
            "felt",
            "antall",
            category_title="Felt",
            value_title="Endrede hendelser",
            params={"hvilke": "alle"},
        )
        .transform_calculate(antall="hvilke == 'alle' ? datum.alle : datum.siste")
        .transform_filter("datum.antall > 0")
    )
    when = f" ({_day(latest[:10])})" if latest else ""
    return Figure(
        name="saksstatistikk-felter",
        title=Words("Felt som resend har endret", "Fields that resends have changed"),
        note=Words(
            "Antall hendelser der feltet ble et annet enn det som gjaldt før. Nye hendelser er ikke"
            " med.",
            "Events in which the field became another than was in force before. New events are left"
            " out.",
        ),
        chart=chart,
        rows=rows,
        columns=[Column("felt", "Felt"), Column("antall", "Endrede hendelser", "n0")],
        order=["-antall", "felt"],
        choices=[
            Choice(
                "hvilke",
                Words("Resend", "Resends"),
                [Option("alle", "Alle"), Option("siste", f"Den siste{when}")],
                "alle",
            )
        ],
        empty=Words("Ingen resend har endret et felt.", "No resend has changed a field."),
    )


def _resends(answers: Rows, numbers: Row) -> Figure:
    """What was resent in each week or day, by what it changed."""
    rows: Rows = []
    if answers:
        first = min(date.fromisoformat(row["fra"]) for row in answers)
        last = max(date.fromisoformat(row["fra"]) for row in answers if row["per"] == "dag")
        last = max(last, date.fromisoformat(numbers["stand"][:10]))
        outcomes = {name: number for number, name in enumerate(OUTCOMES)}
        for per in periods.LENGTH:
            of_per = [row for row in answers if row["per"] == per]
            for name, field in [(None, "behandlinger"), *((one, one) for one in outcomes)]:
                found = periods.counts(
                    ("utfall",),
                    [((name,), date.fromisoformat(row["fra"]), row[field]) for row in of_per],
                    first,
                    last,
                )
                rows += [row for row in found if row["per"] == per]
        cases = {row["per"]: row["antall"] for row in rows if row["utfall"] is None}
        rows = [
            row
            | {
                "rang": outcomes[row["utfall"]],
                "utfall": OUTCOMES[row["utfall"]][0],
                "behandlinger": cases[row["per"]],
            }
            for row in rows
            if row["utfall"] is not None
        ]
    chart = periods.bars(
        lists=("behandlinger",),
        colour="utfall",
        colour_title="Utfall",
        colours=dict(OUTCOMES.values()),
        value_title="Hendelser",
        tooltip=[alt.Tooltip("behandlinger:Q", title="Behandlinger i alt", format=",.0f")],
        params={"per": "uke"},
    )
    return Figure(
        name="saksstatistikk-resend",
        title=Words("Resend per dag og uke", "Resends per day and week"),
        note=Words(
            "Hendelser som er sendt på nytt, etter når de ble sendt. En resend sender alle"
            " behandlingens hendelser, også de som var riktige."
            f" Enkeltdager vises for de siste {periods.DAYS} dagene.",
            "Events that were sent again, by when they were sent. A resend sends all events of a"
            " case, also those that were right."
            f" Single days are shown for the latest {periods.DAYS}.",
        ),
        chart=chart,
        rows=rows,
        columns=[
            Column("periode", "Sendt i"),
            Column("utfall", "Utfall"),
            Column("antall", "Hendelser", "n0"),
            Column("behandlinger", "Behandlinger i alt", "n0"),
        ],
        order=["-nr", "rang"],
        choices=[periods.choice("uke")],
        empty=Words("Ingenting er resendt ennå.", "Nothing has been resent yet."),
    )


def _job(row: Row, as_of: str | None) -> Row:
    """Write one job, and how many days ago it was due."""
    age = None
    if row["neste_kjoring"] and as_of and row["tilstand"] == "forfalt":
        waited = datetime.fromisoformat(as_of) - datetime.fromisoformat(row["neste_kjoring"])
        age = round(waited.total_seconds() / 86_400, 1)
    return {
        "kode": row["tilstand"],
        "tilstand": STATES[row["tilstand"]],
        "alder": age,
        "neste_kjoring": row["neste_kjoring"],
        "jobb": row["jobb_id"] or EMPTY,
        "type": row["jobbtype"],
        "behandling": row["behandling_id"],
        "sak": row["saksnummer"] or EMPTY,
    }


def _jobs(rows: Rows, total: int) -> Figure:
    """The jobs that ask for a resend and were not executed, the oldest first."""
    cut = (
        Words(f" De første {len(rows)} av {total} vises.", f" The first {len(rows)} of {total}.")
        if total > len(rows)
        else same("")
    )
    return Figure(
        name="saksstatistikk-jobber",
        title=Words("Jobber som ikke er resendt, eldste først", "Jobs not resent, oldest first"),
        note=Words(
            "Jobber som ber om resend og som ingen kjøring har utført. Alderen er døgn fra jobben"
            " forfalt til siste tidspunkt i dataene." + cut.own,
            "Jobs that ask for a resend and that no run has executed. The age is in days, from when"
            " the job was due to the latest time in the data." + cut.en,
        ),
        chart=None,
        rows=rows,
        columns=[
            Column("tilstand", "Tilstand"),
            Column("alder", "Alder, døgn", "n1"),
            Column("neste_kjoring", "Forfall", "time"),
            Column("jobb", "Jobb"),
            Column("type", "Type"),
            Column("behandling", "Behandling (id)"),
            Column("sak", "Sak"),
        ],
        empty=Words(
            "Ingen: alle jobber som ber om resend, er utført.",
            "None: all jobs that ask for a resend were executed.",
        ),
    )
