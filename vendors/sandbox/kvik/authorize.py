"""The page where a shop user lets another system log in with their shop login.

Where it is and what it takes is not public; all of this is the project's own
assumption, after RFC 6749. Whoever looks at the page is the shop user.
"""

from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

from vendors.sandbox.kvik.answers import failure
from vendors.sandbox.kvik.logins import CLIENTS, SHOP_USER, Logins
from vendors.sandbox.messages import Answer, Refusal, Request
from vendors.sandbox.tokens import form_fields

PARAMETERS = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
)
POLICY = (
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
)

Asked = dict[str, str]


def show_page(request: Request, registered_uri: str) -> Answer:
    """Ask the shop user; or send the browser back where the request won't do."""
    asked = {name: request.parameter(name) or "" for name in PARAMETERS}
    _require_known_place(asked, registered_uri)
    error = _error_of(asked)
    if error:
        return _send_back(asked, {"error": error})
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in asked.items()
    )
    page = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Log in with your shop login</title>
</head><body><h1>Log in with your shop login</h1>
<p><b>{escape(asked["client_id"])}</b> wants to know you as <b>{SHOP_USER}</b>, and
sends you on to <code>{escape(asked["redirect_uri"])}</code>.</p>
<form method="post">{hidden}
<button name="decision" value="agree">Agree</button>
<button name="decision" value="decline">Decline</button></form></body></html>"""
    return Answer.html(200, page).with_headers(*POLICY)


def take_decision(request: Request, registered_uri: str, logins: Logins) -> Answer:
    """Send the browser back with a code, or with `access_denied`."""
    form = form_fields(request) or {}
    asked = {name: form.get(name, "") for name in PARAMETERS}
    _require_known_place(asked, registered_uri)
    error = _error_of(asked)
    if error:
        return _send_back(asked, {"error": error})
    if form.get("decision") != "agree":
        text = "The resource owner or authorization server denied the request."
        return _send_back(asked, {"error": "access_denied", "error_description": text})
    code = logins.new_code(
        asked["client_id"], asked["redirect_uri"], asked["code_challenge"]
    )
    return _send_back(asked, {"code": code})


def _require_known_place(asked: Asked, registered_uri: str) -> None:
    """Refuse without sending the browser anywhere it should not go."""
    address = asked["redirect_uri"]
    is_known = address == registered_uri or not registered_uri
    if asked["client_id"] not in CLIENTS or not is_known or not _is_web(address):
        text = "The client or its redirect address is not known."
        raise Refusal(failure(400, "invalid_request", text))


def _is_web(address: str) -> bool:
    """Whether an address can stand in a header, and leads to a web site."""
    if not address.isascii() or not address.isprintable() or " " in address:
        return False
    return address.startswith(("http://", "https://"))


def _error_of(asked: Asked) -> str:
    if asked["response_type"] != "code":
        return "unsupported_response_type"
    if asked["code_challenge"] and asked["code_challenge_method"] != "S256":
        return "invalid_request"
    return ""


def _send_back(asked: Asked, result: Mapping[str, str]) -> Answer:
    query = dict(result) | ({"state": asked["state"]} if asked["state"] else {})
    joint = "&" if "?" in asked["redirect_uri"] else "?"
    address = f"{asked['redirect_uri']}{joint}{urlencode(query)}"
    return Answer(303, headers=(("Location", address), *POLICY))
