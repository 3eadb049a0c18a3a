"""The stories that the mock input of the product arena tells.

A story is what happens to one deltaker: a list of messages about up to three versions of the same
row. Measures have stories of their own. A version says everything that Arena wrote at that time, so
the JSON of a message is made from the number of the deltaker and the number of the version.

Source: the rules of the product arena, and the tables SIAMO.TILTAKGJENNOMFORING,
SIAMO.TILTAKDELTAKER and SIAMO.HIST_TILTAKDELTAKER of Arena that they read.
"""

from dataclasses import dataclass

TABLES = (
    "SIAMO.TILTAKGJENNOMFORING",
    "SIAMO.TILTAKDELTAKER",
    "SIAMO.HIST_TILTAKDELTAKER",
)
GJ, DELT, HIST = range(len(TABLES))
OPERATIONS = ("I", "U", "D")
INSERT, UPDATE, DELETE = range(len(OPERATIONS))
NO_VERSION = -1

# What is odd about a version of a deltaker.
(
    NOTHING,
    NO_ID,
    NO_PERSON,
    BAD_FRA,
    BAD_TIL,
    BAD_ENDRING,
    BAD_REG,
    EMPTY_TIL,
    BAD_MOD,
    NO_ENDRING,
    UNKNOWN_STATUS,
    UNKNOWN_AARSAK,
    NUL_IN_TEXT,
    NUMBERS_AS_TEXT,
    UNKNOWN_FIELD,
    NO_GJENNOMFORING,
) = range(16)

# Where the EKSTERN_ID of a deltaker comes from.
NO_EKSTERN, EKSTERN_UUID, EKSTERN_OF_MATE, EKSTERN_TEXT, EKSTERN_TYPE = range(5)
# What AMT says of a deltaker when it is asked: nothing, a status of its own, FEILREGISTRERT.
AMT_MISSING, AMT_KNOWN, AMT_FEILREGISTRERT = range(3)


@dataclass(frozen=True)
class Step:
    """A message of a story.

    Attributes:
        table: index into ``TABLES``.
        operation: index into ``OPERATIONS``.
        before: version in ``before``, ``NO_VERSION`` for none.
        after: version in ``after``, ``NO_VERSION`` for none.
        slot: which of the deltaker's times; later slots are later.
        late: whether it is received in the second pass only.
    """

    table: int
    operation: int
    before: int
    after: int
    slot: int
    late: bool = False


def _new(version: int = 0, slot: int = 0, table: int = DELT, late: bool = False) -> Step:
    return Step(table, INSERT, NO_VERSION, version, slot, late)


def _changed(version: int, table: int = DELT, late: bool = False) -> Step:
    return Step(table, UPDATE, version - 1, version, version, late)


def _deleted(version: int, slot: int = 3, table: int = DELT) -> Step:
    return Step(table, DELETE, version, NO_VERSION, slot)


ONCE = (_new(),)
TWICE = (_new(), _changed(1))
THREE_TIMES = (*TWICE, _changed(2))
HISTORISED = (*TWICE, _deleted(1), _new(1, 4, HIST))
HIST_ONLY = (_new(1, 4, HIST),)


@dataclass(frozen=True)
class Story:
    """What happens to one deltaker.

    Attributes:
        share: of the deltakere; at least one has the story.
        steps: the messages.
        measure: the kind of measure, a key of ``MEASURES``.
        ended_from: the first version whose status is one of those that end.
        odd: what is odd about each version, ``NOTHING`` and so on.
        waiting: whether every version is on the waiting list.
        ekstern: where its EKSTERN_ID comes from.
        mate: the story of another deltaker with the same person and measure, if any.
        copies: whether dates and statuses are the mate's as well.
        ident: whether the person has an ident.
        amt: what AMT says.
    """

    share: float
    steps: tuple[Step, ...]
    measure: str = "vanlig"
    ended_from: int = 2
    odd: tuple[int, int, int] = (NOTHING, NOTHING, NOTHING)
    waiting: bool = False
    ekstern: int = NO_EKSTERN
    mate: str | None = None
    copies: bool = False
    ident: bool = True
    amt: int = AMT_KNOWN


def _odd_first(odd: int, steps: tuple[Step, ...] = TWICE) -> Story:
    """Make a rare story whose first version has something odd, and the others do not."""
    return Story(0.002, steps, odd=(odd, NOTHING, NOTHING), amt=AMT_MISSING)


def _always_odd(odd: int, share: float = 0.002, steps: tuple[Step, ...] = ONCE) -> Story:
    """Make a story all of whose versions have something odd."""
    return Story(share, steps, odd=(odd, odd, odd))


STORIES: dict[str, Story] = {
    # What is usual; the shares are of what the others leave.
    "ny": Story(0.38, ONCE),
    "endret": Story(0.40, TWICE),
    "avsluttet": Story(0.22, THREE_TIMES),
    # DELT row deleted, HIST row with equal dates created.
    "historisert": Story(0.07, HISTORISED, ended_from=1),
    "andre_gang": Story(0.02, ONCE, mate="historisert"),
    "andre_gang_historisert": Story(0.01, HISTORISED, ended_from=1, mate="historisert"),
    "hist_senere": Story(0.001, (*TWICE, _deleted(1), _new(1, 4, HIST, late=True)), ended_from=1),
    "hist_alene": Story(0.01, HIST_ONLY, ended_from=1, amt=AMT_MISSING),
    "hist_ikke_avsluttet": Story(
        0.002, HIST_ONLY, measure="lopende", waiting=True, amt=AMT_MISSING
    ),
    "hist_feilregistrert_i_amt": Story(0.004, HISTORISED, ended_from=1, amt=AMT_FEILREGISTRERT),
    "hist_mangler_i_amt": Story(0.002, HISTORISED, ended_from=1, amt=AMT_MISSING),
    "hist_endret_og_slettet": Story(
        0.002,
        (*HISTORISED, Step(HIST, UPDATE, 1, 2, 5), _deleted(2, 6, HIST)),
        ended_from=1,
    ),
    "hist_uten_statusendring": Story(
        0.002, HIST_ONLY, ended_from=1, odd=(NO_ENDRING,) * 3, amt=AMT_MISSING
    ),
    "hist_deltaker_uten_statusendring": Story(
        0.002,
        (_new(), _deleted(0), _new(1, 4, HIST)),
        ended_from=1,
        odd=(NO_ENDRING, NOTHING, NOTHING),
    ),
    "hist_flere_treff": Story(0.002, HISTORISED, ended_from=1),
    "hist_flere_treff_tvilling": Story(
        0.002, TWICE, ended_from=1, mate="hist_flere_treff", copies=True
    ),
    "hist_paa_ugyldig_gjennomforing": Story(
        0.002, HIST_ONLY, measure="ugyldig", ended_from=1, amt=AMT_MISSING
    ),
    # Deleted without hist.
    "slettet": Story(0.02, (_new(), _deleted(0))),
    "slettet_og_ny": Story(0.005, (_new(), _deleted(0), _new(1, 4))),
    # Validation.
    "uten_id": Story(0.002, ONCE, odd=(NO_ID,) * 3, amt=AMT_MISSING),
    "uten_gjennomforing": _always_odd(NO_GJENNOMFORING),
    "uten_person": _odd_first(NO_PERSON),
    "ugyldig_dato_fra": _odd_first(BAD_FRA),
    "ugyldig_dato_til": _odd_first(BAD_TIL),
    "ugyldig_dato_statusendring": _odd_first(BAD_ENDRING),
    "ugyldig_reg_dato": _odd_first(BAD_REG),
    "tom_dato_til": _odd_first(EMPTY_TIL, ONCE),
    "ugyldig_mod_dato": _odd_first(BAD_MOD, ONCE),
    "ukjent_status": _odd_first(UNKNOWN_STATUS),
    "ukjent_aarsak": _odd_first(UNKNOWN_AARSAK, ONCE),
    "uten_ident": Story(0.005, TWICE, ident=False, amt=AMT_MISSING),
    # Participants whom another system looks after.
    "ekstern": Story(0.01, TWICE, ekstern=EKSTERN_UUID, amt=AMT_MISSING),
    "ekstern_historisert": Story(
        0.003,
        (_new(), _deleted(0), _new(0, 4, HIST)),
        ended_from=0,
        ekstern=EKSTERN_UUID,
        amt=AMT_MISSING,
    ),
    "ekstern_opptatt": Story(0.002, ONCE, ekstern=EKSTERN_OF_MATE, mate="ekstern", amt=AMT_MISSING),
    "ekstern_ikke_uuid": Story(0.002, ONCE, ekstern=EKSTERN_TEXT, amt=AMT_MISSING),
    "eksternt_type": Story(0.01, ONCE, ekstern=EKSTERN_TYPE, amt=AMT_MISSING),
    "ekstern_type_historisert": Story(
        0.002, HIST_ONLY, ended_from=1, ekstern=EKSTERN_TYPE, amt=AMT_MISSING
    ),
    # Texts that can be read all the same.
    "nul_i_tekst": _always_odd(NUL_IN_TEXT, 0.01, TWICE),
    "tall_som_tekst": _always_odd(NUMBERS_AS_TEXT),
    "ukjent_felt": _always_odd(UNKNOWN_FIELD),
    # An older message comes after a newer one has been treated.
    "eldre_kommer_senere": Story(0.001, (_new(), _changed(1, late=True), _changed(2))),
    # What the measure decides.
    "gjennomforing_kommer_senere": Story(0.003, TWICE, measure="senere", amt=AMT_MISSING),
    "gjennomforing_kommer_aldri": Story(0.002, ONCE, measure="aldri", amt=AMT_MISSING),
    "gjennomforing_ugyldig": Story(0.004, TWICE, measure="ugyldig", amt=AMT_MISSING),
    "gjennomforing_rettet_senere": Story(0.004, TWICE, measure="rettet_senere", amt=AMT_MISSING),
    "gjennomforing_rettet": Story(0.006, TWICE, measure="rettet"),
    "gjennomforing_ikke_stottet": Story(0.04, TWICE, measure="ikke_stottet", amt=AMT_MISSING),
    "gjennomforing_ny_kode": Story(0.002, ONCE, measure="ny_kode", amt=AMT_MISSING),
    "gjennomforing_slettet": Story(0.002, ONCE, measure="slettet"),
    "ukjent_i_mulighetsrommet": Story(0.003, TWICE, measure="ukjent_i_mr", amt=AMT_MISSING),
    "senere_i_mulighetsrommet": Story(0.003, TWICE, measure="senere_i_mr", amt=AMT_MISSING),
}
STORY_NAMES = tuple(STORIES)
USUAL = ("ny", "endret", "avsluttet")


@dataclass(frozen=True)
class Measure:
    """What happens to one gjennomføring.

    Attributes:
        share: of the measures; at least one has the story, those of "vanlig" are the rest.
        steps: the messages.
        invalid: the versions in which something is missing or cannot be read.
        in_mr: the first pass in which Mulighetsrommet knows it, 0 for never.
        unsupported: the versions whose TILTAKSKODE is not supported.
    """

    share: float
    steps: tuple[Step, ...]
    invalid: tuple[int, ...] = ()
    in_mr: int = 1
    unsupported: tuple[int, ...] = ()


_GJ_NEW = _new(table=GJ)
_GJ_CHANGED = _changed(1, table=GJ)

MEASURES: dict[str, Measure] = {
    "vanlig": Measure(0.0, (_GJ_NEW,)),
    # In progress, whatever is drawn for others.
    "lopende": Measure(0.05, (_GJ_NEW,)),
    "endret": Measure(0.2, (_GJ_NEW, _GJ_CHANGED)),
    "rettet": Measure(0.02, (_GJ_NEW, _GJ_CHANGED), invalid=(0,)),
    "rettet_senere": Measure(0.004, (_GJ_NEW, _changed(1, GJ, late=True)), invalid=(0,)),
    "ugyldig": Measure(0.01, (_GJ_NEW, _GJ_CHANGED), invalid=(0, 1)),
    "ikke_stottet": Measure(0.05, (_GJ_NEW, _GJ_CHANGED), in_mr=0, unsupported=(0, 1)),
    # Not supported at first, and the first kind stays.
    "ny_kode": Measure(0.004, (_GJ_NEW, _GJ_CHANGED), unsupported=(0,)),
    "slettet": Measure(0.01, (_GJ_NEW, _deleted(0, table=GJ))),
    "senere": Measure(0.004, (_new(table=GJ, late=True),)),
    "aldri": Measure(0.004, ()),
    "ukjent_i_mr": Measure(0.01, (_GJ_NEW,), in_mr=0),
    "senere_i_mr": Measure(0.01, (_GJ_NEW,), in_mr=2),
}
MEASURE_NAMES = tuple(MEASURES)
# A deltaker whose story asks for a usual measure may get one of these.
GOOD_MEASURES = ("vanlig", "lopende", "endret")
