"""Make up the catalogue of tv1: programmes, seasons and episodes with names by Faker's ``da_DK``.

Structure and lengths are drawn with NumPy, words with Faker; both from the seed. Faker's words
depend on its version, which requirements.txt pins.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from scripts import common
from scripts.common import TEXT, SettingError
from scripts.tv1_config import CatalogueConfig

PRODUCT = "tv1"
SITE = "https://tv1.example"

SCHEMAS: dict[str, pa.Schema] = {
    "programs": pa.schema(
        [
            ("program_id", pa.int64()),
            ("title", TEXT),
            ("category", TEXT),
            ("seasons", pa.int64()),
            ("url", TEXT),
            ("image", TEXT),
        ]
    ),
    "seasons": pa.schema(
        [("season_id", pa.int64()), ("program_id", pa.int64()), ("season", TEXT), ("url", TEXT)]
    ),
    "episodes": pa.schema(
        [
            ("episode_id", pa.int64()),
            ("program_id", pa.int64()),
            ("season_id", pa.int64()),
            ("title", TEXT),
            ("details", TEXT),
            ("url", TEXT),
            ("description", TEXT),
            ("image", TEXT),
        ]
    ),
}

# How a programme is called; {name}, {place} and {word} are Faker's.
_TITLES = (
    "{name} og {other}",
    "{name} fra {place}",
    "{name}s {word}",
    "{place} rundt",
    "Mit {place}",
    "Den store {word}",
    "{word} med {name}",
    "Vejen til {place}",
)
_LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "é": "e", "ü": "u", "ö": "o"})
# Programmes have a length of their own, which their episodes keep to more or less.
_SPREAD_OF_PROGRAMS, _SPREAD_OF_EPISODES = 0.55, 0.25


@dataclass(frozen=True)
class Catalogue:
    """Programmes, seasons and episodes, with what the simulation needs of them.

    Episodes lie together by season and in the order of their number: the order in which they are
    seen is the order of the arrays, whatever the order of the rows in a file.

    Attributes:
        tables: programs, seasons and episodes as written, by name.
        kids: bool, shape (seasons,), whether the programme is one for children.
        first: int64, shape (seasons + 1,), index of the first episode of each season.
        seconds: int64, shape (episodes,), length of each episode.
    """

    tables: dict[str, pa.Table]
    kids: np.ndarray
    first: np.ndarray
    seconds: np.ndarray

    @cached_property
    def ends(self) -> np.ndarray:
        """int64, shape (episodes + 1,): seconds from the first to the end of each, 0 in front."""
        return np.concatenate([[0], np.cumsum(self.seconds)])

    @cached_property
    def season_seconds(self) -> np.ndarray:
        """int64, shape (seasons,): length of each season."""
        return np.diff(self.ends[self.first])


def _shared_out(random: np.random.Generator, total: int, parts: int) -> np.ndarray:
    """Give each of ``parts`` one and the others to anybody: int64 that add up to ``total``."""
    return 1 + np.bincount(random.integers(0, parts, total - parts), minlength=parts)


def _draw_minutes(
    random: np.random.Generator, config: CatalogueConfig, program: np.ndarray
) -> np.ndarray:
    """Draw the length of each episode.

    Args:
        random: where the draws come from.
        config: shortest, longest and mean.
        program: index of each episode's programme.

    Returns:
        int64, whole minutes: one episode is the shortest and one the longest, and the mean is the
        wanted one to within what rounding leaves, or as close as the extremes let it.
    """
    own = random.normal(0, _SPREAD_OF_PROGRAMS, config.programs)
    shape = np.exp(own[program] + random.normal(0, _SPREAD_OF_EPISODES, len(program)))
    order = np.argsort(shape, kind="stable")

    def at(level: float) -> np.ndarray:
        minutes = np.clip(np.rint(shape * level), config.shortest, config.longest)
        minutes[order[0]] = config.shortest
        if len(order) > 1:
            minutes[order[-1]] = config.longest
        return minutes.astype(np.int64)

    low, high = 0.0, 100.0 * config.longest
    for _ in range(60):  # halves the interval to less than what rounding sees
        level = (low + high) / 2
        low, high = (level, high) if at(level).mean() < config.mean else (low, level)
    return at(high)


def _slug(text: str) -> str:
    """Write a title as a part of an address: ASCII letters, digits and hyphens."""
    return re.sub("[^a-z0-9]+", "-", text.lower().translate(_LETTERS)).strip("-")


def _faker(seed: int) -> Any:
    """Start Faker, whose instance has a random generator of its own."""
    try:
        from faker import Faker  # half a second, and only here
    except ModuleNotFoundError:
        raise SettingError("faker is not installed; run make setup.") from None
    words = Faker("da_DK")
    words.seed_instance(seed)
    return words


def _capital(text: str) -> str:
    """Begin with a capital letter."""
    return text[:1].upper() + text[1:]


def draw_catalogue(config: CatalogueConfig, seed: int) -> Catalogue:
    """Make up the catalogue.

    Args:
        config: its size, lengths and categories.
        seed: 0 or more.

    Returns:
        The catalogue, the same for the same arguments. Ids count from 1, programme by programme,
        season by season, episode by episode. One episode's length is in seconds (``'45s'``), those
        of all others in minutes (``'12m'``).
    """
    random = common.random_generator(seed, PRODUCT, "catalogue")
    seasons_of = _shared_out(random, config.seasons, config.programs)
    episodes_of = _shared_out(random, config.episodes, config.seasons)
    program_of_season = np.repeat(np.arange(config.programs), seasons_of)
    season = np.repeat(np.arange(config.seasons), episodes_of)
    program = program_of_season[season]
    first = np.concatenate([[0], np.cumsum(episodes_of)])
    season_nr = _numbers_within(program_of_season)
    episode_nr = _numbers_within(season)

    minutes = _draw_minutes(random, config, program)
    # The second shortest, if there are two: the shortest length in minutes stays in the catalogue.
    trailer = int(np.argsort(minutes, kind="stable")[:2][-1])
    seconds = minutes * 60
    seconds[trailer] = config.trailer_seconds
    lengths = [f"{value}m" for value in minutes.tolist()]
    lengths[trailer] = f"{config.trailer_seconds}s"

    categories = np.array(list(config.categories), dtype=object)
    borders = shared_borders(list(config.categories.values()))
    drawn = categories[np.searchsorted(borders, random.random(config.programs), side="right")]
    drawn[random.permutation(config.programs)[: config.without_category]] = None
    kids = np.isin(drawn[program_of_season].astype(str), config.kids)

    words = _faker(seed)
    titles = _titles(words, config.programs)
    programs = [f"{SITE}/programmer/{_slug(title)}" for title in titles]
    seasons = [
        f"{programs[of]}/saeson-{number}"
        for of, number in zip(program_of_season.tolist(), season_nr.tolist(), strict=True)
    ]
    tables = {
        "programs": [
            np.arange(1, config.programs + 1),
            titles,
            drawn.tolist(),
            seasons_of,
            programs,
            [f"{address}/billede.jpg" for address in programs],
        ],
        "seasons": [
            np.arange(1, config.seasons + 1),
            program_of_season + 1,
            [f"Sæson {number}" for number in season_nr.tolist()],
            seasons,
        ],
        "episodes": [
            np.arange(1, config.episodes + 1),
            program + 1,
            season + 1,
            [f"{number}. {_capital(_phrase(words))}" for number in episode_nr.tolist()],
            [
                f"Sæson {number} | {length}"
                for number, length in zip(season_nr[season].tolist(), lengths, strict=True)
            ],
            [
                f"{seasons[of]}/afsnit-{number}"
                for of, number in zip(season.tolist(), episode_nr.tolist(), strict=True)
            ],
            [words.sentence(nb_words=8) for _ in range(config.episodes)],
            [
                f"{seasons[of]}/afsnit-{number}.jpg"
                for of, number in zip(season.tolist(), episode_nr.tolist(), strict=True)
            ],
        ],
    }
    return Catalogue(
        {
            name: common.table(
                SCHEMAS[name],
                [
                    pa.array(column, kind.type)
                    for column, kind in zip(columns, SCHEMAS[name], strict=True)
                ],
            )
            for name, columns in tables.items()
        },
        kids,
        first,
        seconds,
    )


def shared_borders(shares: Sequence[float]) -> np.ndarray:
    """Return the running sums of shares, which cut [0, 1) into a part for each of them.

    Args:
        shares: they add up to 1, but for a rounding.

    Returns:
        float64, as many; 1 from the last share that is not 0.
    """
    borders = np.cumsum(shares)
    borders[np.flatnonzero(shares)[-1] :] = 1.0
    return borders


def _numbers_within(group: np.ndarray) -> np.ndarray:
    """Number the elements of each group, which lie together, from 1."""
    begins = np.flatnonzero(np.diff(group, prepend=-1))
    return np.arange(len(group)) - np.repeat(begins, np.diff(begins, append=len(group))) + 1


def _phrase(words: Any) -> str:
    """Make up what an episode is called, in one of four ways."""
    kind = words.random_int(0, 3)
    if kind == 0:
        return f"{words.first_name()} og {words.word()}"
    if kind == 1:
        return f"{words.word()} i {words.city_name()}"
    if kind == 2:
        return f"{words.word()} {words.word()}"
    return f"På besøg hos {words.first_name()}"


def _titles(words: Any, count: int) -> list[str]:
    """Make up titles of programmes, each once; numbered when the words run out."""
    found: dict[str, None] = {}
    while len(found) < count:
        pattern = _TITLES[words.random_int(0, len(_TITLES) - 1)]
        title = _capital(
            pattern.format(
                name=words.first_name(),
                other=words.first_name(),
                place=words.city_name(),
                word=words.word(),
            )
        )
        found[f"{title} {len(found)}" if title in found else title] = None
    return list(found)
