"""The edges of dtnum: the tracking file, DataPass and the national address API.

`lire` makes a seed of the spreadsheet, `telecharger` makes seeds of what DataPass has, `ecrire`
makes a spreadsheet of the result, and `adresses` looks up postcodes that the official list lacks.
docs/dtnum.md says when to use which.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts import ROOT
from scripts.common import Parser, run, whole_number
from scripts.dtnum_lecture import SEEDS, SHEET

PROGRAM = "scripts.dtnum_fichiers"


def _siret(text: str) -> str:
    """Convert a SIRET: 14 digits, blanks do not count."""
    number = "".join(text.split())
    if not re.fullmatch("[0-9]{14}", number):
        raise argparse.ArgumentTypeError(f"{text!r} is not a SIRET of 14 digits")
    return number


def parser() -> argparse.ArgumentParser:
    """Make the parser; it raises SettingError for what it cannot use."""
    main_parser = Parser(prog=PROGRAM, description=__doc__.splitlines()[0], allow_abbrev=False)
    commands = main_parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            help=text,
            description=f"{text[0].upper()}{text[1:]}.",
            allow_abbrev=False,
            formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        )

    lire = command("lire", "turn the tracking file into the seed raw_dtnum__suivi")
    lire.add_argument("file", type=Path, metavar="FILE", help="the tracking file (.ods or .xlsx)")
    lire.add_argument("--feuille", default=SHEET, metavar="SHEET", help="its sheet")
    lire.add_argument(
        "--sortie",
        type=Path,
        default=SEEDS / "raw_dtnum__suivi.csv",
        metavar="FILE",
        help="the seed",
    )

    telecharger = command(
        "telecharger",
        "download raw_dtnum__demandes from DataPass (DATAPASS_URL, DATAPASS_CLIENT_ID and "
        "DATAPASS_CLIENT_SECRET are read from the environment)",
    )
    telecharger.add_argument(
        "--sortie", type=Path, default=SEEDS, metavar="FOLDER", help="the folder of the seeds"
    )
    telecharger.add_argument(
        "--etat", nargs="+", default=[], metavar="STATE", help="only demandes in these states"
    )
    telecharger.add_argument("--siret", type=_siret, help="only demandes of this organisation")
    telecharger.add_argument(
        "--evenements",
        action="store_true",
        help="raw_dtnum__evenements, too: events of demandes of the file that are listed no more",
    )

    ecrire = command("ecrire", "write the result as a spreadsheet that looks like the original")
    source = ecrire.add_mutually_exclusive_group()
    source.add_argument(
        "--base",
        type=Path,
        default=Path(os.environ.get("FLETTE_DUCKDB_PATH") or ROOT / "flette.duckdb"),
        metavar="FILE",
        help="the DuckDB file with the result",
    )
    source.add_argument(
        "--csv", type=Path, metavar="FOLDER", help="the result as CSV files, instead"
    )
    ecrire.add_argument(
        "--modele", type=Path, required=True, metavar="FILE", help="the file that `lire` read"
    )
    ecrire.add_argument("--feuille", default=SHEET, metavar="SHEET", help="its sheet")
    ecrire.add_argument(
        "--sortie", type=Path, required=True, metavar="FILE", help="what to write (.xlsx or .ods)"
    )

    adresses = command("adresses", "look up postcodes that the official list lacks")
    adresses.add_argument(
        "--limite",
        type=whole_number(1, 86_400),
        default=60,
        metavar="SECONDS",
        help="the most seconds for all of it",
    )
    adresses.add_argument(
        "--sortie", type=Path, default=SEEDS, metavar="FOLDER", help="the folder of the seeds"
    )
    return main_parser


def work(arguments: Sequence[str] | None = None) -> None:
    """Run a command and print the sentence that says what it did.

    Raises:
        SettingError: Something that the user has to mend.
    """
    options = parser().parse_args(arguments)
    # Each command imports its own libraries: HTTP takes as long to load as `lire` takes.
    match options.command:
        case "lire":
            from scripts.dtnum_lecture import lire

            said = lire(options.file, options.feuille, options.sortie)
        case "telecharger":
            from scripts.dtnum_datapass import telecharger

            said = telecharger(options.sortie, options.etat, options.siret, options.evenements)
        case "ecrire":
            from scripts import dtnum_classeur

            if options.csv is not None:
                result = dtnum_classeur.from_csv(options.csv)
            else:
                result = dtnum_classeur.from_duckdb(options.base)
            said = dtnum_classeur.ecrire(result, options.modele, options.sortie, options.feuille)
        case _:
            from scripts.dtnum_adresses import adresses

            said = adresses(options.limite, options.sortie)
    print(f"{PROGRAM} {options.command}: {said}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns:
        The exit code: 0 done, 1 a file could not be written, 2 something to mend (one sentence on
        stderr says what), 130 interrupted.
    """
    return run(PROGRAM, lambda: work(arguments))


if __name__ == "__main__":
    sys.exit(main())
