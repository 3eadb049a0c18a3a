"""What a person meets first: make, the requirement files, the profile."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from scripts import ROOT
from scripts.build import GENERATORS

COMMANDS = ("setup", "build", "test", "lint", "format", "seeds", "docs", "bench", "clean")
LOCKED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==[0-9][^ ;]*( ; .+)?$")


def test_make_alone_lists_the_commands_one_line_each() -> None:
    """Every command has a line; build's arguments are named."""
    shown = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for command in COMMANDS:
        lines = [line for line in shown.splitlines() if line.split()[:1] == [command]]
        assert len(lines) == 1, command
        assert len(lines[0].split()) > 2, "a command says what it does"
    assert "TARGET=duckdb|postgres|bigquery|bigquery_emulator" in shown
    assert "SELECT=tiltak" in shown


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_are_pinned_and_name_no_address(name: str) -> None:
    """A name and a version on each line, nothing else."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert len(lines) > 50
    for line in lines:
        assert LOCKED.match(line), line
        assert not line.startswith("dbt-core-experimental-parser")


def test_lock_files_hold_what_is_asked_for() -> None:
    """Whatever a person wrote into a .in file is in the files that are installed."""
    locked = {
        match.group(1)
        for name in ("requirements.txt", "requirements-dev.txt")
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
        if (match := LOCKED.match(line))
    }
    for name in ("requirements.in", "requirements-dev.in"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            if line and line[0] not in "#-":
                assert re.split(r"[=<>\[]", line)[0] in locked, line


def test_a_bare_dbt_finds_the_profile_with_its_four_targets() -> None:
    """profiles.yml in the root is a symlink to the one in profiles/."""
    assert (ROOT / "profiles.yml").readlink() == Path("profiles/profiles.yml")
    profile = yaml.safe_load((ROOT / "profiles.yml").read_text(encoding="utf-8"))["flette"]
    assert set(profile["outputs"]) == {"duckdb", "postgres", "bigquery", "bigquery_emulator"}
    assert "duckdb" in profile["target"]


def test_every_product_with_models_has_a_generator_and_committed_seeds() -> None:
    """A clean clone has its input, and can make it again."""
    products = {path.name for path in (ROOT / "models").iterdir() if path.is_dir()}
    assert products == set(GENERATORS)
    for product in products:
        assert any((ROOT / "seeds" / product).glob(f"raw_{product}__*.csv"))


def test_build_makes_missing_seeds_and_refuses_what_is_no_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing file is generated, the others stay; one in another encoding is named."""
    from scripts import build
    from scripts.common import SettingError

    monkeypatch.setattr(build, "ROOT", tmp_path)
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    kept = tmp_path / "seeds/tiltak/raw_tiltak__tiltakstyper.csv"
    kept.write_text("id,navn,tiltakskode,arena_tiltakskode\n", encoding="utf-8")
    lost = tmp_path / "seeds/tiltak/raw_tiltak__gjennomforinger.csv"
    lost.unlink()
    build.make_missing_seeds()
    assert lost.read_bytes() == (ROOT / "seeds/tiltak" / lost.name).read_bytes()
    assert len(kept.read_text(encoding="utf-8").splitlines()) == 1
    build.require_readable_seeds()

    kept.write_bytes("id,navn\n1,Oppfølging\n".encode("latin-1"))
    with pytest.raises(SettingError, match=r"tiltakstyper.csv is not UTF-8 text \(line 2\)"):
        build.require_readable_seeds()
