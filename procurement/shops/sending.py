"""What shops have to say about their transmissions: creating and pushing."""

from collections.abc import Callable, Mapping
from typing import Any

from procurement.shops import ledger, queries, rules
from procurement.shops.models import PushState, Shop, ShopRegistration, ShopState
from procurement.transmissions.handlers import Found, News, OneByOne
from procurement.transmissions.models import Operation, State, Transmission
from vendors.contracts import Accepted, ShopRequest
from vendors.http import VendorClient

TAKEN_TWICE = (
    "The supplier accepted it twice, so it may have two shops. Ask it to remove the "
    "one whose id is not recorded here."
)
Call = Callable[[VendorClient, ShopRequest], Accepted]


def _locked(subject: str) -> ShopRegistration:
    subject = subject.partition("#")[0]
    shop_id = ShopRegistration.objects.values_list("shop_id").get(subject=subject)[0]
    shop = Shop.objects.select_for_update().get(pk=shop_id)
    registration = ShopRegistration.objects.select_related("supplier").get(
        subject=subject
    )
    registration.shop = shop
    return registration


class OfShop(OneByOne):
    """What creating and pushing a shop have in common.

    There is nothing to look up: no vendor has a call that finds a shop, so an unknown
    outcome is a person's to settle.
    """

    operation: str

    def lock(self, subject: str) -> None:
        _locked(subject)

    def objection(self, transmission: Transmission) -> str:
        registration = _locked(transmission.subject)
        if queries.content_hash(registration) != transmission.content_hash:
            return (
                "The shop, or the mode of the supplier, was changed after this was "
                "asked for. Look at it and ask again."
            )
        return ""

    def prepare(
        self, client: VendorClient, transmission: Transmission
    ) -> Mapping[str, Any] | None:
        return None

    def can_look_up(self, transmission: Transmission) -> bool:
        return False

    def look_up(
        self, client: VendorClient, transmission: Transmission
    ) -> tuple[Found, ...]:
        return ()

    def _write(
        self,
        registration: ShopRegistration,
        transmission: Transmission,
        news: News,
        *,
        kind: str,
        **changes: Any,
    ) -> None:
        attempt = transmission.attempts.last()
        says = news.kind in ("refused", "not_sent", "failed", "unknown")
        ledger.write(
            registration,
            kind,
            # A person settles; whatever comes after that comes by itself.
            actor=transmission.settled_by if news.kind in _ENDINGS else news.actor,
            text=_text(transmission, news),
            data={"vendor_text": transmission.vendor_text} if says else {},
            carrier=transmission,
            conversation=attempt.conversation if attempt else None,
            **changes,
        )


class CreateShop(OfShop):
    """Creating a shop: its state follows every step."""

    operation: str = Operation.CREATE_SHOP

    def objection(self, transmission: Transmission) -> str:
        registration = _locked(transmission.subject)
        if rules.tries_taken(registration):
            return "The supplier accepted an earlier try after all. Record its id."
        return super().objection(transmission)

    def perform(self, client: VendorClient, transmission: Transmission) -> Accepted:
        create: Call = transmission.supplier.api.create_shop  # type: ignore[assignment]
        return create(client, queries.request_from_json(transmission.request))

    def tell(self, transmission: Transmission, news: News) -> None:
        registration = _locked(transmission.subject)
        changes: dict[str, Any] = {}
        if news.kind in _CREATING:
            changes["state"] = _CREATING[news.kind]
        if news.kind == "withdrawn" and rules.tries_taken(registration):
            changes["state"] = ShopState.CREATED_WITHOUT_ID
        if news.kind in ("sent", "released", "not_sent"):
            changes["attention"] = ""
        if news.needs_person:
            changes["attention"] = news.text
        if news.accepted and news.kind == "sent":
            changes |= _created(transmission, news.accepted)
            if rules.tries_taken(registration) > 1:
                changes["attention"] = TAKEN_TWICE
        if news.kind == "late_answer" and news.needs_person:
            changes |= _created_after_all(registration)
        kind = news.kind if news.kind in _AS_IT_IS else f"creating_{news.kind}"
        self._write(registration, transmission, news, kind=kind, **changes)


def _created(transmission: Transmission, accepted: Accepted) -> dict[str, Any]:
    found = {"last_accepted": transmission.request}
    if accepted.number:
        return found | {"state": ShopState.CREATED, "vendor_id": accepted.number}
    return found | {
        "state": ShopState.CREATED_WITHOUT_ID,
        "attention": accepted.note
        or "It was created, and the supplier told no id. Ask for it and record it; "
        "it is not created again.",
    }


def _created_after_all(registration: ShopRegistration) -> dict[str, Any]:
    """The supplier took what was settled as not there: keep it from being made again.

    The id of that answer stands in the exchanges alone.
    """
    if registration.state in rules.THERE:
        return {}
    return {"state": ShopState.CREATED_WITHOUT_ID}


class UpdateShop(OfShop):
    """Pushing a shop: what was accepted last is what the next push compares with."""

    operation: str = Operation.UPDATE_SHOP

    def perform(self, client: VendorClient, transmission: Transmission) -> Accepted:
        update: Call = transmission.supplier.api.update_shop  # type: ignore[assignment]
        return update(client, queries.request_from_json(transmission.request))

    def tell(self, transmission: Transmission, news: News) -> None:
        registration = _locked(transmission.subject)
        changes: dict[str, Any] = {}
        if news.kind in _PUSHING:
            changes["push_state"] = _PUSHING[news.kind]
        if news.kind in ("sent", "released", "not_sent"):
            changes["attention"] = ""
        if news.kind == "sent":
            changes["last_accepted"] = transmission.request
            changes["push_count"] = registration.push_count + 1
        if news.needs_person:
            changes["attention"] = news.text
        kind = "pushed" if news.kind == "sent" else f"push_{news.kind}"
        self._write(registration, transmission, news, kind=kind, **changes)


def _text(transmission: Transmission, news: News) -> str:
    """What happened, with what the vendor's module had to say about an answer."""
    is_answer = news.kind == "sent" and transmission.state == State.SENT
    note = news.accepted.note if is_answer and news.accepted else ""
    return f"{news.text} {note}".strip()


_ENDINGS = ("sent", "released")
_AS_IT_IS = ("late_answer",)
_CREATING = {
    "sending": ShopState.SENDING,
    "not_sent": ShopState.QUEUED,
    "refused": ShopState.REFUSED,
    "failed": ShopState.FAILED,
    "unknown": ShopState.UNKNOWN,
    "withdrawn": ShopState.NONE,
    "released": ShopState.NONE,
}
_PUSHING = {
    "sending": PushState.SENDING,
    "sent": PushState.PUSHED,
    "not_sent": PushState.QUEUED,
    "refused": PushState.REFUSED,
    "failed": PushState.FAILED,
    "unknown": PushState.UNKNOWN,
    "withdrawn": PushState.NONE,
    "released": PushState.NONE,
}
