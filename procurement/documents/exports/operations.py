"""Asking for a table of orders, making it, and noting who fetched it."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procurement import clock
from procurement.csvtext import BYTE_ORDER_MARK, CONTENT_TYPE
from procurement.documents.exports.columns import Column, What, chosen_columns
from procurement.documents.exports.reading import Batch, batches, listed_orders
from procurement.documents.exports.writing import (
    as_csv,
    csv_titles,
)
from procurement.documents.models import ExportFetch
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.orders.models import PurchaseOrderQuerySet
from procurement.runs.kinds import RunKind
from procurement.runs.models import Run
from procurement.runs.operations import ask_for_run
from procurement.runs.progress import Progress
from procurement.runs.working import LONGEST_TURN

if TYPE_CHECKING:
    from procurement.documents.exports.sheets import Sheet

MOST_SHEET_ROWS = 1_000_000
"""A sheet ends at 1,048,576."""
VIEW = "orders.view_purchaseorder"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_QUERY = 2000


class Format(TextChoices):
    XLSX = "xlsx", gettext_lazy("Excel (XLSX)")
    CSV = "csv", gettext_lazy("CSV, UTF-8")


def ask_for_export(
    *,
    actor: User,
    what: str,
    file_format: str,
    columns: Sequence[str],
    query: str = "",
    with_mark: bool = True,
    token: str = "",
) -> Run:
    """Have a worker write the list as it is filtered into a file.

    Args:
        columns: names; they come in the table's own order.
        query: of the list's address. What it means is asked when the file is made.
        with_mark: begin a CSV with the mark by which Excel knows UTF-8.

    Raises:
        InvalidInput: there is no such table, format or column, or none was chosen.
        OperationNotAllowed: the actor does not see orders, or the list has no such
            filter.
    """
    errors = {}
    if what not in What.values:
        errors["what"] = _("Choose what to export.")
    if file_format not in Format.values:
        errors["file_format"] = _("Choose a format.")
    if len(query) > MOST_QUERY:
        errors["query"] = _("Choose fewer filters.")
    if errors:
        raise InvalidInput(errors)
    known = {column.name for column in chosen_columns(What(what), columns)}
    if not known or set(columns) - known:
        raise InvalidInput({"columns": _("Choose columns this table has.")})
    listed_orders(actor, query)
    return ask_for_run(
        kind=_KIND_OF[Format(file_format)],
        actor=actor,
        title=f"{What(what).label} ({file_format.upper()})",
        parameters={
            "what": what,
            "columns": list(columns),
            "query": query,
            "with_mark": with_mark,
        },
        token=token,
    )


def _may(user: User, run: Run) -> bool:
    return user.has_perm(VIEW)


def _begin(
    run: Run, progress: Progress
) -> tuple[PurchaseOrderQuerySet, What, list[Column]]:
    """What is to be written, as its person sees it now."""
    asked = run.parameters
    what = What(asked["what"])
    orders = listed_orders(User.objects.get(pk=run.asked_by_id), asked["query"])
    if run.total is None:
        progress.set_total(orders.order_by().count())
    return orders, what, chosen_columns(what, asked["columns"])


def write_csv(run: Run, progress: Progress) -> None:
    orders, what, columns = _begin(run, progress)
    written = progress.cursor.get("rows", 0)
    with progress.file(_name(run, "csv"), CONTENT_TYPE) as file:
        if not progress.cursor:
            file.write(BYTE_ORDER_MARK if run.parameters["with_mark"] else "")
            file.write(csv_titles(columns))
        after = progress.cursor.get("pk", 0)
        for key, count, rows in batches(orders, what, columns, after):
            file.write(as_csv(columns, rows))
            written += len(rows)
            progress.keep(cursor={"pk": key, "rows": written}, done=count)
            progress.go_on()


def write_xlsx(run: Run, progress: Progress) -> None:
    """All of it in one turn: a workbook can't be taken up in the middle."""
    if progress.cursor:
        # It was whole when the worker died.
        return
    orders, what, columns = _begin(run, progress)
    title = _("Orders") if what is What.ORDERS else _("Lines")
    from procurement.documents.exports.sheets import Sheet

    with Sheet(title, columns).open() as sheet:
        written = _fill(sheet, batches(orders, what, columns, 0), progress)
        with sheet.saved() as file:
            progress.attach(file, _name(run, "xlsx"), XLSX_TYPE)
    progress.keep(cursor={"rows": written}, done=run.total or 0)


def _fill(sheet: "Sheet", found: Iterable[Batch], progress: Progress) -> int:
    """Write all rows; return how many they are."""
    written = 0
    for _key, _count, rows in found:
        written += len(rows)
        if written > MOST_SHEET_ROWS:
            raise OperationNotAllowed(
                _("A sheet has room for %(most)s rows. Export CSV, or filter more.")
                % {"most": f"{MOST_SHEET_ROWS:,}"}
            )
        sheet.write(rows)
        progress.go_on()
    return written


def _name(run: Run, ending: str) -> str:
    day = clock.day_of(run.asked_at)
    return f"{run.parameters['what']}-{day:%Y-%m-%d}-{run.pk}.{ending}"


def note_fetch(run: Run, user: User) -> None:
    """Write down who fetched a file, and how many rows went out with it."""
    ExportFetch.objects.create(
        run=run,
        user=user,
        file_name=run.file_name,
        rows=rows_of(run),
        parameters=run.parameters,
    )


def rows_of(run: Run) -> int:
    at: dict[str, Any] = run.cursor.get("at", {})
    rows: int = at.get("rows", 0)
    return rows


_KIND_OF = {Format.CSV: "export_csv", Format.XLSX: "export_xlsx"}
KINDS = (
    RunKind(
        name="export_csv",
        label=gettext_lazy("Export (CSV)"),
        may=_may,
        work=write_csv,
        fetched=note_fetch,
    ),
    RunKind(
        name="export_xlsx",
        label=gettext_lazy("Export (Excel)"),
        may=_may,
        work=write_xlsx,
        turn_seconds=LONGEST_TURN,
        fetched=note_fetch,
    ),
)
