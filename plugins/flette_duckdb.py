"""A dbt-duckdb plugin that turns DuckDB's lock error into one sentence.

DuckDB lets one process write to a file. dbt-duckdb passes the second one's error on as a stack
trace; profiles/profiles.yml names this plugin so that a person reads what to do instead.
"""

from __future__ import annotations

from typing import Any

import duckdb
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError


class Plugin(BasePlugin):
    """Tries the file before dbt-duckdb opens it."""

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Open and close the file, the last thing before dbt-duckdb opens it.

        Args:
            creds: The profile's output, of which the path counts.
            config: DuckDB's settings for the connection; left alone.

        Raises:
            DbtRuntimeError: Another process holds the file, or this DuckDB cannot read it.
        """
        try:
            duckdb.connect(creds.path, config=config).close()
        except duckdb.ConnectionException:
            # this very process has it open, which dbt-duckdb can deal with
            return
        except duckdb.IOException as error:
            if "Could not set lock" in str(error):
                raise DbtRuntimeError(
                    f"{creds.path} is in use by another process, and DuckDB allows one at a time; "
                    "wait until that one is done, close it, or name another file in "
                    "FLETTE_DUCKDB_PATH."
                ) from None
            raise DbtRuntimeError(
                f"{creds.path} cannot be opened as a DuckDB file: {str(error).splitlines()[0]}"
            ) from None
