"""A vendor that keeps shops and customers in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tests.fakes import ABSENT, FakeClient, FakeVendor
from vendors.contracts import (
    Accepted,
    Account,
    CustomerQuery,
    CustomerRequest,
    Customers,
    FieldKind,
    SettingField,
    ShopRequest,
    Vendor,
    VendorCustomer,
)


@dataclass
class FakeParties(FakeVendor):
    """Scripted answers; what is made is in the books before it is answered."""

    can_create_shops: bool = True
    can_update_shops: bool = True
    shops: list[ShopRequest] = field(default_factory=list)
    shop_answers: list[Accepted | Exception] = field(default_factory=list)
    on_create_shop: Callable[[], None] | None = None
    pushes: list[ShopRequest] = field(default_factory=list)
    push_answers: list[Accepted | Exception] = field(default_factory=list)
    against_shops: tuple[str, ...] = ()

    has_register: bool = True
    can_create_customers: bool = True
    register: list[VendorCustomer] = field(default_factory=list)
    queries: list[CustomerQuery] = field(default_factory=list)
    find_answers: list[Exception | None] = field(default_factory=list)
    made: list[CustomerRequest] = field(default_factory=list)
    make_answers: list[Accepted | Exception] = field(default_factory=list)
    makes_slowly: bool = False
    """What is made can't be found yet."""
    against_customers: tuple[str, ...] = ()

    def create_shop(self, client: FakeClient, shop: ShopRequest) -> Accepted:
        client.has_written = True
        self.shops.append(shop)
        client.said("create_shop")
        if self.on_create_shop:
            self.on_create_shop()
        return _answer(self.shop_answers, Accepted(number="20431"))

    def update_shop(self, client: FakeClient, shop: ShopRequest) -> Accepted:
        client.has_written = True
        self.pushes.append(shop)
        client.said("update_shop")
        return _answer(self.push_answers, Accepted(number=shop.vendor_id))

    def find_customers(
        self, client: FakeClient, query: CustomerQuery
    ) -> tuple[VendorCustomer, ...]:
        client.said("find_customers")
        self.queries.append(query)
        error = self.find_answers.pop(0) if self.find_answers else None
        if error:
            raise error
        return tuple(each for each in self.register if _matches(each, query))

    def make_customer(self, client: FakeClient, request: CustomerRequest) -> Accepted:
        client.has_written = True
        self.made.append(request)
        client.said("create_customer")
        if not self.makes_slowly:
            self.register.append(
                VendorCustomer(
                    number=f"K-{900 + len(self.made)}",
                    name=request.name,
                    organization_number=request.organization_number,
                )
            )
        return _answer(self.make_answers, Accepted(number=None))

    def vendor(self) -> Vendor:
        def shop_objections(account: Account, shop: ShopRequest) -> tuple[str, ...]:
            return self.against_shops

        def customer_objections(
            account: Account, request: CustomerRequest
        ) -> tuple[str, ...]:
            return self.against_customers

        customers = Customers(
            read=ABSENT,
            find=self.find_customers,  # type: ignore[arg-type]
            create=self.make_customer if self.can_create_customers else ABSENT,  # type: ignore[arg-type]
            list_changed=ABSENT,
            objections=customer_objections,
        )
        return replace(
            super().vendor(),
            customers=customers if self.has_register else ABSENT,
            create_shop=self.create_shop if self.can_create_shops else ABSENT,  # type: ignore[arg-type]
            update_shop=self.update_shop if self.can_update_shops else ABSENT,  # type: ignore[arg-type]
            shop_fields=(
                SettingField(name="owner", label="Owner party", is_required=True),
                SettingField(
                    name="vat", label="VAT", kind=FieldKind.BOOLEAN, default=False
                ),
                SettingField(name="products", label="Products", choices=("a", "b")),
            ),
            shop_objections=shop_objections,
        )


def _answer(scripted: list[Accepted | Exception], default: Accepted) -> Accepted:
    answer = scripted.pop(0) if scripted else default
    if isinstance(answer, Exception):
        raise answer
    return answer


def _matches(customer: VendorCustomer, query: CustomerQuery) -> bool:
    def bare(number: str) -> str:
        return number.replace(" ", "").replace("-", "")

    if query.number:
        return customer.number == query.number
    if query.organization_number:
        return bare(customer.organization_number) == bare(query.organization_number)
    return customer.name == query.name
