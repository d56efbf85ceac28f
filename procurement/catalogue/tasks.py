"""What the worker runs for the catalogue."""

from procurement.catalogue import following
from procurement.catalogue.files import working


def follow_supplier(supplier_id: int) -> None:
    following.follow_supplier(supplier_id=supplier_id)


def ask_for_looks() -> None:
    following.ask_for_looks()


def work_off_file(file_id: int) -> None:
    working.work_off(file_id=file_id)


def hint_files() -> None:
    working.hint_files()
