"""The words both sides use: what procurement hands to a vendor and gets back.

Everything here is frozen and knows neither HTTP nor any one vendor. Amounts and
quantities are `Decimal`, moments are aware `datetime`s, unless a line says
otherwise.
"""

from vendors.contracts.accounts import (
    Account,
    Exchange,
    Recorder,
    Token,
    TokenStore,
)
from vendors.contracts.checklist import (
    Check,
    Finding,
    KnownAddress,
    Samples,
    Verdict,
)
from vendors.contracts.inbound import (
    BadSignature,
    CustomerLogin,
    LoginTokens,
    Notification,
    Topic,
    UnreadableHook,
    WebhookDelivery,
    Webhooks,
)
from vendors.contracts.limits import (
    CallLimits,
    Gate,
    SeenLimits,
)
from vendors.contracts.offers import (
    ChangedProduct,
    ChangedProductPage,
    ItemKey,
    Offer,
    PriceFileFault,
    PriceFileRow,
    Product,
    StockChange,
    StockChangePage,
)
from vendors.contracts.orders import (
    Accepted,
    Address,
    ChangedOrder,
    ChangedPage,
    LookUp,
    OrderLineRequest,
    OrderRequest,
    VendorCharge,
    VendorLine,
    VendorOrder,
    VendorShipment,
)
from vendors.contracts.parties import (
    ChangedCustomer,
    ChangedCustomerPage,
    CustomerQuery,
    CustomerRequest,
    Customers,
    ShopRequest,
    VendorCustomer,
)
from vendors.contracts.settings import (
    FieldKind,
    Grade,
    Name,
    NotOffered,
    SettingField,
    documented,
    inferred,
)
from vendors.contracts.vendor import (
    Capability,
    Vendor,
)
from vendors.contracts.words import (
    Fulfilment,
)

__all__ = [
    "Accepted",
    "Account",
    "Address",
    "BadSignature",
    "CallLimits",
    "Capability",
    "ChangedCustomer",
    "ChangedCustomerPage",
    "ChangedOrder",
    "ChangedPage",
    "ChangedProduct",
    "ChangedProductPage",
    "Check",
    "CustomerLogin",
    "CustomerQuery",
    "CustomerRequest",
    "Customers",
    "Exchange",
    "FieldKind",
    "Finding",
    "Fulfilment",
    "Gate",
    "Grade",
    "ItemKey",
    "KnownAddress",
    "LoginTokens",
    "LookUp",
    "Name",
    "NotOffered",
    "Notification",
    "Offer",
    "OrderLineRequest",
    "OrderRequest",
    "PriceFileFault",
    "PriceFileRow",
    "Product",
    "Recorder",
    "Samples",
    "SeenLimits",
    "SettingField",
    "ShopRequest",
    "StockChange",
    "StockChangePage",
    "Token",
    "TokenStore",
    "Topic",
    "UnreadableHook",
    "Vendor",
    "VendorCharge",
    "VendorCustomer",
    "VendorLine",
    "VendorOrder",
    "VendorShipment",
    "Verdict",
    "WebhookDelivery",
    "Webhooks",
    "documented",
    "inferred",
]
