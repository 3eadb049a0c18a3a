"""The generators in tests: run one in this process, read and hash the files that it wrote."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts import build

Rows = list[dict[str, str | None]]
Tables = dict[str, Rows]


def read_rows(path: Path) -> Rows:
    """Read a CSV file as text, the empty field as None."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {column: value or None for column, value in row.items()} for row in csv.DictReader(file)
        ]


def digests(folder: Path, names: str = "*") -> dict[str, str]:
    """Hash the tables in a folder.

    Args:
        folder: Where they are.
        names: A pattern that their names follow.
    """
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.glob(names))
        if path.suffix in (".csv", ".parquet")
    }


@dataclass(frozen=True, eq=False)
class Generator:
    """The generator of a product's raw inputs.

    Attributes:
        product: Whose inputs.
        contract: By table, its columns in order.
        golden: What it was asked for the inputs in tests/golden.
    """

    product: str
    contract: dict[str, str]
    golden: str

    def main(self, arguments: Sequence[str]) -> int:
        """Run it in this process and return its exit code."""
        return build.GENERATORS[self.product](arguments)

    def generate(self, out: Path, *options: str) -> Path:
        """Run it in this process and return the folder; it has to succeed."""
        assert self.main(["--quiet", "--out", str(out), *options]) == 0
        return out

    def file(self, table: str, file_format: str = "csv") -> str:
        """Return the name of a table's file."""
        return f"raw_{self.product}__{table}.{file_format}"

    def read_csv(self, folder: Path) -> Tables:
        """Read all of its tables as text, the empty field as None."""
        return {table: read_rows(folder / self.file(table)) for table in self.contract}


# Columns of saksstatistikk that are no text.
TIMES = re.compile(".*(_tid|tidspunkt|siste_endring|tidsstempel|neste_kjoring)$")
FLAGS = {"er_skjermet", "slettet", "er_relast", "aktiv"}

# Gives the folder with what a generator writes when it is asked for nothing else.
Defaults = Callable[[Generator], Path]

# Said again here, not imported: this is what the contract promises to other systems.
TILTAK = Generator(
    "tiltak",
    {
        "tiltakstyper": "id navn tiltakskode arena_tiltakskode",
        "gjennomforinger": (
            "id tiltakstype_id avtale_id tiltaksnummer start_dato slutt_dato opprettet_tidspunkt "
            "oppdatert_tidspunkt avsluttet_tidspunkt"
        ),
        "gjennomforing_nav_enheter": "gjennomforing_id enhetsnummer",
        "gjennomforing_avdelinger": "gjennomforing_id avdeling",
        "deltaker_siste_status": "bruker_id gjennomforing_id status start_dato slutt_dato",
        "vent_person_periode": "bruker_id innsatsgruppekode",
    },
    golden="--deltakere 250 --gjennomforinger 24 --offices 0219,0220 --bad-rows 0.01 --seed 7",
)
SAKSSTATISTIKK = Generator(
    "saksstatistikk",
    {
        "behandling": (
            "id referanse saksnummer aktor_id type_behandling status opprettet_tid mottatt_tid "
            "opprettet_av aarsak_til_opprettelse er_skjermet"
        ),
        "behandling_historikk": (
            "id behandling_id hendelsestidspunkt oppdatert_tid status siste_saksbehandler "
            "gjeldende_avklaringsbehov gjeldende_avklaringsbehov_status behandlingmetode "
            "ansvarlig_enhet venteaarsak retur_aarsak vedtak_tidspunkt ansvarlig_beslutter "
            "resultat rettighetstype soknadsformat relatert_behandling_referanse versjon slettet"
        ),
        "saksstatistikk": (
            "id fagsystem_navn behandling_uuid saksnummer relatert_behandling_uuid "
            "relatert_fagsystem behandling_type aktor_id teknisk_tid registrert_tid endret_tid "
            "mottatt_tid vedtak_tid ferdigbehandlet_tid versjon avsender opprettet_av "
            "ansvarlig_beslutter soknadsformat saksbehandler behandlingmetode behandling_status "
            "behandling_aarsak behandling_resultat resultat_begrunnelse ansvarlig_enhet_kode "
            "sak_ytelse er_relast"
        ),
        "avklaringsbehov_endring": (
            "behandling_referanse behov_nr definisjon behov_type steg steg_status endring_nr "
            "status tidsstempel endret_av aarsak_til_satt_paa_vent aarsak_til_retur"
        ),
        "stoppet_behandling": (
            "behandling_referanse mottatt_tid behandling_opprettet_tidspunkt behandling_status "
            "resultat vedtakstidspunkt tidspunkt_siste_endring soknadsformat relatert_behandling "
            "versjon"
        ),
        "jobb": "id type payload neste_kjoring",
        "steg_historikk": "behandling_referanse steg status opprettet_tid",
        "paaklaget_behandling": (
            "klagebehandling_referanse paaklaget_behandling_referanse aktiv status"
        ),
    },
    golden="--behandlinger 40 --hendelser 5 --stoppet 0.3 --jobber 0.2 --bad-rows 0.03 --seed 7",
)
DTNUM = Generator(
    "dtnum",
    {
        "demandes": "demande_id payload",
        "suivi": (
            "ligne_nr n_datapass_v1 n_demande_v2 n_habilitation_v2 n_datapass_fc_rattache api "
            "environnement criticite type cas_usage nom_projet description_projet "
            "destinataires_donnees date_previsionnelle_ouverture volumetrie quotas date_reception "
            "date_derniere_soumission_ou_instruction statut siret_demandeur "
            "raison_sociale_demandeur code_postal ville departement region motif_refus erreurs "
            "autres_colonnes"
        ),
        "evenements": "demande_id payload",
    },
    golden="--lignes 20 --bad-rows 0.05 --seed 4",
)
TV1 = Generator(
    "tv1",
    {
        "users": "user_id age_group household_size region children_under5 segment_id",
        "segmentation": (
            "segment_id segment_key name description activity_level child_focus "
            "preferred_platform_weights weekday_time_windows weekend_time_windows "
            "avg_daily_minutes_weekday avg_daily_minutes_weekend avg_session_minutes "
            "kids_content_share"
        ),
        "programs": "program_id title category seasons url image",
        "seasons": "season_id program_id season url",
        "episodes": "episode_id program_id season_id title details url description image",
        "tracking": "tracking_id tracking_time type session_id target_id platform context user_id",
    },
    golden="--users 20 --days 5 --bad-rows 0.002 --seed 7",
)
ARENA = Generator(
    "arena",
    {
        "meldinger": "mottatt_nr arena_table_name op_type op_ts pos before after",
        "mulighetsrommet_gjennomforinger": (
            "arena_id id arena_kode navn start_dato slutt_dato status oppstart virksomhetsnummer"
        ),
        "personidenter": "person_id personident",
        "amt_deltakere": "id status",
    },
    golden="--meldinger 300 --bad-rows 0.01 --seed 7",
)
GENERATORS = {one.product: one for one in (TILTAK, SAKSSTATISTIKK, DTNUM, TV1, ARENA)}
