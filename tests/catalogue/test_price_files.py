"""Price files: read in the background, judged before any price of them counts."""

import zlib
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from procurement import parts as stored_parts
from procurement.catalogue.files import loading, operations, working
from procurement.catalogue.models import (
    FileState,
    ItemOffer,
    PriceFile,
    PriceFilePart,
    StagedRow,
)
from procurement.coordination import turns as long_work
from procurement.coordination.operations import take_lease
from procurement.coordination.turns import Turn
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.parts import StoredFile
from procurement.suppliers.models import Supplier, SupplierItem
from tests.catalogue.fakes import FakeRange, price_lines
from tests.factories import make_supplier, make_user
from vendors.contracts import Account
from vendors.sandbox.eet.price_file import price_file

pytestmark = pytest.mark.django_db

TEN = {f"A{number}": f"{number + 10}.50" for number in range(10)}


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three, so that a few lines make several of them."""
    for module in ("loading", "applying"):
        monkeypatch.setattr(f"procurement.catalogue.files.{module}.BATCH", 3)


def bring(supplier: Supplier, content: bytes | dict[str, str]) -> PriceFile:
    if isinstance(content, dict):
        content = price_lines(content)
    return operations.take_in_file(
        supplier_id=supplier.pk,
        actor=make_user("buyer"),
        name="C:\\files/prices.csv",
        upload=SimpleUploadedFile("prices.csv", content),
    )


def work(supplier: Supplier, content: bytes | dict[str, str]) -> PriceFile:
    file = bring(supplier, content)
    working.work_off(file_id=file.pk)
    file.refresh_from_db()
    return file


def prices() -> dict[str, Decimal | None]:
    present = ItemOffer.objects.filter(is_current=True, is_quarantined=False)
    return dict(present.values_list("item__item_number", "price"))


def test_first_file_brings_the_whole_range(supplier: Supplier) -> None:
    file = work(supplier, TEN)

    assert (file.state, file.name) == ("done", "prices.csv")
    assert (file.row_count, file.new_count, file.applied_count) == (10, 10, 10)
    assert prices() == {number: Decimal(price) for number, price in TEN.items()}
    assert SupplierItem.objects.get(item_number="A3").description == "Thing A3"
    assert SupplierItem.objects.filter(is_listed=True).count() == 10


def test_nothing_of_the_content_is_kept_afterwards(supplier: Supplier) -> None:
    work(supplier, TEN)

    assert not StagedRow.objects.exists()
    assert not PriceFilePart.objects.exists()


def test_second_file_is_told_apart_by_what_changed(supplier: Supplier) -> None:
    work(supplier, TEN)
    later = {**TEN, "A0": "11.00", "B1": "5"}
    del later["A9"]

    file = work(supplier, later)

    assert (file.new_count, file.changed_count, file.unchanged_count) == (1, 1, 8)
    assert file.missing_count == 1
    assert ItemOffer.objects.filter(item__item_number="A1").count() == 1
    gone = SupplierItem.objects.get(item_number="A9")
    assert gone.missing_since is not None
    assert not gone.is_listed
    assert prices()["A9"] == Decimal("19.50"), "what it cost stays known"


def test_item_that_comes_back_is_sold_again(supplier: Supplier) -> None:
    work(supplier, TEN)
    work(supplier, {number: TEN[number] for number in list(TEN)[:9]})
    work(supplier, TEN)

    assert not SupplierItem.objects.filter(missing_since__isnull=False).exists()
    assert SupplierItem.objects.filter(is_listed=True).count() == 10


def test_unreadable_lines_are_listed_and_the_others_count(supplier: Supplier) -> None:
    file = work(supplier, {"A": "1", "B": "?", "C": "3", "N" * 90: "4"})

    assert (file.state, file.row_count, file.fault_count) == ("done", 2, 2)
    first, second = file.faults.all()
    assert (first.line, first.text) == (3, "'?' is no price.")
    assert (second.line, "too long an item number" in second.text) == (5, True)
    assert set(prices()) == {"A", "C"}


def test_of_very_many_faults_the_first_are_kept(
    supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "MOST_FAULTS", 4)

    file = work(supplier, {**dict.fromkeys("ABCDEFGHIJ", "?"), "Z": "1"})

    assert file.fault_count == 10
    assert [fault.line for fault in file.faults.all()] == [2, 3, 4, 5]


def test_what_is_no_price_file_fails_with_the_vendors_reason(
    supplier: Supplier,
) -> None:
    file = work(supplier, b"<html>Not found</html>")

    assert (file.state, file.text) == ("failed", "This is no price file.")
    assert not PriceFilePart.objects.exists()


# --- held back --------------------------------------------------------------------


def held(supplier: Supplier, content: dict[str, str]) -> PriceFile:
    before = prices()
    file = work(supplier, content)
    assert file.state == FileState.QUARANTINED
    assert prices() == before, "nothing of it counts"
    return file


def test_file_that_was_cut_off_is_held_back(supplier: Supplier) -> None:
    work(supplier, TEN)

    file = held(supplier, {number: TEN[number] for number in list(TEN)[:7]})

    (reason,) = file.reasons
    assert reason.startswith("Only 7 of the 10 items of the last file are in it")
    assert (file.figures["kept"], file.figures["listed_before"]) == (7, 10)
    assert SupplierItem.objects.filter(is_listed=True).count() == 10


def test_least_share_is_enough(supplier: Supplier) -> None:
    work(supplier, TEN)

    assert work(supplier, {n: TEN[n] for n in list(TEN)[:8]}).state == "done"


@pytest.mark.parametrize("factor", ["0.01", "100"])
def test_prices_off_by_a_hundred_are_held_back(supplier: Supplier, factor: str) -> None:
    work(supplier, TEN)

    file = held(
        supplier, {n: str(Decimal(p) * Decimal(factor)) for n, p in TEN.items()}
    )

    assert "a mistake of a factor of 100" in file.reasons[-1]
    assert Decimal(file.figures["median_ratio"]) == Decimal(factor)


def test_many_much_cheaper_prices_are_held_back(supplier: Supplier) -> None:
    work(supplier, TEN)

    file = held(supplier, {**TEN, "A5": "7.74"})

    assert file.reasons == [
        "1 of 10 prices known before are below 50 % of what they were; more than 5 % "
        "of them may not be."
    ]


def test_half_the_price_is_not_much_cheaper(supplier: Supplier) -> None:
    work(supplier, TEN)

    assert work(supplier, {**TEN, "A5": "7.75"}).state == "done"


def test_shares_are_settings(supplier: Supplier, settings: Any) -> None:
    settings.PRICE_FILE_MOST_CHEAPER_PERCENT = 10
    settings.PRICE_FILE_LEAST_KEPT_PERCENT = 10
    work(supplier, TEN)

    assert work(supplier, {**TEN, "A5": "7.74"}).state == "done"
    assert work(supplier, {"A1": TEN["A1"], "A2": TEN["A2"]}).state == "done"


def test_one_wrong_price_in_a_good_file_is_held_back_alone(
    supplier: Supplier, settings: Any
) -> None:
    settings.PRICE_FILE_MOST_CHEAPER_PERCENT = 100
    work(supplier, TEN)

    file = work(supplier, {**TEN, "A5": "0.155", "A6": "17"})

    assert (file.held_count, file.changed_count) == (1, 1)
    assert prices()["A5"] == Decimal("15.50")
    assert prices()["A6"] == Decimal(17)


def test_person_releases_a_file_saying_why(supplier: Supplier) -> None:
    work(supplier, TEN)
    file = held(supplier, {**TEN, "A5": "7.74"})
    operator = make_user("operator")

    with pytest.raises(InvalidInput):
        operations.release_file(file_id=file.pk, actor=operator, evidence="  ")
    operations.release_file(file_id=file.pk, actor=operator, evidence="A sale; I rang.")
    working.work_off(file_id=file.pk)

    file.refresh_from_db()
    assert (file.state, file.decided_by, file.evidence) == (
        "done",
        operator,
        "A sale; I rang.",
    )
    assert prices()["A5"] == Decimal("7.74")
    assert supplier.events.filter(kind="price_file_released", actor=operator).exists()


def test_person_discards_a_file(supplier: Supplier) -> None:
    work(supplier, TEN)
    file = held(supplier, {**TEN, "A5": "7.74"})

    operations.discard_file(file_id=file.pk, actor=make_user("operator"))
    working.work_off(file_id=file.pk)

    file.refresh_from_db()
    assert file.state == "discarded"
    assert not StagedRow.objects.exists()
    assert prices()["A5"] == Decimal("15.50")
    with pytest.raises(OperationNotAllowed):
        operations.release_file(
            file_id=file.pk, actor=make_user("operator"), evidence="Yes."
        )


def test_older_file_is_not_released_over_a_newer_one(supplier: Supplier) -> None:
    work(supplier, TEN)
    older = held(supplier, {**TEN, "A5": "7.74"})
    work(supplier, TEN)

    with pytest.raises(OperationNotAllowed, match="newer file"):
        operations.release_file(
            file_id=older.pk, actor=make_user("operator"), evidence="It was right."
        )


def test_live_answer_meanwhile_is_not_overwritten(supplier: Supplier) -> None:
    work(supplier, TEN)
    file = held(supplier, {**TEN, "A5": "7.74"})
    ItemOffer.objects.filter(item__item_number="A5").update(
        price=Decimal(16), last_seen_at=timezone.now()
    )

    operations.release_file(
        file_id=file.pk, actor=make_user("operator"), evidence="It was right."
    )
    working.work_off(file_id=file.pk)

    assert prices()["A5"] == Decimal(16), "told after the file was read"


# --- workers ----------------------------------------------------------------------


class Killed(BaseException):
    """As a kill is no exception, nothing catches it."""


@pytest.mark.parametrize("step", ["load", "apply"])
@pytest.mark.parametrize("batches", [0, 1, 2, 3])
def test_killed_worker_is_gone_on_from(
    supplier: Supplier, monkeypatch: pytest.MonkeyPatch, step: str, batches: int
) -> None:
    work(supplier, {"A1": TEN["A1"], "A0": "10.00"})
    file = bring(supplier, {**TEN, "bad": "?"})
    staged = (4 if step == "apply" else 0) + batches
    left = iter([None] * staged)

    def go_on(turn: Turn) -> None:
        if next(left, Killed) is Killed:
            raise Killed

    with monkeypatch.context() as once, pytest.raises(Killed):
        once.setattr(Turn, "go_on", go_on)
        working.work_off(file_id=file.pk)
    file.refresh_from_db()
    assert file.is_in_work

    working.work_off(file_id=file.pk)

    file.refresh_from_db()
    assert file.state == "done"
    assert (file.row_count, file.fault_count, file.applied_count) == (10, 1, 10)
    assert (file.new_count, file.changed_count, file.unchanged_count) == (8, 1, 1)
    assert prices() == {number: Decimal(price) for number, price in TEN.items()}
    assert ItemOffer.objects.count() == 11
    assert file.faults.count() == 1


def test_long_file_is_worked_off_in_turns(
    supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = bring(supplier, TEN)
    monkeypatch.setattr(long_work, "SECONDS", -1)
    hints: list[int] = []
    monkeypatch.setattr(long_work, "hint", lambda task, pk: hints.append(pk))

    turns = 1
    while working.work_off(file_id=file.pk) != FileState.DONE:
        turns += 1
        assert turns < 50

    assert turns > 4
    assert set(hints) == {file.pk}
    assert len(prices()) == 10


def test_two_workers_do_not_share_a_file(supplier: Supplier) -> None:
    file = bring(supplier, TEN)
    take_lease(name=f"price file:{supplier.slug}", seconds=60, holder="another")

    assert working.work_off(file_id=file.pk) == FileState.WAITING
    assert not StagedRow.objects.exists()


def test_files_of_a_supplier_go_in_the_order_they_came(supplier: Supplier) -> None:
    first, second = bring(supplier, TEN), bring(supplier, {**TEN, "A1": "12"})

    assert working.work_off(file_id=second.pk) == FileState.WAITING
    working.work_off(file_id=first.pk)
    working.work_off(file_id=second.pk)

    assert prices()["A1"] == Decimal(12)


def test_lost_hint_is_found_by_the_sweep(
    supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = bring(supplier, TEN)
    hints: list[int] = []
    monkeypatch.setattr(long_work, "hint", lambda task, pk: hints.append(pk))

    assert working.hint_files() == 0, "hinted a moment ago"
    PriceFile.objects.update(hinted_at=None)
    assert working.hint_files() == 1
    assert hints == [file.pk]
    working.work_off(file_id=file.pk)
    PriceFile.objects.update(hinted_at=None)
    assert working.hint_files() == 0


def test_failing_program_does_not_try_for_ever(
    supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = bring(supplier, TEN)

    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(working, "load", fail)

    with pytest.raises(ZeroDivisionError):
        working.work_off(file_id=file.pk)

    file.refresh_from_db()
    assert (file.state, file.text) == (
        "failed",
        "The program failed: ZeroDivisionError.",
    )


# --- taking in --------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 101])
def test_empty_and_too_large_files_are_refused(
    supplier: Supplier, settings: Any, size: int
) -> None:
    settings.PRICE_FILE_MAX_BYTES = 100

    with pytest.raises(InvalidInput, match="1 to 100 bytes"):
        bring(supplier, b"x" * size)

    assert not PriceFile.objects.exists()


def test_same_file_twice_at_once_is_refused(supplier: Supplier) -> None:
    bring(supplier, TEN)

    with pytest.raises(OperationNotAllowed, match="there already"):
        bring(supplier, TEN)

    assert PriceFile.objects.count() == 1


def test_vendor_without_price_files_takes_none(supplier: Supplier) -> None:
    kvik = make_supplier("kvik", credentials={})

    with pytest.raises(OperationNotAllowed) as refused:
        bring(kvik, TEN)

    assert refused.value.code == "not_offered"


def test_stored_file_reads_as_it_was_brought(
    supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_parts, "PART_BYTES", 10)
    content = bytes(range(256)) * 3

    file = bring(supplier, content)

    assert StoredFile(file.parts).reader.read() == content
    parts = list(file.parts.all())
    assert len(parts) == 77
    assert zlib.decompress(bytes(parts[0].content)) == content[:10]


def test_file_of_eet_is_read_by_its_module(db: None) -> None:
    """The real module and the sandbox's file: hundredths stay with the API."""
    eet = make_supplier("eet", currency="DKK", options={"currency": "DKK"})

    file = work(eet, price_file(lines=40, language="da"))

    assert (file.state, file.row_count, file.fault_count) == ("done", 40, 0)
    known = SupplierItem.objects.get(item_number="KAB20417")
    assert known.brand
    present = known.offers.get()
    assert (present.price, present.currency) == (Decimal("129.50"), "DKK")


def test_reader_is_given_the_account(
    shelves: FakeRange, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Account] = []

    def read(account: Account, file: Any) -> Any:
        seen.append(account)
        return iter(())

    monkeypatch.setitem(supplier.api.__dict__, "read_price_file", read)

    file = work(supplier, b"anything")

    assert seen[0].supplier == "extend-nord"
    assert (file.state, file.reasons) == (
        "quarantined",
        ["No line of it could be read."],
    )
