"""`make audit`: known holes in what is installed, by pip-audit.

Its database is asked over the network. Where it is out of reach, or knows none of our
packages (a mirror without it answers so, and pip-audit takes that for "nothing found"),
nothing was audited: that is said loudly, and fails with `PIP_AUDIT_REQUIRED=1`.
"""

import json
import os
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

EXCEPTIONS = Path(__file__).with_name("exceptions.toml")
SECONDS = 60
COMMAND = (
    *(sys.executable, "-m", "pip_audit", "-r", "requirements.txt"),
    *("--require-hashes", "--disable-pip", "--format", "json"),
    *("--progress-spinner", "off", "--timeout", "15"),
)


@dataclass(frozen=True)
class Holes:
    """What was found, by the names of it; and how many packages were looked up."""

    found: dict[str, str]
    audited: int


def read(output: str) -> Holes:
    """What pip-audit printed. A package it skipped was not audited."""
    found, audited = {}, 0
    for each in json.loads(output)["dependencies"]:
        if "skip_reason" in each:
            continue
        audited += 1
        for hole in each["vulns"]:
            fixed = ", ".join(hole["fix_versions"]) or "no version yet"
            found[hole["id"]] = (
                f"{each['name']} {each['version']}, put right in {fixed}"
            )
    return Holes(found, audited)


def exceptions() -> dict[str, date]:
    """The holes we live with, each until a day."""
    known = tomllib.loads(EXCEPTIONS.read_text())
    return {each["id"]: each["until"] for each in known.get("exception", [])}


def unexplained(holes: Holes, today: date) -> list[str]:
    """The holes that no exception of today names."""
    until = exceptions()
    return [
        f"{name}: {text}"
        for name, text in sorted(holes.found.items())
        if until.get(name, date.min) < today
    ]


def main() -> int:
    try:
        done = subprocess.run(
            COMMAND, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        holes = read(done.stdout)
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        holes = Holes({}, 0)
    if not holes.audited:
        print("NOT AUDITED: the database of known holes is out of reach.")
        return int(os.environ.get("PIP_AUDIT_REQUIRED") == "1")
    bad = unexplained(holes, datetime.now(UTC).date())
    print(*bad, f"{holes.audited} packages audited, {len(bad)} holes.", sep="\n")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
