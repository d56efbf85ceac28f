"""Writes the description anew, with answers as they are now: `make schema`."""

import json
import logging
import os
import re
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
COMMITTED = Path(__file__).resolve().parent.parent.parent / "docs/api/openapi.json"
PROBLEMS = COMMITTED.with_name("problems.md")
TABLE = "| Code |"
"""Where the table of codes begins."""
NOON = datetime(2031, 4, 2, 12, tzinfo=UTC)
MANY = 1
"""Rows of an example of a list."""
MADE_BY_CHANCE = {
    # The secret is the one of the Standard Webhooks specification.
    r"whsec_[A-Za-z0-9+/]+=*": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    r"\btest-[0-9a-f]{32}": "test-5f0c4a5e8f7d4d0fa3a1c2b11d2e3f40",
}
"""What is another each time it is made, and what stands for it in the examples."""


def record(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The first good answers of each call on the stage, by call and status."""
    from tests.describing.calling import tries
    from tests.describing.stage import fake_vendor, make_stage, use_everywhere

    fake = fake_vendor()
    use_everywhere(fake)
    stage = make_stage(fake)
    found: dict[str, dict[str, Any]] = {}
    for path, methods in document["paths"].items():
        for method, call in methods.items():
            best: dict[str, Any] = {}
            for answer in tries(stage, stage.key, path, method, call):
                is_json = answer.headers.get("Content-Type") == "application/json"
                if answer.status_code >= 300 or not is_json:
                    continue
                shown = shortened(answer.json())
                status = str(answer.status_code)
                if len(str(shown)) > len(str(best.get(status, ""))):
                    best[status] = shown
            found[call["operationId"]] = best
    return found


def shortened(body: Any) -> Any:
    """With as many rows as an example needs."""
    if isinstance(body, dict) and isinstance(body.get("results"), list):
        return {**body, "results": body["results"][:MANY]}
    return body


def write_problems() -> None:
    """Put the table of codes under what is written by hand."""
    from procurement.access.codes import reference

    text, _, _ = PROBLEMS.read_text().partition(TABLE)
    PROBLEMS.write_text(text + reference() + "\n")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        where = f"sqlite:///{Path(folder) / 'write.sqlite3'}"
        os.environ.setdefault("DATABASE_URL", where)

        import django
        import time_machine

        logging.disable(logging.WARNING)
        django.setup()
        from django.core.management import call_command
        from django.db import transaction

        from procurement.describing import examples
        from procurement.describing.views import description, description_text

        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        block: Any = transaction.atomic()
        # Marked as a test case's own, in which suppliers may be called.
        block._from_testcase = True
        # Always the same moment, so that a difference is one of the code.
        with block, time_machine.travel(NOON, tick=False):
            answers = record(description())
            transaction.set_rollback(True)
        text = json.dumps(answers, indent=1, ensure_ascii=False, sort_keys=True)
        # Which process made a call is of this run alone.
        text = re.sub(r'"worker": "[^"]*"', '"worker": "host:4711:1"', text)
        for pattern, example in MADE_BY_CHANCE.items():
            text = re.sub(pattern, example, text)
        examples.ANSWERS.write_text(text + "\n")
        examples.forget()
        COMMITTED.write_text(description_text())
        write_problems()
    print(f"{COMMITTED.name} and {examples.ANSWERS.name} are written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
