"""The first row of a table: the names of its columns."""

from collections.abc import Collection, Iterable, Sequence

from django.utils.translation import gettext

from procurement.sheets.faults import unreadable


def column_names(
    header: Iterable[str], known: Collection[str], needed: Sequence[str]
) -> list[str]:
    """The names as they stand, in any case and with spaces for underscores.

    Raises:
        InvalidInput: one is not known, there twice, or missing.
    """
    names = [cell.strip().lower().replace(" ", "_") for cell in header]
    while names and not names[-1]:
        names.pop()
    problems = [
        gettext("There is no column “%(value)s”; there are %(columns)s.")
        % {"value": name[:60], "columns": ", ".join(known)}
        for name in names
        if name not in known
    ]
    problems += [
        gettext("The column “%(name)s” is there twice.") % {"name": name}
        for name in known
        if names.count(name) > 1
    ]
    problems += [
        gettext("The column “%(name)s” is missing.") % {"name": name}
        for name in needed
        if name not in names
    ]
    if problems:
        raise unreadable(" ".join(problems))
    return names
