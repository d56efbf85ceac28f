"""Errors reported to Sentry, or to what speaks as it does, where `SENTRY_DSN` is set.

Every line at ERROR or above becomes one report, so what is reported and what the log
says are the same. Of a report goes out: its text, the trace without the values of
variables, the ids of the work at hand. No request, no body, no header, no breadcrumbs.

Reports go out by a thread of their own from a short queue; while their host is away
they are dropped, and nobody waits.
"""

import re
from typing import Any

from procurement.logs.ids import ids
from procurement.masking import masked

MOST_QUEUED = 100
SHUTDOWN_SECONDS = 2
_ENVIRONMENT = re.compile(r"[^\w.-]+")
_UNTOLD = ("request", "user", "breadcrumbs", "extra", "modules", "contexts")


def start(dsn: str, *, environment: str, version: str, machine: str) -> None:
    """Report errors of this process, and of those it forks, from now on."""
    # Who reports nothing pays nothing: the library is loaded here alone.
    import sentry_sdk
    from sentry_sdk.integrations.atexit import AtexitIntegration
    from sentry_sdk.integrations.dedupe import DedupeIntegration
    from sentry_sdk.integrations.excepthook import ExcepthookIntegration
    from sentry_sdk.integrations.logging import LoggingIntegration
    from sentry_sdk.integrations.threading import ThreadingIntegration

    sentry_sdk.init(
        dsn=dsn,
        release=f"procurement@{version}",
        # Its own rules for names of environments.
        environment=_ENVIRONMENT.sub("-", environment).strip("-")[:64] or "production",
        server_name=machine,
        default_integrations=False,
        integrations=[
            LoggingIntegration(level=None, sentry_logs_level=None),
            ExcepthookIntegration(),
            ThreadingIntegration(propagate_scope=False),
            DedupeIntegration(),
            AtexitIntegration(callback=lambda pending, timeout: None),
        ],
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        auto_session_tracking=False,
        send_client_reports=False,
        max_breadcrumbs=0,
        shutdown_timeout=SHUTDOWN_SECONDS,
        transport_queue_size=MOST_QUEUED,
        before_send=_fit_to_go_out,
        before_breadcrumb=lambda crumb, hint: None,
    )


def _fit_to_go_out(event: Any, hint: Any) -> Any:
    for name in _UNTOLD:
        event.pop(name, None)
    if isinstance(event.get("logentry"), dict):
        event["logentry"].pop("params", None)
    # What the work is about is found by these; they are ours, and no secrets.
    known = {name: str(value) for name, value in ids().items()}
    event = masked(event)
    event["tags"] = {**masked(known), **(event.get("tags") or {})}
    return event
