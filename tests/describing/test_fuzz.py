"""Calls made up from the description, good and bad, are all answered as it says.

`make fuzz` makes thousands; this is a small, fixed number of them.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parent.parent.parent
LEAST = 2_000
"""Cases of the smallest run: what is made without chance is the most of it."""


@pytest.mark.parametrize("whose", ["all", "bound"])
def test_every_answer_is_as_the_description_says(whose: str, tmp_path: Path) -> None:
    arguments = ["--examples", "2", "--steps", "20"]
    if whose == "bound":
        arguments += ["--bound", "--only", "^(orders|shops|events)_"]
    database = f"sqlite:///{tmp_path / 'fuzz.sqlite3'}"

    done = subprocess.run(
        [sys.executable, "-m", "tests.describing.fuzz", *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database, "REDIS_URL": ""},
        capture_output=True,
        text=True,
        timeout=900,
    )

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    cases = int(done.stdout.split(" cases")[0].split()[-1])
    assert cases > LEAST
