"""How rows are written down, by hand as PostgreSQL's COPY would."""

import pytest

from procurement.backups.canonical import json_text, read_rows, write_rows
from procurement.backups.shape import Column, Table

KINDS = {
    "id": "integer",
    "note": "text",
    "at": "moment",
    "price": "decimal",
    "is_test": "boolean",
    "claim": "uuid",
    "file": "bytes",
    "data": "json",
    "network": "address",
}
TABLE = Table(
    "things",
    "id",
    True,
    tuple(Column(name, kind, places=4) for name, kind in KINDS.items()),
)
KEPT = (
    7,
    "Å\tb\\c\nd",
    "2031-04-09 10:00:00.120000",
    12.5,
    1,
    "00000000000000000000000000000007",
    b"\x00\xff",
    '{"b": 1.50, "aa": "\\u00e5\\n"}',
    "2001:db8::1",
)
WRITTEN = "\t".join(
    (
        "7",
        "Å\\tb\\\\c\\nd",
        "2031-04-09 10:00:00.12+00",
        "12.5000",
        "t",
        "00000000-0000-0000-0000-000000000007",
        "\\\\x00ff",
        '{"b": 1.50, "aa": "å\\\\n"}',
        "2001:db8::1",
    )
)


def test_row_is_written_as_postgresql_would() -> None:
    assert write_rows(TABLE, [KEPT]).decode() == WRITTEN + "\n"


def test_what_is_none_is_not_what_is_empty_or_looks_like_none() -> None:
    table = Table("t", "id", True, (Column("id", "integer"), Column("note", "text")))

    written = write_rows(table, [(1, None), (2, ""), (3, "\\N")])

    assert written == b"1\t\\N\n2\t\n3\t\\\\N\n"
    assert list(read_rows(table, written)) == [(1, None), (2, ""), (3, "\\N")]


def test_row_that_is_read_and_written_again_is_the_same() -> None:
    lines = (WRITTEN + "\n").encode()

    assert write_rows(TABLE, list(read_rows(TABLE, lines))) == lines


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        ("2031-04-09 10:00:00", "2031-04-09 10:00:00+00"),
        ("2031-04-09 10:00:00.000", "2031-04-09 10:00:00+00"),
        ("2031-04-09 10:00:00.100200", "2031-04-09 10:00:00.1002+00"),
    ],
)
def test_moments_have_no_more_digits_than_they_need(moment: str, written: str) -> None:
    table = Table("t", "at", False, (Column("at", "moment"),))

    assert write_rows(table, [(moment,)]).decode() == written + "\n"


@pytest.mark.parametrize(
    ("stored", "written"),
    [
        ('{"bb": 1, "a": 2, "": 3}', '{"": 3, "a": 2, "bb": 1}'),
        ("[1e20, 1e-7, -0.0, 1.50]", "[100000000000000000000, 0.0000001, 0.0, 1.50]"),
        ('"\\ud83d\\ude9a \\u007f \\u001f"', '"🚚 \x7f \\u001f"'),
        ("[true, null, [], {}]", "[true, null, [], {}]"),
    ],
)
def test_json_is_written_as_jsonb_shows_it(stored: str, written: str) -> None:
    assert json_text(stored) == written
