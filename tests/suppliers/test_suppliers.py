import json
import threading
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.secrets import SecretUnreadable, decrypt, encrypt
from procurement.suppliers import gateway, tokens
from procurement.suppliers.conversations import conversation
from procurement.suppliers.models import Exchange, Supplier, SupplierToken
from procurement.suppliers.operations import (
    change_supplier,
    check_supplier,
    create_supplier,
    fetch_offers,
    pause_supplier,
    resume_supplier,
)
from procurement.suppliers.tokens import DatabaseTokenStore
from tests.factories import make_supplier
from tests.fakes import FakeVendor
from vendors.contracts import ItemKey, Token
from vendors.errors import Kind, NotSent, Refused

pytestmark = pytest.mark.django_db

SECRET = "a-password-for-tests"


def faults(**changes: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        make_supplier(**changes)
    return refused.value.errors


# --- entering ---------------------------------------------------------------------


def test_supplier_starts_in_test_mode_unpaused() -> None:
    supplier = make_supplier()

    assert (supplier.mode, supplier.is_paused, supplier.version) == ("test", False, 1)
    assert supplier.health.failures_in_a_row == 0


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"vendor": "acme"}, "vendor", "Choose one of eet, "),
        ({"slug": "with space"}, "slug", "hyphens and underscores"),
        ({"base_url": "http://vendor.example/api"}, "base_url", "begins with https"),
        ({"base_url": "https://me:pw@vendor.example"}, "base_url", "Leave user name"),
        ({"base_url": ""}, "base_url", "blank"),
        ({"currency": "KRONOR"}, "currency", "three letters"),
        ({"credentials": {"pin": "1"}}, "credentials.pin", "has no 'pin'"),
        ({"credentials": {"password": 7}}, "credentials.password", "Give a text."),
        ({"credentials": "secret"}, "credentials", "Give an object"),
        ({"options": {"colour": "red"}}, "options.colour", "has no 'colour'"),
        ({"mapping": {"no.such": "x"}}, "mapping.no.such", "no such name"),
        ({"mapping": []}, "mapping", "Give an object"),
        ({"colour": "red"}, "colour", "There is no such field"),
        ({"mode": "production"}, "mode", "not a valid choice"),
    ],
)
def test_fault_is_named_with_its_remedy(
    changes: dict[str, Any], field: str, text: str
) -> None:
    assert text in faults(**changes)[field]


def test_status_word_may_be_mapped_anew_but_only_to_what_we_know() -> None:
    supplier = make_supplier(mapping={"order_status.Packed": "picking"})
    assert supplier.mapping == {"order_status.Packed": "picking"}

    errors = faults(slug="other", mapping={"order_status.Packed": "sort of done"})
    assert "Choose one of none, confirmed" in errors["mapping.order_status.Packed"]
    assert faults(slug="other", mapping={"order_status.": "picking"}) == {
        "mapping.order_status.": "Extend Commerce has no such name. Give one that is "
        "in its table, or leave it out."
    }


def test_plain_http_is_for_this_machine_and_only_where_allowed(settings: Any) -> None:
    make_supplier(base_url="http://127.0.0.1:8100/extend")
    settings.ALLOW_INSECURE_LOOPBACK = False

    errors = faults(slug="other", base_url="http://127.0.0.1:8100/extend")

    assert "ALLOW_INSECURE_LOOPBACK" in errors["base_url"]


def test_options_are_stored_as_their_kind() -> None:
    supplier = make_supplier(
        "eet", options={"order_contract_confirmed": "yes", "price_divisor": "100"}
    )

    assert supplier.options["order_contract_confirmed"] is True
    assert str(supplier.options["price_divisor"]) == "100"


# --- changing ---------------------------------------------------------------------


def test_credential_that_is_not_given_stays_as_it_is() -> None:
    supplier = make_supplier()

    change_supplier(
        supplier_id=supplier.pk, actor=None, data={"credentials": {"username": "new"}}
    )

    supplier.refresh_from_db()
    assert supplier.credentials == {"username": "new", "password": SECRET}
    assert supplier.version == 2


def test_change_is_recorded_and_shows_no_secret() -> None:
    supplier = make_supplier()

    change_supplier(
        supplier_id=supplier.pk,
        actor=None,
        data={"mode": "live", "credentials": {"password": "another-secret"}},
    )

    event = supplier.events.first()
    assert event.data == {
        "changes": {"mode": ["test", "live"]},
        "new_credentials": ["password"],
    }


def test_vendor_of_a_supplier_stays() -> None:
    supplier = make_supplier()

    with pytest.raises(InvalidInput, match="create another supplier"):
        change_supplier(supplier_id=supplier.pk, actor=None, data={"vendor": "eet"})


def test_change_of_an_outdated_version_is_refused() -> None:
    supplier = make_supplier()
    change_supplier(supplier_id=supplier.pk, actor=None, data={"name": "One"})

    with pytest.raises(OperationNotAllowed) as refused:
        change_supplier(
            supplier_id=supplier.pk, actor=None, data={"name": "Two"}, version=1
        )

    assert refused.value.code == "version_conflict"


def test_new_credentials_end_the_hold_on_orders(fake_vendor: FakeVendor) -> None:
    supplier = make_supplier()
    supplier.health.blocked_until = timezone.now() + timedelta(hours=1)
    supplier.health.save()

    change_supplier(
        supplier_id=supplier.pk, actor=None, data={"credentials": {"password": "right"}}
    )

    supplier.health.refresh_from_db()
    assert supplier.health.blocked_until is None


def test_pause_and_resume_are_recorded() -> None:
    supplier = make_supplier()

    pause_supplier(supplier_id=supplier.pk, actor=None)
    supplier.refresh_from_db()
    assert supplier.is_paused
    resume_supplier(supplier_id=supplier.pk, actor=None)
    supplier.refresh_from_db()
    assert not supplier.is_paused
    kinds = list(supplier.events.values_list("kind", flat=True))
    assert kinds == ["resumed", "paused", "created"]


# --- calling ----------------------------------------------------------------------


def test_check_says_what_was_learnt_and_notes_the_success(
    fake_vendor: FakeVendor,
) -> None:
    supplier = make_supplier()

    assert check_supplier(supplier_id=supplier.pk, actor=None) == "It works."

    supplier.health.refresh_from_db()
    assert supplier.health.last_success_at is not None


def test_failure_is_noted_in_plain_words(fake_vendor: FakeVendor) -> None:
    supplier = make_supplier()

    with (
        pytest.raises(NotSent),
        conversation(supplier, subject="check") as talk,
    ):
        talk.client.said("check", error="no route")  # type: ignore[attr-defined]
        raise NotSent("Login refused.", kind=Kind.CREDENTIALS)

    supplier.health.refresh_from_db()
    assert supplier.health.last_failure_text == "Login refused."
    assert supplier.health.blocked_until is not None
    assert Exchange.objects.get().error == "no route"


def test_refusal_of_data_says_nothing_against_the_supplier(
    fake_vendor: FakeVendor,
) -> None:
    supplier = make_supplier()

    with pytest.raises(Refused), conversation(supplier, subject="x"):
        raise Refused("No such item.")

    supplier.health.refresh_from_db()
    assert supplier.health.failures_in_a_row == 0


def test_vendor_without_a_capability_gives_its_reason(fake_vendor: FakeVendor) -> None:
    supplier = make_supplier()

    with pytest.raises(OperationNotAllowed, match="can't do that"):
        fetch_offers(supplier_id=supplier.pk, items=[ItemKey("A")])


@pytest.mark.django_db(transaction=True)
def test_no_vendor_is_called_inside_a_transaction(fake_vendor: FakeVendor) -> None:
    supplier = make_supplier()

    with (
        pytest.raises(RuntimeError, match="inside a transaction"),
        transaction.atomic(),
        gateway.open_client(supplier, lambda exchange: None),
    ):
        pass


# --- secrets ----------------------------------------------------------------------


def test_credentials_are_unreadable_in_the_database() -> None:
    supplier = make_supplier()

    with connection.cursor() as cursor:
        cursor.execute("select credentials from suppliers_supplier")
        (stored,) = cursor.fetchone()
    assert SECRET not in stored
    assert json.loads(decrypt(stored))["password"] == SECRET
    assert Supplier.objects.get(pk=supplier.pk).credentials["password"] == SECRET


def test_keys_can_be_rotated(settings: Any) -> None:
    old, new = Fernet.generate_key().decode(), "a new random text " + "n" * 20
    settings.CREDENTIAL_KEYS = [old]
    stored = encrypt(SECRET)
    settings.CREDENTIAL_KEYS = [new, old]
    assert decrypt(stored) == SECRET
    again = encrypt(SECRET)
    settings.CREDENTIAL_KEYS = [new]
    assert decrypt(again) == SECRET

    with pytest.raises(SecretUnreadable, match="CREDENTIAL_KEYS"):
        decrypt(stored)


def test_supplier_whose_key_is_lost_can_be_given_new_credentials(
    settings: Any,
) -> None:
    supplier = make_supplier()
    settings.CREDENTIAL_KEYS = ["another random text " + "m" * 20]
    supplier = Supplier.objects.get(pk=supplier.pk)

    with (
        pytest.raises(NotSent, match="CREDENTIAL_KEYS"),
        gateway.open_client(supplier, lambda exchange: None),
    ):
        pass
    change_supplier(supplier_id=supplier.pk, actor=None, data={"name": "Renamed"})
    with pytest.raises(SecretUnreadable), transaction.atomic():
        Supplier.objects.get(pk=supplier.pk).save()

    change_supplier(
        supplier_id=supplier.pk, actor=None, data={"credentials": {"username": "new"}}
    )
    assert Supplier.objects.get(pk=supplier.pk).credentials == {"username": "new"}


@pytest.mark.parametrize("keys", [[], ["short"]])
def test_missing_or_weak_key_is_a_clear_error(keys: list[str], settings: Any) -> None:
    settings.CREDENTIAL_KEYS = keys

    with pytest.raises(ImproperlyConfigured, match="CREDENTIAL_KEYS"):
        encrypt(SECRET)


# --- tokens -----------------------------------------------------------------------


def token(value: str = "t-1", minutes: int = 60) -> Token:
    now = datetime.now(UTC)
    return Token(
        value=value, obtained_at=now, expires_at=now + timedelta(minutes=minutes)
    )


def test_token_is_kept_encrypted_and_used_until_it_ends() -> None:
    store = DatabaseTokenStore()
    logins: list[int] = []

    def login() -> Token:
        logins.append(1)
        return token(minutes=-1 if len(logins) == 1 else 60)

    for _ in range(3):
        store.obtain("key", login)

    assert len(logins) == 2, "the first one had ended already"
    with connection.cursor() as cursor:
        cursor.execute("select value from suppliers_suppliertoken")
        assert "t-1" not in cursor.fetchone()[0]


def test_rejected_token_is_never_returned_again() -> None:
    store = DatabaseTokenStore()
    store.obtain("key", lambda: token("old"))

    assert store.obtain("key", lambda: token("new"), rejected="old").value == "new"
    assert store.obtain("key", lambda: token("newer"), rejected="old").value == "new"


def test_failed_login_lets_the_next_one_try_at_once() -> None:
    store = DatabaseTokenStore()

    def fail() -> Token:
        raise NotSent("Login refused.", kind=Kind.CREDENTIALS)

    with pytest.raises(NotSent):
        store.obtain("key", fail)
    assert store.obtain("key", token).value == "t-1"


@pytest.mark.django_db(transaction=True)
def test_one_login_serves_everybody() -> None:
    logins: list[int] = []
    found: list[str] = []
    gate = threading.Barrier(8)

    def login() -> Token:
        logins.append(1)
        return token(f"t-{len(logins)}")

    def work() -> None:
        gate.wait()
        found.append(DatabaseTokenStore().obtain("key", login).value)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(logins), set(found)) == (1, {"t-1"})
    assert SupplierToken.objects.count() == 1


def test_unknown_vendor_is_named() -> None:
    with pytest.raises(InvalidInput, match="Choose one of"):
        create_supplier(actor=None, data={})


def test_after_a_rotation_the_old_key_is_not_needed(settings: Any) -> None:
    old, new = "the old random text " + "o" * 20, "the new random text " + "n" * 20
    settings.CREDENTIAL_KEYS = [old]
    supplier = make_supplier()
    DatabaseTokenStore().obtain("key", token)
    settings.CREDENTIAL_KEYS = [new, old]

    call_command("rotate_credentials", stdout=StringIO())

    settings.CREDENTIAL_KEYS = [new]
    tokens.seen.forget()
    assert Supplier.objects.get(pk=supplier.pk).credentials["password"] == SECRET
    assert DatabaseTokenStore().obtain("key", lambda: token("t-2")).value == "t-1"


def test_a_token_whose_key_is_lost_is_had_again(settings: Any) -> None:
    settings.CREDENTIAL_KEYS = ["the old random text " + "o" * 20]
    DatabaseTokenStore().obtain("key", token)
    settings.CREDENTIAL_KEYS = ["the new random text " + "n" * 20]
    tokens.seen.forget()

    assert DatabaseTokenStore().obtain("key", lambda: token("t-2")).value == "t-2"
    tokens.seen.forget()
    assert DatabaseTokenStore().obtain("key", lambda: token("t-3")).value == "t-2"


def test_rotation_names_what_no_key_opens_and_leaves_it_alone(settings: Any) -> None:
    old, new = "the old random text " + "o" * 20, "the new random text " + "n" * 20
    settings.CREDENTIAL_KEYS = [old]
    supplier = make_supplier()
    settings.CREDENTIAL_KEYS = [new]

    with pytest.raises(CommandError, match="extend-nord"):
        call_command("rotate_credentials", stdout=StringIO())

    settings.CREDENTIAL_KEYS = [new, old]
    assert Supplier.objects.get(pk=supplier.pk).credentials["password"] == SECRET
