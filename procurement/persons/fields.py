"""One table: what each text in the database may say of a person.

A test fails for a field that is not in it, so a new one is thought about once.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models


class Holds(StrEnum):
    """What stands in a field, and so what becomes of it when a customer is erased."""

    PERSONAL = "personal"
    """Who somebody is or where. Emptied in the customer's rows, left in others'."""
    FREE = "free"
    """Written by people, vendors or the program, of whatever. In the customer's rows
    and in all others what names the customer is taken out."""
    CONTENT = "content"
    """What was decided on, or sent, or bought. What is personal goes from that of the
    customer; that of others is left alone, since an approval may be bound to it."""
    BODY = "body"
    """What was sent and answered. Emptied in the customer's rows; in others what names
    the customer is taken out."""
    FILE = "file"
    """Bytes of a file somebody brought. Emptied if it names the customer."""
    STAFF = "staff"
    """Names of our own people. They say who did what, and stay."""
    BUSINESS = "business"
    """Of suppliers, shops and what they sell."""
    PLAIN = "plain"
    """Numbers, words of the program, hashes."""
    SECRET = "secret"  # noqa: S105
    """Never handed out."""


_TABLE: dict[str, dict[Holds, str]] = {
    "admin.LogEntry": {
        Holds.FREE: "object_repr change_message",
        Holds.PLAIN: "object_id",
    },
    "auth.Permission": {Holds.PLAIN: "name codename"},
    "auth.Group": {Holds.PLAIN: "name"},
    "auth.User": {
        Holds.STAFF: "username first_name last_name email",
        Holds.SECRET: "password",
    },
    "contenttypes.ContentType": {Holds.PLAIN: "app_label model"},
    "sessions.Session": {Holds.SECRET: "session_key session_data"},
    "django_q.Task": {
        Holds.PLAIN: "id name func hook args kwargs result group cluster"
    },
    "django_q.Schedule": {
        Holds.PLAIN: "name func hook args kwargs schedule_type cron task cluster "
        "intended_date_kwarg"
    },
    "django_q.OrmQ": {Holds.PLAIN: "key payload"},
    "coordination.Lease": {Holds.PLAIN: "name holder"},
    "coordination.Heartbeat": {Holds.PLAIN: "worker"},
    "coordination.JobRun": {Holds.PLAIN: "name holder", Holds.FREE: "last_error"},
    "access.ApiKey": {
        Holds.PLAIN: "name prefix scopes networks refused_why last_used_from "
        "refused_from",
        Holds.SECRET: "secret_hash",
    },
    "access.KeyEvent": {Holds.PLAIN: "kind data"},
    "access.IdempotencyRecord": {
        Holds.PLAIN: "source key body_hash holder",
        Holds.FREE: "path body",
    },
    "preferences.UserPreference": {Holds.STAFF: "language time_zone"},
    "runs.Run": {
        Holds.PLAIN: "kind token state file_type",
        Holds.FREE: "title parameters text cursor file_name",
    },
    "runs.RunItem": {
        Holds.PLAIN: "subject state",
        Holds.FREE: "label parameters text",
    },
    "runs.RunFilePart": {Holds.FILE: "content"},
    "lists.SavedView": {Holds.PLAIN: "list_name", Holds.FREE: "name query"},
    "lists.DefaultView": {Holds.PLAIN: "list_name"},
    "suppliers.Supplier": {
        Holds.BUSINESS: "slug name vendor mode base_url auth_url options mapping "
        "currency language",
        Holds.FREE: "pause_reason",
        Holds.SECRET: "credentials",
    },
    "suppliers.SupplierHealth": {
        Holds.PLAIN: "last_failure_kind breaker",
        Holds.FREE: "last_failure_text",
    },
    "suppliers.CallBudget": {Holds.PLAIN: "group", Holds.FREE: "closed_why"},
    "suppliers.SupplierEvent": {Holds.PLAIN: "kind", Holds.FREE: "text data"},
    "suppliers.SupplierItem": {
        Holds.BUSINESS: "item_number brand mpn gtin description unit"
    },
    "suppliers.UnknownWord": {Holds.PLAIN: "subject", Holds.FREE: "key"},
    "suppliers.SupplierToken": {Holds.PLAIN: "key", Holds.SECRET: "value"},
    "suppliers.Exchange": {
        Holds.PLAIN: "subject purpose method",
        Holds.FREE: "url request_headers response_headers error",
        Holds.BODY: "request_body response_body",
    },
    "transmissions.Transmission": {
        Holds.PLAIN: "operation subject reference content_hash state number kind",
        Holds.CONTENT: "request",
        Holds.FREE: "text vendor_text evidence",
    },
    "transmissions.Attempt": {
        Holds.PLAIN: "reference worker outcome kind",
        Holds.CONTENT: "request",
        Holds.FREE: "before text vendor_text",
    },
    "customers.Customer": {
        Holds.PERSONAL: "name street street_number entrance zip_code city "
        "organization_number email phone external_reference",
        Holds.PLAIN: "country_code",
    },
    "customers.CustomerLink": {
        Holds.PERSONAL: "number",
        Holds.PLAIN: "subject state linked_by",
        Holds.FREE: "attention",
    },
    "customers.CustomerEvent": {
        Holds.PLAIN: "kind",
        Holds.STAFF: "actor_name",
        Holds.FREE: "text data",
    },
    "shops.Shop": {
        Holds.BUSINESS: "slug name legal_name organization_number email phone street "
        "street_number entrance zip_code city country_code"
    },
    "shops.ShopRegistration": {
        Holds.PLAIN: "subject state push_state vendor_id",
        Holds.BUSINESS: "details last_accepted",
        Holds.FREE: "attention",
    },
    "shops.ShopEvent": {
        Holds.PLAIN: "kind",
        Holds.STAFF: "actor_name",
        Holds.FREE: "text data",
    },
    "logins.LoginAttempt": {
        Holds.SECRET: "state_hash session_hash code_verifier",
        Holds.PLAIN: "redirect_uri outcome",
        Holds.FREE: "address text",
    },
    "logins.CustomerLoginToken": {
        Holds.SECRET: "access_token refresh_token",
        Holds.PLAIN: "state scope",
        Holds.FREE: "address last_error",
    },
    "logins.LoginEvent": {
        Holds.PLAIN: "kind",
        Holds.STAFF: "actor_name",
        Holds.FREE: "text data",
    },
    "reach.Reach": {Holds.STAFF: "orders"},
    "orders.PurchaseOrder": {
        Holds.PERSONAL: "delivery_name delivery_street delivery_street_number "
        "delivery_entrance delivery_zip_code delivery_city note",
        Holds.PLAIN: "number source external_reference currency delivery_country_code "
        "approval asked_hash approved_hash transmission fulfilment "
        "supplier_order_number supplier_status supplier_fingerprint payment_status "
        "headline",
        Holds.FREE: "attention supplier_charges",
    },
    "orders.OrderLine": {
        Holds.PLAIN: "unit fulfilment supplier_status item_number brand",
        Holds.CONTENT: "description",
    },
    "orders.OrderEvent": {
        Holds.PLAIN: "kind status",
        Holds.STAFF: "actor_name",
        Holds.FREE: "text data",
    },
    "approvals.ApprovalRule": {
        Holds.PLAIN: "currency send_on_approval",
        Holds.FREE: "name",
    },
    "approvals.ApprovalLevel": {Holds.FREE: "name"},
    "approvals.AutoApproval": {
        Holds.PLAIN: "currency send_on_approval",
        Holds.FREE: "name",
    },
    "approvals.StandIn": {Holds.FREE: "reason"},
    "approvals.ApprovalStep": {
        Holds.PLAIN: "send_on_approval state content_hash",
        Holds.FREE: "name rule_name comment",
    },
    "approvals.ApprovalLink": {Holds.SECRET: "token_hash", Holds.PLAIN: "content_hash"},
    "approvals.ApprovalDecision": {
        Holds.PLAIN: "decision content_hash",
        Holds.CONTENT: "content",
        Holds.FREE: "comment rule_name",
    },
    "fulfilment.Shipment": {
        Holds.PLAIN: "number forwarder document",
        Holds.FREE: "evidence",
    },
    "fulfilment.Package": {Holds.PLAIN: "number"},
    "fulfilment.GoodsReceipt": {Holds.PLAIN: "document", Holds.FREE: "note"},
    "fulfilment.SupplierInvoice": {Holds.PLAIN: "number", Holds.FREE: "evidence"},
    "fulfilment.StepImport": {
        Holds.PLAIN: "sha256",
        Holds.FREE: "name result",
        Holds.FILE: "content",
    },
    "fulfilment.ImportedStep": {Holds.PLAIN: "fingerprint"},
    "fulfilment.PollState": {Holds.FREE: "last_error"},
    "inbound.WebhookDelivery": {
        Holds.PLAIN: "delivery_id state actions",
        Holds.FREE: "notifications body text",
    },
    "inbound.DueRead": {Holds.PLAIN: "topic number", Holds.FREE: "text"},
    "catalogue.PriceFile": {
        Holds.PLAIN: "sha256 state reasons figures",
        Holds.FREE: "name text evidence",
    },
    "catalogue.PriceFilePart": {Holds.BUSINESS: "content"},
    "catalogue.StagedRow": {
        Holds.BUSINESS: "item_number brand mpn gtin description currency warning"
    },
    "catalogue.PriceFileFault": {Holds.BUSINESS: "text"},
    "catalogue.ItemOffer": {
        Holds.BUSINESS: "currency price_breaks stock_by_kind source warning"
    },
    "catalogue.CatalogueState": {Holds.FREE: "last_error"},
    "catalogue.OrderCheck": {
        Holds.PLAIN: "content_hash currency",
        Holds.CONTENT: "lines",
    },
    "imports.OrderImport": {
        Holds.PLAIN: "sha256 state",
        Holds.FREE: "name trouble findings",
        Holds.FILE: "content",
    },
    "imports.ItemImport": {
        Holds.PLAIN: "sha256 state",
        Holds.FREE: "name trouble findings",
        Holds.FILE: "content",
    },
    "imports.ImportedItem": {Holds.PLAIN: "how"},
    "webhooks.Endpoint": {
        Holds.PLAIN: "system url types cursor",
        Holds.FREE: "description disabled_reason",
        Holds.SECRET: "secret old_secret",
    },
    "webhooks.Delivery": {
        Holds.PLAIN: "message_id type state",
        Holds.FREE: "body text",
    },
    "webhooks.DeliveryAttempt": {Holds.FREE: "text excerpt"},
    "documents.CalendarFeed": {Holds.SECRET: "secret_hash", Holds.PLAIN: "narrowing"},
    "documents.ExportFetch": {Holds.FREE: "file_name parameters"},
    "alarms.Alarm": {Holds.PLAIN: "kind", Holds.FREE: "sample text comment"},
    "alarms.AlarmRule": {Holds.PLAIN: "kind unit", Holds.FREE: "reason"},
    "notices.Notice": {Holds.PLAIN: "kind occasion mail", Holds.FREE: "detail data"},
    "notices.NoticeWishes": {Holds.STAFF: "choices"},
    "troubles.TroubleOwner": {Holds.FREE: "note"},
    "transmissions.AskFirst": {Holds.PLAIN: "operation subject reason"},
    # Names of our own people and of what they did. It is evidence, and never rewritten;
    # it goes as a whole when its time is over.
    "audit.Entry": {
        Holds.STAFF: "actor_name address subject details",
        Holds.PLAIN: "kind outcome door subject_type subject_id",
    },
    "account.EmailAddress": {Holds.STAFF: "email"},
    "account.EmailConfirmation": {Holds.SECRET: "key"},
    "mfa.Authenticator": {Holds.PLAIN: "type", Holds.SECRET: "data"},
    "socialaccount.SocialApp": {
        Holds.PLAIN: "provider provider_id name client_id settings",
        Holds.SECRET: "secret key",
    },
    "socialaccount.SocialAccount": {
        Holds.PLAIN: "provider",
        Holds.STAFF: "uid extra_data",
    },
    "socialaccount.SocialToken": {Holds.SECRET: "token token_secret"},
    "accounts.LoginSession": {
        Holds.STAFF: "address agent",
        Holds.PLAIN: "means",
        Holds.SECRET: "session_key",
    },
    "accounts.FailedLogins": {Holds.PLAIN: "subject"},
    "accounts.BreakGlassUse": {Holds.STAFF: "address agent reason"},
    "accounts.AccountEvent": {Holds.PLAIN: "kind", Holds.STAFF: "reason data"},
    "figures.Total": {Holds.PLAIN: "series labels"},
    "figures.Mark": {Holds.PLAIN: "name open_rows"},
    "persons.Erasure": {
        Holds.SECRET: "sought",
        Holds.STAFF: "asked_by_name",
        Holds.PLAIN: "cursor changed remark",
        Holds.FREE: "reason",
    },
}
TEXTLESS = (
    models.IntegerField,
    models.BooleanField,
    models.DateField,
    models.DecimalField,
    models.FloatField,
    models.DurationField,
    models.TimeField,
    models.UUIDField,
    models.ForeignKey,
)
"""Fields of these kinds hold no words."""


@cache
def classes() -> Mapping[str, Mapping[str, Holds]]:
    """The label of each model to what its text fields hold, by name."""
    return {
        label: {name: holds for holds, names in each.items() for name in names.split()}
        for label, each in _TABLE.items()
    }


def class_of(model: type[models.Model], name: str) -> Holds:
    """What a text field holds; free text where nobody has said so yet."""
    return classes().get(model._meta.label, {}).get(name, Holds.FREE)


def text_fields(model: type[models.Model]) -> list[Any]:
    """The model's own columns that may hold words."""
    return [
        field
        for field in model._meta.local_concrete_fields
        if not isinstance(field, TEXTLESS)
    ]


def fields_holding(model: type[models.Model], *holds: Holds) -> list[Any]:
    return [
        field
        for field in text_fields(model)
        if class_of(model, field.name) in holds
        and not isinstance(field, models.GeneratedField)
    ]


def all_models() -> list[type[models.Model]]:
    """Every model with a table of its own, proxies left out."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.proxy
    ]
