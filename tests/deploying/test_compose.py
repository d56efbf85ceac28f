"""deploy/compose.yaml: each rule an operator would look for, for every service."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from procurement.coordination.watching import OVERDUE_SECONDS
from tests.processes import ROOT

COMPOSE = ROOT / "deploy" / "compose.yaml"
CONTAINERFILE = ROOT / "deploy" / "Containerfile"
OURS = {"web-1", "web-2", "worker-1", "worker-2", "migrate"}
WEBS = ("web-1", "web-2")
WORKERS = ("worker-1", "worker-2")
WHOLE: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
SERVICES: dict[str, dict[str, Any]] = WHOLE["services"]


def seconds(text: str) -> int:
    return int(text.removesuffix("s"))


def environment(name: str) -> dict[str, str]:
    return {key: str(value) for key, value in SERVICES[name]["environment"].items()}


def test_the_services_are_those_the_documentation_names() -> None:
    assert set(SERVICES) == OURS | {"proxy", "database", "redis"}


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_can_do_more_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) == (
        ["NET_BIND_SERVICE"] if name == "proxy" else []
    )
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert int(service["user"].partition(":")[0]) > 0
    assert "privileged" not in service
    for limit in ("mem_limit", "pids_limit", "cpus"):
        assert service[limit], limit
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_looked_at_and_has_a_time_to_stop(name: str) -> None:
    assert SERVICES[name]["stop_grace_period"]
    if name in WEBS:
        # The image's own: alive, and never a matter of workers or of the database.
        (asked,) = re.findall(
            r"HEALTHCHECK.*?/(\w+)'", CONTAINERFILE.read_text(), re.DOTALL
        )
        assert asked == "healthz"
        assert "healthcheck" not in SERVICES[name]
    else:
        assert SERVICES[name]["healthcheck"]


def test_the_database_is_reached_by_what_needs_it_alone() -> None:
    with_database = {
        name for name, service in SERVICES.items() if "inside" in service["networks"]
    }
    assert with_database == OURS | {"database", "redis"}
    assert WHOLE["networks"]["inside"] == {"internal": True}
    assert set(SERVICES["proxy"]["networks"]) == {"edge", "front"}
    published = {name for name in SERVICES if "ports" in SERVICES[name]}
    assert published == {"proxy"}


@pytest.mark.parametrize("name", [*WEBS, *WORKERS])
def test_nothing_starts_before_the_tables_are_there(name: str) -> None:
    waits = SERVICES[name]["depends_on"]
    assert waits["migrate"] == {"condition": "service_completed_successfully"}
    assert waits["database"] == {"condition": "service_healthy"}


def test_who_is_stopped_gets_longer_than_it_may_take() -> None:
    for name in WEBS:
        drain = float(environment(name)["WEB_DRAIN_SECONDS"])
        assert drain >= 3, "the proxy looks once a second"
        assert seconds(SERVICES[name]["stop_grace_period"]) > drain + 300
    task = settings.Q_CLUSTER["timeout"] + OVERDUE_SECONDS
    for name in WORKERS:
        assert seconds(SERVICES[name]["stop_grace_period"]) > task
    assert seconds(SERVICES["proxy"]["stop_grace_period"]) > 300


def test_secrets_are_files_and_stand_in_no_environment() -> None:
    for name in OURS:
        given = environment(name)
        assert given["SECRET_KEY_FILE"] == "/run/secrets/secret_key"
        assert not {"SECRET_KEY", "CREDENTIAL_KEYS", "DATABASE_URL"} & given.keys()
        named = {
            Path(path).name for path in given.values() if path.startswith("/run/sec")
        }
        assert named == set(SERVICES[name]["secrets"])
    used = {
        each for service in SERVICES.values() for each in service.get("secrets", ())
    }
    assert used == set(WHOLE["secrets"])


@pytest.mark.parametrize("name", WORKERS)
def test_each_worker_is_known_by_its_own_sign(name: str) -> None:
    told = environment(name)["WORKER_ALIVE_FILE"]
    assert told in SERVICES[name]["healthcheck"]["test"][1]
    assert told.startswith(SERVICES[name]["tmpfs"][0].partition(":")[0])
