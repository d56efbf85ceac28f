"""Writes the board and the rules of alerts: `python deploy/observe/make.py`.

A board as JSON is long and alike; what is in it stands here.
"""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RUNBOOK = "docs/runbook.md#"
RATE = "[$__rate_interval]"

# --- the board --------------------------------------------------------------------

Panel = tuple[str, str, str, list[tuple[str, str]]]
"""Title, kind, unit, and queries with their legends."""

ROWS: list[tuple[str, list[Panel]]] = [
    (
        "The promise",
        [
            (
                "Accepted twice (has to be 0)",
                "stat",
                "short",
                [
                    ("procurement_accepted_twice_total", "accepted twice"),
                    ('procurement_order_events_total{kind="duplicate"}', "found twice"),
                ],
            ),
            (
                "Outcome unknown",
                "stat",
                "short",
                [
                    ("procurement_transmissions_unknown", "unknown"),
                ],
            ),
            (
                "Oldest unknown",
                "stat",
                "s",
                [
                    ("procurement_transmissions_unknown_oldest_age_seconds", "oldest"),
                ],
            ),
            (
                "Longest due, not gone out",
                "stat",
                "s",
                [
                    ("procurement_oldest_queued_seconds", "due for"),
                ],
            ),
            (
                "Open alarms",
                "timeseries",
                "short",
                [
                    ("sum by (kind) (procurement_alarms_open)", "{{kind}}"),
                ],
            ),
            (
                "Orders by status",
                "timeseries",
                "short",
                [
                    ("procurement_orders", "{{status}}"),
                ],
            ),
        ],
    ),
    (
        "Sending",
        [
            (
                "On its way",
                "timeseries",
                "short",
                [
                    ("procurement_transmissions", "{{state}}"),
                    ("procurement_transmissions_due", "due"),
                ],
            ),
            (
                "Tries a minute, by how they ended",
                "timeseries",
                "short",
                [
                    (
                        "60 * sum by (outcome) "
                        f"(rate(procurement_attempts_total{RATE}))",
                        "{{outcome}}",
                    ),
                ],
            ),
            (
                "What happens to orders, a minute",
                "timeseries",
                "short",
                [
                    (
                        "60 * sum by (kind) "
                        f"(rate(procurement_order_events_total{RATE}))",
                        "{{kind}}",
                    ),
                ],
            ),
        ],
    ),
    (
        "Suppliers",
        [
            (
                "Calls that did not go well, of all",
                "timeseries",
                "percentunit",
                [
                    (
                        "sum by (supplier) (rate(procurement_vendor_calls_total"
                        f'{{outcome=~"no_answer|server_error"}}{RATE})) / '
                        "sum by (supplier) "
                        f"(rate(procurement_vendor_calls_total{RATE}))",
                        "{{supplier}}",
                    ),
                ],
            ),
            (
                "Time of an answer, 95 of 100 below",
                "timeseries",
                "s",
                [
                    (
                        "histogram_quantile(0.95, sum by (vendor, operation, le) "
                        f"(rate(procurement_vendor_call_duration_seconds_bucket{RATE})))",
                        "{{vendor}} {{operation}}",
                    ),
                ],
            ),
            (
                "Nothing is sent to",
                "timeseries",
                "short",
                [
                    ("procurement_supplier_held == 1", "{{supplier}}"),
                ],
            ),
            (
                "Call budget left",
                "timeseries",
                "short",
                [
                    (
                        "procurement_supplier_budget_calls_left",
                        "{{supplier}} {{group}}",
                    ),
                ],
            ),
            (
                "Failures in a row",
                "timeseries",
                "short",
                [
                    ("procurement_supplier_failures_in_a_row > 0", "{{supplier}}"),
                ],
            ),
        ],
    ),
    (
        "Polling",
        [
            (
                "Last read to its end",
                "timeseries",
                "s",
                [
                    ("procurement_poll_age_seconds", "{{supplier}}"),
                ],
            ),
            (
                "Poll overdue",
                "timeseries",
                "s",
                [
                    ("procurement_poll_overdue_seconds", "{{supplier}}"),
                ],
            ),
            (
                "Webhooks of suppliers refused, an hour",
                "timeseries",
                "short",
                [
                    ("increase(procurement_hooks_refused_total[1h])", "{{supplier}}"),
                ],
            ),
        ],
    ),
    (
        "Workers and queue",
        [
            (
                "Clusters alive",
                "timeseries",
                "short",
                [
                    ("procurement_clusters", "{{cluster}}"),
                ],
            ),
            (
                "Last sign of life",
                "timeseries",
                "s",
                [
                    ("procurement_cluster_heartbeat_age_seconds", "{{cluster}}"),
                ],
            ),
            (
                "Clusters replaced, an hour",
                "timeseries",
                "short",
                [
                    (
                        "increase(procurement_worker_replacements_total[1h])",
                        "{{cluster}}",
                    ),
                ],
            ),
            (
                "Messages",
                "timeseries",
                "short",
                [
                    ("procurement_queue_messages", "{{cluster}}"),
                ],
            ),
            (
                "Oldest message",
                "timeseries",
                "s",
                [
                    ("procurement_queue_oldest_message_age_seconds", "{{cluster}}"),
                ],
            ),
            (
                "Jobs late",
                "timeseries",
                "s",
                [
                    ("procurement_job_late_seconds > 60", "{{name}}"),
                ],
            ),
            (
                "Background runs",
                "timeseries",
                "short",
                [
                    ("procurement_runs_in_work", "in work"),
                    (
                        "sum by (state) (increase(procurement_runs_ended_total[1h]))",
                        "{{state}}, an hour",
                    ),
                ],
            ),
        ],
    ),
    (
        "Web",
        [
            (
                "Requests a second",
                "timeseries",
                "reqps",
                [
                    (
                        f"sum by (route) (rate(procurement_http_requests_total{RATE}))",
                        "{{route}}",
                    ),
                ],
            ),
            (
                "Answered with 5xx",
                "timeseries",
                "reqps",
                [
                    (
                        "sum by (route, status) (rate(procurement_http_requests_total"
                        f'{{status=~"5.."}}{RATE}))',
                        "{{route}} {{status}}",
                    ),
                ],
            ),
            (
                "Time of an answer, 95 of 100 below",
                "timeseries",
                "s",
                [
                    (
                        "histogram_quantile(0.95, sum by (route, le) "
                        f"(rate(procurement_http_request_duration_seconds_bucket{RATE})))",
                        "{{route}}",
                    ),
                ],
            ),
        ],
    ),
    (
        "Webhooks to other systems",
        [
            (
                "Tries a minute",
                "timeseries",
                "short",
                [
                    (
                        "60 * sum by (outcome) "
                        f"(rate(procurement_webhook_attempts_total{RATE}))",
                        "{{outcome}}",
                    ),
                ],
            ),
            (
                "Waiting",
                "timeseries",
                "short",
                [
                    ("procurement_webhook_deliveries_waiting", "deliveries"),
                ],
            ),
            (
                "Oldest waiting",
                "timeseries",
                "s",
                [
                    ("procurement_webhook_oldest_waiting_age_seconds", "oldest"),
                ],
            ),
            (
                "Endpoints",
                "timeseries",
                "short",
                [
                    ("procurement_webhook_endpoints", "{{state}}"),
                ],
            ),
        ],
    ),
    (
        "The installation",
        [
            (
                "Version",
                "stat",
                "short",
                [
                    ("procurement_build_info", "{{version}}"),
                ],
            ),
            (
                "Migrations lacking",
                "stat",
                "short",
                [
                    ("procurement_migrations_unapplied", "lacking"),
                ],
            ),
            (
                "Credentials that can't be opened",
                "stat",
                "short",
                [
                    ("procurement_credentials_unreadable", "suppliers"),
                ],
            ),
            (
                "Clock off the database's",
                "stat",
                "s",
                [
                    ("procurement_clock_offset_seconds", "{{instance}}"),
                ],
            ),
            (
                "Database",
                "timeseries",
                "bytes",
                [
                    ("procurement_database_size_bytes", "size"),
                ],
            ),
            (
                "Disk free",
                "timeseries",
                "percentunit",
                [
                    (
                        "procurement_disk_free_bytes / procurement_disk_size_bytes",
                        "{{instance}}",
                    ),
                ],
            ),
            (
                "Cost of a scrape",
                "timeseries",
                "s",
                [
                    ("procurement_scrape_seconds", "{{instance}}"),
                ],
            ),
        ],
    ),
]
SOURCE = {"type": "prometheus", "uid": "${source}"}


def board() -> dict[str, Any]:
    panels: list[dict[str, Any]] = []
    y = 0
    for title, of_row in ROWS:
        panels.append(_row(len(panels) + 1, title, y))
        y += 1
        x = height = 0
        for panel in of_row:
            width, tall = (6, 4) if panel[1] == "stat" else (8, 8)
            if x + width > 24:
                x, y, height = 0, y + height, 0
            panels.append(_panel(len(panels) + 1, panel, x, y, width, tall))
            x, height = x + width, max(height, tall)
        y += height
    return {
        "title": "Procurement",
        "uid": "procurement",
        "tags": ["procurement"],
        "schemaVersion": 39,
        "timezone": "browser",
        "refresh": "1m",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [
                {
                    "name": "source",
                    "label": "Data source",
                    "type": "datasource",
                    "query": "prometheus",
                }
            ]
        },
        "panels": panels,
    }


def _row(number: int, title: str, y: int) -> dict[str, Any]:
    place = {"h": 1, "w": 24, "x": 0, "y": y}
    return {"id": number, "type": "row", "title": title, "gridPos": place, "panels": []}


def _panel(
    number: int, panel: Panel, x: int, y: int, width: int, height: int
) -> dict[str, Any]:
    title, kind, unit, queries = panel
    return {
        "id": number,
        "type": kind,
        "title": title,
        "datasource": SOURCE,
        "gridPos": {"h": height, "w": width, "x": x, "y": y},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "targets": [
            {
                "refId": chr(65 + n),
                "datasource": SOURCE,
                "expr": expr,
                "legendFormat": legend,
            }
            for n, (expr, legend) in enumerate(queries)
        ],
    }


# --- the rules --------------------------------------------------------------------

Rule = tuple[str, str, str, str, str, str, str]
"""Name, heading of the runbook, severity, for, expression, summary, description."""

KINDS = {
    "unknown": (
        "critical",
        "Nobody knows whether an order landed at {{ $labels.supplier }}",
        "It is never sent again by itself. A person has to find out.",
    ),
    "not_gone_out": (
        "critical",
        "Orders for {{ $labels.supplier }} do not go out",
        "They were asked to be sent and the supplier is not held.",
    ),
    "supplier_held": (
        "warning",
        "{{ $labels.supplier }} is held while orders wait for it",
        "It is paused, or its calls fail.",
    ),
    "supplier_unread": (
        "warning",
        "{{ $labels.supplier }} is not being read",
        "States of its orders are old.",
    ),
    "unconfirmed": (
        "info",
        "Orders at {{ $labels.supplier }} are not confirmed",
        "A buyer has to ask the supplier.",
    ),
    "promise_passed": (
        "info",
        "A promised day has passed at {{ $labels.supplier }}",
        "A buyer has to ask the supplier.",
    ),
    "request_passed": (
        "info",
        "A requested day has passed at {{ $labels.supplier }}",
        "Nothing was promised. A buyer has to ask the supplier.",
    ),
    "nobody_sends": (
        "info",
        "Approved orders for {{ $labels.supplier }} are not sent",
        "Somebody has to send them, or take them back.",
    ),
    "queue_stands": (
        "critical",
        "Due work is not taken up",
        "Suppliers are neither paused nor held. Look at the workers.",
    ),
    "messages_wait": (
        "critical",
        "Messages to the workers wait",
        "Nobody fetches them from the queue.",
    ),
    "scheduler_asleep": (
        "critical",
        "Recurring jobs are not being started",
        "No polling, no sweeping, no alarms by mail.",
    ),
    "job_late": ("warning", "A recurring job is late", "It missed more than one turn."),
    "worker_silent": (
        "warning",
        "A worker gives no sign of life",
        "Others may have taken over.",
    ),
}

RULES: list[Rule] = [
    (
        "figures_missing",
        "figures-missing-or-old",
        "critical",
        "5m",
        'absent(procurement_scrape_failed_parts) or up{job="procurement"} == 0',
        "There are no figures",
        "The web does not answer Prometheus: /metrics is "
        "unreachable, refuses the token, or its database hangs.",
    ),
    (
        "figures_incomplete",
        "figures-missing-or-old",
        "warning",
        "10m",
        "procurement_scrape_failed_parts > 0 or procurement_counted_age_seconds > 600",
        "Some figures lack or are old",
        "The log says which part could not be read.",
    ),
    (
        "placed_twice",
        "order-suspected-twice",
        "critical",
        "0m",
        "procurement_accepted_twice_total > procurement_accepted_twice_total offset 1h"
        ' or increase(procurement_order_events_total{kind="duplicate"}[1h]) > 0',
        "An order may stand twice at a supplier",
        "A supplier accepted it twice, or has it twice. Have all but one cancelled.",
    ),
    (
        "no_worker",
        "worker_silent",
        "critical",
        "2m",
        "min(procurement_heartbeat_age_seconds) > 300"
        " or absent(procurement_heartbeat_age_seconds)",
        "No worker lives",
        "Nothing is sent, polled or mailed. Start the workers.",
    ),
    (
        "workers_replaced",
        "worker-frozen-or-replaced",
        "warning",
        "0m",
        "sum by (cluster) (increase(procurement_worker_replacements_total[1h])) > 5",
        "Clusters of {{ $labels.cluster }} are replaced again and again",
        "They die, freeze or grow too large. The log says which and why.",
    ),
    (
        "job_failed",
        "recurring-job-fails",
        "warning",
        "30m",
        "procurement_job_failed == 1",
        "The job {{ $labels.name }} fails",
        "Its last runs ended with an error; the page of workers shows it.",
    ),
    (
        "supplier_errors",
        "supplier-answers-with-errors",
        "warning",
        "10m",
        "sum by (supplier) (rate(procurement_vendor_calls_total"
        '{outcome=~"no_answer|server_error"}[15m]))'
        " / sum by (supplier) (rate(procurement_vendor_calls_total[15m])) > 0.5",
        "More than half of the calls to {{ $labels.supplier }} fail",
        "It does not answer, or answers with errors of its own.",
    ),
    (
        "web_errors",
        "web-server-answers-5xx",
        "critical",
        "5m",
        'sum(rate(procurement_http_requests_total{status=~"5..",route!="readyz"}[5m]))'
        " / sum(rate(procurement_http_requests_total[5m])) > 0.05",
        "One request of twenty fails",
        "The log has each by its request_id.",
    ),
    (
        "web_slow",
        "pages-are-slow",
        "warning",
        "15m",
        "histogram_quantile(0.95, sum by (route, le) (rate("
        'procurement_http_request_duration_seconds_bucket{route!="api/events"}[10m])))'
        " > 5",
        "{{ $labels.route }} is slow",
        "One answer of twenty takes longer than 5 s.",
    ),
    (
        "webhooks_behind",
        "webhooks-backlog",
        "warning",
        "15m",
        "procurement_webhook_oldest_waiting_age_seconds > 3600",
        "Webhooks are an hour behind",
        "Receivers fail, or the couriers stand still.",
    ),
    (
        "migrations_lacking",
        "migrations-lacking",
        "critical",
        "10m",
        "procurement_migrations_unapplied > 0",
        "The database lacks migrations",
        "Run migrate with the code that is running.",
    ),
    (
        "credentials_unreadable",
        "credentials-unreadable",
        "critical",
        "5m",
        "procurement_credentials_unreadable > 0",
        "Stored credentials can't be opened",
        "A key is missing in CREDENTIAL_KEYS. Put it back.",
    ),
    (
        "clocks_apart",
        "clock-wrong",
        "warning",
        "5m",
        "abs(procurement_clock_offset_seconds) > 2",
        "The clocks of {{ $labels.instance }} and the database differ",
        "Claims go by both. Have them follow one time server.",
    ),
    (
        "disk_nearly_full",
        "disk-full",
        "warning",
        "10m",
        "procurement_disk_free_bytes / procurement_disk_size_bytes < 0.05",
        "The disk of {{ $labels.instance }} is nearly full",
        "Make room.",
    ),
]


def rules() -> str:
    """YAML by hand: quotes and order as people read them."""
    kinds: list[Rule] = [
        (
            kind,
            kind,
            severity,
            "0m",
            f'sum by (supplier) (procurement_alarms_open{{kind="{kind}"}}) > 0',
            summary,
            told,
        )
        for kind, (severity, summary, told) in KINDS.items()
    ]
    lines = [
        "# Written by deploy/observe/make.py; change it there.",
        "groups:",
        "  - name: procurement",
        "    rules:",
    ]
    for name, heading, severity, lasting, expr, summary, told in [*kinds, *RULES]:
        lines += [
            f"      - alert: Procurement{name.title().replace('_', '')}",
            f"        expr: {json.dumps(expr)}",
            f"        for: {lasting}",
            "        labels:",
            f"          severity: {severity}",
            "        annotations:",
            f"          summary: {json.dumps(summary)}",
            f"          description: {json.dumps(told)}",
            f"          runbook_url: {json.dumps(RUNBOOK + heading)}",
        ]
    return "\n".join(lines) + "\n"


def files() -> dict[str, str]:
    """The files by name, as they have to be."""
    text = json.dumps(board(), indent=1, ensure_ascii=False) + "\n"
    return {"board.json": text, "alerts.yaml": rules()}


if __name__ == "__main__":
    for name, text in files().items():
        (HERE / name).write_text(text)
