"""A backup file that is not whole is never taken for one."""

import errno
import random
import stat
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from procurement.backups.archive import (
    Damaged,
    Manifest,
    delete_old,
    open_backup,
    verify,
    write_backup,
)
from procurement.backups.shape import Column, Table
from procurement.errors import OperationNotAllowed

TABLE = Table("things", "id", True, (Column("id", "integer"), Column("t", "text")))
ROWS = [b"".join(b"%d\t%dth thing\n" % (n, n * n) for n in range(3000))] * 3


class Shelf:
    """Books of one table that are no database."""

    kind = "sqlite"

    def lines(self, table: Table) -> Iterator[bytes]:
        yield from ROWS

    def last_keys(self, tables: Sequence[Table]) -> dict[str, int]:
        return {"things": 9000}

    def values(self, table: str, column: str) -> Iterator[str]:
        return iter(())


class FullDisk(Shelf):
    def lines(self, table: Table) -> Iterator[bytes]:
        yield ROWS[0]
        raise OSError(errno.ENOSPC, "No space left on device")


def write(directory: Path, books: Shelf | None = None, *, hour: int = 1) -> Path:
    return write_backup(
        directory,
        books or Shelf(),
        [TABLE],
        migrations=["orders.0001_initial"],
        keys=({"abc": 2}, 0),
        taken_at=datetime(2031, 4, 9, hour, tzinfo=UTC),
    )


def content(path: Path) -> tuple[Manifest, bytes]:
    manifest = verify(path)
    with open_backup(path) as backup:
        return manifest, b"".join(backup.lines(TABLE))


def test_backup_has_its_rows_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = write(tmp_path)

    manifest, rows = content(path)

    assert path.name == "procurement-20310409T010000Z.zip"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert rows == b"".join(ROWS)
    assert manifest.rows == 9000
    assert manifest.last_keys == {"things": 9000}


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.9, 0.9999])
def test_backup_that_was_cut_off_is_refused(tmp_path: Path, part: float) -> None:
    path = write(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])

    with pytest.raises(Damaged):
        verify(path)


def test_flipped_bit_is_noticed_or_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path)
    whole, before = path.read_bytes(), content(path)
    draw = random.Random(20)
    noticed = 0
    for _ in range(300):
        at = draw.randrange(len(whole))
        flipped = whole[at] ^ (1 << draw.randrange(8))
        path.write_bytes(whole[:at] + bytes([flipped]) + whole[at + 1 :])
        try:
            assert content(path) == before
        except Damaged:
            noticed += 1

    assert noticed > 250


def test_full_disk_leaves_no_file_and_the_old_backup(tmp_path: Path) -> None:
    old = write(tmp_path)

    with pytest.raises(OSError, match="No space left"):
        write(tmp_path, FullDisk(), hour=2)

    assert list(tmp_path.iterdir()) == [old]


def test_what_a_killed_backup_left_is_taken_away_by_the_next(tmp_path: Path) -> None:
    (tmp_path / ".procurement-20310408T010000Z.zip.partial").write_bytes(b"half")

    path = write(tmp_path)

    assert list(tmp_path.iterdir()) == [path]


def test_a_second_backup_into_one_directory_waits_for_its_turn(tmp_path: Path) -> None:
    class Meanwhile(Shelf):
        def lines(self, table: Table) -> Iterator[bytes]:
            with pytest.raises(OperationNotAllowed, match="Another backup"):
                write(tmp_path, hour=3)
            return super().lines(table)

    assert write(tmp_path, Meanwhile(), hour=2).exists()


def test_the_newest_are_kept(tmp_path: Path) -> None:
    paths = [write(tmp_path, hour=hour) for hour in range(4)]
    (tmp_path / "notes.txt").touch()

    assert delete_old(tmp_path, keep=2) == [paths[1], paths[0]]

    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "notes.txt",
        paths[2].name,
        paths[3].name,
    ]


def test_something_else_is_no_backup(tmp_path: Path) -> None:
    other = tmp_path / "letter.zip"
    other.write_text("Dear supplier")

    with pytest.raises(Damaged, match="no backup"):
        verify(other)
    with pytest.raises(Damaged, match="no file"):
        verify(tmp_path / "absent.zip")
