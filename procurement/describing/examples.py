"""Examples in the description: bodies that were sent, and what was answered to them.

Bodies are written by hand in `bodies.json`, by the name of the call. Answers are
recorded by `make schema` (`answers.json`); tests send every body and hold every answer
against the schema, so neither can become untrue unseen.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
BODIES = HERE / "bodies.json"
ANSWERS = HERE / "answers.json"


@cache
def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found


def forget() -> None:
    """Read the files anew; they were written."""
    _read.cache_clear()


def body_of(name: str) -> Any:
    """The body to send with a call; None if there is none for it."""
    return _read(BODIES).get(name)


def request_examples(name: str) -> dict[str, Any]:
    body = body_of(name)
    return {} if body is None else {"example": {"summary": "A body.", "value": body}}


def answer_examples(name: str, status: str) -> dict[str, Any]:
    answer = _read(ANSWERS).get(name, {}).get(status)
    return {} if answer is None else {"example": {"value": answer}}
