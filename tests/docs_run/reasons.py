"""Why a block of commands is not run here, and what is done in its place."""

import re
from dataclasses import dataclass

from tests.docs_run.reading import Block

NOT_RUN: tuple[tuple[str, str], ...] = (
    (r"^make\b", "its target is looked up; CI runs demo, test, chaos and soak"),
    (r"-m venv|\bpip install\b", "the copy is lent the environment of the tests"),
    (r"-m pytest\b|\bpytest ", "it is the suite itself"),
    (r"-m tests\.", "a long proof of its own; its module is looked up"),
    (r"\bfirst_contact\b", "run against the sandbox by tests/suppliers"),
    (
        r"\b(sudo|systemctl|journalctl|systemd-\w+|loginctl|useradd|chown|install -|"
        r"apt|apt-get|dnf|nginx|caddy|certbot|timedatectl)\b",
        "it changes the machine",
    ),
    (
        r"(^|[\s=\"'>])/(etc|srv|opt|usr|var|home|root|mnt)/",
        "it names the machine's own",
    ),
    (r"\b(docker|podman|docker-compose|kubectl)\b", "it takes a container engine"),
    (
        r"\b(psql|pg_dump|pg_restore|createdb|dropdb|createuser|redis-cli)\b",
        "it takes a server of one's own",
    ),
    (r"\b(git|ssh|scp|rsync)\s", "it takes another machine, or a repository"),
    (r"\$(\{)?(KEY|URL|API|SHOP_KEY|APPROVER_KEY|METRICS_TOKEN)\b", "it takes a key"),
    (r"https?://[\w.]+\.example\b|//your\.host", "an invented host"),
)
"""A pattern that any line of the block has, and the reason."""

RUN_ELSEWHERE = {
    "docs/api/first-order.md": "tests/describing/test_guides.py",
    "docs/api/webhooks.md": "tests/webhooks/test_docs.py",
}
"""Pages whose blocks belong together and are run whole by a test of their own."""


@dataclass(frozen=True)
class Staying:
    """A command that ends when it is told to.

    `more` keeps its port apart from others'; `asked` is an address that answers once it
    is there.
    """

    pattern: str
    more: str = ""
    asked: str = ""


STAYING = (
    Staying(r"\bgunicorn procurement\.wsgi$", asked="http://127.0.0.1:8000/healthz"),
    Staying(r"\bmanage\.py worker$"),
    Staying(
        r"\bmanage\.py sandbox$",
        more="--port {port}",
        asked="http://127.0.0.1:8100/_sandbox/",
    ),
)


def why_not_run(block: Block) -> str:
    """The reason; empty if the block is to be run."""
    if block.page in RUN_ELSEWHERE:
        return f"run by {RUN_ELSEWHERE[block.page]}"
    for pattern, reason in NOT_RUN:
        if any(re.search(pattern, line) for line in block.commands):
            return reason
    return ""


def staying(line: str) -> Staying | None:
    return next((each for each in STAYING if re.search(each.pattern, line)), None)
