"""What every word of an enumeration means, said once.

By the name the enumeration has in the description. A word that is not here fails a
test; words of the same name mean the same wherever they stand.
"""

_CARRIED = {
    "queued": "It waits for a worker, or for its turn after a try that proved nothing "
    "was processed.",
    "sending": "A worker is calling the supplier now.",
    "unknown": "The call got no answer that says what became of it. It is never sent "
    "again by itself: it is looked up, or a person settles it.",
    "refused": "The supplier said no to the data. Change it, then ask again.",
    "failed": "It was given up: nothing was processed there.",
}

MEANINGS: dict[str, dict[str, str]] = {
    "OrderStatus": {
        "draft": "Being entered, or sent back to whoever entered it.",
        "pending_approval": "Waits for people to decide.",
        "approved": "May be sent, as it is; nobody has asked for that yet.",
        "sending": "On its way: queued, or a worker is calling the supplier.",
        "sent": "The supplier has it.",
        "confirmed": "The supplier said that it will deliver, or picks the goods.",
        "partially_shipped": "Some of the goods are on their way.",
        "shipped": "All that will come is on its way.",
        "delivered": "All that will come is there.",
        "cancelled": "Nothing of it will come.",
        "rejected": "It was decided that it is not bought.",
        "needs_attention": "A person has to look at it; `attention` and the events say "
        "why.",
    },
    "ApprovalState": {
        "draft": "Nobody was asked yet.",
        "pending": "People were asked and have not decided.",
        "returned": "Sent back to be changed and submitted again.",
        "approved": "What would be sent is approved, down to the last price.",
        "rejected": "Decided against, for good.",
    },
    "SendingState": {
        "none": "Nobody asked for it to be sent.",
        **_CARRIED,
        "sent": "The supplier has it.",
    },
    "FulfilmentState": {
        "none": "The supplier has said nothing yet.",
        "confirmed": "The supplier said that it will deliver.",
        "picking": "The goods are being picked.",
        "partially_shipped": "Some of the goods left the supplier.",
        "shipped": "The goods left the supplier.",
        "delivered": "The goods are there.",
        "cancelled": "They will not come.",
    },
    "StepState": {
        "later": "Its turn comes after an earlier level.",
        "waiting": "It is decided now.",
        "approved": "Approved at this level.",
        "returned": "Sent back at this level.",
        "rejected": "Rejected at this level.",
        "void": "It does not count any more.",
    },
    "TransmissionState": {
        **_CARRIED,
        "sent": "The supplier has taken it.",
        "withdrawn": "Taken back before anything was sent.",
        "released": "It was found out that the supplier has nothing of it.",
    },
    "AttemptOutcome": {
        "running": "Under way.",
        "accepted": "The supplier took it.",
        "refused": "The supplier said no to the data.",
        "not_sent": "Proven that nothing was processed; it is tried again.",
        "unknown": "Nobody knows what became of it.",
    },
    "Operation": {
        "place_order": "Placing the order.",
        "cancel_order": "Cancelling it.",
        "create_shop": "Creating the shop.",
        "update_shop": "Bringing the shop to what it is here.",
        "create_customer": "Creating the customer.",
    },
    "RegistrationState": {
        "none": "The supplier does not have the shop.",
        **_CARRIED,
        "created": "The supplier has it, and its id is known.",
        "created_without_id": "The supplier has it; its id has to be recorded.",
    },
    "PushState": {
        "none": "Nothing was pushed yet.",
        **_CARRIED,
        "pushed": "The supplier has the shop as it was then.",
    },
    "LinkState": {
        "none": "The customer has no number there.",
        **_CARRIED,
        "linked": "The customer's number there is known.",
        "created_without_number": "The supplier has it; its number has to be recorded.",
    },
    "LinkedBy": {
        "found": "It was found at the supplier.",
        "created": "It was created there.",
        "by_hand": "A person recorded the number.",
    },
    "OfferSource": {
        "live": "The supplier was asked.",
        "price_file": "A file of prices.",
        "changed_stock": "The supplier's list of changed stock.",
        "webhook": "The supplier told by itself.",
        "import": "A person brought it in a file.",
    },
    "Breaker": {
        "closed": "Calls go out.",
        "open": "The supplier failed too often; calls wait.",
        "half_open": "One call at a time tries whether it is back.",
    },
    "Mode": {
        "test": "No real purchases.",
        "live": "Orders are real purchases.",
    },
    "Language": {
        "en": "English.",
        "sv": "Swedish.",
        "nb": "Norwegian (bokmål).",
        "da": "Danish.",
    },
    "SettingKind": {
        "text": "A text.",
        "secret": "A text that never comes out again.",
        "integer": "A whole number.",
        "decimal": "A decimal number.",
        "boolean": "True or false.",
        "choice": "One of `choices`.",
    },
    "EventSubject": {
        "order": "An order; `id` is its number.",
        "shop": "A shop, by its id.",
        "customer": "A customer, by its id.",
        "supplier": "A supplier, by its slug.",
        "login": "A customer's login at a supplier.",
    },
    "VendorCode": {
        "eet": "EET Group.",
        "kvik": "Kvik shop.",
        "di": "Distribution Innovation.",
        "simutek": "Simutek GKS4.",
        "extend": "Extend Commerce.",
    },
    "FoundOut": {
        "placed": "The supplier has the order.",
        "not_placed": "The supplier does not have the order; it may be sent again.",
    },
    "SettledOutcome": {
        "done": "The supplier has it.",
        "not_done": "The supplier does not have it; it may be asked for again.",
    },
    "WebhookHealthState": {
        "ok": "The last message was taken, or there was none yet.",
        "failing": "The last tries were not taken; it is tried again by itself.",
        "paused": "Its owner may not be told anything now; what happens is kept.",
        "disabled": "Nothing is sent: switched off, or it took nothing for days.",
    },
    "WebhookDeliveryState": {
        "waiting": "To be sent, or to be tried again.",
        "delivered": "The receiver answered 2xx.",
        "failed": "The last try was not taken either. It is sent again if asked for.",
        "withheld": "Its owner may not see what it tells of any more.",
    },
}
