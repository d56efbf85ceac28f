"""A line of the log: what it holds, what it never holds, and that none is forged."""

import json
import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from procurement import masking
from procurement.logs.formats import formatter
from procurement.logs.ids import about, here, ids, start_anew, subject

AT = datetime(2031, 4, 2, 12, 30, 1, 250_000, tzinfo=UTC).timestamp()
FORMATS = ("line", "json")


def written(wanted: str, text: str, *values: Any, **extra: Any) -> str:
    record = logging.LogRecord(
        "procurement.x", logging.INFO, "x.py", 1, text, values, extra.pop("exc", None)
    )
    record.created, record.msecs = AT, 250.0
    record.__dict__.update(extra)
    return formatter(wanted).format(record)


def as_json(text: str, *values: Any, **extra: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(written("json", text, *values, **extra))
    return found


def raised(error: Exception) -> Any:
    try:
        raise error
    except type(error):
        return sys.exc_info()


def test_line_of_json_says_when_where_and_what_it_is_about() -> None:
    with about(user=7, request_id="abcdefgh", order="PO-2031-000042"):
        line = as_json("sent in %d ms", 12, duration_ms=12.5)

    assert line.pop("process") > 0
    assert line.pop("machine")
    assert line == {
        "time": "2031-04-02T12:30:01.250+00:00",
        "level": "INFO",
        "logger": "procurement.x",
        "message": "sent in 12 ms",
        "duration_ms": 12.5,
        "request_id": "abcdefgh",
        "user": 7,
        "order": "PO-2031-000042",
    }


def test_line_for_people_says_the_same() -> None:
    with about(order="PO-2031-000042", errand="Looking up 7"):
        line = written("line", "sent")

    assert line == (
        "2031-04-02T12:30:01.250Z INFO procurement.x: sent "
        "[order=PO-2031-000042 errand='Looking up 7']"
    )


@pytest.mark.parametrize("wanted", FORMATS)
@pytest.mark.parametrize(
    "breaks", ["\n", "\r\n", "\x0b", "\x85", "\u2028", "\x1b[2K", "\x00"]
)
def test_nobody_can_forge_a_line(wanted: str, breaks: str) -> None:
    forged = f"x{breaks}2031-04-02T12:30:01.250Z INFO procurement.orders: order sent"

    with about(order=forged):
        line = written(wanted, "name %s", forged, note=forged)

    assert len(line.splitlines()) == 1
    assert all(char.isprintable() for char in line)


@pytest.mark.parametrize("wanted", FORMATS)
def test_exception_can_forge_none_either(wanted: str) -> None:
    error = ValueError("x\n2031-04-02T12:30:01.250Z INFO procurement.x: forged")
    first, *others = written(wanted, "broke", exc=raised(error)).splitlines()

    assert "broke" in first
    assert all(line.startswith("    ") for line in others)
    assert "forged" in first + "".join(others)


SECRET = "hunter2-and-more"
SPELLINGS = [
    f"Authorization: Bearer {SECRET}",
    f"{{'Authorization': 'Bearer {SECRET}'}}",
    f"{{'password': '{SECRET}', 'name': 'x'}}",
    f'{{"client_secret": "{SECRET}"}}',
    f"password={SECRET}",
    f"https://host.example/x?access_token={SECRET}&page=2",
    f"postgres://procurement:{SECRET}@db.internal:5432/x",
    f"redis://:{SECRET}@redis/0",
    f"/admin/x?api_key={SECRET}",
    f"Cookie: sessionid={SECRET}",
    f"GET /approve/{SECRET}/ HTTP/1.1",
    f"GET /calendar/{SECRET} HTTP/1.1",
]


@pytest.mark.parametrize("wanted", FORMATS)
@pytest.mark.parametrize("text", SPELLINGS)
def test_secrets_stay_out_wherever_they_stand(wanted: str, text: str) -> None:
    error = raised(ValueError(text))
    with about(errand=text):
        line = written(wanted, "%s", text, exc=error, note=text, password=SECRET)

    assert SECRET not in line
    if wanted == "json":
        json.loads(line)


@pytest.mark.parametrize("wanted", FORMATS)
def test_known_secrets_stay_out_without_any_name(
    wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(masking, "_known", set())
    masking.keep_out("lösen ord/42", "short")

    line = written(wanted, "it said lösen ord/42 and l%C3%B6sen%20ord%2F42, short")

    assert "it said … and …, short" in line


def test_keys_of_ours_and_signing_secrets_stay_out() -> None:
    key = "0a1b2c3d." + "A" * 43
    line = written("line", f"key {key} and whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    assert "key 0a1b2c3d.… and whsec_…" in line


def test_ordinary_words_are_left_alone() -> None:
    text = (
        "alarm raised kind=unconfirmed supplier=extend-nord count=3 "
        "oldest=PO-2031-000042; POST /api/v1/orders/PO-2031-000042/approve/"
    )

    assert masking.mask(text) == text


def test_objects_given_beside_the_text_are_not_written() -> None:
    line = as_json("x", request=object(), body={"password": SECRET}, status_code=500)

    assert line["status_code"] == 500
    assert "request" not in line
    assert "body" not in line


def test_worker_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKER_NAME", "host:1:carriers:1")

    assert as_json("x")["worker"] == "host:1:carriers:1"


# --- what the work is about -------------------------------------------------------


def test_ids_end_with_their_block_and_add_up_within() -> None:
    with about(run=3):
        with about(supplier="extend-nord", order=None):
            assert ids() == {"supplier": "extend-nord", "run": 3}
        assert ids() == {"run": 3}
    assert ids() == {}


def test_threads_take_along_what_they_are_handed_with_and_nothing_else() -> None:
    with ThreadPoolExecutor(1) as pool:
        with about(attempt=5):
            handed = pool.submit(here(ids))
            alone = pool.submit(ids)
        assert handed.result() == {"attempt": 5}
        assert alone.result() == {}
        start_anew()


def test_subjects_that_are_orders_are_told_as_such() -> None:
    assert subject("PO-2031-000042") == {"order": "PO-2031-000042"}
    assert subject("shop 7") == {"subject": "shop 7"}
