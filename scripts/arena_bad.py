"""Make rows that the product arena cannot use: every defect that ``arena_silver.avvik`` tells.

They come on top of the good ones, so that the stories stay whole. A bad message is like a good one
but for its defect.
"""

from collections.abc import Callable

Row = dict[str, str | None]
# Gets the row, how often the defect came before, and the number of another message.
Defect = Callable[[Row, int, str], Row]

UNKNOWN_TABLES = ("SIAMO.TILTAKSAK", "SIAMO.ENKELTPLASS", "siamo.tiltakdeltaker", None)
UNKNOWN_OPERATIONS = ("X", "i", "CREATED", None)
BAD_OP_TS = (
    "2025-03-01T10:15:30.123456",
    "2025-03-01 10:15:30",
    "2025-02-30 10:15:30.123456",
    "2025-03-01 10:15:30.123",
    None,
)
BAD_POS = ("12a", "-5", "123456789012345678901", None)
BAD_NUMBERS = ("abc", "1.5", None)
NOT_JSON = ("{'TILTAKDELTAKER_ID':1}", "{", "ikke json", '{"PERSON_ID":1,}')
NO_OBJECTS = ("null", "[1,2]", '"tekst"', "17")


def _put(column: str, *values: str | None) -> Defect:
    """Put one value after another into a column."""
    return lambda row, turn, other: {**row, column: values[turn % len(values)]}


def _swap(name: str, *literals: str) -> Defect:
    """Put one JSON literal after another into a field of ``after``."""

    def defect(row: Row, turn: int, other: str) -> Row:
        head, _, tail = (row["after"] or "").partition(f'"{name}":')
        # Literals are numbers, null, and texts of codes and times: the first comma ends them.
        rest = tail[tail.index(",") :]
        return {**row, "after": f'{head}"{name}":{literals[turn % len(literals)]}{rest}'}

    return defect


def _cut(row: Row, turn: int, other: str) -> Row:
    """Lose the end of the text."""
    text = row["after"] or ""
    return {**row, "after": text[: len(text) // 2]}


def _as_delete(row: Row, turn: int, other: str) -> Row:
    """Say that it is a deletion, though there is nothing in ``before``."""
    return {**row, "op_type": "D", "before": None}


def _same(row: Row, turn: int, other: str) -> Row:
    """Receive a message twice."""
    return row


# Their order is part of the draws.
DEFECTS: dict[str, Defect] = {
    "tabell": _put("arena_table_name", *UNKNOWN_TABLES),
    "op_type": _put("op_type", *UNKNOWN_OPERATIONS),
    "op_ts": _put("op_ts", *BAD_OP_TS),
    "pos": _put("pos", *BAD_POS),
    "mottatt_nr": _put("mottatt_nr", *BAD_NUMBERS),
    "json": _put("after", *NOT_JSON),
    "json_avkortet": _cut,
    "json_before": _put("before", *NOT_JSON),
    "data_mangler": _put("after", None),
    "data_mangler_slettet": _as_delete,
    "data_ikke_objekt": _put("after", *NO_OBJECTS),
    "felt_person": _swap("PERSON_ID", '"abc"', "1.5", '"12345678901234567890"', "true"),
    "felt_status": _swap("DELTAKERSTATUSKODE", "null", '""', "{}"),
    "felt_reg_dato": _swap("REG_DATO", "null"),
    "felt_dager": _swap("ANTALL_DAGER_PR_UKE", '"to"'),
    "mottatt_nr_brukt": lambda row, turn, other: {**row, "mottatt_nr": other},
    "duplikat": _same,
    "duplikat_annen_tekst": _swap("PROSENT_DELTID", "77"),
    # Compared as a number, it is the same.
    "duplikat_kort_pos": lambda row, turn, other: {**row, "pos": (row["pos"] or "").lstrip("0")},
}
# These keep the key of the message that they are made from.
REPEATS = tuple(index for index, name in enumerate(DEFECTS) if name.startswith("duplikat"))


def bad_references(name: str, models: list[Row]) -> list[Row]:
    """Make bad rows of a table that is not about messages.

    Args:
        name: of the table.
        models: good rows; each gives one row for each defect.
    """
    rows: list[Row] = []
    for turn, model in enumerate(models):
        key, value = list(model)[:2]
        rows += [{**model, key: None}, {**model, value: None}, dict(model)]
        if name == "mulighetsrommet_gjennomforinger":
            rows += [
                {**model, "id": f"ffffffff-0000-4000-8000-{turn:012d}"},
                {**model, "arena_id": str(9_900_000 + turn)},
                {
                    **model,
                    "arena_id": str(9_800_000 + turn),
                    "id": f"eeeeeeee-0000-4000-8000-{turn:012d}",
                    ("start_dato", "slutt_dato")[turn % 2]: ("2025-02-30", "ukjent")[turn // 2 % 2],
                },
            ]
        elif name == "personidenter":
            rows.append({**model, "personident": f"99999{turn:06d}"})
        else:
            rows.append({**model, "status": "UTKAST_TIL_PAMELDING"})
    if name == "amt_deltakere":
        # A row without a status cannot be told from one that AMT does not have.
        rows = [row for row in rows if row["status"]]
    return rows
