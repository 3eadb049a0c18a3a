"""arena: what became of the messages, what waits, and what was sent on."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime

import altair as alt

from scripts.report import charts, periods
from scripts.report.data import Rows
from scripts.report.figures import (
    COLOURS,
    CONTAINER,
    Cards,
    Choice,
    Column,
    Figure,
    Option,
    Section,
)
from scripts.report.words import Words, same

LANGUAGE = "nb"
ALL = "*"
UNKNOWN = "ukjent"
NO_REASON = "uten årsak"

TABLES = {
    "SIAMO.TILTAKGJENNOMFORING": "Gjennomføring",
    "SIAMO.TILTAKDELTAKER": "Deltaker",
    "SIAMO.HIST_TILTAKDELTAKER": "Hist-deltaker",
}
# in the order of what somebody has to do about them
STATUSES = {
    "HANDLED": COLOURS[2],
    "RETRY": COLOURS[3],
    "WAITING": COLOURS[4],
    "FAILED": COLOURS[1],
    "INVALID": COLOURS[5],
    "EXTERNAL_SOURCE": COLOURS[6],
}
OPEN = ("RETRY", "WAITING", "FAILED")
OPERATIONS = {"CREATED": COLOURS[2], "MODIFIED": COLOURS[0], "DELETED": COLOURS[1]}
# lowest number of days -> name of the bin
AGES = {
    0: "Under 1 døgn",
    1: "1 til 7 døgn",
    7: "7 til 30 døgn",
    30: "30 til 90 døgn",
    90: "90 til 365 døgn",
    365: "Over 365 døgn",
}
# A message with more attempts than this has failed.
MOST_ATTEMPTS = 10
# what avvik says in English, in the product's own language: (table, rule) -> sentence
RULES = {
    ("meldinger", "mottatt_nr"): "mottatt_nr er ikke et heltall.",
    ("meldinger", "mottatt_nr_brukt"): "En annen melding med samme nummer er brukt.",
    ("meldinger", "tabell"): "Tabellen er ingen av de tre som leses.",
    ("meldinger", "op_type"): "op_type er verken I, U eller D.",
    ("meldinger", "op_ts"): "op_ts er ikke et tidspunkt på formen åååå-mm-dd tt:mm:ss.ffffff.",
    ("meldinger", "pos"): "pos er ikke et tall med 1 til 20 sifre.",
    ("meldinger", "json"): "before eller after er ikke JSON.",
    ("meldinger", "data_mangler"): "Operasjonen har ikke noe objekt med data.",
    ("meldinger", "felt"): "Et felt som trengs, mangler eller har feil type.",
    ("meldinger", "duplikat"): "En annen melding med samme tabell, operasjon og pos er brukt.",
    ("meldinger", "ikke_stottet"): "Tiltakstypen støttes ikke, så meldingen beholdes ikke.",
    ("meldinger", "ignorert"): "Meldingen ble lest og skal ikke behandles.",
    (
        "mulighetsrommet_gjennomforinger",
        "mangler_id",
    ): "arena_id eller id mangler; raden brukes ikke.",
    ("mulighetsrommet_gjennomforinger", "duplikat"): (
        "arena_id eller id finnes fra før; raden brukes ikke."
    ),
    ("mulighetsrommet_gjennomforinger", "dato"): (
        "start_dato eller slutt_dato er ikke en dato åååå-mm-dd; den regnes som manglende."
    ),
    ("personidenter", "mangler_id"): "person_id eller personident mangler; raden brukes ikke.",
    ("personidenter", "duplikat"): "person_id finnes fra før; raden brukes ikke.",
    ("amt_deltakere", "mangler_id"): "id mangler; raden brukes ikke.",
    ("amt_deltakere", "duplikat"): "id finnes fra før; raden brukes ikke.",
}

_NEUTRAL = COLOURS[6]
_OF_REASONS = [colour for colour in COLOURS if colour != _NEUTRAL]
_NO_MESSAGES = Words("Ingen meldinger er lest ennå.", "No message has been read yet.")


def section(answers: dict[str, Rows]) -> Section:
    """Make the product's part of the page.

    Args:
        answers: `tall` (one row), `status` (messages by table and status), `venter` (open ones by
            age), `forsok` (by attempts), `grunner` (why they wait), `sendt` (what was sent on by
            day), `deltakere` (what was sent last, by status), `rekonstruksjon` and `avvik`.

    Returns:
        The section.
    """
    (numbers,) = answers["tall"]
    deviations = sum(row["antall"] for row in answers["avvik"])
    overtaken = answers["rekonstruksjon"][0]["antall"] if answers["rekonstruksjon"] else 0
    failed = sum(row["antall"] for row in answers["status"] if row["ingest_status"] == "FAILED")
    age = None
    if numbers["eldste_apne"] and numbers["siste_tid"]:
        waited = datetime.fromisoformat(numbers["siste_tid"]) - datetime.fromisoformat(
            numbers["eldste_apne"]
        )
        age = waited.total_seconds() / 86_400
    return Section(
        product="arena",
        language=LANGUAGE,
        question=Words(
            "Hva ble det av meldingene fra Arena, og hva er sendt videre?",
            "What became of the messages from Arena, and what was sent on?",
        ),
        headline=Words(
            f"{numbers['apne']} av {numbers['meldinger']} meldinger venter"
            + (f", den eldste i {age:.0f} døgn" if age is not None else "")
            + f"; {numbers['sendt']} er sendt videre om {numbers['deltakere']} deltakere.",
            f"{numbers['apne']} of {numbers['meldinger']} messages wait"
            + (f", the oldest for {age:.0f} days" if age is not None else "")
            + f"; {numbers['sendt']} were sent on about {numbers['deltakere']} participants.",
        )
        if numbers["meldinger"]
        else _NO_MESSAGES,
        first=numbers["forste_tid"],
        last=numbers["siste_tid"],
        cards=Cards(
            rows=[
                {
                    "meldinger": numbers["meldinger"],
                    "apne": numbers["apne"],
                    "feilet": failed,
                    "alder": None if age is None else round(age, 1),
                    "sendt": numbers["sendt"],
                    "deltakere": numbers["deltakere"],
                    "avvik": deviations,
                    "rekonstruksjon": overtaken,
                }
            ],
            columns=[
                Column("meldinger", "Meldinger", "n0"),
                Column("apne", "Venter (RETRY, WAITING, FAILED)", "n0"),
                Column("feilet", "Av dem FAILED", "n0"),
                Column("alder", "Eldste som venter, døgn", "n1"),
                Column("sendt", "Sendt videre", "n0"),
                Column("deltakere", "Deltakere i AMT", "n0"),
                Column("avvik", "Avvik", "n0"),
                Column("rekonstruksjon", "Innhentet av en eldre melding", "n0"),
            ],
        ),
        figures=[
            _status(answers["status"]),
            _ages(answers["venter"]),
            _attempts(answers["forsok"]),
            _reasons(answers["grunner"]),
            _sent(answers["sendt"]),
            _participants(answers["deltakere"]),
            _deviations(answers["avvik"]),
            _reconstruction(answers["rekonstruksjon"], overtaken),
        ],
    )


def _table(name: str | None) -> str:
    return TABLES.get(name or "", name or UNKNOWN)


def _rank(value: str | None, order: Sequence[str]) -> int:
    """Return the place of a value in an order; what is not in it comes last."""
    return order.index(value) if value in order else len(order)


def _of_status(rows: Rows) -> Rows:
    """Name the table of each row, and put statuses into their order."""
    return [
        row
        | {
            "tabell": _table(row["arena_table_name"]),
            "status": row["ingest_status"] or UNKNOWN,
            "rang": _rank(row["ingest_status"], list(STATUSES)),
            "tabell_rang": _rank(row["arena_table_name"], list(TABLES)),
        }
        for row in rows
    ]


def _status_colour(names: Sequence[str], open_unless: str = "true") -> alt.Color:
    """Colour by status.

    Args:
        names: the statuses that the legend has.
        open_unless: an expression; where it is false, the legend has the open ones of them only.
    """
    shown = {name: colour for name, colour in STATUSES.items() if name in names}
    shown |= dict.fromkeys(sorted(set(names) - set(shown)), COLOURS[9])
    return alt.Color(
        "status:N",
        title="Status",
        scale=alt.Scale(domain=list(shown), range=list(shown.values())),
        legend=alt.Legend(
            values=alt.ExprRef(
                f"{open_unless} ? {json.dumps(list(shown))}"
                f" : {json.dumps([name for name in shown if name in OPEN])}"
            )
        ),
    )


def _only_table(rows: Rows) -> Choice:
    """Make the choice of a table of Arena, the parameter `bare`."""
    names = sorted({(row["tabell_rang"], row["tabell"]) for row in rows})
    options = [Option(ALL, "Alle"), *(Option(name, name) for _, name in names)]
    return Choice("bare", Words("Tabell", "Table"), options, ALL)


_ONLY = f"bare == '{ALL}' || datum.tabell == bare"


def _status(rows: Rows) -> Figure:
    """Messages by table and status."""
    rows = [
        {
            "tabell": row["tabell"],
            "status": row["status"],
            "rang": row["rang"],
            "tabell_rang": row["tabell_rang"],
            "antall": row["antall"],
            "eldste": row["eldste_operation_timestamp"],
        }
        for row in _of_status(rows)
    ]
    chart = alt.Chart(charts.ROWS).add_params(
        *charts.parameters(vis="antall", bare=ALL, handtert=True)
    )
    chart = chart.transform_filter(_ONLY).transform_filter("handtert || datum.status != 'HANDLED'")
    chart = (
        charts.with_shares(chart, "tabell", ["rang", "status"])
        .transform_calculate(verdi="vis == 'prosent' ? datum.andel : datum.antall")
        .mark_bar()
        .encode(
            y=alt.Y(
                "tabell:N",
                title="Tabell i Arena",
                sort=alt.EncodingSortField("tabell_rang", op="min", order="ascending"),
            ),
            x=alt.X(
                "verdi:Q",
                title="=vis == 'prosent' ? 'Prosent av tabellens meldinger' : 'Meldinger'",
                axis=alt.Axis(format=",.0f"),
            ),
            color=_status_colour([row["status"] for row in rows]),
            order="rang:Q",
            tooltip=[
                alt.Tooltip("tabell:N", title="Tabell"),
                alt.Tooltip("status:N", title="Status"),
                alt.Tooltip("antall:Q", title="Meldinger", format=",.0f"),
                alt.Tooltip("andel:Q", title="Prosent", format=".1f"),
            ],
        )
        .properties(width="container", height=alt.Step(2 * charts.BAR_HEIGHT))
    )
    return Figure(
        name="arena-status",
        title=Words("Meldinger etter tabell og status", "Messages by table and status"),
        note=Words(
            "RETRY prøves igjen i hvert pass, FAILED bare i nattjobben, WAITING når gjennomføringen"
            " blir gyldig. Eldste er når operasjonen skjedde i Arena.",
            "RETRY is tried again in every pass, FAILED by the midnight job only, WAITING when its"
            " measure becomes valid. The oldest is by when it happened in Arena.",
        ),
        chart=chart,
        rows=rows,
        columns=[
            Column("tabell", "Tabell"),
            Column("status", "Status"),
            Column("antall", "Meldinger", "n0"),
            Column("andel", "Prosent", "percent"),
            Column("eldste", "Eldste operasjon", "time"),
        ],
        order=["tabell_rang", "rang", "status"],
        choices=[
            _only_table(rows),
            periods.HOW,
            Choice("handtert", Words("Ta med HANDLED", "HANDLED too"), (), True, "switch"),
        ],
        wide=True,
        empty=_NO_MESSAGES,
    )


def _ages(rows: Rows) -> Figure:
    """How old what waits is."""
    counted = Counter[tuple[int, str, int, str, int]]()
    for row in _of_status(rows):
        counted[
            row["tabell_rang"], row["tabell"], row["rang"], row["status"], row["fra_dager"]
        ] += row["antall"]
    series = sorted({key[:4] for key in counted})
    dense = [
        {
            "tabell": table,
            "tabell_rang": table_rank,
            "status": status,
            "rang": rank,
            "fra_dager": days,
            "alder": name,
            "antall": counted[table_rank, table, rank, status, days],
        }
        for table_rank, table, rank, status in series
        for days, name in AGES.items()
    ]
    chart = (
        alt.Chart(charts.ROWS)
        .add_params(*charts.parameters(bare=ALL))
        .transform_filter(_ONLY)
        .transform_aggregate(antall="sum(antall)", groupby=["alder", "fra_dager", "status", "rang"])
        .mark_bar()
        .encode(
            y=alt.Y("alder:N", title="Alder", sort=list(AGES.values())),
            x=alt.X("antall:Q", title="Meldinger", axis=alt.Axis(format=",.0f", tickMinStep=1)),
            color=_status_colour([row["status"] for row in dense]),
            order="rang:Q",
            tooltip=[
                alt.Tooltip("alder:N", title="Alder"),
                alt.Tooltip("status:N", title="Status"),
                alt.Tooltip("antall:Q", title="Meldinger", format=",.0f"),
            ],
        )
        .properties(width="container", height=alt.Step(charts.BAR_HEIGHT))
    )
    return Figure(
        name="arena-alder",
        title=Words("Hvor gammelt er det som venter?", "How old is what waits?"),
        note=Words(
            "Meldinger med RETRY, WAITING eller FAILED. Alderen regnes fra operasjonen i Arena til"
            " den nyeste operasjonen som er lest; den nedre grensen hører med.",
            "Messages with RETRY, WAITING or FAILED. The age is from the operation in Arena to the"
            " newest operation that was read; a bin has its lower bound.",
        ),
        chart=chart,
        rows=dense,
        columns=[
            Column("alder", "Alder"),
            Column("status", "Status"),
            Column("antall", "Meldinger", "n0"),
        ],
        order=["fra_dager", "rang", "status"],
        choices=[_only_table(dense)],
        empty=_NOTHING_WAITS,
    )


_NOTHING_WAITS = Words("Ingen meldinger venter.", "No message waits.")


def _reasons(rows: Rows) -> Figure:
    """Why messages wait or were refused."""
    total = rows[0]["grunner"] if rows else 0
    cut = (
        Words(
            f" De {len(rows)} vanligste av {total} grunner vises.",
            f" The {len(rows)} most frequent of {total} reasons are shown.",
        )
        if total > len(rows)
        else same("")
    )
    return Figure(
        name="arena-grunner",
        title=Words(
            "Hvorfor meldinger venter eller er avvist", "Why messages wait or were refused"
        ),
        note=Words(
            "Merknaden på meldinger med RETRY, WAITING, FAILED eller INVALID, med … for id-er."
            + cut.own,
            "The note of messages with RETRY, WAITING, FAILED or INVALID, with … for ids." + cut.en,
        ),
        chart=None,
        rows=[
            {
                "antall": row["antall"],
                "tabell": row["tabell"],
                "status": row["status"],
                "grunn": without_ids(row["grunn"]),
                "eldste": row["eldste"],
            }
            for row in _of_status(rows)
        ],
        columns=[
            Column("antall", "Meldinger", "n0"),
            Column("tabell", "Tabell"),
            Column("status", "Status"),
            Column("grunn", "Merknad"),
            Column("eldste", "Eldste operasjon", "time"),
        ],
        wide=True,
        empty=Words("Ingen meldinger venter eller er avvist.", "No message waits or was refused."),
    )


def without_ids(note: str) -> str:
    """Write … where a note has lost an id: after a name and `=`, alone, or in brackets."""
    note = re.sub(r"=(?=$|[\s,.;])", "=…", note)
    note = re.sub(r"<>", "<…>", note)
    note = re.sub(r"`[^`A-Za-zÆØÅæøå]*`", "`…`", note)
    return re.sub(r"  +", " … ", re.sub(r"(?<=\w) $", " …", note)) or "(uten merknad)"


def _attempts(rows: Rows) -> Figure:
    """How many times messages were tried again."""
    counted: dict[tuple[int, str, int, str], Counter[int]] = defaultdict(Counter)
    for row in _of_status(rows):
        key = (row["tabell_rang"], row["tabell"], row["rang"], row["status"])
        counted[key][row["ingest_attempts"] or 0] += row["antall"]
    most = max([MOST_ATTEMPTS, *(number for found in counted.values() for number in found)])
    dense = [
        {
            "tabell": table,
            "tabell_rang": table_rank,
            "status": status,
            "rang": rank,
            "apen": status in OPEN,
            "forsok": attempts,
            "antall": counted[table_rank, table, rank, status][attempts],
        }
        for table_rank, table, rank, status in sorted(counted)
        for attempts in range(most + 1)
    ]
    everything = not any(row["apen"] for row in dense)
    chart = (
        alt.Chart(charts.ROWS)
        .add_params(*charts.parameters(bare=ALL, alle=everything))
        .transform_filter(f"({_ONLY}) && (alle || datum.apen)")
        .transform_aggregate(antall="sum(antall)", groupby=["forsok", "status", "rang"])
        .mark_bar()
        .encode(
            x=alt.X("forsok:O", title="Nye forsøk", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("antall:Q", title="Meldinger", axis=alt.Axis(format=",.0f", tickMinStep=1)),
            color=_status_colour([row["status"] for row in dense], "alle"),
            order="rang:Q",
            tooltip=[
                alt.Tooltip("forsok:O", title="Nye forsøk"),
                alt.Tooltip("status:N", title="Status"),
                alt.Tooltip("antall:Q", title="Meldinger", format=",.0f"),
            ],
        )
        .properties(width="container", height=charts.TALL)
    )
    return Figure(
        name="arena-forsok",
        title=Words("Hvor mange ganger er de prøvd igjen?", "How often were they tried again?"),
        note=Words(
            "0 er meldinger som bare er behandlet én gang. Etter ti mislykkede forsøk blir RETRY"
            " til FAILED.",
            "0 are messages that were treated once only. After ten attempts that failed, RETRY"
            " becomes FAILED.",
        ),
        chart=chart,
        rows=dense,
        columns=[
            Column("forsok", "Nye forsøk", "n0"),
            Column("status", "Status"),
            Column("antall", "Meldinger", "n0"),
        ],
        order=["forsok", "rang", "status"],
        choices=[
            _only_table(dense),
            Choice("alle", Words("Også ferdige", "Those done, too"), (), everything, "switch"),
        ],
        empty=_NO_MESSAGES,
    )


def _sent(answers: Rows) -> Figure:
    """What was sent on in each week or day."""
    rows: Rows = []
    if answers:
        days = [date.fromisoformat(row["dag"]) for row in answers if row["dag"]]
        numbers = [
            (
                (row["topic"] or UNKNOWN, row["operation"] or UNKNOWN),
                date.fromisoformat(row["dag"]),
                row["antall"],
            )
            for row in answers
            if row["dag"]
        ]
        rows = periods.counts(("topic", "operasjon"), numbers, min(days), max(days)) if days else []
    for row in rows:
        row["rang"] = _rank(row["operasjon"], list(OPERATIONS))
    names = {row["operasjon"] for row in rows}
    colours = {name: colour for name, colour in OPERATIONS.items() if name in names}
    colours |= dict.fromkeys(sorted(names - set(colours)), _NEUTRAL)
    topics = sorted({row["topic"] for row in rows})
    initial: periods.Per = "uke" if any(_long(row) for row in rows) else "dag"
    chart = periods.bars(
        colour="operasjon",
        colour_title="Operasjon",
        colours=colours,
        value_title="Meldinger sendt videre",
        where=f"emne == '{ALL}' || datum.topic == emne",
        params={"per": initial, "emne": ALL},
    )
    return Figure(
        name="arena-sendt",
        title=Words("Sendt videre til AMT per dag og uke", "Sent on to AMT per day and week"),
        note=Words(
            "Alle meldinger i amt_meldinger, etter når de ble sendt."
            f" Enkeltdager vises for de siste {periods.DAYS} dagene.",
            "All messages in amt_meldinger, by when they were sent."
            f" Single days are shown for the latest {periods.DAYS}.",
        ),
        chart=chart,
        rows=rows,
        columns=[
            Column("periode", "Sendt i"),
            Column("operasjon", "Operasjon"),
            Column("antall", "Meldinger", "n0"),
        ],
        order=["-nr", "rang", "operasjon"],
        choices=[
            periods.choice(initial),
            Choice(
                "emne",
                Words("Emne (topic)", "Topic"),
                [Option(ALL, "Alle"), *(Option(topic, topic) for topic in topics)],
                ALL,
            ),
        ],
        empty=Words("Ingenting er sendt videre ennå.", "Nothing has been sent on yet."),
    )


def _long(row: dict[str, object]) -> bool:
    """Whether a series of weeks goes further back than the single days do."""
    lists = row["antall"]
    return row["per"] == "uke" and isinstance(lists, list) and 7 * len(lists) > periods.DAYS + 7


def _participants(rows: Rows) -> Figure:
    """What AMT was told last of each participant."""
    totals = Counter[str]()
    for row in rows:
        totals[row["status"] or UNKNOWN] += row["antall"]
    listed = [
        {
            "status": row["status"] or UNKNOWN,
            "aarsak": row["status_aarsak"] or NO_REASON,
            "antall": row["antall"],
            "i_alt": totals[row["status"] or UNKNOWN],
        }
        for row in rows
    ]
    reasons = sorted({row["aarsak"] for row in listed} - {NO_REASON})
    colours = dict(zip(reasons, itertools.cycle(_OF_REASONS), strict=False))
    colours |= {NO_REASON: _NEUTRAL} if any(row["aarsak"] == NO_REASON for row in listed) else {}
    chart = charts.bars(
        "status",
        "antall",
        category_title="Status",
        value_title="Deltakere",
        colour="aarsak",
        colour_title="Årsak",
        colours=colours,
    )
    return Figure(
        name="arena-deltakere",
        title=Words("Deltakere i AMT etter status og årsak", "Participants by status and reason"),
        note=Words(
            "Det som sist er sendt om hver deltaker (amt_deltaker).",
            "What was sent last of each participant (amt_deltaker).",
        ),
        chart=chart,
        rows=listed,
        columns=[
            Column("status", "Status"),
            Column("aarsak", "Årsak"),
            Column("antall", "Deltakere", "n0"),
        ],
        order=["-i_alt", "status", "-antall", "aarsak"],
        empty=Words("Ingen deltakere er sendt ennå.", "No participant has been sent yet."),
    )


def _deviations(rows: Rows) -> Figure:
    """Input rows that the outputs do not carry as they came, by rule."""
    listed = [
        {
            "tabell": row["tabell"],
            "regel": row["regel"],
            "setning": RULES.get((row["tabell"], row["regel"])) or row["eksempel"] or "",
            "antall": row["antall"],
        }
        for row in rows
    ]
    chart = (
        alt.Chart(charts.ROWS)
        .mark_bar()
        .encode(
            y=alt.Y(
                "setning:N",
                title="Regel",
                sort=alt.EncodingSortField("antall", op="sum", order="descending"),
                axis=alt.Axis(labelLimit=alt.ExprRef(f"clamp(0.45 * ({CONTAINER}), 110, 430)")),
            ),
            x=alt.X("antall:Q", title="Rader", axis=alt.Axis(format=",.0f", tickMinStep=1)),
            color=alt.Color(
                "tabell:N",
                title="Tabell",
                legend=alt.Legend(columns=alt.ExprRef(f"({CONTAINER}) < 500 ? 1 : 2")),
            ),
            tooltip=[
                alt.Tooltip("tabell:N", title="Tabell"),
                alt.Tooltip("regel:N", title="Regel"),
                alt.Tooltip("setning:N", title="Hva det betyr"),
                alt.Tooltip("antall:Q", title="Rader", format=",.0f"),
            ],
        )
        .properties(width="container", height=alt.Step(charts.BAR_HEIGHT))
    )
    return Figure(
        name="arena-avvik",
        title=Words("Avvik etter regel", "Deviations by rule"),
        note=Words(
            "Rader i inndataene, eller deler av dem, som utdataene ikke har slik de kom. Tabellen"
            " bak sier hva hver regel betyr; radene står i arena_silver.avvik.",
            "Rows of the inputs, or parts of them, that the outputs do not carry as they came. The"
            " table says what each rule means; the rows are in arena_silver.avvik.",
        ),
        chart=chart,
        rows=listed,
        columns=[
            Column("tabell", "Tabell"),
            Column("regel", "Regel"),
            Column("setning", "Hva det betyr"),
            Column("antall", "Rader", "n0"),
        ],
        order=["-antall", "tabell", "regel"],
        wide=True,
        empty=Words("Ingen avvik.", "No deviations."),
    )


def _reconstruction(rows: Rows, total: int) -> Figure:
    """Participants whose newest message was not the last one handled."""
    cut = (
        Words(f" De siste {len(rows)} av {total} vises.", f" The latest {len(rows)} of {total}.")
        if total > len(rows)
        else same("")
    )
    return Figure(
        name="arena-rekonstruksjon",
        title=Words("Innhentet av en eldre melding", "Overtaken by an older message"),
        note=Words(
            "Deltakere der en eldre melding ble håndtert etter den nyeste: det AMT har, er ikke det"
            " siste. En rekonstruksjon til retter det." + cut.own,
            "Participants of which an older message was handled after the newest: what AMT has is"
            " not the latest. Another reconstruction mends it." + cut.en,
        ),
        chart=None,
        rows=[
            {
                "arena_id": row["arena_id"],
                "siste_melding": row["siste_melding_id"],
                "siste_ingestet": row["siste_ingestet"],
            }
            for row in rows
        ],
        columns=[
            Column("arena_id", "Arena-id"),
            Column("siste_melding", "Nyeste melding"),
            Column("siste_ingestet", "Sist håndterte melding"),
        ],
        empty=Words("Ingen deltakere er innhentet.", "No participant was overtaken."),
    )
