"""The whole API tried by what its description says: `python -m tests.describing.fuzz`.

Schemathesis makes calls of the description, good ones and bad ones, and holds every
answer against it, with every check it knows. All of it happens in this process, in a
database of its own, with a fake in the place of every vendor. In all phases but the
stateful one, what a call does is taken back, so that each meets the stage as it was.
"""

import argparse
import logging
import os
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

SEED = 2031
SERVER_ERROR = 500


@dataclass
class Outcome:
    """What came of a run."""

    cases: Counter[str] = field(default_factory=Counter)
    """By phase."""
    statuses: Counter[int] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)
    """One of each kind, by call and kind."""
    errors: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.cases.values())

    def text(self) -> str:
        by_phase = ", ".join(f"{name} {n}" for name, n in self.cases.items())
        by_status = ", ".join(
            f"{status}: {n}" for status, n in sorted(self.statuses.items())
        )
        lines = [
            f"{self.total} cases ({by_phase})",
            f"answers: {by_status}",
            f"{len(self.failures)} failures, {len(self.errors)} errors",
        ]
        return "\n".join([*lines, *self.failures.values(), *self.errors])


def configuration(*, key: str, examples: int, steps: int, seed: int) -> dict[str, Any]:
    """How Schemathesis goes about it. Each thing it is told to leave has its reason."""
    return {
        "seed": seed,
        "headers": {"Authorization": f"Bearer {key}"},
        "generation": {
            "max-examples": examples,
            "deterministic": True,
            "database": "none",
            "no-shrink": True,
        },
        "continue-on-failure": True,
        "checks": {
            # Names of suppliers, shops and people are data: a description can't say
            # which there are, so a good body may name one that is not there (400).
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", "400", "404", "409", "412", "502"]
            },
            # What is wrong with a call may be found out after what is missing from it.
            "negative_data_rejection": {
                "expected-statuses": [
                    *("400", "401", "403", "404", "405", "406", "409"),
                    *("412", "413", "415", "502"),
                ]
            },
        },
        "phases": {
            "examples": {"enabled": True},
            "coverage": {"enabled": True},
            "fuzzing": {"enabled": True},
            "stateful": {"enabled": True, "max-steps": steps},
        },
    }


class Taker:
    """The WSGI application of the product, which forgets what it was told to do."""

    def __init__(self) -> None:
        from django.core.signals import request_finished, request_started
        from django.core.wsgi import get_wsgi_application
        from django.db import close_old_connections

        self.inner = get_wsgi_application()
        self.keeps = threading.Event()
        # They would close the connection whose transaction is to be taken back.
        request_started.disconnect(close_old_connections)
        request_finished.disconnect(close_old_connections)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        from django.db import connection, transaction

        if self.keeps.is_set():
            answer = list(self.inner(environ, start_response))
            connection.close()
            return answer
        block: Any = transaction.atomic()
        # Marked as a test case's own, in which suppliers may be called.
        block._from_testcase = True
        with block:
            answer = list(self.inner(environ, start_response))
            transaction.set_rollback(True)
        connection.close()
        return answer


def run(
    *,
    examples: int,
    steps: int = 30,
    seed: int = SEED,
    is_bound: bool = False,
    only: str = "",
) -> Outcome:
    """Try the API; Django has to be set up, on a database with nothing in it."""
    import schemathesis
    from drf_spectacular.generators import SchemaGenerator
    from schemathesis.engine import from_schema

    from tests.describing.stage import fake_vendor, make_stage, use_everywhere

    if not os.environ.get("FUZZ_LOG"):
        logging.disable(logging.CRITICAL)
    fake = fake_vendor()
    use_everywhere(fake)
    stage = make_stage(fake)
    key = stage.bound_key if is_bound else stage.key
    raw = configuration(key=key, examples=examples, steps=steps, seed=seed)
    config = schemathesis.Config.from_dict(raw)
    document = SchemaGenerator().get_schema(request=None, public=True)
    schema = schemathesis.openapi.from_dict(document, config=config)
    if only:
        schema = schema.include(operation_id_regex=only)
    app = Taker()
    put_names_in(schema, stage, is_bound=is_bound)
    found = Outcome()
    with served(app) as address:
        schema.config.update(base_url=f"http://{address}")
        _follow(from_schema(schema).execute(), app, found)
    return found


def _follow(stream: Any, app: Taker, found: Outcome) -> None:
    from schemathesis.engine import events
    from schemathesis.engine.run import PhaseName

    for event in stream:
        if isinstance(event, events.PhaseStarted):
            if event.phase.name is PhaseName.STATEFUL_TESTING:
                app.keeps.set()
        elif isinstance(event, events.ScenarioFinished):
            note(found, event)
        elif isinstance(event, events.NonFatalError):
            found.errors.append(f"{event.label}: {event.value!r}")
        elif isinstance(event, events.FatalError):
            raise event.exception


@contextmanager
def served(app: Any) -> Iterator[str]:
    """An application over HTTP on a port of its own, a thread for each connection."""
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log(self, *args: Any) -> None:
            pass

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()


def put_names_in(schema: Any, stage: Any, *, is_bound: bool) -> None:
    """Let most of the good calls name what is on the stage."""

    def put(context: Any, case: Any) -> Any:
        meta = case.meta
        mode = getattr(getattr(meta, "generation", None), "mode", None)
        if getattr(mode, "value", "") != "positive" or not case.path_parameters:
            return case
        names = stage.names_for(case.path)
        index = hash(repr(case.path_parameters)) % (len(names) + 1)
        if index < len(names):
            case.path_parameters = dict(names[index])
        return case

    schema.hook("map_case")(put)


def note(found: Outcome, event: Any) -> None:
    found.cases[event.phase.value] += len(event.recorder.interactions)
    for interaction in event.recorder.interactions.values():
        if interaction.response is not None:
            found.statuses[interaction.response.status_code] += 1
    for case_id, checks in event.recorder.checks.items():
        for check in checks:
            if check.failure_info is None:
                continue
            failure = check.failure_info.failure
            kind = f"{event.recorder.label} {check.name} {failure.title}"
            if kind in found.failures:
                continue
            said = event.recorder.interactions.get(case_id)
            body = said.response.content[:300] if said and said.response else b""
            found.failures[kind] = (
                f"\n--- {event.phase.value}: {event.recorder.label}: {check.name}\n"
                f"{failure.title}: {failure.message[:600]}\n"
                f"{check.failure_info.code_sample[:900]}\n{body!r}"
            )


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--examples", type=int, default=25, help="of each call")
    arguments.add_argument("--steps", type=int, default=30)
    arguments.add_argument("--seed", type=int, default=SEED)
    arguments.add_argument("--only", default="", help="pattern of names of calls")
    arguments.add_argument("--bound", action="store_true", help="a key of one shop")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if "DATABASE_URL" not in os.environ:
            os.environ["DATABASE_URL"] = f"sqlite:///{Path(folder) / 'fuzz.sqlite3'}"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        outcome = run(
            examples=given.examples,
            steps=given.steps,
            seed=given.seed,
            is_bound=given.bound,
            only=given.only,
        )
    print(outcome.text())
    return 1 if outcome.failures or outcome.errors or not outcome.total else 0


if __name__ == "__main__":
    sys.exit(main())
