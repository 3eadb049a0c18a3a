"""Asks DataPass for its demandes and events: the seeds `raw_dtnum__demandes` and `_evenements`.

Paging that neither skips nor repeats. The API pages by offset, newest `created_at` first, while
new demandes come in and old ones go. `created_at` never changes, so demandes keep their order among
each other: new ones push all others down, and one that goes pulls those after it up. Hence:

* Each page begins some rows before the end of the page before it, and must have those rows again.
  What follows them in one answer is then all that followed them, so nothing between two pages is
  skipped. Where they are missing, rows have gone from above: the listing begins again.
* Rows that come twice are kept once, as they came last.
* The end is where a page brings nothing after the rows of the page before it, not where a page is
  short: a server may give fewer rows than it was asked for.
* Last, the first page is read again: what came in meanwhile stands there.

Seeds are written when all has arrived, or not at all. Neither secret, token nor the text of an
exception is ever printed (it can hold an address with a password).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import tenacity
import urllib3
from tqdm import tqdm

from scripts.common import SettingError
from scripts.dtnum_lecture import read_csv, write_seeds

DEFAULT_URL = "https://datapass.api.gouv.fr"
TOKEN_PATHS = ("/api/oauth/token", "/api/v1/oauth/token")
SCOPE = "read_authorizations"

PAGE_ROWS = 1000  # the most that the API gives
OVERLAP_ROWS = 50  # more than one, should demandes of the same instant change places
LISTINGS = 4  # how often a listing is begun before giving up

ATTEMPTS = 6
WAIT = tenacity.wait_exponential_jitter(initial=1, max=30)  # seconds
LONGEST_RETRY_AFTER = 300.0  # seconds; who asks for more is left alone
TIMEOUT = (10.0, 120.0)  # seconds to connect, seconds without a byte

# --- one request ---------------------------------------------------------------------------------


class Transient(Exception):
    """A failure that may pass: its reason, and the seconds that the server asks to wait."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        """Keep both."""
        super().__init__(reason)
        self.wait = wait


class Bearer(requests.auth.AuthBase):
    """Puts a token on a request, or nothing.

    As an `auth` and not as a header: requests would otherwise put what it finds in ~/.netrc.
    """

    def __init__(self, token: str | None = None) -> None:
        """Keep the token."""
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put the token on the request."""
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _retry_after(response: requests.Response) -> float | None:
    """Return the seconds of Retry-After, which holds seconds or a date; None without one."""
    try:
        return urllib3.Retry().get_retry_after(response.raw)
    except urllib3.exceptions.InvalidHeader:
        return None


def _wait(state: tenacity.RetryCallState) -> float:
    """Return the seconds to wait: our own growing ones, and never less than were asked for."""
    assert state.outcome is not None
    asked = getattr(state.outcome.exception(), "wait", None)
    return max(WAIT(state), asked or 0.0)


def send(
    session: requests.Session,
    method: str,
    url: str,
    *,
    what: str,
    attempts: int | None = None,
    seconds: float | None = None,
    sleep: Callable[[float], None] | None = None,
    **arguments: Any,
) -> tuple[int, Any]:
    """Send a request until it is answered.

    No answer, status 429 and 5xx, and a 200 that is not JSON are tried again, after a pause.

    Args:
        session: Knows the proxies of the environment.
        method: GET or POST.
        url: The address.
        what: What is asked for, the beginning of the sentence if it fails.
        attempts: The most attempts; `ATTEMPTS` when None.
        seconds: The most seconds for all of them; without limit when None.
        sleep: Used to wait; `time.sleep` when None.
        **arguments: Passed on to requests.

    Returns:
        The status and, for 200, what the JSON says.

    Raises:
        SettingError: It was tried often enough, or cannot be sent at all.
    """
    limits = [tenacity.stop_after_attempt(attempts or ATTEMPTS)]
    timeout = TIMEOUT
    if seconds is not None:
        limits.append(tenacity.stop_before_delay(seconds))
        timeout = (min(TIMEOUT[0], seconds), min(TIMEOUT[1], seconds))

    def once() -> tuple[int, Any]:
        try:
            # Followed, a redirection would carry the secret to another host.
            response = session.request(
                method, url, timeout=timeout, allow_redirects=False, **arguments
            )
        except requests.exceptions.SSLError:
            raise SettingError(
                f"{what}: the server's certificate is not trusted; check the address, or name your "
                "authority's certificates in REQUESTS_CA_BUNDLE."
            ) from None
        except (
            requests.exceptions.ConnectionError,
            requests.exceptions.Timeout,
            requests.exceptions.ChunkedEncodingError,
            requests.exceptions.ContentDecodingError,
        ) as error:
            raise Transient(f"no answer ({type(error).__name__})") from None
        except (requests.exceptions.RequestException, UnicodeError) as error:
            raise SettingError(
                f"{what}: the request cannot be sent ({type(error).__name__}); check the address."
            ) from None
        status = response.status_code
        if status == 429 or status >= 500:
            wait = _retry_after(response)
            if wait is not None and wait > LONGEST_RETRY_AFTER:
                raise SettingError(
                    f"{what}: the server asks to wait {wait:.0f} seconds (status {status}); "
                    "try again then."
                )
            raise Transient(f"status {status}", wait)
        if 300 <= status < 400:
            raise SettingError(
                f"{what}: the server sends us elsewhere (status {status}); check the address."
            )
        if status != 200:
            return status, None
        try:
            return status, json.loads(response.content)
        except (ValueError, RecursionError):
            raise Transient("status 200, but no JSON") from None

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(Transient),
        stop=tenacity.stop_any(*limits),
        wait=_wait,
        sleep=sleep or time.sleep,
        reraise=True,
    )
    try:
        return retrying(once)
    except Transient as failure:
        times = retrying.statistics.get("attempt_number", 1)
        raise SettingError(
            f"{what} failed (attempts: {times}, the last one: {failure}); try again later."
        ) from None


# --- the API -------------------------------------------------------------------------------------


class _Moved(Exception):
    """The listing moved under our feet, and has to begin again; says how."""


def compact(value: object) -> str:
    """Write JSON without blanks, letters as they are."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair: only an escape can say it
        text = json.dumps(value, separators=(",", ":"))
    return text


class DataPass:
    """The API of DataPass.

    Args:
        url: Such as `DEFAULT_URL`.
        client_id: Of the OAuth application.
        secret: Of the OAuth application.

    Raises:
        SettingError: The address cannot be used.
    """

    def __init__(self, url: str, client_id: str, secret: str) -> None:
        """Check the address; nothing is sent yet."""
        parts = urlsplit(url)
        local = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if not parts.hostname or parts.scheme not in (("https", "http") if local else ("https",)):
            # Not repeated: it may hold a password.
            raise SettingError("DATAPASS_URL has to begin with https:// and name a host.")
        self._url = url.rstrip("/")
        self._credentials = {"client_id": client_id, "client_secret": secret}
        self._token: str | None = None
        self._session = requests.Session()

    @classmethod
    def from_environment(cls) -> DataPass:
        """Make one from the environment.

        Raises:
            SettingError: A variable is missing.
        """
        needed = ("DATAPASS_CLIENT_ID", "DATAPASS_CLIENT_SECRET")
        missing = [name for name in needed if not os.environ.get(name)]
        if missing:
            raise SettingError(f"set {' and '.join(missing)} in the environment, then try again.")
        url = os.environ.get("DATAPASS_URL") or DEFAULT_URL
        return cls(url, *(os.environ[name] for name in needed))

    def _new_token(self) -> str:
        """Ask for a token."""
        status, body = 404, None
        for path in TOKEN_PATHS:
            status, body = send(
                self._session,
                "POST",
                self._url + path,
                what="asking DataPass for a token",
                data={"grant_type": "client_credentials", "scope": SCOPE, **self._credentials},
                auth=Bearer(),
            )
            if status != 404:
                break
        if status in (400, 401, 403):
            raise SettingError(
                f"DataPass refuses the credentials (status {status}); check DATAPASS_CLIENT_ID, "
                "DATAPASS_CLIENT_SECRET and that DATAPASS_URL is where they are from."
            )
        token = body.get("access_token") if isinstance(body, dict) else None
        if not isinstance(token, str) or not token:
            raise SettingError(f"DataPass gives no token (status {status}); check DATAPASS_URL.")
        return token

    def _get(self, path: str, parameters: dict[str, Any], what: str) -> tuple[int, Any]:
        """Get something; an expired token is renewed, once."""
        for renewed in (False, True):
            if self._token is None:
                self._token = self._new_token()
            status, body = send(
                self._session,
                "GET",
                self._url + path,
                what=what,
                params=parameters,
                auth=Bearer(self._token),
            )
            if status != 401:
                return status, body
            self._token = None
            if renewed:
                break
        raise SettingError(
            f"{what} failed: DataPass refuses even a new token (status 401); ask whether the "
            "application still has access."
        )

    def _page(self, offset: int, filters: dict[str, Any]) -> tuple[dict[str, str], int]:
        """Return one page: the demandes' JSON by id, and how many rows it had."""
        what = f"the page of demandes at offset {offset}"
        parameters = {"limit": PAGE_ROWS, "offset": offset, **filters}
        status, body = self._get("/api/v1/demandes", parameters, what)
        if status != 200 or not isinstance(body, list):
            answer = f"status {status}" if status != 200 else "status 200, but no list"
            raise SettingError(
                f"{what} failed: DataPass answers with {answer}; check DATAPASS_URL and what the "
                "application may read."
            )
        page = {}
        for demande in body:
            text = compact(demande)
            number = demande.get("id") if isinstance(demande, dict) else None
            # What has no id is kept as well: the models say that it is unreadable.
            page[text if number is None else str(number)] = text
        return page, len(body)

    def demandes(self, states: Sequence[str] = (), siret: str | None = None) -> dict[str, str]:
        """List the demandes.

        Args:
            states: Only those in these states; all when empty.
            siret: Only those of this organisation.

        Returns:
            Their JSON by id, newest first.

        Raises:
            SettingError: The list could not be had complete.
        """
        filters: dict[str, Any] = {}
        if states:
            filters["state[]"] = list(states)
        if siret:
            filters["siret"] = siret
        for _ in range(LISTINGS):
            try:
                return self._listing(filters)
            except _Moved as moved:
                reason = str(moved)
        raise SettingError(
            f"the list of demandes was begun {LISTINGS} times and never held together ({reason}); "
            "try again later."
        )

    def _listing(self, filters: dict[str, Any]) -> dict[str, str]:
        """List the demandes from the first to the last; see the top of this file."""
        found: dict[str, str] = {}
        previous: list[str] = []
        tail: list[str] = []
        offset = 0
        with tqdm(desc="demandes", unit=" demandes", leave=False, disable=None) as progress:
            while True:
                page, rows = self._page(offset, filters)
                ids = list(page)
                if any(number not in page for number in tail):
                    raise _Moved(f"the page at offset {offset} does not continue the one before it")
                new = [number for number in ids if number not in found]
                if not new:
                    if len(ids) > len(tail) and ids == previous:
                        raise _Moved(f"the page at offset {offset} is the one before it again")
                    if tail and ids[-1] != tail[-1]:
                        raise _Moved(f"the page at offset {offset} has another order")
                    break
                found.update(page)
                progress.update(len(new))
                # half of a small page, so that there is always something new to see
                overlap = min(OVERLAP_ROWS, rows // 2)
                tail = ids[len(ids) - overlap :]
                previous = ids
                offset += rows - overlap
        page, _ = self._page(0, filters)
        if found and not any(number in found for number in page):
            raise _Moved("the page at offset 0 has changed altogether")
        # Those that came in meanwhile, in front.
        return page | {number: text for number, text in found.items() if number not in page}

    def evenements(self, number: str) -> str | None:
        """Return the events of a demande as JSON; None if DataPass does not know it.

        Args:
            number: The demande's number, digits only.

        Raises:
            SettingError: DataPass could not be asked.
        """
        what = f"the events of demande {number}"
        status, body = self._get(f"/api/v1/demandes/{number}/events", {}, what)
        if status == 404:
            return None
        if status != 200:
            raise SettingError(
                f"{what}: DataPass answers with status {status}; ask whether the application may "
                "read events."
            )
        return compact(body)


def telecharger(out: Path, states: Sequence[str], siret: str | None, events: bool) -> str:
    """Download the seeds.

    Args:
        out: Their folder; `raw_dtnum__suivi.csv` is read from there.
        states: Only demandes in these states; all when empty.
        siret: Only demandes of this organisation.
        events: Whether to ask for the events of demandes of suivi that the list does not have.

    Returns:
        One sentence that says what was downloaded.

    Raises:
        SettingError: Something that the user has to mend; the seeds are as they were.
    """
    try:
        seeds, said = _download(out, states, siret, events)
    except SettingError as error:
        raise SettingError(f"{str(error).rstrip('.')}; nothing was written.") from None
    columns = ("demande_id", "payload")
    write_seeds(out, {name: (columns, rows) for name, rows in seeds.items()})
    return f"{said} downloaded into {out}."


def _download(
    out: Path, states: Sequence[str], siret: str | None, events: bool
) -> tuple[dict[str, list[dict[str, str | None]]], str]:
    """Return the rows of each seed, and what they are in words."""
    api = DataPass.from_environment()
    in_file: list[str] = []
    if events:
        # Asked for before the download, not after it.
        rows = read_csv(out / "raw_dtnum__suivi.csv", ["n_demande_v2"])
        numbers = dict.fromkeys(row["n_demande_v2"] for row in rows)
        in_file = [number for number in numbers if number.isascii() and number.isdigit()]
    demandes = api.demandes(states, siret)
    if not demandes:
        # Merged with nothing, every row of the file would be left over.
        raise SettingError(
            "DataPass lists no demande at all; check --etat, --siret and what the application may "
            "read."
        )
    seeds: dict[str, list[dict[str, str | None]]] = {
        "raw_dtnum__demandes": [
            {"demande_id": None if number == text else number, "payload": text}
            for number, text in demandes.items()
        ]
    }
    said = f"{len(demandes)} demandes"
    if events:
        gone = [number for number in in_file if number not in demandes]
        found: list[dict[str, str | None]] = []
        for number in tqdm(gone, desc="events", unit=" demandes", leave=False, disable=None):
            text = api.evenements(number)
            if text is not None:
                found.append({"demande_id": number, "payload": text})
        seeds["raw_dtnum__evenements"] = found
        said += f" and the events of {len(found)} out of {len(gone)} that are no longer listed"
    return seeds, said
