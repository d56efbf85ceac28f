from django.contrib.auth.models import User
from django.test import Client

from procurement.access.models import ApiKey
from tests.admin.conftest import Browser, member
from tests.admin.pages import text_of
from tests.factories import make_user

KEYS = "/admin/access/apikey/"


def made(client: Client, **changes: object) -> str:
    """The page after the form; it shows the key."""
    posted = {
        "name": "Web shop",
        "user": make_user("robot").pk,
        "scopes": ["orders:read", "orders:write"],
        "expires_on": "2040-01-31",
        **changes,
    }
    return text_of(client.post(f"{KEYS}add/", posted))


def test_key_is_shown_once_and_works(browser: Browser) -> None:
    administrator = browser("admina", "Administrator")

    page = made(administrator)

    key = ApiKey.objects.get()
    secret = page.split('tabindex="0">')[1].split("<")[0]
    assert ApiKey.find(secret) == key
    assert key.scopes == ["orders:read", "orders:write"]
    assert key.expires_at is not None
    assert key.expires_at.isoformat().startswith("2040-01-31T23:59:59")
    for address in (KEYS, f"{KEYS}{key.pk}/change/"):
        shown = text_of(administrator.get(address))
        assert secret not in shown
        assert secret.partition(".")[2] not in shown


def test_key_needs_a_scope_that_exists(browser: Browser) -> None:
    administrator = browser("admina", "Administrator")

    made(administrator, scopes=[])
    made(administrator, scopes=["everything"])

    assert not ApiKey.objects.exists()


def test_key_of_a_superuser_is_made_by_a_superuser(
    browser: Browser, superuser: Client
) -> None:
    root = User.objects.get(is_superuser=True)

    made(browser("admina", "Administrator"), user=root.pk)
    assert not ApiKey.objects.exists()
    made(superuser, user=root.pk)
    assert ApiKey.objects.exists()


def test_revoking_is_a_post_of_whoever_may(browser: Browser) -> None:
    key, secret = ApiKey.make(name="x", user=make_user("robot"), scopes=[])
    address = f"{KEYS}{key.pk}/revoke/"

    assert browser("auditor", "Auditor").post(address).status_code == 403
    administrator = browser("admina", "Administrator")
    administrator.get(address)
    assert ApiKey.find(secret) == key
    administrator.post(address)
    assert ApiKey.find(secret) is None


def test_keys_are_neither_changed_nor_deleted(superuser: Client) -> None:
    key, _ = ApiKey.make(name="x", user=make_user("robot"), scopes=[])

    superuser.post(f"{KEYS}{key.pk}/change/", {"scopes": "orders:write"})
    superuser.post(f"{KEYS}{key.pk}/delete/", {"post": "yes"})

    key.refresh_from_db()
    assert key.scopes == []


def test_administrator_does_not_become_a_superuser(
    browser: Browser, superuser: Client
) -> None:
    administrator = browser("admina", "Administrator")
    root = User.objects.get(is_superuser=True)
    me = member("admina", "Administrator")

    administrator.post(f"/admin/auth/user/{me.pk}/change/", {"is_superuser": "on"})
    me.refresh_from_db()
    assert not me.is_superuser
    page = administrator.get(f"/admin/auth/user/{root.pk}/password/")
    assert page.status_code == 403


def test_side_bar_shows_what_the_user_may_use(browser: Browser) -> None:
    page = text_of(browser("buyer", "Buyer").get("/admin/"))

    assert "/admin/orders/purchaseorder/" in page
    assert "/admin/auth/user/" not in page
    assert KEYS not in page
    nobody = text_of(browser("nobody").get("/admin/"))
    assert "/admin/orders/purchaseorder/" not in nobody
