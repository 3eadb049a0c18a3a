"""PostgreSQL for a benchmark: a server of its own, and what that costs beside its client.

The kernel counts time and memory by process. The work of a client on PostgreSQL is done by
processes of the server, so they are looked at here and added to what the client cost.
"""

import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.common import Run
from scripts import servers

SECONDS_BETWEEN_LOOKS = 0.1
PROCESSES = Path("/proc")


class Server:
    """A running PostgreSQL.

    Args:
        environment: variables by which clients find it.
        data: its data folder.
    """

    def __init__(self, environment: dict[str, str], data: Path) -> None:
        """Remember where it is, and which process it is."""
        self._environment = environment
        first_line = (data / "postmaster.pid").read_text(encoding="ascii").splitlines()[0]
        self._postmaster = int(first_line)

    def ask(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements, each by itself, and return the rows of the last one."""
        import psycopg2

        connection = psycopg2.connect(
            host=self._environment["PGHOST"],
            user=self._environment["PGUSER"],
            dbname=self._environment["PGDATABASE"],
        )
        # vacuum and checkpoint refuse to be part of a transaction
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def measure(self, work: Callable[[], Run]) -> Run:
        """Let a client work, and add what the server did for it.

        Args:
            work: runs the client.

        Returns:
            What both cost: processor time, and the peaks of both added up. The server's is the most
            memory of their own (not the shared buffers) that its processes had at a time, looked at
            ten times a second.
        """
        # what earlier work has left to write is none of this client's
        self.ask("checkpoint")
        peak = 0
        done = threading.Event()

        def look() -> None:
            nonlocal peak
            while not done.wait(SECONDS_BETWEEN_LOOKS):
                peak = max(peak, self._private_memory())

        watcher = threading.Thread(target=look, daemon=True)
        before = self._cpu_seconds()
        watcher.start()
        try:
            run = work()
        finally:
            done.set()
            watcher.join()
        cpu = self._cpu_seconds() - before
        return replace(
            run, cpu=run.cpu + cpu, others=max(run.others - cpu, 0.0), peak=run.peak + peak / 1e6
        )

    def _processes(self) -> list[int]:
        """Return the ids of the server's processes; none where the system does not show them."""
        children = PROCESSES / str(self._postmaster) / "task" / str(self._postmaster) / "children"
        try:
            return [self._postmaster, *map(int, children.read_text(encoding="ascii").split())]
        except OSError:
            return []

    def _private_memory(self) -> int:
        """Add up the memory that is each process's own, in bytes."""
        total = 0
        for process in self._processes():
            try:
                status = (PROCESSES / str(process) / "status").read_text(encoding="utf-8")
            except OSError:
                continue  # it has ended meanwhile
            for line in status.splitlines():
                if line.startswith("RssAnon:"):
                    total += int(line.split()[1]) * 1024
        return total

    def _cpu_seconds(self) -> float:
        """Add up the processor time of the server's processes, those that have ended included."""
        ticks = 0
        for process in self._processes():
            try:
                status = (PROCESSES / str(process) / "stat").read_text(encoding="utf-8")
            except OSError:
                continue
            # after the name in parentheses, from the third field on
            fields = status.rpartition(")")[2].split()
            own = fields[11:13]
            of_ended_children = fields[13:15] if process == self._postmaster else []
            ticks += sum(int(field) for field in (*own, *of_ended_children))
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def server() -> Iterator[Server]:
    """Run PostgreSQL with an empty database and its own settings for as long as the context lasts.

    Clients that are started meanwhile find it by their environment.

    Yields:
        The server.
    """
    # not in the project: the server runs as another user when the benchmark runs as root
    with (
        tempfile.TemporaryDirectory(prefix="flette-benchmark-") as folder,
        servers.postgres(Path(folder)) as environment,
    ):
        before = {name: os.environ.get(name) for name in environment}
        os.environ.update(environment)
        try:
            yield Server(environment, Path(folder))
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
