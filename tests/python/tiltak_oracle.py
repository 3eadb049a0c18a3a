"""tiltak's rules once more, row by row in plain Python, to compare the models with.

Written from the specification and not from the SQL: loops over rows and weeks, no running sums, no
joins. Inputs are tables of texts, as the CSV files hold them (None is an empty field).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

Table = list[dict[str, str | None]]
Inputs = Mapping[str, Table]
Row = tuple[Any, ...]

SCOPE_BEGINS = date(2022, 1, 1)


def to_date(text: str | None) -> date | None:
    """Return the date that a text is, None when it is none."""
    if text is None or not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def to_time(text: str | None) -> datetime | None:
    """Return the wall-clock time that a text is, None when it is none."""
    form = r"\d{4}-\d\d-\d\d([ T]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?)?"
    if text is None or not re.fullmatch(form, text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def gjennomforinger_silver(inputs: Inputs) -> dict[tuple[str, str], Row]:
    """Return the rows of gjennomforinger_silver by (gjennomforing, office)."""
    typer: dict[str, str | None] = {}
    for row in sorted(
        inputs["tiltakstyper"], key=lambda row: (row["navn"] is None, row["navn"] or "")
    ):
        if row["id"] is not None:
            typer.setdefault(row["id"], row["navn"])

    # of several rows with one id, the one updated last
    used: dict[str, dict[str, str | None]] = {}
    for row in inputs["gjennomforinger"]:
        other = used.get(row["id"] or "")
        updated = to_time(row["oppdatert_tidspunkt"]) or datetime.min
        if row["id"] and (
            other is None or updated > (to_time(other["oppdatert_tidspunkt"]) or datetime.min)
        ):
            used[row["id"]] = row

    silver = {}
    for enhet in inputs["gjennomforing_nav_enheter"]:
        gjennomforing = used.get(enhet["gjennomforing_id"] or "")
        if gjennomforing is None or enhet["enhetsnummer"] is None:
            continue
        slutt = to_date(gjennomforing["slutt_dato"])
        if gjennomforing["tiltakstype_id"] not in typer or (slutt and slutt < SCOPE_BEGINS):
            continue
        silver[gjennomforing["id"], enhet["enhetsnummer"]] = (
            gjennomforing["id"],
            typer[gjennomforing["tiltakstype_id"]],
            enhet["enhetsnummer"],
            to_date(gjennomforing["start_dato"]),
            slutt,
            to_time(gjennomforing["opprettet_tidspunkt"]),
            to_time(gjennomforing["oppdatert_tidspunkt"]),
            to_time(gjennomforing["avsluttet_tidspunkt"]),
        )
    return silver


@dataclass
class Owner:
    """Somebody who keeps every load in a drawer and counts by hand."""

    snapshot_dato: date
    kontorer: list[str]
    uke_fra: date
    drawer: dict[datetime, dict[tuple[str, str], Row]] = field(default_factory=dict)
    inputs: Inputs = field(default_factory=dict)

    def load(self, naa: datetime, inputs: Inputs) -> None:
        """Take a load in. One with an earlier naa than others begins history anew from there."""
        self.drawer = {time: silver for time, silver in self.drawer.items() if time < naa}
        self.drawer[naa] = gjennomforinger_silver(inputs)
        self.inputs = inputs

    def snapshot(self) -> list[Row]:
        """Return gjennomforinger_silver_snapshot."""
        after = datetime.combine(self.snapshot_dato + timedelta(days=1), datetime.min.time())
        seen = [time for time in self.drawer if time < after]
        if seen:
            return list(self.drawer[max(seen)].values())
        first = self.drawer[min(self.drawer)].values()
        return [row for row in first if row[6] is not None and row[6] < after]

    def deltakere(self) -> Iterator[tuple[Row, bool]]:
        """Yield the rows of deltaker_silver_mock, each with whether its dates parse."""
        grupper: dict[str, str] = {}
        for row in self.inputs["vent_person_periode"]:
            bruker, kode = row["bruker_id"], row["innsatsgruppekode"]
            if bruker is not None and kode is not None:
                grupper[bruker] = min(kode, grupper.get(bruker, kode))
        for row in self.inputs["deltaker_siste_status"]:
            if row["bruker_id"] in grupper:
                start, slutt = to_date(row["start_dato"]), to_date(row["slutt_dato"])
                status = "pågår" if slutt is None or slutt > self.snapshot_dato else "avsluttet"
                sound = (start or row["start_dato"]) == start and (
                    slutt or row["slutt_dato"]
                ) == slutt
                yield (
                    (
                        row["bruker_id"],
                        grupper[row["bruker_id"]],
                        row["gjennomforing_id"],
                        start,
                        slutt,
                        status,
                    ),
                    sound,
                )

    def merged(self) -> list[Row]:
        """Return deltaker_merged_silver_mock."""
        avdelinger = {
            (row["gjennomforing_id"], row["avdeling"])
            for row in self.inputs["gjennomforing_avdelinger"]
            if row["avdeling"] is not None
        }
        rows = []
        for (bruker, gruppe, gjennomforing, start, slutt, status), sound in self.deltakere():
            for (gid, navn, enhet, _, gj_slutt, *_), (avdelt, avdeling) in product(
                self.snapshot(), avdelinger
            ):
                belongs = gid == gjennomforing == avdelt and enhet in self.kontorer
                if belongs and sound and navn is not None and gj_slutt is not None:
                    rows.append(
                        (
                            bruker,
                            gruppe,
                            enhet,
                            navn,
                            gjennomforing,
                            avdeling,
                            start,
                            slutt,
                            status,
                        )
                    )
        return rows

    def weeks(self, uke_til: date) -> list[date]:
        """Return the asked Mondays."""
        days = (self.uke_fra + timedelta(days=n) for n in range((uke_til - self.uke_fra).days + 1))
        return [day for day in days if day.weekday() == 0]

    def uke_antall(self, uke_til: date) -> tuple[list[Row], list[Row], list[Row]]:
        """Return uke_antall_gold_mock, uke_antall_avdeling_gold_mock and uke_antall_kontor."""
        mother = self.merged()
        per_kontor: Counter[Row] = Counter()
        for _, gruppe, enhet, navn, _, avdeling, start, slutt, _ in mother:
            for monday in self.weeks(uke_til):
                sunday = monday + timedelta(days=6)
                if start is not None and start <= sunday and (slutt is None or slutt >= monday):
                    per_kontor[enhet, monday, navn, gruppe, avdeling] += 1

        kontor, alle, avdelt = [], [], []
        for enhet in {row[2] for row in mother}:
            own = [row for row in mother if row[2] == enhet]
            for cell in self.grid(own, uke_til):
                kontor.append((enhet, *iso(cell[0]), *cell[1:], per_kontor[enhet, *cell]))
        for cell in self.grid(mother, uke_til):
            alle.append(
                (*iso(cell[0]), *cell[1:], sum(per_kontor[k, *cell] for k in self.kontorer))
            )
        summed: Counter[Row] = Counter()
        for year, week, navn, _, avdeling, antall in alle:
            summed[year, week, navn, avdeling] += antall
        avdelt = [(*cell, antall) for cell, antall in summed.items()]
        return alle, avdelt, kontor

    def grid(self, mother: list[Row], uke_til: date) -> Iterator[Row]:
        """Yield every combination of week, measure, need group and department."""
        navn, grupper, avdelinger = ({row[n] for row in mother} for n in (3, 1, 5))
        return product(self.weeks(uke_til), navn, grupper, avdelinger)


def iso(day: date) -> tuple[int, int]:
    """Return the ISO year and week of a date."""
    return day.isocalendar()[:2]
