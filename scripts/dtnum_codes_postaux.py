"""Write the list of postcodes of the product dtnum, from the official division of France.

Run from the project root::

    python -m scripts.dtnum_codes_postaux                       # asks npm for the package
    python -m scripts.dtnum_codes_postaux --paquet <folder>     # an unpacked package

The list is ``seeds/dtnum/dtnum_codes_postaux.csv``: every postcode of today's communes with its
département and région. A postcode whose communes lie in two départements belongs to the one where
most of its people live. A commune with several postcodes counts whole for each of them: the package
says how many people live in a commune, not how many in its part.
"""

import csv
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from scripts import ROOT
from scripts.common import Parser, SettingError, run

PROGRAM = "scripts.dtnum_codes_postaux"
PACKAGE = "@etalab/decoupage-administratif"
VERSION = "6.0.0"
OUT = ROOT / "seeds" / "dtnum" / "dtnum_codes_postaux.csv"
# The postcodes of arrondissements and of communes merged into others are those of a current one.
TYPE_OF_COMMUNE = "commune-actuelle"
# Seconds that npm may take.
PATIENCE = 300


class Row(NamedTuple):
    """A row of the list."""

    code_postal: str
    code_departement: str
    departement: str
    region: str


@dataclass(frozen=True)
class CodesPostaux:
    """The list.

    Attributes:
        rows: one for each postcode, by postcode.
        spanning: the postcodes whose communes lie in several départements.
    """

    rows: list[Row]
    spanning: list[str]


Record = Mapping[str, Any]


def codes_postaux(
    communes: Iterable[Record], departements: Iterable[Record], regions: Iterable[Record]
) -> CodesPostaux:
    """Give every postcode its département and région.

    Args:
        communes: with ``type``, ``departement`` and, most of them, ``codesPostaux`` (a list) and
            ``population`` (people; 0 where nobody counted them).
        departements: with ``code``, ``nom`` and ``region``; overseas collectivities are among them.
        regions: with ``code`` and ``nom``; an overseas département is its own région.

    Returns:
        The list; ties in population are decided by the code of the département.
    """
    departement_of = {record["code"]: record for record in departements}
    region_of = {record["code"]: record["nom"] for record in regions}
    people: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for commune in communes:
        if commune["type"] == TYPE_OF_COMMUNE:
            for code_postal in commune.get("codesPostaux", []):
                people[code_postal][commune["departement"]] += commune.get("population", 0)
    rows = []
    for code_postal, by_departement in sorted(people.items()):
        code = min(by_departement, key=lambda code: (-by_departement[code], code))
        departement = departement_of[code]
        rows.append(Row(code_postal, code, departement["nom"], region_of[departement["region"]]))
    spanning = [code for code, by_departement in sorted(people.items()) if len(by_departement) > 1]
    return CodesPostaux(rows, spanning)


def read_package(folder: Path) -> CodesPostaux:
    """Read an unpacked package.

    Args:
        folder: the one that holds ``package.json`` and ``data``.

    Returns:
        The list.

    Raises:
        SettingError: it is not that package in that version, or a file of it cannot be read.
    """
    paths = [folder / "package.json"]
    paths += [folder / "data" / f"{name}.json" for name in ("communes", "departements", "regions")]
    contents = []
    for path in paths:
        try:
            contents.append(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            raise SettingError(f"{path} cannot be read as JSON.") from None
    package, communes, departements, regions = contents
    found = f"{package.get('name')} {package.get('version')}"
    if found != f"{PACKAGE} {VERSION}":
        raise SettingError(f"{folder} holds {found}, not {PACKAGE} {VERSION}.")
    return codes_postaux(communes, departements, regions)


def fetch_package(folder: Path) -> Path:
    """Let npm fetch the package, and unpack it.

    Args:
        folder: an empty one.

    Returns:
        The folder of the unpacked package.

    Raises:
        SettingError: there is no npm here, or it could not fetch the package.
    """
    # npm knows the registry that this machine uses; nothing here names one.
    command = ["npm", "pack", f"{PACKAGE}@{VERSION}", "--silent", "--ignore-scripts"]
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=PATIENCE)
        archive = next(folder.glob("*.tgz"))
    except (OSError, subprocess.SubprocessError, StopIteration):
        raise SettingError(
            f"npm could not fetch {PACKAGE} {VERSION}; name an unpacked one with --paquet."
        ) from None
    with tarfile.open(archive) as file:
        file.extractall(folder, filter="data")
    return folder / "package"


def as_csv(rows: Iterable[Row]) -> str:
    """Write the list as the seeds are written: a header, LF line ends, minimal quoting."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Row._fields)
    writer.writerows(rows)
    return text.getvalue()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: the command line without the program's name; that of the process if None.

    Returns:
        The exit code, see ``scripts.common.run``.
    """

    def work() -> None:
        parser = Parser(prog=PROGRAM, description=__doc__.splitlines()[0], allow_abbrev=False)
        parser.add_argument(
            "--paquet", type=Path, metavar="FOLDER", help=f"{PACKAGE} {VERSION}, unpacked"
        )
        parser.add_argument("--out", type=Path, default=OUT, metavar="FILE", help="where to")
        options = parser.parse_args(arguments)
        with tempfile.TemporaryDirectory() as temporary:
            found = read_package(options.paquet or fetch_package(Path(temporary)))
        options.out.write_text(as_csv(found.rows), encoding="utf-8", newline="\n")
        print(
            f"{options.out}: {len(found.rows)} postcodes; {len(found.spanning)} span several "
            "départements and went to the one with most inhabitants."
        )

    return run(PROGRAM, work)


if __name__ == "__main__":
    sys.exit(main())
