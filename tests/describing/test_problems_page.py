"""The page of problems is the table of codes."""

from procurement.access.codes import reference
from tests.describing.write import PROBLEMS, TABLE


def test_page_ends_with_the_table_of_codes() -> None:
    _, begins, table = PROBLEMS.read_text().partition(TABLE)

    assert begins + table == reference() + "\n", "`make schema` writes it anew."
