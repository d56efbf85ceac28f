"""What a Kvik shop's error answers mean: told by `error`, and not by the status.

Source: documented are 401 `invalid_client` at the token path, **400**
`access_denied` for an unusable token, 401 `invalid_token` for an expired one, 400
without the gzip header and 403 on plain HTTP, the last two without a body. All else
is inferred.
"""

from collections.abc import Mapping
from typing import Any

from vendors import outcomes
from vendors.errors import Kind, NotSent, Refused
from vendors.kvik import names
from vendors.outcomes import Outcome
from vendors.transport import Answer

BY_STATUS = {
    **outcomes.BY_STATUS,
    403: Outcome(
        NotSent,
        Kind.CREDENTIALS,
        "the shop shuts us out; the merchant may have withdrawn access, or a guard in "
        "front of the shop stopped the call",
    ),
}

_WITHDRAWN = Outcome(
    NotSent,
    Kind.CREDENTIALS,
    "the shop refuses our token, a new one too; the merchant may have withdrawn "
    "access to the Customer API",
)
_WRONG_CLIENT = Outcome(
    NotSent,
    Kind.CREDENTIALS,
    "the shop does not accept the client id and secret; look them up in our user "
    "profile there, or make a new Customer API password",
)
_SPENT = Outcome(
    NotSent,
    Kind.CREDENTIALS,
    "the code or token of this login is spent or too old; the customer has to log in "
    "once more",
)
_NO_GZIP = Outcome(
    NotSent,
    Kind.CONFIGURATION,
    "the shop missed the header Accept-Encoding: gzip, which something on the way "
    "must have taken out; nothing was processed",
)
_NO_REASON = Outcome(
    Refused,
    Kind.DATA,
    "the shop refused the call and gave no reason: either the data won't do, or "
    "something on the way took the header Accept-Encoding out",
)
_NOT_THE_API = Outcome(
    NotSent,
    Kind.CONFIGURATION,
    "a web page says that there is nothing at this address; compare the paths with "
    "the merchant's description",
)

_GZIP_WORDS = ("accept-encoding", "gzip")


def code(answer: Answer, mapping: Mapping[str, str]) -> str:
    """Return the error's code; empty if the body has none or is no JSON."""
    return names.text(_json(answer), mapping["error.code"])


def is_token_refused(answer: Answer, mapping: Mapping[str, str]) -> bool:
    """Whether a call was turned away for its token, which comes before any work."""
    told = code(answer, mapping)
    if answer.status == 400:
        return told == mapping["error.denied"]
    return answer.status == 401 and told != mapping["error.client"]


def told_by_body(
    answer: Answer, vendor_text: str, mapping: Mapping[str, str], *, is_write: bool
) -> Outcome | None:
    """Return what the body makes of an answer; None if the status has to tell."""
    told = code(answer, mapping)
    if answer.status in (400, 401):
        if told == mapping["error.client"]:
            return _WRONG_CLIENT
        if told == mapping["error.grant"]:
            return _SPENT
        if is_token_refused(answer, mapping):
            return _WITHDRAWN
    if answer.status == 400 and not told:
        said = vendor_text.casefold()
        if any(word in said for word in _GZIP_WORDS):
            return _NO_GZIP
        return None if said else _NO_REASON
    if answer.status == 404 and not is_write and _is_page(answer):
        return _NOT_THE_API
    return None


def _is_page(answer: Answer) -> bool:
    """Whether something else than the API answered: no JSON, and not nothing."""
    try:
        answer.json()
    except ValueError:
        return bool(answer.body.strip())
    return False


def _json(answer: Answer) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None
