"""Keys are changed while people work, and every secret stays readable."""

import json
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from procurement import keys, secretplaces
from procurement.figures import installation
from procurement.secretplaces import ColumnPlace, MemberPlace, Stored
from procurement.secrets import EncryptedTextField, decrypt, encrypt, key_of
from procurement.suppliers.models import Supplier, SupplierToken
from procurement.suppliers.operations import change_supplier
from tests.factories import make_supplier, make_user

pytestmark = pytest.mark.django_db
OLD, NEW = "the old random text " + "o" * 20, "the new random text " + "n" * 20
OTHER = "some random text of another house"


@pytest.fixture(autouse=True)
def looked_at_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "_unreadable", None)


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers is there for it alone."""
    monkeypatch.setattr(secretplaces, "_registered", dict(secretplaces._registered))


def fingerprint(text: str) -> str:
    return keys.read([text])[0].fingerprint


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("rotate_credentials", *arguments, stdout=output)
    return output.getvalue()


def stored(supplier: Supplier) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "select credentials from suppliers_supplier where id = %s", [supplier.pk]
        )
        return str(cursor.fetchone()[0])


# --- which places -------------------------------------------------------------------


def test_every_encrypted_column_is_a_place() -> None:
    columns = {
        f"{model._meta.label}.{column.name}"
        for model in apps.get_models()
        for column in model._meta.local_concrete_fields
        if isinstance(column, EncryptedTextField)
    }

    of_members = {"mfa.Authenticator.data"}
    assert {place.name for place in secretplaces.all_places()} == columns | of_members
    assert columns >= {
        "suppliers.Supplier.credentials",
        "suppliers.SupplierToken.value",
        "logins.CustomerLoginToken.refresh_token",
        "webhooks.Endpoint.old_secret",
    }


def test_a_place_of_an_app_that_is_not_installed_is_passed_over(places: None) -> None:
    secretplaces.register(MemberPlace("nowhere.Thing", "data", ("secret",)))

    assert "nowhere" not in {
        place.name.partition(".")[0] for place in secretplaces.all_places()
    }


def test_members_of_a_json_column_are_rotated_and_their_neighbours_left(
    places: None, settings: Any
) -> None:
    settings.CREDENTIAL_KEYS = [OLD]
    supplier = make_supplier()
    secret = encrypt("JBSWY3DPEHPK3PXP")
    kept = {"secret": secret, "digits": 6, "plain": "stays"}
    Supplier.objects.filter(pk=supplier.pk).update(options=kept)
    secretplaces.register(MemberPlace("suppliers.Supplier", "options", ("secret",)))
    settings.CREDENTIAL_KEYS = [NEW, OLD]

    run()

    options = Supplier.objects.get(pk=supplier.pk).options
    settings.CREDENTIAL_KEYS = [NEW]
    assert decrypt(options.pop("secret")) == "JBSWY3DPEHPK3PXP"
    assert options == {"digits": 6, "plain": "stays"}


def test_a_member_that_was_changed_meanwhile_is_not_put_back(places: None) -> None:
    supplier = make_supplier()
    now = encrypt("entered just now")
    Supplier.objects.filter(pk=supplier.pk).update(options={"secret": now})
    place = MemberPlace("suppliers.Supplier", "options", ("secret",))

    assert not place.swap(Stored(supplier.pk, encrypt("before"), "secret"), "anew")

    assert Supplier.objects.get(pk=supplier.pk).options == {"secret": now}


# --- rotating -----------------------------------------------------------------------


def test_credentials_changed_under_our_hands_are_not_put_back(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CREDENTIAL_KEYS = [OLD]
    supplier = make_supplier()
    settings.CREDENTIAL_KEYS = [NEW, OLD]
    read = ColumnPlace.texts
    is_changed = False

    def texts(place: ColumnPlace, pks: Any) -> list[Stored]:
        """A person saves after the text was read, with a process of the old list."""
        nonlocal is_changed
        found = read(place, pks)
        if place.name == "suppliers.Supplier.credentials" and not is_changed:
            is_changed = True
            settings.CREDENTIAL_KEYS = [OLD]
            change_supplier(
                supplier_id=supplier.pk,
                actor=None,
                data={"credentials": {"password": "the new password"}},
            )
            settings.CREDENTIAL_KEYS = [NEW, OLD]
        return found

    monkeypatch.setattr(ColumnPlace, "texts", texts)
    run()

    settings.CREDENTIAL_KEYS = [NEW]
    found = Supplier.objects.get(pk=supplier.pk)
    assert found.credentials["password"] == "the new password"
    assert found.version == supplier.version + 1


def test_what_is_under_the_newest_key_is_not_written_again(settings: Any) -> None:
    settings.CREDENTIAL_KEYS = [OLD]
    first = make_supplier()
    settings.CREDENTIAL_KEYS = [NEW, OLD]
    second = make_supplier(slug="second")
    before = stored(second)

    told = run("--batch", "1")

    assert (
        "suppliers.Supplier.credentials: 1 written anew, 1 were under the newest key."
        in told
    )
    assert stored(second) == before
    after = stored(first)
    assert "0 written anew, 2 were" in run()
    assert stored(first) == after


def test_a_broken_off_rotation_goes_on_where_it_was(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CREDENTIAL_KEYS = [OLD]
    made = [make_supplier(slug=f"supplier-{number}") for number in range(5)]
    settings.CREDENTIAL_KEYS = [NEW, OLD]
    swap = ColumnPlace.swap
    left = 3

    def killed(place: ColumnPlace, old: Stored, new: str) -> bool:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        return swap(place, old, new)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(ColumnPlace, "swap", killed)
        run("--batch", "1")
    newest = fingerprint(NEW)
    under = [key_of(stored(each)) for each in made]
    assert [key.fingerprint == newest for key in under if key] == [
        *[True] * 3,
        *[False] * 2,
    ]

    assert "2 written anew, 3 were under the newest key." in run()
    settings.CREDENTIAL_KEYS = [NEW]
    assert all(Supplier.objects.get(pk=each.pk).credentials for each in made)


def test_a_secret_that_is_changed_all_the_time_is_told(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CREDENTIAL_KEYS = [OLD]
    make_supplier()
    settings.CREDENTIAL_KEYS = [NEW, OLD]
    monkeypatch.setattr(ColumnPlace, "swap", lambda *arguments: False)

    with pytest.raises(CommandError, match=r"extend-nord: changed all the time"):
        run()


def test_a_token_no_key_opens_is_taken_away_and_had_again(settings: Any) -> None:
    settings.CREDENTIAL_KEYS = [OLD]
    now = timezone.now()
    SupplierToken.objects.create(
        key="key", value="t-1", obtained_at=now, expires_at=now
    )
    settings.CREDENTIAL_KEYS = [NEW]

    assert "1 unreadable tokens taken away" in run()

    assert not SupplierToken.objects.exists()


# --- which key is in use ------------------------------------------------------------


def test_check_counts_by_fingerprint_and_writes_nothing(settings: Any) -> None:
    settings.CREDENTIAL_KEYS = [OLD]
    first = make_supplier()
    settings.CREDENTIAL_KEYS = [NEW, OLD, OTHER]
    make_supplier(slug="second")
    before = stored(first)

    told = run("--check")

    assert stored(first) == before
    assert (
        f"suppliers.Supplier.credentials: 1 under key {fingerprint(NEW)}, "
        f"1 under key {fingerprint(OLD)}\n" in told
    )
    assert f"Key 1 in CREDENTIAL_KEYS ({fingerprint(NEW)}): 1 stored." in told
    assert f"({fingerprint(OLD)}): 1 stored. Keep it until" in told
    assert f"({fingerprint(OTHER)}): 0 stored. It can be taken away" in told
    assert not [key for key in (OLD, NEW, OTHER) if key in told]


def test_check_fails_when_something_is_unreadable(settings: Any) -> None:
    settings.CREDENTIAL_KEYS = [OLD]
    make_supplier()
    settings.CREDENTIAL_KEYS = [NEW]
    output = StringIO()

    with pytest.raises(CommandError, match="supplier extend-nord: A stored secret"):
        call_command("rotate_credentials", "--check", stdout=output)

    assert "suppliers.Supplier.credentials: 1 unreadable\n" in output.getvalue()


def test_workers_page_shows_keys_and_what_no_key_opens(settings: Any) -> None:
    client = Client()
    operator = make_user("olle")
    operator.groups.add(Group.objects.get(name="Operator"))
    client.force_login(operator)
    settings.CREDENTIAL_KEYS = [OLD]
    make_supplier()
    settings.CREDENTIAL_KEYS = [NEW, OLD]
    page = client.get("/admin/coordination/heartbeat/").content.decode()
    assert fingerprint(OLD) in page
    assert "Still needed" in page
    assert "Unreadable" not in page

    settings.CREDENTIAL_KEYS = [NEW]
    page = client.get("/admin/coordination/heartbeat/").content.decode()

    assert fingerprint(OLD) not in page
    assert "Unreadable" in page
    assert NEW not in page


def test_readiness_tells_of_secrets_no_key_opens_and_names_nothing(
    settings: Any,
) -> None:
    settings.CREDENTIAL_KEYS = [OLD]
    make_supplier()
    installation.forget_unreadable_secrets()
    assert "credentials" not in cautions(Client().get("/readyz"))
    installation.forget_unreadable_secrets()
    settings.CREDENTIAL_KEYS = [NEW]

    answer = Client().get("/readyz")

    told = cautions(answer)["credentials"]
    assert told.startswith("Stored secrets that none of the keys in use opens: 1.")
    assert "extend-nord" not in answer.content.decode()
    installation.forget_unreadable_secrets()


def cautions(answer: Any) -> dict[str, str]:
    told = json.loads(answer.content)["cautions"]
    return {each["name"]: each["text"] for each in told}


def test_the_look_of_readiness_is_not_taken_at_each_call(
    django_assert_num_queries: Any,
) -> None:
    make_supplier()
    installation.forget_unreadable_secrets()
    assert installation.unreadable_secrets() == 0

    with django_assert_num_queries(0):
        assert installation.unreadable_secrets() == 0


def test_check_of_the_database_names_what_is_unreadable(settings: Any) -> None:
    settings.CREDENTIAL_KEYS = [OLD]
    make_supplier()
    settings.CREDENTIAL_KEYS = [NEW]

    found = run_checks(databases=["default"])

    assert [each.id for each in found if each.id.startswith("secrets.")] == [
        "secrets.W001"
    ]
    assert "extend-nord" in next(each.msg for each in found)


def test_check_without_a_database_asks_none(
    settings: Any, django_assert_num_queries: Any
) -> None:
    settings.CREDENTIAL_KEYS = [settings.SECRET_KEY]
    settings.METRICS_TOKEN = "short"

    with django_assert_num_queries(0):
        found = {each.id for each in run_checks()}

    assert {"secrets.W003", "secrets.W004"} <= found
    assert "secrets.W001" not in found


# --- keys ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        ([NEW, "short"], r"Key 2 of 2 in CREDENTIAL_KEYS is shorter than 32"),
        (["x" * 40], r"Key 1 of 1 .* few different characters"),
        ([NEW, OLD, NEW], r"Key 3 of 3 .* stands there twice"),
    ],
)
def test_a_key_that_will_not_do_is_named_by_its_place(
    texts: list[str], says: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=says) as refused:
        keys.checked(texts)

    assert not [text for text in texts if len(text) > 5 and text in str(refused.value)]


def test_make_key_prints_one_that_will_do() -> None:
    output = StringIO()
    call_command("make_key", stdout=output)
    call_command("make_key", stdout=output)

    first, second = output.getvalue().split()
    assert first != second
    assert keys.checked([first, second]) == [first, second]


def test_a_fingerprint_is_of_the_key_and_not_of_its_place() -> None:
    first, second = keys.read([OLD, NEW])

    assert first.fingerprint != second.fingerprint
    assert keys.read([NEW, OLD])[1].fingerprint == first.fingerprint
    assert OLD not in repr(first)
