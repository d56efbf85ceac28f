"""Why a block of commands is not run here, and what is done in its place."""

import re

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

STAYS: tuple[tuple[str, str], ...] = (
    (r"\bgunicorn procurement\.wsgi$", ""),
    (r"\bmanage\.py worker$", ""),
    (r"\bmanage\.py sandbox$", "--port {port}"),
)
"""Commands that end when they are told to, and what is added to keep ports apart."""


def why_not_run(block: Block) -> str:
    """The reason; empty if the block is to be run."""
    if block.page in RUN_ELSEWHERE:
        return f"run by {RUN_ELSEWHERE[block.page]}"
    for pattern, reason in NOT_RUN:
        if any(re.search(pattern, line) for line in block.commands):
            return reason
    return ""


def stays(line: str) -> str | None:
    """What to add to a command that does not end by itself; None if it ends."""
    return next((more for pattern, more in STAYS if re.search(pattern, line)), None)
