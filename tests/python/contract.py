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

SAKSSTATISTIKK_ROW = [
    *("fagsystem_navn", "behandling_uuid", "saksnummer", "relatert_behandling_uuid"),
    *("relatert_fagsystem", "behandling_type", "aktor_id", "teknisk_tid", "registrert_tid"),
    *("endret_tid", "mottatt_tid", "vedtak_tid", "ferdigbehandlet_tid", "versjon", "avsender"),
    *("opprettet_av", "ansvarlig_beslutter", "soknadsformat", "saksbehandler", "behandlingmetode"),
    *("behandling_status", "behandling_aarsak", "behandling_resultat", "resultat_begrunnelse"),
    *("ansvarlig_enhet_kode", "sak_ytelse", "er_relast", "sak_utland"),
]
SAKSSTATISTIKK_VIEW = [
    *("fagsystem_navn", "sekvensnummer", "saksnummer", "behandling_uuid"),
    *("relatert_behandling_uuid", "relatert_fagsystem", "behandling_type", "ferdigbehandlet_tid"),
    *("endretTid", "fodselsnummer", "teknisk_tid", "mottatt_tid", "registrert_tid", "versjon"),
    *("avsender", "opprettet_av", "saksbehandler", "vedtak_tid", "soknadsformat"),
    *("behandlingmetode", "behandling_status", "behandling_aarsak", "ansvarlig_beslutter"),
    *("ansvarlig_enhet", "sak_ytelse", "behandling_resultat", "resultat_begrunnelse"),
    *("utbetalt_tid", "forventet_oppstart_tid", "sak_utland", "er_relast"),
]

SAKSSTATISTIKK = {
    "saksstatistikk_silver.reberegnet_historikk": [
        *("behandling_referanse", "hendelse_nr", "hendelsestidspunkt", "status"),
        *("gjeldende_avklaringsbehov", "gjeldende_avklaringsbehov_status", "venteaarsak"),
        *("retur_aarsak", "saksbehandler", "ansvarlig_beslutter", "resultat", "vedtak_tidspunkt"),
    ],
    "saksstatistikk_silver.flettede_hendelser": SAKSSTATISTIKK_ROW,
    "saksstatistikk_silver.avvik": ["tabell", "nokkel", "regel", "beskrivelse"],
    "saksstatistikk_gold.saksstatistikk": ["id", *SAKSSTATISTIKK_ROW],
    "saksstatistikk_gold.view_saksstatistikk": SAKSSTATISTIKK_VIEW,
    "saksstatistikk_gold.view_gjeldende_hendelser_saksstatistikk": [
        *SAKSSTATISTIKK_VIEW,
        "siste_melding_for_hendelse",
    ],
}

SAKSSTATISTIKK_STORED = ("saksstatistikk_silver.silver_saksstatistikk__jobbforsok",)

DTNUM_DATAPASS = [
    *("n_demande_v2", "n_habilitation_v2", "n_datapass_fc_rattache", "api", "environnement"),
    *("criticite", "type", "cas_usage", "nom_projet", "description_projet"),
    *("destinataires_donnees", "date_previsionnelle_ouverture", "volumetrie", "quotas"),
    *("date_reception", "date_derniere_soumission_ou_instruction", "statut", "siret_demandeur"),
    *("raison_sociale_demandeur", "code_postal", "ville"),
]
DTNUM_SUIVI = [
    "n_datapass_v1",
    *DTNUM_DATAPASS,
    *("departement", "region", "motif_refus", "erreurs", "autres_colonnes"),
]

DTNUM = {
    "dtnum_silver.lignes_datapass": ["etat", *DTNUM_DATAPASS],
    "dtnum_gold.suivi_mis_a_jour": [*DTNUM_SUIVI, "ordre", "origine"],
    "dtnum_gold.reste_datapass": ["motif", "etat", *DTNUM_DATAPASS],
    "dtnum_gold.reste_suivi": ["moment", "ligne_nr", *DTNUM_SUIVI],
}

TV1_SESSIONS = [
    *("session_tracking_id", "session_id", "session_start_time", "session_start_date", "platform"),
    *("user_id", "last_end_time", "session_duration_min", "episodes_in_session"),
]
TV1_EPISODES = [
    *("tracking_id", "session_id", "user_id", "event_time", "episode_id", "platform"),
    *("episode_start_time", "episode_end_time", "finished", "watched_minutes"),
]
TV1_DATES = [
    *("date_dim_id", "date_actual", "day_name", "day_of_week", "day_of_month", "day_of_quarter"),
    *("day_of_year", "week_of_month", "week_of_year", "week_of_year_iso", "month_actual"),
    *("month_name", "quarter_actual", "quarter_name", "year_actual", "first_day_of_week"),
    *("last_day_of_week", "first_day_of_month", "last_day_of_month", "first_day_of_quarter"),
    *("last_day_of_quarter", "first_day_of_year", "last_day_of_year", "mmyyyy", "yyyymm"),
    "weekend_indr",
]
TV1_DIMENSIONS = {
    "users": ["user_id", "age_group", "region", "segment_id"],
    "segmentation": ["segment_id", "segment_key", "name", "description", "activity_level"],
    "programs": ["program_id", "title", "category", "seasons", "url", "image"],
    "seasons": ["season_id", "program_id", "season", "url"],
    "episodes": [
        *("episode_id", "program_id", "season_id", "duration_seconds", "title", "episode_nr"),
        *("details", "url", "description", "image"),
    ],
}
# what a day is called depends on the day from which it is seen
TV1_SEEN_FROM_TODAY = {
    *("is_today", "is_yesterday", "is_this_week", "last_or_thisweek", "is_this_month"),
    *("is_last_month", "last_or_thismonth", "is_this_quarter", "is_this_year"),
    *("is_last_two_year", "is_past", "is_before_next_month"),
}
TV1 = {
    **{f"tv1_marts.dim_{name}": columns for name, columns in TV1_DIMENSIONS.items()},
    **{f"tv1_marts.{name}_view": columns for name, columns in TV1_DIMENSIONS.items()},
    "tv1_marts.dim_date": TV1_DATES,
    "tv1_marts.date_view": [
        *TV1_DATES,
        *("week_of_year_conv", "is_today", "is_yesterday", "is_this_week", "last_or_thisweek"),
        *("is_this_month", "is_last_month", "last_or_thismonth", "is_this_quarter"),
        *("is_this_year", "is_last_two_year", "is_past", "is_before_next_month"),
    ],
    "tv1_marts.fct_sessions": TV1_SESSIONS,
    "tv1_marts.sessions_view": [
        *TV1_SESSIONS,
        *("session_duration_group", "session_duration_group_order"),
    ],
    "tv1_marts.fct_episodes_streamed": TV1_EPISODES,
    "tv1_marts.episodes_streamed_view": TV1_EPISODES,
    "tv1_marts.kpi_daily": [
        *("date_actual", "platform", "segment_id", "sessions", "streaming_sessions"),
        *("active_users", "episodes_watched", "episodes_watched_to_end", "minutes_watched"),
    ],
    "tv1_silver.avvik": ["tabell", "nokkel", "regel", "beskrivelse"],
}

TV1_STORED = (
    "tv1_silver.silver_tv1__sessions",
    "tv1_silver.silver_tv1__episodes",
    "tv1_silver.silver_tv1__event_avvik",
)

ARENA_PAYLOAD = [
    *("gjennomforing_id", "person_ident", "start_dato", "slutt_dato", "status", "status_aarsak"),
    *("dager_per_uke", "prosent_deltid", "registrert_dato", "status_endret_dato"),
    "innsok_begrunnelse",
]
ARENA = {
    "arena_silver.arena_data": [
        *("id", "arena_table_name", "arena_id", "operation_type", "operation_pos"),
        *("operation_timestamp", "ingest_status", "ingested_timestamp", "ingest_attempts"),
        *("last_attempted", "before", "after", "note"),
    ],
    "arena_silver.gjennomforing": ["arena_id", "tiltak_kode", "is_valid", "id"],
    "arena_silver.deltaker": [
        *("arena_id", "person_id", "gjennomforing_id", "dato_fra", "dato_til", "reg_dato"),
        *("mod_dato", "status", "dato_statusendring", "ekstern_id", "arena_source_table"),
    ],
    "arena_silver.arena_data_id_translation": ["amt_id", "arena_table_name", "arena_id"],
    "arena_silver.arena_data_hist_id_translation": ["amt_id", "arena_hist_id", "arena_id"],
    "arena_silver.avvik": ["tabell", "nokkel", "regel", "beskrivelse"],
    "arena_gold.amt_deltaker": ["id", *ARENA_PAYLOAD],
    "arena_gold.amt_meldinger": [
        *("arena_data_id", "topic", "operation", "deltaker_id", "sendt_tid"),
        *ARENA_PAYLOAD,
    ],
    "arena_gold.ingest_status": [
        *("arena_table_name", "ingest_status", "antall", "eldste_operation_timestamp"),
    ],
    "arena_gold.rekonstruksjon_avvik": ["arena_id", "siste_melding_id", "siste_ingestet"],
}

ARENA_STORED = ("arena_silver.silver_arena__logg",)
