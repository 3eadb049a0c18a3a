"""docker-compose.yml, Dockerfile and .env.example fit each other and the project.

Docker does not run here, so the files are read: every name in them must be one that exists.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts import ROOT, common, tv1
from scripts.common import SettingError

COMPOSE = ROOT / "docker-compose.yml"
# ${NAME}, but not $$NAME, which is for the shell inside the container
VARIABLE = re.compile(r"(?<!\$)\$\{([A-Z0-9_]+)\}")
ANY_DOLLAR = re.compile(r"(?<!\$)\$(?!\$)")
CONDITIONS = {"service_healthy", "service_completed_successfully"}
# What the official image reads: https://hub.docker.com/_/postgres
IMAGE_VARIABLES = {"POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"}


def services() -> dict[str, dict[str, Any]]:
    """Return the services, anchors and merges resolved."""
    return yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]


def example() -> dict[str, str]:
    """Return the variables of .env.example."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    assert all(separator for _, separator, _ in pairs)
    names = [name for name, _, _ in pairs]
    assert len(names) == len(set(names))
    return {name: value for name, _, value in pairs}


def filled_in(text: str) -> str:
    """Return a text as compose reads it with .env.example as .env."""
    values = example()
    return VARIABLE.sub(lambda match: values[match.group(1)], text).replace("$$", "$")


def commands() -> list[list[str]]:
    """Return every command that runs the project, those inside of a shell's line one by one."""
    found = []
    for service in services().values():
        command = [filled_in(word) for word in service.get("command", [])]
        if command[:2] == ["sh", "-c"]:
            found += [shlex.split(part) for part in command[2].split("&&")]
        elif command:
            found.append(command)
    instruction = re.search(r"^CMD (\[.*\])$", dockerfile(), re.MULTILINE)
    assert instruction
    return [*found, yaml.safe_load(instruction.group(1))]


def dockerfile() -> str:
    """Return the Dockerfile."""
    return (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_the_three_services_are_there() -> None:
    assert set(services()) == {"postgres", "simulation", "dbt"}
    assert services()["postgres"]["image"] == "postgres:18"


def test_every_service_says_when_it_is_ready() -> None:
    """A server has a health check; what ends by itself is not started again, but waited for."""
    waited_for = {
        name: depended["condition"]
        for service in services().values()
        for name, depended in service.get("depends_on", {}).items()
    }
    assert set(waited_for.values()) <= CONDITIONS
    assert waited_for.keys() <= services().keys()
    for name, service in services().items():
        if "healthcheck" in service:
            assert waited_for[name] == "service_healthy"
            assert {"test", "interval", "timeout", "retries"} <= service["healthcheck"].keys()
        else:
            assert service["restart"] == "no", name
            assert waited_for.get(name, "service_completed_successfully") != "service_healthy"
    assert waited_for == {
        "postgres": "service_healthy",
        "simulation": "service_completed_successfully",
    }


def test_the_health_check_asks_the_server_by_tcp() -> None:
    """In the image's own set-up the server listens on its socket; that is too early."""
    kind, command = services()["postgres"]["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    assert shlex.split(command)[:2] == ["pg_isready", "--host=127.0.0.1"]
    used = set(re.findall(r"\$\$([A-Z_]+)", command))
    assert used <= services()["postgres"]["environment"].keys()


def test_every_variable_is_in_the_example_and_every_one_there_is_used() -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    assert set(VARIABLE.findall(text)) == set(example())
    assert len(ANY_DOLLAR.findall(text)) == len(VARIABLE.findall(text))
    assert example()["PGPASSWORD"] == "change-me"


def test_environment_names_are_those_that_somebody_reads() -> None:
    """To dbt those that the profile and macros ask for, to postgres those that its image does."""
    read = {
        name
        for path in [ROOT / "profiles/profiles.yml", *(ROOT / "macros").rglob("*.sql")]
        for name in re.findall(r"env_var\('(\w+)'", path.read_text(encoding="utf-8"))
    }
    profile = yaml.safe_load((ROOT / "profiles/profiles.yml").read_text(encoding="utf-8"))
    target = str(profile["flette"]["outputs"]["postgres"])
    asked = set(re.findall(r"env_var\('(\w+)'", target))
    given = services()["dbt"]["environment"].keys()
    assert asked <= given <= read
    assert services()["postgres"]["environment"].keys() == IMAGE_VARIABLES
    assert services()["dbt"]["environment"]["PGHOST"] in services()


def test_both_sides_have_the_same_credentials() -> None:
    server, client = (services()[name]["environment"] for name in ("postgres", "dbt"))
    assert server["POSTGRES_USER"] == client["PGUSER"]
    assert server["POSTGRES_PASSWORD"] == client["PGPASSWORD"]
    assert server["POSTGRES_DB"] == client["PGDATABASE"]


def test_commands_name_what_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules, options, products, targets and variables of the commands are the project's."""
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
    targets = yaml.safe_load((ROOT / "profiles/profiles.yml").read_text(encoding="utf-8"))
    programs = set()
    for command in commands():
        programs.add(command[0])
        if command[0] == "python":
            assert command[1:3] == ["-m", "scripts.tv1"]
            assert understood(command[3:], monkeypatch)
        elif command[0] == "dbt":
            options = dict(zip(command[2::2], command[3::2], strict=True))
            assert command[1] == "build"
            assert options["--target"] in targets["flette"]["outputs"]
            assert (ROOT / "models" / options["--select"]).is_dir()
            variables = yaml.safe_load(options.get("--vars", "{}"))
            assert all(project["vars"][name] == value for name, value in variables.items())
        else:
            source, folder = command[1:]
            assert command[0] == "cp"
            assert (ROOT / folder).is_dir()
            assert list((ROOT / folder).glob(Path(source).name)), "the generator's own names"
    assert programs == {"python", "dbt", "cp"}


def understood(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the generator accepts a command line; nothing is generated."""
    opened = []

    def stop(folder: Path, *_: Any) -> None:
        opened.append(folder)
        raise SettingError("That is far enough.")

    with monkeypatch.context() as patch:
        patch.setattr(common, "TableFolder", stop)
        tv1.main(arguments)
    return bool(opened)


def test_what_one_service_writes_the_other_reads() -> None:
    """The simulation's folder is the volume that dbt copies from."""
    simulation, dbt = services()["simulation"], services()["dbt"]
    arguments = simulation["command"]
    folder = arguments[arguments.index("--out") + 1]
    assert f"simulated:{folder}" in simulation["volumes"]
    assert f"simulated:{folder}:ro" in dbt["volumes"]
    assert f"cp {folder}/raw_tv1__*.csv " in dbt["command"][2]
    assert f"mkdir /flette {folder}" in dockerfile()
    document = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    named = {
        volume.partition(":")[0] for service in services().values() for volume in service["volumes"]
    }
    assert named == set(document["volumes"])


def test_the_image_is_made_of_what_is_there() -> None:
    """Files that are copied exist; Python is one that the project runs on."""
    base = re.search(r"^FROM python:(\d+)\.(\d+)-slim$", dockerfile(), re.MULTILINE)
    assert base and (int(base.group(1)), int(base.group(2))) >= (3, 11)
    for source in re.findall(r"^COPY (?:--\S+ )?(\S+) \S+$", dockerfile(), re.MULTILINE):
        assert (ROOT / source).exists()
    for folder in re.findall(r"DBT_\w+=/flette(\S*)", dockerfile()):
        assert (ROOT / folder.strip("/")).is_dir()


def test_the_image_leaves_out_secrets_and_what_machines_make() -> None:
    left_out = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {".env", ".git", ".venv", "target", "benchmarks/data", "*.duckdb"} <= set(left_out)
    for needed in ("dbt_project.yml", "macros", "models", "profiles", "scripts", "seeds"):
        assert needed not in left_out
