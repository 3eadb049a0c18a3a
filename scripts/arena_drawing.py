"""Draw the measures, the deltakere and the messages about them that the product arena reads.

Everything is drawn as numbers, whole tables at once; ``scripts.arena_json`` makes texts of them.
Times are int64, microseconds since 1970-01-01 00:00:00; days are int64 since 1970-01-01.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from scripts import common
from scripts.arena_stories import (
    GJ,
    GOOD_MEASURES,
    HIST,
    MEASURE_NAMES,
    MEASURES,
    STORIES,
    STORY_NAMES,
    USUAL,
    Step,
)

PRODUCT = "arena"
SECOND = 1_000_000
DAY = 86_400 * SECOND

FEWEST_MESSAGES = 300
MOST_BAD_ROWS = 0.01
FIRST_GJENNOMFORING = 3_700_001
FIRST_DELTAKER = 6_100_001
FIRST_HIST = 2_400_001
FIRST_PERSON = 4_800_001
DELTAKERE_OF_A_MEASURE = 12
# However few the deltakere, so that there are several of every supported kind.
FEWEST_MEASURES = 24

VERSIONS = 3
# Times of a deltaker: three for the versions, then deletion, hist, and what becomes of that.
SLOTS = 7

ENKELTPLASSER = ("ENKELAMO", "ENKFAGYRKE", "HOYEREUTD")
SUPPORTED = (
    *("INDOPPFAG", "ARBFORB", "AVKLARAG", "VASV", "ARBRRHDAG", "DIGIOPPARB", "JOBBK"),
    *("GRUPPEAMO", "GRUFAGYRKE", *ENKELTPLASSER),
)
UNSUPPORTED = ("MIDLONTIL", "ARBTREN", "VARLONTIL", "MENTOR", "INKLUTILS")
KODER = SUPPORTED + UNSUPPORTED

STATUSES = (
    *("AKTUELL", "VENTELISTE", "INFOMOETE", "TILBUD", "JATAKK", "GJENN", "IKKAKTUELL", "AVSLAG"),
    *("NEITAKK", "FULLF", "DELAVB", "GJENN_AVB", "GJENN_AVL", "IKKEM", "FEILREG"),
)
_STATUS = {status: index for index, status in enumerate(STATUSES)}


def _deck(words: str) -> np.ndarray:
    """List statuses, the frequent ones more than once."""
    return np.array([_STATUS[word] for word in words.split()], dtype=np.int8)


FIRST_STATUSES = _deck(
    "AKTUELL AKTUELL AKTUELL VENTELISTE VENTELISTE INFOMOETE TILBUD JATAKK GJENN GJENN GJENN "
    "GJENN GJENN GJENN IKKAKTUELL"
)
NEXT_STATUSES = _deck("GJENN GJENN GJENN GJENN TILBUD JATAKK JATAKK AVSLAG NEITAKK IKKAKTUELL")
LAST_STATUSES = _deck(
    "FULLF FULLF FULLF FULLF DELAVB DELAVB DELAVB GJENN_AVB GJENN_AVL IKKEM IKKEM AVSLAG NEITAKK "
    "IKKAKTUELL FEILREG"
)
FIRST_WAITING = _STATUS["VENTELISTE"]
AARSAKER = ("HENLU", "SYK", "FRISM", "ANN", "BEGA", "UTV", "FTOAT")

MR_STATUSES = ("GJENNOMFORES", "AVSLUTTET", "AVBRUTT", "AVLYST")
MR_STATUS_DECK = np.array([0] * 7 + [1] * 3 + [2, 3], dtype=np.int8)
OPPSTARTER = ("FELLES", "LOPENDE")


@dataclass(frozen=True)
class Settings:
    """What to generate.

    Attributes:
        meldinger: messages of the first pass, about, ``FEWEST_MESSAGES`` or more.
        passes: what has been received by this pass, 1 or more.
        new: messages that each later pass adds, as a share of those of the first.
        first_day: no message is earlier.
        last_day: no message of the first pass is later; each later pass is one day.
        seed: 0 or more.
        bad_rows: share of rows with each defect, from 0 to ``MOST_BAD_ROWS``.

    Raises:
        SettingError: the settings do not go together.
    """

    meldinger: int = 360
    passes: int = 1
    new: float = 0.01
    first_day: date = date(2024, 7, 1)
    last_day: date = date(2025, 7, 6)
    seed: int = common.DEFAULT_SEED
    bad_rows: float = 0.001

    def __post_init__(self) -> None:
        """Refuse settings that contradict each other."""
        common.check_period(self.first_day, self.last_day)

    @property
    def begin(self) -> int:
        """The first moment of the period."""
        return (self.first_day - date(1970, 1, 1)).days * DAY

    @property
    def end(self) -> int:
        """The first moment after the period of the first pass."""
        return ((self.last_day - date(1970, 1, 1)).days + 1) * DAY

    def random(self, *purpose: str | int) -> np.random.Generator:
        """Make the random generator of one purpose."""
        return common.random_generator(self.seed, PRODUCT, *purpose)


# --- how many ------------------------------------------------------------------------------------


def _shared_out(shares: Sequence[float], rest: Sequence[int], total: int) -> np.ndarray:
    """Share a number out: at least one for each share, what is left to ``rest`` by their shares.

    Args:
        shares: of each kind; those in ``rest`` are shares of what the others leave.
        rest: indices of the usual kinds; the first gets what rounding leaves.
        total: how many to share out.

    Returns:
        A number for each kind; together ``total`` or, if that is too few, one of each.
    """
    counts = np.maximum(1, np.round(np.array(shares) * total).astype(np.int64))
    usual = list(rest)
    counts[usual] = 0
    left = max(total - int(counts.sum()), len(usual))
    counts[usual] = np.maximum(1, (np.array(shares)[usual] * left).astype(np.int64))
    counts[usual[0]] += max(left - int(counts[usual].sum()), 0)
    return counts


def story_counts(deltakere: int) -> np.ndarray:
    """Say how many deltakere have each story, in the order of ``STORY_NAMES``."""
    usual = [STORY_NAMES.index(name) for name in USUAL]
    return _shared_out([story.share for story in STORIES.values()], usual, deltakere)


def measure_counts(deltakere: int) -> np.ndarray:
    """Say how many measures have each story, in the order of ``MEASURE_NAMES``."""
    shares = [measure.share or 1.0 for measure in MEASURES.values()]
    usual = [MEASURE_NAMES.index("vanlig")]
    return _shared_out(shares, usual, FEWEST_MEASURES + deltakere // DELTAKERE_OF_A_MEASURE)


def _messages(deltakere: int) -> int:
    """Count the messages of the first pass of so many deltakere and their measures."""
    kinds = zip(
        [*story_counts(deltakere), *measure_counts(deltakere)],
        [*STORIES.values(), *MEASURES.values()],
        strict=True,
    )
    return sum(int(count) * sum(not step.late for step in kind.steps) for count, kind in kinds)


def deltakere_for(messages: int) -> int:
    """Say how many deltakere it takes for about so many messages in the first pass."""
    low, high = 0, max(messages, 1)
    while low < high:
        middle = (low + high) // 2
        if _messages(middle) < messages:
            low = middle + 1
        else:
            high = middle
    return low


def share_of(share: float, rows: int) -> int:
    """Return a share of rows as a number, at least one if the share is not nothing."""
    return max(1, round(share * rows)) if share else 0


# --- measures ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Gjennomforinger:
    """Measures, one element of each array for each.

    Attributes:
        story: index into ``MEASURE_NAMES``.
        kode: index into ``KODER``, shape (measures, 2): of each version.
        invalid: what the version that is not valid lacks, 0 to ``KINDS_OF_INVALID`` - 1.
        start: day.
        slutt: day.
        endless: no slutt_dato in Mulighetsrommet and no DATO_TIL in Arena.
        status: index into ``MR_STATUSES``.
        felles: whether all start together.
        times: of the messages, shape (measures, ``SLOTS``), rising.
    """

    story: np.ndarray
    kode: np.ndarray
    invalid: np.ndarray
    start: np.ndarray
    slutt: np.ndarray
    endless: np.ndarray
    status: np.ndarray
    felles: np.ndarray
    times: np.ndarray

    def __len__(self) -> int:
        """The number of measures."""
        return len(self.story)


KINDS_OF_INVALID = 7


def draw_gjennomforinger(settings: Settings, deltakere: int) -> Gjennomforinger:
    """Draw the measures of so many deltakere."""
    random = settings.random("gjennomforinger")
    counts = measure_counts(deltakere)
    rows = int(counts.sum())
    story = random.permutation(np.repeat(np.arange(len(counts)), counts))
    supported = random.permutation(np.resize(np.arange(len(SUPPORTED)), rows))
    unsupported = len(SUPPORTED) + random.integers(0, len(UNSUPPORTED), rows)
    kode = np.stack([supported, supported], axis=1)
    for index, measure in enumerate(MEASURES.values()):
        for version in measure.unsupported:
            kode[:, version] = np.where(story == index, unsupported, kode[:, version])

    first_day, days = settings.begin // DAY, (settings.end - settings.begin) // DAY
    start = first_day - 120 + random.integers(0, days + 150, rows)
    slutt = start + random.integers(30, 500, rows)
    status = random.permutation(np.resize(MR_STATUS_DECK, rows))
    status[np.isin(story, [MEASURE_NAMES.index(name) for name in ("lopende", "rettet")])] = 0
    # Most are known before the deltakere come.
    early = random.random(rows) < 0.85
    span = settings.end - settings.begin
    share = np.where(early, random.random(rows) * 0.03, random.random(rows) * 0.9)
    first = settings.begin + (share * span).astype(np.int64)
    return Gjennomforinger(
        story=story,
        kode=kode,
        invalid=random.permutation(np.resize(np.arange(KINDS_OF_INVALID), rows)),
        start=start,
        slutt=slutt,
        endless=random.random(rows) < 0.12,
        status=status,
        felles=random.random(rows) < 0.5,
        times=_times(random, first, settings.end),
    )


def _times(random: np.random.Generator, first: np.ndarray, end: int) -> np.ndarray:
    """Draw ``SLOTS`` rising times for each row, from ``first`` to just before ``end``."""
    rest = np.sort(random.random((len(first), SLOTS - 1)), axis=1)
    times = np.empty((len(first), SLOTS), dtype=np.int64)
    times[:, 0] = first
    room = np.maximum(end - first - SLOTS * SECOND, 0)
    times[:, 1:] = first[:, None] + (rest * room[:, None]).astype(np.int64)
    times[:, 1:] += np.arange(1, SLOTS) * SECOND
    # What is historised is deleted from one table and put into the other in one transaction.
    times[:, 4] = times[:, 3] + 1_000 + (times[:, 4] % 1_000)
    return times


# --- deltakere -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deltakere:
    """Deltakere, one element of each array for each; ``versions`` is (deltakere, ``VERSIONS``).

    Attributes:
        story: index into ``STORY_NAMES``.
        person: index of the person.
        measure: index into the measures.
        mate: index of the deltaker whose EKSTERN_ID it uses, its own index for most.
        times: shape (deltakere, ``SLOTS``), rising.
        reg: seconds since 1970-01-01 00:00:00.
        status: versions, index into ``STATUSES``.
        aarsak: versions, index into ``AARSAKER``, -1 for none.
        fra: versions, day, ``NO_DAY`` for none.
        til: versions, day, ``NO_DAY`` for none.
        endring: versions, seconds since 1970-01-01 00:00:00, ``NO_DAY`` for none.
    """

    story: np.ndarray
    person: np.ndarray
    measure: np.ndarray
    mate: np.ndarray
    times: np.ndarray
    reg: np.ndarray
    status: np.ndarray
    aarsak: np.ndarray
    fra: np.ndarray
    til: np.ndarray
    endring: np.ndarray

    def __len__(self) -> int:
        """The number of deltakere."""
        return len(self.story)


NO_DAY = np.iinfo(np.int64).min


def draw_deltakere(
    settings: Settings, measures: Gjennomforinger, counts: np.ndarray, number: int, first: int
) -> Deltakere:
    """Draw the deltakere that a pass brings.

    Args:
        settings: what to generate.
        measures: all measures.
        counts: how many deltakere have each story.
        number: of the pass, from 1.
        first: how many deltakere come before them.
    """
    random = settings.random("deltakere", number)
    rows = int(counts.sum())
    story = random.permutation(np.repeat(np.arange(len(counts)), counts))
    begin, end = settings.begin, settings.end
    if number > 1:
        begin, end = end + (number - 2) * DAY, end + (number - 1) * DAY
    start = begin + (random.random(rows) * 0.92 * (end - begin)).astype(np.int64)
    times = _times(random, start, end)
    usual = np.isin(story, [STORY_NAMES.index(name) for name in USUAL])

    person = first + np.arange(rows)
    # Some of the usual ones participate in something else, too.
    again = np.flatnonzero(usual & (random.random(rows) < 0.15))
    person[again] = first + random.choice(np.flatnonzero(usual), len(again))
    status, aarsak = _draw_statuses(random, story)
    fra, til = _draw_days(random, times[:, 0] // DAY, status)
    endring = times[:, :VERSIONS] // SECOND
    endring -= np.where(random.random((rows, 1)) < 0.4, endring % 86_400, 0)
    unsaid = usual & (random.random(rows) < 0.03)
    endring[unsaid, 0] = NO_DAY
    reg = times[:, 0] // SECOND
    drawn = Deltakere(
        story=story,
        person=person,
        measure=_draw_measures(random, measures, story),
        mate=first + np.arange(rows),
        times=times,
        reg=reg - np.where(random.random(rows) < 0.3, reg % 86_400, 0),
        status=status,
        aarsak=aarsak,
        fra=fra,
        til=til,
        endring=endring,
    )
    _join_mates(drawn, first)
    return drawn


def _draw_statuses(random: np.random.Generator, story: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draw status and aarsak of every version."""
    rows = len(story)
    ended_from = np.array([STORIES[name].ended_from for name in STORY_NAMES])[story]
    status = np.empty((rows, VERSIONS), dtype=np.int8)
    for version, deck in enumerate((FIRST_STATUSES, NEXT_STATUSES, NEXT_STATUSES)):
        running = random.permutation(np.resize(deck, rows))
        ended = random.permutation(np.resize(LAST_STATUSES, rows))
        status[:, version] = np.where(ended_from <= version, ended, running)
    waiting = np.array([STORIES[name].waiting for name in STORY_NAMES])[story]
    status[waiting] = FIRST_WAITING
    aarsak = random.integers(-4, len(AARSAKER), (rows, VERSIONS))
    aarsak = np.where(np.isin(status, LAST_STATUSES), np.maximum(aarsak, -1), -1)
    return status, aarsak


def _draw_days(
    random: np.random.Generator, registered: np.ndarray, status: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Draw DATO_FRA and DATO_TIL of every version."""
    rows = len(registered)
    fra = np.repeat((registered + random.integers(-10, 75, rows))[:, None], VERSIONS, axis=1)
    til = fra + random.integers(14, 300, (rows, 1))
    # Half of the changes move the end.
    for version in range(1, VERSIONS):
        moved = random.integers(-60, 90, rows) * (random.random(rows) < 0.5)
        til[:, version] = np.maximum(til[:, version - 1] + moved, fra[:, version])
    unsettled = np.isin(status, FIRST_STATUSES[:6])
    missing = random.random((rows, 1)) < np.where(unsettled, 0.5, 0.04)
    fra = np.where(missing, NO_DAY, fra)
    til = np.where(missing | (random.random((rows, 1)) < 0.06), NO_DAY, til)
    return fra, til


def _draw_measures(
    random: np.random.Generator, measures: Gjennomforinger, story: np.ndarray
) -> np.ndarray:
    """Draw a measure of the kind that each story asks for."""
    wanted = np.array(
        [MEASURE_NAMES.index(STORIES[name].measure) for name in STORY_NAMES], dtype=np.int64
    )[story]
    chosen = np.empty(len(story), dtype=np.int64)
    usual = [MEASURE_NAMES.index(name) for name in GOOD_MEASURES]
    for kind, name in enumerate(MEASURE_NAMES):
        among = np.flatnonzero(
            np.isin(measures.story, usual) if name == "vanlig" else measures.story == kind
        )
        at = np.flatnonzero(wanted == kind)
        chosen[at] = random.choice(among, len(at))
    return chosen


def _join_mates(drawn: Deltakere, first: int) -> None:
    """Give the stories that have a mate its person, its measure and what else they share."""
    for number, story in enumerate(STORIES.values()):
        at = np.flatnonzero(drawn.story == number)
        if story.mate is None or not len(at):
            continue
        mates = np.flatnonzero(drawn.story == STORY_NAMES.index(story.mate))
        # Those of different stories begin at different mates.
        mates = np.resize(np.roll(mates, number), len(at))
        shared = [drawn.person, drawn.measure]
        if story.copies:
            shared += [drawn.times, drawn.status, drawn.aarsak, drawn.fra, drawn.til]
            shared += [drawn.endring, drawn.reg]
        for column in shared:
            column[at] = column[mates]
        drawn.mate[at] = first + mates


def joined(parts: Sequence[Deltakere]) -> Deltakere:
    """Put the deltakere of several passes together."""
    names = Deltakere.__dataclass_fields__
    return Deltakere(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    )


# --- messages ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Messages:
    """Messages in the order in which they were received, one element of each array for each.

    Attributes:
        table: index into ``TABLES``.
        operation: index into ``OPERATIONS``.
        who: index of the measure or the deltaker.
        before: version in ``before``, -1 for none.
        after: version in ``after``, -1 for none.
        time: when Arena did it.
        pos: rises with ``time``.
        number: of the pass that receives it, from 1.
        defect: 0 for none, else 1 + the index of a defect of ``scripts.arena_bad``.
        turn: how often the defect came before.
    """

    table: np.ndarray
    operation: np.ndarray
    who: np.ndarray
    before: np.ndarray
    after: np.ndarray
    time: np.ndarray
    pos: np.ndarray
    number: np.ndarray
    defect: np.ndarray
    turn: np.ndarray

    def __len__(self) -> int:
        """The number of messages."""
        return len(self.table)

    def at(self, rows: np.ndarray | slice) -> "Messages":
        """Return some of the messages."""
        return Messages(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def _of_step(step: Step, who: np.ndarray, times: np.ndarray, number: int) -> Messages:
    """Make the messages of one step.

    Args:
        step: what they are about.
        who: indices of the measures or deltakere.
        times: when Arena did it.
        number: of the pass that receives those that are not late.
    """
    rows = len(who)
    # The last digits keep apart what happens in the same microsecond.
    pos = times * 1_000 + (who * 7 + step.slot + 500 * (step.table == HIST)) % 1_000
    return Messages(
        table=np.full(rows, step.table, dtype=np.int8),
        operation=np.full(rows, step.operation, dtype=np.int8),
        who=who.astype(np.int32),
        before=np.full(rows, step.before, dtype=np.int8),
        after=np.full(rows, step.after, dtype=np.int8),
        time=times,
        pos=pos,
        number=np.full(rows, number + step.late, dtype=np.int16),
        defect=np.zeros(rows, dtype=np.int16),
        turn=np.zeros(rows, dtype=np.int32),
    )


def _together(parts: Sequence[Messages]) -> Messages:
    """Put messages together."""
    return Messages(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in Messages.__dataclass_fields__
        )
    )


@dataclass(frozen=True)
class World:
    """All that was drawn.

    Attributes:
        measures: all measures.
        deltakere: those of every pass.
        first_pass: how many deltakere come with the first pass.
        messages: those of every pass, in the order in which they were received.
    """

    measures: Gjennomforinger
    deltakere: Deltakere
    first_pass: int
    messages: Messages


def draw(settings: Settings, defects: int, repeats: Sequence[int]) -> World:
    """Draw measures, deltakere and messages.

    A later pass never changes what an earlier one received.

    Args:
        settings: what to generate.
        defects: number of kinds of defect that a message can have.
        repeats: indices of the defects that keep the key of the message they come from.
    """
    bad = share_of(settings.bad_rows, settings.meldinger)
    base = deltakere_for(settings.meldinger - bad * defects)
    measures = draw_gjennomforinger(settings, base)
    counts = story_counts(base)
    drawn = [draw_deltakere(settings, measures, counts, 1, 0)]
    parts = [*_measure_parts(measures), *_deltaker_parts(drawn[0], 0, 1)]
    base = len(drawn[0])
    good = _together([part.at(part.number == 1) for part in parts])
    parts.append(_defects(settings, good, bad, defects, repeats))

    late = sum(int((part.number == 2).sum()) for part in parts)
    wanted = share_of(settings.new, settings.meldinger)
    # Who is corrected in a later pass: those whose first row was the last one so far.
    unchanged = np.flatnonzero(drawn[0].story == STORY_NAMES.index("ny"))
    unchanged = settings.random("corrected").permutation(unchanged)
    first, used = base, 0
    for number in range(2, settings.passes + 1):
        room = max(wanted - (late if number == 2 else 0), 0)
        corrected = unchanged[used : used + (room + 1) // 2]
        used += len(corrected)
        when = settings.end + (number - 2) * DAY
        when += settings.random("corrections", number).integers(0, DAY, len(corrected))
        parts.append(_of_step(STORIES["endret"].steps[1], corrected, when, number))
        # One pass can bring two messages of a deltaker.
        counts = np.zeros(len(STORIES), dtype=np.int64)
        counts[[STORY_NAMES.index(name) for name in ("ny", "endret")]] = (
            room // 2 - 2 * (room // 6),
            room // 6,
        )
        part = draw_deltakere(settings, measures, counts, number, first)
        parts += _deltaker_parts(part, first, number)
        drawn.append(part)
        first += len(part)
    messages = _together(parts)
    messages = messages.at(messages.number <= settings.passes)
    return World(measures, joined(drawn), base, _received(settings, messages))


def _measure_parts(measures: Gjennomforinger) -> list[Messages]:
    """Make the messages about measures."""
    parts = []
    for number, measure in enumerate(MEASURES.values()):
        at = np.flatnonzero(measures.story == number)
        parts += [_of_step(step, at, measures.times[at, step.slot], 1) for step in measure.steps]
    return parts


def _deltaker_parts(drawn: Deltakere, first: int, number: int) -> list[Messages]:
    """Make the messages about deltakere that a pass brings."""
    parts = []
    for index, story in enumerate(STORIES.values()):
        at = np.flatnonzero(drawn.story == index)
        parts += [
            _of_step(step, first + at, drawn.times[at, step.slot], number) for step in story.steps
        ]
    return parts


def _defects(
    settings: Settings, good: Messages, bad: int, defects: int, repeats: Sequence[int]
) -> Messages:
    """Make messages with a defect: like good ones, which stay, but for the defect.

    Args:
        settings: what to generate.
        good: the messages that they are made from.
        bad: how many messages have each defect.
        defects: number of kinds of defect.
        repeats: indices of the defects that keep the key.
    """
    random = settings.random("bad")
    kind = np.repeat(np.arange(defects), bad)
    turn = np.tile(np.arange(bad), defects)
    # Half of the defects are about rows of deltakere; the model has to have an ``after``.
    models = np.flatnonzero((good.after >= 0) & (good.table != HIST) & (good.table != GJ))
    model = good.at(random.choice(models, len(kind)))
    keeps = np.isin(kind, repeats)
    later = model.time + random.integers(1, 3_600, len(kind)) * SECOND
    return Messages(
        table=model.table,
        operation=model.operation,
        who=model.who,
        before=model.before,
        after=model.after,
        time=np.where(keeps, model.time, np.minimum(later, settings.end - 1)),
        pos=np.where(keeps, model.pos, np.minimum(later, settings.end - 1) * 1_000 + 999),
        number=model.number,
        defect=(kind + 1).astype(np.int16),
        turn=turn.astype(np.int32),
    )


def _received(settings: Settings, messages: Messages) -> Messages:
    """Put messages in the order in which they are received: some overtake others."""
    delay = np.empty(len(messages), dtype=np.int64)
    for number in range(1, settings.passes + 1):
        at = np.flatnonzero(messages.number == number)
        delay[at] = settings.random("received", number).integers(0, 40 * SECOND, len(at))
    # What repeats a message comes after it.
    delay += np.where(messages.defect > 0, 41 * SECOND, 0)
    return messages.at(np.lexsort([messages.time + delay, messages.number]))
