"""The stable `code` of every refusal, so that programs need not read sentences."""

from enum import StrEnum


class Code(StrEnum):
    """A code, and what it means to the caller; codes are never renamed."""

    meaning: str

    def __new__(cls, word: str, meaning: str) -> "Code":
        code = str.__new__(cls, word)
        code._value_ = word
        code.meaning = meaning
        return code

    # --- the call itself ---
    MALFORMED_JSON = "malformed_json", "The body is not JSON that can be taken exactly."
    INVALID = "invalid", "Values won't do; `errors` names each of them."
    BAD_REQUEST = "bad_request", "The request can't be understood."
    NOT_AUTHENTICATED = "not_authenticated", "No key was given."
    KEY_REFUSED = "key_refused", "The key is unknown, has expired, or was revoked."
    SCOPE_MISSING = "scope_missing", "The key lacks the scope that `scope` names."
    PERMISSION_MISSING = (
        "permission_missing",
        "The key's user lacks the permission that `permission` names.",
    )
    FORBIDDEN = "forbidden", "This is not open to you."
    NOT_FOUND = "not_found", "There is nothing at this address."
    METHOD_NOT_ALLOWED = "method_not_allowed", "The address does not take this method."
    NOT_ACCEPTABLE = "not_acceptable", "Answers are JSON; `Accept` rules that out."
    PAYLOAD_TOO_LARGE = "payload_too_large", "The body is larger than 1 MB."
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type", "Bodies have to be JSON."
    IDEMPOTENCY_KEY_REUSED = (
        "idempotency_key_reused",
        "The same Idempotency-Key came before with another body or address.",
    )
    INTERNAL_ERROR = "internal_error", "The fault is ours; it was recorded."
    TRY_AGAIN = (
        "try_again",
        "The database is away for a moment; repeat the call after `Retry-After`.",
    )

    # --- the state of things ---
    NOT_ALLOWED = "not_allowed", "It can't be done as things stand; `detail` says why."
    NO_SUCH_ORDER = "no_such_order", "There is no such order that you may see."
    NO_SUCH_SHOP = "no_such_shop", "There is no such shop that you may see."
    NO_SUCH_CUSTOMER = "no_such_customer", "There is no such customer that you may see."
    BEYOND_REACH = (
        "beyond_reach",
        "It is for other shops than those that the key or its user is bound to.",
    )
    VERSION_CONFLICT = (
        "version_conflict",
        "It was changed since the version given: 412 for If-Match, 409 otherwise.",
    )
    EXTERNAL_REFERENCE_TAKEN = (
        "external_reference_taken",
        "Another order of yours has this external reference.",
    )
    NOT_CHANGEABLE = "not_changeable", "The order is too far along to be changed."
    NOT_PENDING = "not_pending", "The order does not wait for approval."
    OWN_ORDER = "own_order", "Somebody else has to approve it."
    NOT_YOUR_TURN = "not_your_turn", "Other people decide about it now."
    NOT_APPROVED = "not_approved", "The order is not approved."
    CHANGED_SINCE_APPROVAL = (
        "changed_since_approval",
        "The content is not what was approved; it needs approval again.",
    )
    ALREADY_ASSIGNED = "already_assigned", "The person is the buyer already."
    ALREADY_SENT = "already_sent", "The order is on its way or was sent before."
    SUPPLIER_OBJECTS = (
        "supplier_objects",
        "The supplier could not take the order as it is; nothing was sent.",
    )
    NOT_CANCELLABLE = "not_cancellable", "The order can't be cancelled now."
    NOT_REFRESHABLE = "not_refreshable", "The supplier can't be asked about the order."
    NOT_CHECKABLE = "not_checkable", "The supplier can't be asked about the lines."
    PRICES_NOT_TAKEN = (
        "prices_not_taken",
        "There is no check of the order as it is now, or nothing to take from it.",
    )
    NOT_UNKNOWN = "not_unknown", "The outcome is not unknown."
    CANNOT_LOOK_UP = "cannot_look_up", "The supplier can't be asked what became of it."
    DUE_ALREADY = "due_already", "It is done within moments anyway."
    TOO_MANY = "too_many", "There are as many of them as there may be."
    NOT_NOW = "not_now", "It can't be tried at once as things stand."
    NO_SUCH_TRANSMISSION = (
        "no_such_transmission",
        "There is no such transmission that you may see.",
    )
    EVIDENCE_MISSING = "evidence_missing", "It was not said how it was found out."
    NOT_CONFIRMABLE = "not_confirmable", "There is nothing to confirm now."
    NOT_SHIPPABLE = "not_shippable", "No shipment can be recorded now."
    NOT_RECEIVABLE = "not_receivable", "Goods can't be counted in now."
    NOTHING_RECEIVED = "nothing_received", "Nothing came in, so cancel instead."
    NOT_INVOICEABLE = "not_invoiceable", "No invoice can be recorded now."
    ALREADY_RECORDED = "already_recorded", "The same document was recorded before."
    ALREADY_THERE = (
        "already_there",
        "The supplier has the shop or customer, or may have it; it is made once.",
    )
    NOT_PUSHABLE = "not_pushable", "The shop's changes can't be pushed now."
    NOTHING_TO_PUSH = "nothing_to_push", "The supplier has all of it as it is here."
    SEVERAL_FOUND = (
        "several_found",
        "It can't be told which customer there is the one; `detail` lists them.",
    )
    NOT_FOUND_THERE = "not_found_there", "The supplier has no such customer."
    NOT_LINKED = "not_linked", "The customer has no number at the supplier."
    NOT_OFFERED = "not_offered", "The vendor's API has nothing of the kind."

    # --- the supplier ---
    SUPPLIER_UNAVAILABLE = (
        "supplier_unavailable",
        "The supplier was asked and gave no usable answer.",
    )
    VENDOR_ERROR = "vendor_error", "The call to the supplier failed; `kind` says how."


def reference() -> str:
    """The codes as a table in Markdown."""
    rows = (f"| `{code}` | {code.meaning} |" for code in Code)
    return "\n".join(("| Code | Meaning |", "|---|---|", *rows))
