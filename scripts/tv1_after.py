"""Read where an earlier output of the tv1 simulation ended, so that a new period goes on from it.

The tables themselves are enough: the highest id, and for every user the last episode and how much
of it was seen. Rows that cannot be read, such as those of ``--bad-rows``, are passed over.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from scripts import common
from scripts.common import TEXT, SettingError
from scripts.tv1_catalogue import PRODUCT, Catalogue
from scripts.tv1_simulation import EPISODE, SESSION, TRACKING_SCHEMA, TYPES, State

_CSV_BLOCK = 16 * 2**20
_PARQUET_BATCH = 100_000
_CONTEXT = (
    r'^\{"start_time":"(?P<start>[-0-9T:]{19})","end_time":"(?P<end>[-0-9T:]{19})",'
    r'"finished":(?P<finished>true|false)\}$'
)
_NUMBER = "^[0-9]{1,18}$"


@dataclass(frozen=True)
class Earlier:
    """Where an earlier output ended.

    Attributes:
        last_id: the highest tracking_id, 0 if there is none.
        state: where the users stood.
    """

    last_id: int
    state: State


def _read(folder: Path, name: str, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """Read columns of a table as text, some rows at a time.

    Raises:
        SettingError: the table is not there or cannot be read.
    """
    stem = f"raw_{PRODUCT}__{name}"
    csv, parquet = folder / f"{stem}.csv", folder / f"{stem}.parquet"
    if csv.exists() == parquet.exists():
        which = "both" if csv.exists() else "neither"
        raise SettingError(f"--after: {str(folder)!r} has {which} {csv.name} and {parquet.name}.")
    try:
        if parquet.exists():
            with pq.ParquetFile(parquet) as file:
                for batch in file.iter_batches(_PARQUET_BATCH, columns=columns):
                    yield batch.cast(pa.schema([(column, TEXT) for column in columns]))
            return
        with pyarrow.csv.open_csv(
            csv,
            read_options=pyarrow.csv.ReadOptions(block_size=_CSV_BLOCK),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(columns, TEXT),
                include_columns=columns,
                strings_can_be_null=True,
                null_values=[""],
                quoted_strings_can_be_null=True,
            ),
        ) as reader:
            yield from reader
    except (pa.ArrowException, KeyError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise SettingError(f"--after: {stem} cannot be read: {reason}.") from None


def _numbers(column: pa.Array) -> np.ndarray:
    """Read ids: int64, -1 for what is none."""
    good = pc.fill_null(pc.match_substring_regex(column, _NUMBER), False)
    return pc.if_else(good, column, "-1").cast(pa.int64()).to_numpy(zero_copy_only=False)


def _parsed(column: pa.Array, between: str) -> pa.Array:
    """Read ``YYYY-MM-DD``, what is between, ``HH:MM:SS``: NULL for what the calendar lacks."""
    pattern = f"%Y-%m-%d{between}%H:%M:%S"
    parsed = pc.strptime(column, format=pattern, unit="s", error_is_null=True)
    # 30 February is read as 2 March, which is written otherwise.
    same = pc.equal(pc.strftime(parsed, format=pattern), column)
    return pc.if_else(same, parsed, None)


def _times(column: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Read times: seconds since 1970-01-01 00:00:00, int64, and whether there is one."""
    parsed = _parsed(column, "T")
    good = parsed.is_valid().to_numpy(zero_copy_only=False)
    return pc.fill_null(parsed.cast(pa.int64()), 0).to_numpy(zero_copy_only=False), good


def read_earlier(folder: Path, catalogue: Catalogue, users: int, first_day: date) -> Earlier:
    """Read where an earlier output ended.

    Args:
        folder: what an earlier run wrote, CSV or Parquet.
        catalogue: the catalogue of the new period, which has to be that of the earlier one.
        users: number of users of the new period; those who were not there have not seen anything,
            and what is known of others is left out.
        first_day: first day of the new period.

    Returns:
        The highest id and the users' state.

    Raises:
        SettingError: a table is missing or cannot be read, the catalogue is another one, or the
            earlier output has sessions of the new period.
    """
    _require_same_catalogue(folder, catalogue)
    watched = _Watched(catalogue, users)
    last_id = 0
    noon = f"{first_day.isoformat()} 12:00:00"
    for batch in _read(folder, "tracking", TRACKING_SCHEMA.names):
        last_id = max(last_id, int(_numbers(batch["tracking_id"]).max(initial=0)))
        # A session of the day before may start after midnight, in the small hours.
        times = batch["tracking_time"].filter(pc.equal(batch["type"], TYPES[SESSION]))
        if pc.any(pc.greater(times.filter(_parsed(times, " ").is_valid()), noon)).as_py():
            raise SettingError(
                f"--from {first_day} is not after the sessions that --after {str(folder)!r} has."
            )
        watched.add(batch.filter(pc.fill_null(pc.equal(batch["type"], TYPES[EPISODE]), False)))
    return Earlier(last_id, watched.state())


def _require_same_catalogue(folder: Path, catalogue: Catalogue) -> None:
    """Ask whether the earlier output has every episode of the catalogue as it is."""
    columns = ["episode_id", "season_id", "details"]
    found: set[tuple[str | None, ...]] = set()
    for batch in _read(folder, "episodes", columns):
        found.update(zip(*(batch[column].to_pylist() for column in columns), strict=True))
    wanted = catalogue.tables["episodes"].select(columns)
    texts = [common.as_text(column.combine_chunks()).to_pylist() for column in wanted.columns]
    if not found.issuperset(zip(*texts, strict=True)):
        raise SettingError(
            f"--after: {str(folder)!r} has another catalogue; take its --seed and --config."
        )


class _Watched:
    """What every user saw last; an element of each array for each user.

    Args:
        catalogue: the episodes.
        users: how many.
    """

    def __init__(self, catalogue: Catalogue, users: int) -> None:
        """Begin with nothing."""
        self._catalogue = catalogue
        self._last = np.full(users, -1, dtype=np.int64)  # index of the episode
        self._part = np.zeros(users, dtype=np.int64)  # seconds of it
        self._finished = np.zeros(users, dtype=bool)

    def add(self, batch: pa.RecordBatch) -> None:
        """Take events in, which come in the order of their ids."""
        context = pc.extract_regex(batch["context"], _CONTEXT)
        start, has_start = _times(pc.struct_field(context, "start"))
        end, has_end = _times(pc.struct_field(context, "end"))
        finished = pc.fill_null(pc.equal(pc.struct_field(context, "finished"), "true"), False)
        user, episode = _numbers(batch["user_id"]) - 1, _numbers(batch["target_id"]) - 1
        good = has_start & has_end & (end >= start) & (user >= 0) & (user < len(self._last))
        good &= (episode >= 0) & (episode < len(self._catalogue.seconds))
        rows = np.flatnonzero(good)
        rows = rows[np.argsort(user[rows], kind="stable")]
        if not len(rows):
            return
        user, episode, part = user[rows], episode[rows], (end - start)[rows]
        finished = finished.to_numpy(zero_copy_only=False)[rows]
        # An episode begins anew where the one before it was finished or was another one.
        viewers, head = np.unique(user, return_index=True)
        anew = np.ones(len(rows), dtype=bool)
        anew[1:] = finished[:-1] | (episode[1:] != episode[:-1])
        anew[head] = self._finished[viewers] | (self._last[viewers] != episode[head])
        # From the last row that begins anew; from the batches before if there is none.
        since = np.maximum.accumulate(np.where(anew, np.arange(len(rows)), -1))
        last = np.append(head[1:], len(user)) - 1
        begun = since[last] >= head
        origin = np.where(begun, since[last], head)
        total = np.concatenate([[0], np.cumsum(part)])
        seen = total[last + 1] - total[origin]
        self._part[viewers] = np.where(begun, 0, self._part[viewers]) + seen
        self._last[viewers] = episode[last]
        self._finished[viewers] = finished[last]

    def state(self) -> State:
        """Return where the users stand."""
        catalogue = self._catalogue
        fresh = State.fresh(len(self._last))
        known = np.flatnonzero(self._last >= 0)
        episode = self._last[known]
        season = np.searchsorted(catalogue.first, episode, side="right") - 1
        before = catalogue.ends[episode] - catalogue.ends[catalogue.first[season]]
        length = catalogue.seconds[episode]
        part = np.where(self._finished[known], length, np.minimum(self._part[known], length))
        fresh.season[known] = season
        fresh.over[known] = before + part
        return fresh
