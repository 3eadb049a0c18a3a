"""The public interface: relations and their columns in order, as other systems read them."""

GJENNOMFORING = [
    *("gjennomforing_id", "navn", "enhetsnummer", "start_dato", "slutt_dato"),
    *("opprettet_tidspunkt", "oppdatert_tidspunkt", "avsluttet_tidspunkt"),
]

TILTAK = {
    "tiltak_silver.gjennomforinger_silver": GJENNOMFORING,
    "tiltak_silver.gjennomforinger_silver_snapshot": GJENNOMFORING,
    "tiltak_silver.deltaker_silver_mock": [
        *("bruker_id", "innsatsgruppe", "gjennomforing_id", "start_dato", "slutt_dato", "status"),
    ],
    "tiltak_silver.deltaker_merged_silver_mock": [
        *("bruker_id", "innsatsgruppe", "enhetsnummer", "tiltaksnavn", "gjennomforing_id"),
        *("avdeling", "start_dato", "slutt_dato", "status"),
    ],
    "tiltak_silver.avvik": ["tabell", "nokkel", "regel", "beskrivelse"],
    "tiltak_gold.uke_antall_gold_mock": [
        *("år", "uke", "tiltaksnavn", "innsatsgruppe", "avdeling", "antall"),
    ],
    "tiltak_gold.uke_antall_avdeling_gold_mock": ["år", "uke", "tiltaksnavn", "avdeling", "antall"],
    "tiltak_gold.uke_antall_kontor": [
        *("enhetsnummer", "år", "uke", "tiltaksnavn", "innsatsgruppe", "avdeling", "antall"),
    ],
}

# what a run keeps beside the contract; it must agree between engines all the same
TILTAK_STORED = (
    "tiltak_silver.gjennomforinger_historikk",
    "tiltak_silver.silver_tiltak__uke_endringer",
    "tiltak_gold.uke_celler",
)
