"""Extend's documented words, and the stages of an order in the sandbox.

The vendor lists the words and explains none of them; which word goes with which stage
is the best reading of their names.
"""

from enum import StrEnum


class Stage(StrEnum):
    """Where an order stands."""

    CREATED = "created"
    INCOMING = "incoming"
    CONFIRMED = "confirmed"
    RESERVED = "reserved"  # the warehouse is picking; no change any more (documented)
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    CLOSED_SHORT = "closed_short"
    ANNULLED = "annulled"


CHANGEABLE = (Stage.CREATED, Stage.INCOMING, Stage.CONFIRMED)

ORDER_STATUS = {
    Stage.CREATED: "Created",
    Stage.INCOMING: "Incoming",
    Stage.CONFIRMED: "Incoming",
    Stage.RESERVED: "Reserved",
    Stage.PARTLY_SHIPPED: "PartiallyDelivered",
    Stage.SHIPPED: "Terminated",
    Stage.CLOSED_SHORT: "Terminated",
    Stage.ANNULLED: "Annulled",
}
IN_REVIEW = "PendingForReview"
UNKNOWN_WORD = "Quarantined"  # in none of the vendor's lists

# Of a row that has not been shipped.
ROW_STATUS = {
    Stage.CREATED: "Created",
    Stage.INCOMING: "Incoming",
    Stage.CONFIRMED: "ConfirmationSent",
    Stage.RESERVED: "Reserved",
    Stage.PARTLY_SHIPPED: "Reserved",
    Stage.SHIPPED: "Picked",
    Stage.CLOSED_SHORT: "Annulled",
    Stage.ANNULLED: "Annulled",
}

ORDER_STATUSES = (
    "Created",
    "Incoming",
    "IncomingWithErrors",
    "Reserved",
    "Terminated",
    "Annulled",
    "OnHoldPayment",
    "OnHoldManual",
    "Pause",
    "PendingForReview",
    "Subscription",
    "Draft",
    "DraftAllocation",
    "PartiallyDelivered",
)
ORDER_TYPES = (
    "Normal",
    "QuickOrder",
    "Express",
    "ServiceOrderExpress",
    "WarehouseTransferOrder",
    "ServiceOrderNormal",
    "ServiceOrderPickup",
    "RMAOrder",
    "ReplacementOrder",
    "CDDestination",
    "Subscription",
    "SeasonOrder",
    "WebshopOrder",
    "AgreedOrder",
    "GiftshopOrder",
)
SUPPLY_MODES = (
    "Warehouse",
    "DirectDelivery",
    "FlowLogic",
    "FlowLogicDist",
    "Service",
    "WarehouseService",
    "Package",
    "Freight",
    "Discount",
    "PaymentPenalty",
    "PaymentDiscrepancy",
    "Round",
    "BillOfMaterials",
)
# Modes of rows nobody picks from a shelf.
NOT_GOODS = (
    "Freight",
    "Discount",
    "Round",
    "PaymentPenalty",
    "PaymentDiscrepancy",
    "Service",
    "WarehouseService",
    "Package",
)
BACK_ORDER_HANDLINGS = ("NONE", "BOASAP", "BOONHOLD", "CANCEL")
ROW_OPERATIONS = ("Active", "Inactive")
DELIVERY_MAILS = ("Internal", "Customer", "NoMail")
