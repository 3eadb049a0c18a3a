"""Looks up postcodes that the official list lacks: the seed `dtnum_codes_postaux_ajouts`.

The national address API is asked for postcodes of the tracking file and of DataPass that are
neither in `dtnum_codes_postaux` nor looked up before. An option, not a step: it has a time limit,
waits when it is told to, keeps what it found, and whatever goes wrong is a sentence and not an
error, so that the merge never waits for it.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
from tqdm import tqdm

from scripts.common import SettingError
from scripts.dtnum_datapass import Bearer, send
from scripts.dtnum_lecture import SEEDS, read_csv, write_seeds

DEFAULT_URL = "https://data.geopf.fr/geocodage"
OFFICIAL = "dtnum_codes_postaux"
ADDED = "dtnum_codes_postaux_ajouts"
COLUMNS = ("code_postal", "code_departement", "departement", "region")


def addresses(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the postcode and the city, '' if none, of each row of the seeds."""
    for row in read_csv(folder / "raw_dtnum__suivi.csv", ["code_postal", "ville"]):
        yield row["code_postal"], row["ville"]
    for row in read_csv(folder / "raw_dtnum__demandes.csv", ["payload"]):
        try:
            place: Any = json.loads(row["payload"])
            for key in ("organisation", "insee_payload", "etablissement", "adresseEtablissement"):
                place = place[key]
            code, city = place["codePostalEtablissement"], place["libelleCommuneEtablissement"]
        except (ValueError, TypeError, LookupError, RecursionError):
            continue  # the models say what is wrong with it
        if isinstance(code, str):
            yield code, city if isinstance(city, str) else ""


def unknown_codes(folder: Path) -> dict[str, str]:
    """Return the postcodes that no list has, each with the first city named for it."""
    known = {row["code_postal"] for row in read_csv(folder / f"{OFFICIAL}.csv", COLUMNS)}
    known |= {row["code_postal"] for row in added(folder)}
    codes: dict[str, str] = {}
    for code, city in addresses(folder):
        if re.fullmatch("[0-9]{5}", code) and code not in known:
            codes[code] = codes.get(code) or city
    return codes


def added(folder: Path) -> list[dict[str, str]]:
    """Return what was looked up before."""
    path = folder / f"{ADDED}.csv"
    return read_csv(path, COLUMNS) if path.exists() else []


def place_of(answer: object, code: str) -> dict[str, str] | None:
    """Read the département and the region of a postcode out of the API's answer.

    Args:
        answer: Its JSON.
        code: The postcode that was asked for.

    Returns:
        A row of the seed; None if the answer is about another postcode, or about none.
    """
    try:
        properties = answer["features"][0]["properties"]  # type: ignore[index]
        parts = [part.strip() for part in properties["context"].split(",")]
        found = properties["postcode"]
    except (TypeError, LookupError, AttributeError):
        return None
    if found != code or len(parts) not in (2, 3) or not all(parts):
        return None
    # overseas: '974, La Réunion', where the region is called as the département
    return dict(zip(COLUMNS, (code, parts[0], parts[1], parts[-1]), strict=True))


def adresses(limit: float, folder: Path = SEEDS) -> str:
    """Look up the unknown postcodes and keep what is found.

    Args:
        limit: The most seconds for all of it.
        folder: Where the seeds are.

    Returns:
        One sentence that says what was found, or what went wrong.
    """
    url = (os.environ.get("ADRESSE_URL") or DEFAULT_URL).rstrip("/")
    end = time.monotonic() + limit
    found: list[dict[str, str]] = []
    asked = 0
    trouble = ""
    codes: dict[str, str] = {}
    try:
        codes = unknown_codes(folder)
        session = requests.Session()
        for code, city in tqdm(codes.items(), desc="postcodes", leave=False, disable=None):
            left = end - time.monotonic()
            if left <= 0:
                raise SettingError(f"the {limit:g} seconds are over.")
            status, answer = send(
                session,
                "GET",
                f"{url}/search",
                what=f"the look-up of {code}",
                seconds=left,
                params={"q": city or code, "postcode": code, "limit": 1},
                auth=Bearer(),
            )
            asked += 1
            if status not in (200, 400, 404):
                raise SettingError(f"the look-up of {code} is answered with status {status}.")
            place = place_of(answer, code)
            if place is not None:
                found.append(place)
    except (SettingError, OSError) as error:
        trouble = f"; stopped early: {str(error).rstrip('.')}"
    if found:
        try:
            rows = sorted(added(folder) + found, key=lambda row: row["code_postal"])
            write_seeds(folder, {ADDED: (COLUMNS, rows)})
        except (SettingError, OSError) as error:
            trouble += f"; could not be kept: {str(error).rstrip('.')}"
    return f"{len(found)} of {len(codes)} unknown postcodes found, {asked} asked for{trouble}."
