"""Vendors without a test mode: a test order is a real purchase, unless agreed upon.

At EET a flag marks an order as a test. Everywhere else only the supplier can say what
a test order is: that of a customer number of its own, or one it cancels by hand.
"""

from collections.abc import Iterator

from vendors.addresses import is_loopback
from vendors.contracts import Account, FieldKind, OrderRequest, SettingField
from vendors.options import read_option

AGREED = "test_orders_agreed"


def agreement_field(help_text: str) -> SettingField:
    """The option by which a person says that test orders were agreed upon."""
    return SettingField(
        name=AGREED,
        label="Test orders agreed",
        kind=FieldKind.BOOLEAN,
        default=False,
        help=help_text,
    )


def mode_objections(
    account: Account, order: OrderRequest, *, api: str, how_to_agree: str
) -> Iterator[str]:
    """What stands against an order by the modes of order and account.

    Args:
        api: what has no test mode, as the beginning of a sentence.
        how_to_agree: what to do before the option is ticked, as a sentence.
    """
    if account.is_test and not order.is_test:
        yield "This supplier is in test mode; a real order can't be sent to it."
    if order.is_test and not account.is_test:
        yield f"{api} has no test flag: here a test order would be a real purchase."
    # What runs on this machine sells nothing.
    is_agreed = read_option((agreement_field(""),), account.options, AGREED)
    if account.is_test and not is_agreed and not is_loopback(account.base_url):
        yield (
            f"{api} has no test mode: a test order is a real one. {how_to_agree} Then "
            "tick “Test orders agreed” in the options."
        )
