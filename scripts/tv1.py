"""Generate the raw inputs of the product tv1: a catalogue, users, and what they watch.

Run from the project root::

    python -m scripts.tv1                                        # the committed seeds
    python -m scripts.tv1 --users 100000 --days 15 --format parquet --out <folder>
    python -m scripts.tv1 --from 2025-01-08 --after seeds/tv1 --out <folder>    # the next week

Six tables are written, ``raw_tv1__<table>.csv`` or ``.parquet``: users, segmentation, programs,
seasons, episodes, tracking. What is drawn from what stands in ``tv1_simulation.toml``.

Every user has a session in each window of a day with the window's chance. A session lasts as long
as its budget; what it leaves of an episode, the user's next one takes up. Two keys of a segment
that the simulation of old did not look at: ``avg_session_minutes`` is the level of its budgets,
and ``kids_content_share`` the chance that a season, when a new one is drawn, is for children.

``--after`` goes on where an earlier output ended: ids, and the season and episode that every user
is in. A period in two parts has the same events, with the same ids, as in one.

Tracking is simulated day by day and ``CHUNK_USERS`` users at a time, and written as it comes, so
that memory does not grow with the period.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from scripts import common
from scripts.common import TEXT, SettingError, TableFolder
from scripts.tv1_after import Earlier, read_earlier
from scripts.tv1_bad import MOST_BAD_ROWS, BadTracking, all_text, bad_rows_of
from scripts.tv1_catalogue import PRODUCT, Catalogue, draw_catalogue
from scripts.tv1_catalogue import SCHEMAS as CATALOGUE_SCHEMAS
from scripts.tv1_config import (
    DEFAULT_PATH,
    MOST_DAYS,
    MOST_USERS,
    Config,
    Minutes,
    Window,
    read_config,
)
from scripts.tv1_simulation import (
    TRACKING_SCHEMA,
    USERS_SCHEMA,
    Simulation,
    State,
    draw_users,
    tracking_table,
    users_table,
)

PROGRAM = "scripts.tv1"
# About as many for each user and day; for the progress bar only.
EVENTS_A_DAY = 14

SCHEMAS: dict[str, pa.Schema] = {
    "users": USERS_SCHEMA,
    "segmentation": pa.schema(
        [
            ("segment_id", pa.int64()),
            ("segment_key", TEXT),
            ("name", TEXT),
            ("description", TEXT),
            ("activity_level", TEXT),
            ("child_focus", TEXT),
            ("preferred_platform_weights", TEXT),
            ("weekday_time_windows", TEXT),
            ("weekend_time_windows", TEXT),
            ("avg_daily_minutes_weekday", TEXT),
            ("avg_daily_minutes_weekend", TEXT),
            ("avg_session_minutes", TEXT),
            ("kids_content_share", TEXT),
        ]
    ),
    **CATALOGUE_SCHEMAS,
    "tracking": TRACKING_SCHEMA,
}


@dataclass(frozen=True)
class Settings:
    """What to generate.

    Attributes:
        users: number of users, 1 or more.
        first_day: the first day with sessions.
        last_day: the last day with sessions, which may end on the day after.
        seed: 0 or more.
        bad_rows: share of rows with each defect, from 0 to ``MOST_BAD_ROWS``.
        config: distributions; what it says about the run is not looked at.
        after: folder of an earlier output to go on from, if any.

    Raises:
        SettingError: the settings do not go together.
    """

    users: int
    first_day: date
    last_day: date
    seed: int = common.DEFAULT_SEED
    bad_rows: float = 0.0
    config: Config = field(default_factory=read_config)
    after: Path | None = None

    def __post_init__(self) -> None:
        """Refuse settings that contradict each other."""
        common.check_period(self.first_day, self.last_day)
        if self.days > MOST_DAYS:
            raise SettingError(f"--to {self.last_day} makes more than {MOST_DAYS} days.")
        if self.bad_rows and self.users * self.days < 100:
            raise SettingError(
                "--bad-rows needs 100 days of users or more to show every defect, "
                "such as --users 50 --days 2."
            )

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.last_day - self.first_day).days + 1


def schema(name: str, settings: Settings) -> pa.Schema:
    """Return the schema of a table.

    Args:
        name: a key of ``SCHEMAS``.
        settings: with bad rows, every column is text, for some cannot be read as anything else.
    """
    fixed = SCHEMAS[name]
    return pa.schema([(f.name, TEXT) for f in fixed]) if settings.bad_rows else fixed


def segmentation_table(config: Config) -> pa.Table:
    """Write the config's segments as the table ``segmentation``."""
    rows = [
        {
            "segment_id": segment.segment_id,
            **segment.texts,
            "preferred_platform_weights": _json(segment.platforms),
            "weekday_time_windows": _json(_windows(segment.weekday_windows)),
            "weekend_time_windows": _json(_windows(segment.weekend_windows)),
            "avg_daily_minutes_weekday": _json(_minutes(segment.weekday_minutes)),
            "avg_daily_minutes_weekend": _json(_minutes(segment.weekend_minutes)),
            "avg_session_minutes": f"{segment.avg_session_minutes:g}",
            "kids_content_share": f"{segment.kids_content_share:g}",
        }
        for segment in config.segments
    ]
    return pa.Table.from_pylist(rows, SCHEMAS["segmentation"])


def _json(value: Any) -> str:
    """Write JSON without blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _windows(windows: Sequence[Window]) -> list[dict[str, Any]]:
    """Describe windows as the table has them."""
    return [
        {"start": window.text[0], "end": window.text[1], "weight": window.share}
        for window in windows
    ]


def _minutes(minutes: Minutes) -> dict[str, float]:
    """Describe the length of a session as the table has it."""
    return {"mean": minutes.mean, "sd": minutes.sd, "min": minutes.low, "max": minutes.high}


class _OfConfig:
    """Stands for an option that is not given."""

    def __str__(self) -> str:
        """Say where the value comes from, for --help."""
        return "the config's"


OF_CONFIG = _OfConfig()


class Tables:
    """The tables, each a method that yields its chunks.

    Args:
        settings: what to generate.

    Raises:
        SettingError: the earlier output cannot be gone on from.
    """

    def __init__(self, settings: Settings) -> None:
        """Draw the catalogue and the users, and read where the earlier output ended."""
        self._settings = settings
        config = settings.config
        self._catalogue: Catalogue = draw_catalogue(config.catalogue, settings.seed)
        self._users = draw_users(config.users, settings.users, settings.seed)
        self._earlier = Earlier(0, State.fresh(settings.users))
        if settings.after is not None:
            self._earlier = read_earlier(
                settings.after, self._catalogue, settings.users, settings.first_day
            )

    def _whole(self, name: str, table: pa.Table) -> Iterator[pa.Table]:
        """Yield a small table, and its bad rows if they are asked for."""
        if self._settings.bad_rows:
            table = all_text(table)
            table = pa.concat_tables([table, bad_rows_of(name, table, self._settings.bad_rows)])
        yield table

    def users(self) -> Iterator[pa.Table]:
        """Yield the users."""
        return self._whole("users", users_table(self._settings.config.users, self._users))

    def segmentation(self) -> Iterator[pa.Table]:
        """Yield the segments."""
        return self._whole("segmentation", segmentation_table(self._settings.config))

    def programs(self) -> Iterator[pa.Table]:
        """Yield the programmes."""
        return self._whole("programs", self._catalogue.tables["programs"])

    def seasons(self) -> Iterator[pa.Table]:
        """Yield the seasons."""
        return self._whole("seasons", self._catalogue.tables["seasons"])

    def episodes(self) -> Iterator[pa.Table]:
        """Yield the episodes."""
        return self._whole("episodes", self._catalogue.tables["episodes"])

    def tracking(self) -> Iterator[pa.Table]:
        """Yield the events, by day, user and time; ids count up."""
        settings = self._settings
        simulation = Simulation(
            settings.config,
            self._catalogue,
            self._users.segment_id,
            settings.seed,
            self._earlier.state,
        )
        bad = BadTracking(settings.bad_rows, settings.users, settings.days)
        next_id = self._earlier.last_id + 1
        for number in range(settings.days):
            day = settings.first_day + timedelta(days=number)
            for events in simulation.day(day):
                table = tracking_table(settings.config, day, events, next_id)
                next_id += len(events)
                yield bad.spoil(all_text(table)) if settings.bad_rows else table


def generate(settings: Settings, folder: TableFolder) -> dict[str, int]:
    """Write the six tables.

    Args:
        settings: what to generate.
        folder: an entered ``TableFolder``.

    Returns:
        By table, the number of rows.

    Raises:
        SettingError: the earlier output cannot be gone on from.
    """
    tables = Tables(settings)
    expected = {
        "users": settings.users,
        "tracking": settings.users * settings.days * EVENTS_A_DAY,
    }
    return {
        name: folder.write(
            f"raw_{PRODUCT}__{name}",
            schema(name, settings),
            getattr(tables, name)(),
            expected.get(name, 0),
        )
        for name in SCHEMAS
    }


def _settings(**given: Any) -> Settings:
    """Complete what the command line says with what the config says about the run."""
    options = {name: value for name, value in given.items() if value is not OF_CONFIG}
    config = read_config(options.get("config", DEFAULT_PATH))
    run = config.run
    if options["after"] is not None and "first_day" not in options:
        raise SettingError("--after needs --from, the day on which the new period begins.")
    first_day: date = options.get("first_day", run.first_day)
    last_day = options.get("last_day")
    if last_day is None:
        try:
            last_day = first_day + timedelta(days=options.get("days", run.days) - 1)
        except OverflowError:
            raise SettingError(f"--from {first_day} leaves no room for the days.") from None
    return Settings(
        users=options.get("users", run.users),
        first_day=first_day,
        last_day=last_day,
        seed=options.get("seed", run.seed),
        bad_rows=options["bad_rows"],
        config=config,
        after=options["after"],
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: the command line without the program's name; that of the process if None.

    Returns:
        The exit code, see ``scripts.common.run``.
    """
    parser = common.command_line(
        PROGRAM,
        "Generate the raw inputs of the product tv1. What is not given here is what the "
        "config says.",
        f"seeds/{PRODUCT}",
    )
    parser.set_defaults(seed=OF_CONFIG)
    add = parser.add_argument
    add(
        "--config",
        type=Path,
        default=OF_CONFIG,
        metavar="FILE",
        help="runtime definitions instead of scripts/tv1_simulation.toml",
    )
    add(
        "--users",
        type=common.whole_number(1, MOST_USERS),
        default=OF_CONFIG,
        metavar="N",
        help="number of users",
    )
    common.add_day(add, "--from", "first_day", OF_CONFIG, "first day with sessions")
    period = parser.add_mutually_exclusive_group()
    period.add_argument(
        "--days",
        type=common.whole_number(1, MOST_DAYS),
        default=OF_CONFIG,
        metavar="N",
        help="number of days with sessions",
    )
    common.add_day(period.add_argument, "--to", "last_day", OF_CONFIG, "last day with sessions")
    add(
        "--after",
        type=Path,
        metavar="FOLDER",
        help="go on where this earlier output ended, with the same --seed and --config",
    )
    common.add_bad_rows(
        add,
        MOST_BAD_ROWS,
        0.0,
        "share of rows with each defect, at least one row; every column is "
        "then text in Parquet, too",
    )

    def summary(settings: Settings, rows: dict[str, int]) -> str:
        return (
            f"{rows['tracking']} events of {settings.users} users "
            f"from {settings.first_day} to {settings.last_day}"
        )

    return common.write_tables(parser, arguments, _settings, generate, summary)


if __name__ == "__main__":
    sys.exit(main())
