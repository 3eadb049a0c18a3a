"""A server on loopback that behaves like DataPass and the national address API, or misbehaves.

It has its demandes in a list, newest first, and answers from it. What goes wrong is said by
`script`: the number of a request for the list -> what happens instead of, or before, its answer.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

CLIENT_ID = "client-of-the-test"
SECRET = "s3cr3t&with=odd+characters"

# Answers instead of the list: a status and headers, or 200 and a body that is sent as it is.
Answer = tuple[int, dict[str, str], bytes]
Change = Callable[["FakeDataPass"], None]


class FakeDataPass:
    """The server, for as long as the `with` block lasts."""

    def __init__(self, demandes: int = 0) -> None:
        """Make this many demandes."""
        self.demandes = [demande(number) for number in range(demandes, 0, -1)]
        self.events: dict[str, Any] = {}
        self.script: dict[int, Answer | Change] = {}
        self.always: Answer | None = None
        self.ignores_offset = False
        self.most_rows = 1000
        self.token_path = "/api/oauth/token"
        self.tokens = 0
        self.tokens_refused = False
        self.requests: list[tuple[str, dict[str, list[str]]]] = []
        self.listings = 0
        # the address API: postcode -> the answer's context; and answers by request number
        self.contexts: dict[str, str] = {}
        self.address_script: dict[int, Answer] = {}
        self.look_ups = 0

    def __enter__(self) -> FakeDataPass:
        """Start."""
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                fake.requests.append((self.path, parse_qs(body)))
                self.answer(*fake.token(self.path, self.headers["Content-Type"], parse_qs(body)))

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = parse_qs(parts.query)
                fake.requests.append((parts.path, query))
                if parts.path == "/geo/search":
                    self.answer(*fake.address(query))
                elif self.headers.get("Authorization") != f"Bearer token-{fake.tokens}":
                    self.answer(401, {}, b'{"error":"invalid_token"}')
                else:
                    self.answer(*fake.get(parts.path, query))

            def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()

    def token(self, path: str, kind: str, form: dict[str, list[str]]) -> Answer:
        """Answer a request for a token."""
        if path != self.token_path:
            return 404, {}, b""
        expected = {
            "grant_type": ["client_credentials"],
            "scope": ["read_authorizations"],
            "client_id": [CLIENT_ID],
            "client_secret": [SECRET],
        }
        if kind != "application/x-www-form-urlencoded" or form != expected or self.tokens_refused:
            return 401, {}, b'{"error":"invalid_client"}'
        self.tokens += 1
        return 200, {}, json.dumps({"access_token": f"token-{self.tokens}"}).encode()

    def get(self, path: str, query: dict[str, list[str]]) -> Answer:
        """Answer a request that has a valid token."""
        if path != "/api/v1/demandes":
            number = path.removeprefix("/api/v1/demandes/").removesuffix("/events")
            if number not in self.events:
                return 404, {}, b'{"errors":[]}'
            return 200, {}, json.dumps(self.events[number]).encode()
        event = self.always or self.script.get(self.listings)
        self.listings += 1
        if isinstance(event, tuple):
            return event
        if event is not None:
            event(self)
        rows = self.demandes
        if "state[]" in query:
            rows = [row for row in rows if row["state"] in query["state[]"]]
        if "siret" in query:
            rows = [row for row in rows if row["organisation"]["siret"] == query["siret"][0]]
        offset = 0 if self.ignores_offset else int(query["offset"][0])
        limit = min(int(query["limit"][0]), self.most_rows)
        return 200, {}, json.dumps(rows[offset : offset + limit]).encode()

    def address(self, query: dict[str, list[str]]) -> Answer:
        """Answer a look-up of a postcode."""
        event = self.address_script.get(self.look_ups)
        self.look_ups += 1
        if event is not None:
            return event
        code = query["postcode"][0]
        features = []
        if code in self.contexts:
            features = [{"properties": {"postcode": code, "context": self.contexts[code]}}]
        return 200, {}, json.dumps({"features": features}).encode()


def demande(number: int) -> dict[str, Any]:
    """Make a demande with what the edges look at, and a word that Rails would have escaped."""
    return {
        "id": number,
        "state": "validated" if number % 2 else "submitted",
        "organisation": {"siret": f"{number % 3:014d}"},
        "data": {"intitule": "Accès & données <é>"},
    }
