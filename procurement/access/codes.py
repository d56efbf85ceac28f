"""The stable `code` of every refusal, so that programs need not read sentences."""

from collections.abc import Iterator
from enum import Enum, StrEnum

ADDRESS = "/api/problems/"


class Repeat(Enum):
    """What comes of making the very same call again."""

    ENDS_THE_SAME = "It ends the same; change the call."
    ONCE_CHANGED = "It may do once things stand otherwise."
    AFTER_A_WAIT = "It may do: wait as long as `Retry-After` says, or a few seconds."


def _repeat_of(status: int) -> Repeat:
    if status == 429 or status >= 500:
        return Repeat.AFTER_A_WAIT
    return Repeat.ONCE_CHANGED if status == 409 else Repeat.ENDS_THE_SAME


class Code(StrEnum):
    """A code, what it means and what to do about it; codes are never renamed.

    Each says word, meaning and remedy, then its statuses (409 if not said) and what a
    repetition brings (if not said, what its first status stands for).
    """

    meaning: str
    remedy: str
    statuses: tuple[int, ...]
    repeat: Repeat

    def __new__(
        cls,
        word: str,
        meaning: str,
        remedy: str = "",
        statuses: int | tuple[int, ...] = 409,
        repeat: Repeat | None = None,
    ) -> "Code":
        code = str.__new__(cls, word)
        code._value_ = word
        code.meaning, code.remedy = meaning, remedy
        code.statuses = statuses if isinstance(statuses, tuple) else (statuses,)
        code.repeat = repeat or _repeat_of(code.statuses[0])
        return code

    @property
    def address(self) -> str:
        """Where it is explained: the `type` of its problems."""
        return f"{ADDRESS}{self}/"

    # --- the call itself ---
    MALFORMED_JSON = (
        "malformed_json",
        "The body is not JSON that can be taken exactly.",
        "Send one JSON document in UTF-8. `detail` says where reading it ended.",
        400,
    )
    INVALID = (
        "invalid",
        "Values won't do; `errors` names each of them.",
        "Each entry of `errors` says for one field, header or parameter what would be "
        "right.",
        400,
    )
    BAD_REQUEST = (
        "bad_request",
        "The request can't be understood.",
        "`detail` says why, where that is known. Look at the address, the headers and "
        "the host name.",
        (400, 403, 417, 501),
    )
    NOT_AUTHENTICATED = (
        "not_authenticated",
        "No key was given.",
        "Send the header `Authorization: Bearer` with your key behind it.",
        401,
    )
    KEY_REFUSED = (
        "key_refused",
        "The key is unknown, has expired, or was revoked.",
        "Look whether the whole key was sent. An administrator makes a new one.",
        401,
    )
    ADDRESS_REFUSED = (
        "address_refused",
        "The key is not taken from the address the call came from.",
        "`detail` names the address seen. Call from one of the key's networks, or "
        "have an administrator add yours.",
        403,
    )
    TOO_MANY_CALLS = (
        "too_many_calls",
        "The key's calls of this minute are used up.",
        "Go on after `Retry-After` seconds, and spread calls by what `RateLimit` says.",
        429,
    )
    TOO_MANY_WRONG_KEYS = (
        "too_many_wrong_keys",
        "Wrong keys came from the address time and again.",
        "Go on after `Retry-After` seconds, with a key that is taken.",
        429,
    )
    SCOPE_MISSING = (
        "scope_missing",
        "The key lacks the scope that `scope` names.",
        "Use a key that has it; an administrator makes one.",
        403,
    )
    PERMISSION_MISSING = (
        "permission_missing",
        "The key's user lacks the permission that `permission` names.",
        "An administrator gives it to the user behind the key.",
        403,
    )
    FORBIDDEN = (
        "forbidden",
        "This is not open to you.",
        "Use a key; log in where a browser asks.",
        403,
    )
    NOT_FOUND = (
        "not_found",
        "There is nothing at this address.",
        "Addresses end with a slash. What the key's user may not see is not there "
        "either.",
        404,
    )
    METHOD_NOT_ALLOWED = (
        "method_not_allowed",
        "The address does not take this method.",
        "`Allow` names those it takes.",
        405,
    )
    NOT_ACCEPTABLE = (
        "not_acceptable",
        "Answers are JSON; `Accept` rules that out.",
        "Send `Accept: application/json`, or none; for a PDF `application/pdf`.",
        406,
    )
    CALL_IN_PROGRESS = (
        "call_in_progress",
        "The same call with the same Idempotency-Key is at work now.",
        "Repeat it with the same key; it is answered as the first one was.",
        409,
        Repeat.AFTER_A_WAIT,
    )
    PAYLOAD_TOO_LARGE = (
        "payload_too_large",
        "The body is larger than 1 MB.",
        "Split what you send.",
        413,
    )
    ADDRESS_TOO_LONG = (
        "address_too_long",
        "The address with its parameters is too long.",
        "Give fewer parameters: ask in several calls.",
        414,
    )
    UNSUPPORTED_MEDIA_TYPE = (
        "unsupported_media_type",
        "Bodies have to be JSON.",
        "Send `Content-Type: application/json`.",
        415,
    )
    HEADERS_TOO_LARGE = (
        "headers_too_large",
        "There are too many headers, or one of them is too long.",
        "Look what your client or a proxy adds to the request.",
        431,
    )
    IDEMPOTENCY_KEY_REUSED = (
        "idempotency_key_reused",
        "The same Idempotency-Key came before with another body or address.",
        "Make a new key for each new call, and repeat one with exactly its body.",
        409,
        Repeat.ENDS_THE_SAME,
    )
    INTERNAL_ERROR = (
        "internal_error",
        "The fault is ours; it was recorded.",
        "Repeat the call with the same Idempotency-Key. Tell us if it stays.",
        500,
    )
    TRY_AGAIN = (
        "try_again",
        "The database is away for a moment; repeat the call after `Retry-After`.",
        "Repeat it with the same Idempotency-Key: what was done is not done twice.",
        503,
    )

    # --- the state of things ---
    NOT_ALLOWED = (
        "not_allowed",
        "It can't be done as things stand; `detail` says why.",
        "Read it again and do what `detail` says.",
    )
    NO_SUCH_ORDER = (
        "no_such_order",
        "There is no such order that you may see.",
        "Look at its number, and at what the key's user may see.",
    )
    NO_SUCH_SHOP = (
        "no_such_shop",
        "There is no such shop that you may see.",
        "Look at its id, and at what the key's user may see.",
    )
    NO_SUCH_CUSTOMER = (
        "no_such_customer",
        "There is no such customer that you may see.",
        "Look at its id, and at what the key's user may see.",
    )
    ERASED = (
        "erased",
        "The personal data of the customer was erased.",
        "Enter the customer anew, if there is to be one again.",
        409,
        Repeat.ENDS_THE_SAME,
    )
    BEYOND_REACH = (
        "beyond_reach",
        "It is for other shops than those that the key or its user is bound to.",
        "Use a key that is bound to that shop, or to none.",
    )
    VERSION_CONFLICT = (
        "version_conflict",
        "It was changed since the version given: 412 for If-Match, 409 otherwise.",
        "Read it again, look what changed, and repeat with its present version.",
        (412, 409),
        Repeat.ENDS_THE_SAME,
    )
    EXTERNAL_REFERENCE_TAKEN = (
        "external_reference_taken",
        "Another order of yours has this external reference.",
        "Find it with `orders/?external_reference=`, or give a new order another one.",
        409,
        Repeat.ENDS_THE_SAME,
    )
    NOT_CHANGEABLE = (
        "not_changeable",
        "The order is too far along to be changed.",
        "Cancel it and enter another, or settle it with the supplier.",
    )
    NOT_PENDING = (
        "not_pending",
        "The order does not wait for approval.",
        "Read it: `approval` says where it stands. `submit` asks for approval.",
    )
    OWN_ORDER = (
        "own_order",
        "Somebody else has to approve it.",
        "Have it approved by somebody who neither entered nor buys it.",
    )
    NOT_YOUR_TURN = (
        "not_your_turn",
        "Other people decide about it now.",
        "`approval_steps` of the order says who.",
    )
    NOT_APPROVED = (
        "not_approved",
        "The order is not approved.",
        "Ask for approval with `submit`, and send it once `approval` is `approved`.",
    )
    CHANGED_SINCE_APPROVAL = (
        "changed_since_approval",
        "The content is not what was approved; it needs approval again.",
        "Read the order, and ask for approval with `submit`.",
    )
    ALREADY_ASSIGNED = (
        "already_assigned",
        "The person is the buyer already.",
        "Nothing has to be done.",
    )
    ALREADY_SENT = (
        "already_sent",
        "The order is on its way or was sent before.",
        "Nothing has to be done: read the order to follow it.",
    )
    SUPPLIER_OBJECTS = (
        "supplier_objects",
        "The supplier could not take the order as it is; nothing was sent.",
        "`detail` says what it objects to. Change the order and have it approved.",
    )
    NOT_CANCELLABLE = (
        "not_cancellable",
        "The order can't be cancelled now.",
        "`detail` says why; settle it with the supplier and record what was agreed.",
    )
    NOT_REFRESHABLE = (
        "not_refreshable",
        "The supplier can't be asked about the order.",
        "`detail` says why. What people found out can be recorded by hand.",
    )
    NOT_CHECKABLE = (
        "not_checkable",
        "The supplier can't be asked about the lines.",
        "`detail` says why; `vendors/` says what each API offers.",
    )
    PRICES_NOT_TAKEN = (
        "prices_not_taken",
        "There is no check of the order as it is now, or nothing to take from it.",
        "Check the lines with `check_lines`, then take the prices of that check.",
    )
    NOT_UNKNOWN = (
        "not_unknown",
        "The outcome is not unknown.",
        "Nothing has to be settled: read it to see how it ended.",
    )
    CANNOT_LOOK_UP = (
        "cannot_look_up",
        "The supplier can't be asked what became of it.",
        "Ask the supplier, and record what was found out with `resolve`.",
    )
    DUE_ALREADY = (
        "due_already",
        "It is done within moments anyway.",
        "Read it again in a while.",
    )
    NOT_NOW = (
        "not_now",
        "It can't be tried at once as things stand.",
        "`detail` says what it waits for.",
    )
    TOO_MANY = (
        "too_many",
        "There are as many of them as there may be.",
        "Remove one that is not needed any more; `detail` says how many there may be.",
    )
    NO_SUCH_TRANSMISSION = (
        "no_such_transmission",
        "There is no such transmission that you may see.",
        "Read the attempts of the order.",
    )
    EVIDENCE_MISSING = (
        "evidence_missing",
        "It was not said how it was found out.",
        "Say in `evidence` whom you asked or where you looked, and what was said.",
    )
    NOT_CONFIRMABLE = (
        "not_confirmable",
        "There is nothing to confirm now.",
        "`detail` says why; read the order to see where it stands.",
    )
    NOT_SHIPPABLE = (
        "not_shippable",
        "No shipment can be recorded now.",
        "`detail` says why; the lines say what is still to be shipped.",
    )
    NOT_RECEIVABLE = (
        "not_receivable",
        "Goods can't be counted in now.",
        "`detail` says why; the lines say what came in.",
    )
    NOTHING_RECEIVED = (
        "nothing_received",
        "Nothing came in, so cancel instead.",
        "Use `cancel` for an order of which nothing came.",
    )
    NOT_INVOICEABLE = (
        "not_invoiceable",
        "No invoice can be recorded now.",
        "`detail` says why; read the order to see where it stands.",
    )
    ALREADY_RECORDED = (
        "already_recorded",
        "The same document was recorded before.",
        "Nothing has to be done, unless its number is wrong.",
    )
    ALREADY_THERE = (
        "already_there",
        "The supplier has the shop or customer, or may have it; it is made once.",
        "Read it: its state there says whether it is linked, under way, or unknown.",
    )
    NOT_PUSHABLE = (
        "not_pushable",
        "The shop's changes can't be pushed now.",
        "`detail` says why; GET `push/` shows what a push would change.",
    )
    NOTHING_TO_PUSH = (
        "nothing_to_push",
        "The supplier has all of it as it is here.",
        "Nothing has to be done.",
    )
    SEVERAL_FOUND = (
        "several_found",
        "It can't be told which customer there is the one; `detail` lists them.",
        "Give the `number` of the one that is meant.",
    )
    NOT_FOUND_THERE = (
        "not_found_there",
        "The supplier has no such customer.",
        "Have it created with `create`, or record the number it has there.",
    )
    NOT_LINKED = (
        "not_linked",
        "The customer has no number at the supplier.",
        "Find or create it with `link`, or record its number with `record`.",
    )
    NOT_OFFERED = (
        "not_offered",
        "The vendor's API has nothing of the kind.",
        "Do it with the supplier by hand; `vendors/` says what each API offers.",
        409,
        Repeat.ENDS_THE_SAME,
    )

    # --- the supplier ---
    SUPPLIER_UNAVAILABLE = (
        "supplier_unavailable",
        "The supplier was asked and gave no usable answer.",
        "Repeat the call later; `health/` of the supplier says how it goes.",
        502,
    )
    VENDOR_ERROR = (
        "vendor_error",
        "The call to the supplier failed; `kind` says how.",
        "Where the account was refused, look at its credentials. Else repeat it later.",
        502,
    )


_BY_WORD = {code.value: code for code in Code}


def code_named(word: str) -> Code | None:
    return _BY_WORD.get(word)


def reference() -> str:
    """The codes as a table in Markdown."""
    return "\n".join(
        (_row("Code", "Status", "Meaning", "Remedy", "Repeated"), *_rows())
    )


def _rows() -> Iterator[str]:
    yield "|---|---|---|---|---|"
    for code in Code:
        statuses = ", ".join(str(status) for status in code.statuses)
        yield _row(f"`{code}`", statuses, code.meaning, code.remedy, code.repeat.value)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
