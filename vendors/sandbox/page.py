"""The sandbox's page for people: what it holds, and forms to make it misbehave.

Plain HTML: no script, nothing loaded, and all that came from outside is escaped.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from vendors.sandbox.faults import ANY, KINDS, WEBHOOK
from vendors.sandbox.lives import Turn
from vendors.sandbox.style import STYLE

MOST_ROWS = 50  # the newest; the state has them all
LONGEST_CELL = 120
HIDDEN = ("body",)  # members of a holding that are too long for a table
# Number fields of a fault: name, label, what stands in it.
DETAILS = (
    ("times", "Times", "1"),
    ("probability", "Probability", ""),
    ("seed", "Seed", ""),
    ("seconds", "Seconds", ""),
    ("retry_after", "Retry-After", ""),
    ("status", "Redirect status", ""),
)


@dataclass(frozen=True, slots=True)
class View:
    """All the page shows.

    Attributes:
        holdings: vendor -> title -> rows.
        choices: vendor -> endpoint -> faults that can befall it.
        notice: what was wrong with the form just sent, or nothing.
    """

    state: Mapping[str, Any]
    holdings: Mapping[str, Mapping[str, list[dict[str, Any]]]]
    choices: Mapping[str, Mapping[str, list[str]]]
    calls: list[dict[str, Any]]
    webhook_calls: list[dict[str, Any]]
    notice: str = ""


def render_page(view: View) -> str:
    state = view.state
    vendors = "".join(_vendor(view, code) for code in state["vendors"])
    links = "".join(
        f'<a href="#{escape(code)}">{escape(code)}</a>' for code in state["vendors"]
    )
    notice = f'<p class="notice">{escape(view.notice)}</p>' if view.notice else ""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Vendor sandbox</title>
<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>
<body><header><h1>Vendor sandbox</h1><nav>{links}<a href="#webhooks">webhooks</a>
<a href="#calls">calls</a><a href="#settings">settings</a></nav></header><main>{notice}
{_clock(state)}
{_faults(view)}
{vendors}
{_webhooks(view)}
<section id="calls"><h2>Latest calls</h2>{_calls(view.calls)}</section>
{_settings(state["settings"])}
</main></body></html>"""


def _clock(state: Mapping[str, Any]) -> str:
    now = state["now"].isoformat(sep=" ", timespec="seconds")
    return f"""<section class="bar"><span>It is <b>{escape(now)}</b> here.</span>
<form method="post" action="/_sandbox/advance"><label>Move the clock by
<input name="seconds" value="60" inputmode="numeric"> s</label>
<button>Advance</button></form>
<span>Answers held: <b>{state["held"]}</b></span>
{_button("release", "Release")} {_button("reset", "Start over", "danger")}</section>"""


def _faults(view: View) -> str:
    targets = "".join(
        _group(
            code, ((f"{code}/{name}", f"{code}: {_target(name)}") for name in endpoints)
        )
        for code, endpoints in view.choices.items()
    )
    kinds = "".join(
        _group(title, ((name, name) for name in names))
        for title, names in KINDS.items()
    )
    details = "".join(
        f'<label>{label} <input name="{name}" value="{value}"></label>'
        for name, label, value in DETAILS
    )
    return f"""<section id="faults"><h2>Faults</h2>
<form class="box" method="post" action="/_sandbox/faults">
<label>Call <select name="target">{targets}</select></label>
<label>Fault <select name="fault">{kinds}</select></label>
{details}<button>Put in force</button>
<p class="hint">Without a number of times it stands until it is lifted. A probability
is between 0 and 1; with a seed the same calls fail in every run.</p></form>
<h3>In force</h3>{_fault_table(view.state["faults"])}</section>"""


def _target(name: str) -> str:
    return {ANY: "any call", WEBHOOK: "its webhooks"}.get(name, name)


def _fault_table(faults: list[dict[str, Any]]) -> str:
    rows = (
        (
            *map(escape, (fault["vendor"], _target(fault["endpoint"]), fault["fault"])),
            escape(str(fault["times"] or "any number")),
            "always" if fault["probability"] is None else str(fault["probability"]),
            str(fault["happened"]),
            _button("faults/clear", "Lift", id=str(fault["id"])),
        )
        for fault in faults
    )
    titles = ("Vendor", "Call", "Fault", "Times", "Probability", "Happened", "")
    lift_all = _button("faults/clear", "Lift all") if faults else ""
    return _table(titles, rows) + lift_all


def _vendor(view: View, code: str) -> str:
    vendor = view.state["vendors"][code]
    counts = vendor["calls"]
    calls = " ".join(
        f'<span class="count">{escape(name)} <b>{count}</b></span>'
        for name, count in counts.items()
    )
    tables = "".join(
        f"<h3>{escape(title)} ({len(rows)})</h3>{_holding(rows)}"
        for title, rows in view.holdings[code].items()
    )
    addresses = dict.fromkeys((vendor["base_url"], vendor["login_url"]))
    shown = " ".join(f"<code>{escape(address)}</code>" for address in addresses)
    return f"""<section id="{escape(code)}"><h2>{escape(code)}</h2><p>{shown}</p>
<p>{calls or "No calls yet."}</p>{tables or "<p>It holds nothing yet.</p>"}
{_life(code) if vendor["has_states"] and view.holdings[code] else ""}</section>"""


def _holding(rows: list[dict[str, Any]]) -> str:
    names = [name for name in rows[0] if name not in HIDDEN]
    shown = ([_cell(row.get(name)) for name in names] for row in reversed(rows))
    newest = (cells for cells, _ in zip(shown, range(MOST_ROWS), strict=False))
    return _table([escape(name.replace("_", " ")) for name in names], newest)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        if all(isinstance(each, str) for each in value):
            value = ", ".join(value)
        else:
            value = str(len(value))
    elif isinstance(value, dict):
        value = ", ".join(f"{name}: {each}" for name, each in value.items())
    text = str(value)
    return escape(text if len(text) <= LONGEST_CELL else text[:LONGEST_CELL] + "…")


def _life(code: str) -> str:
    return f"""<form class="box" method="post" action="/_sandbox/life">
<input type="hidden" name="vendor" value="{escape(code)}">
<label>Order <input class="wide" name="order" required></label>
<label>Life <input name="life" list="lives-{escape(code)}" required></label>
<datalist id="lives-{escape(code)}">{_options(Turn)}</datalist>
<button>Give it this life</button></form>"""


def _webhooks(view: View) -> str:
    state = view.state
    triggers = {
        code: vendor["triggers"]
        for code, vendor in state["vendors"].items()
        if vendor["triggers"]
    }
    rows = (
        (
            *map(escape, (hook["vendor"], hook["url"], ", ".join(hook["triggers"]))),
            escape(hook["echo"]),
            _button("webhooks/clear", "Remove", id=str(hook["id"])),
        )
        for hook in state["webhooks"]
    )
    told = "".join(
        _group(code, ((name, name) for name in names))
        for code, names in triggers.items()
    )
    calls = (
        [
            _cell(call[name])
            for name in ("vendor", "actions", "state", "attempt", "status", "fault")
        ]
        + [f"<code>{escape(call['id'][:8])}</code>"]
        for call in reversed(view.webhook_calls[-MOST_ROWS:])
    )
    titles = ("Vendor", "Told", "State", "Attempt", "Answer", "Fault", "Id")
    return f"""<section id="webhooks"><h2>Webhooks out</h2>
<form class="box" method="post" action="/_sandbox/webhooks">
<label>Vendor <select name="vendor">{_options(triggers)}</select></label>
<label>Address <input class="wide" name="url" placeholder="http://127.0.0.1:8000/…"
required></label><label>Secret <input class="wide" type="password" name="secret"
autocomplete="off" required></label>
<label>Triggers <select name="triggers" multiple size="4">{told}</select></label>
<button>Set</button><p class="hint">Without a choice of triggers it is told of all.
Only addresses of this machine are called.</p></form>
{_table(("Vendor", "Address", "Triggers", "Echo", ""), rows)}
<h3>Calls made</h3>{_table(titles, calls)}</section>"""


def _calls(calls: list[dict[str, Any]]) -> str:
    rows = (
        (
            escape(call["at"][11:19]),
            *map(escape, (call["vendor"], call["endpoint"], call["method"])),
            f"<code>{_cell(call['path'])}</code>",
            escape(str(call["status"] or "none")),
            escape(call["fault"]),
        )
        for call in reversed(calls)
    )
    titles = ("At", "Vendor", "Call", "Method", "Path", "Answer", "Fault")
    return _table(titles, rows)


def _settings(settings: Mapping[str, Any]) -> str:
    rows = (
        (escape(name), f"<code>{escape(str(value))}</code>")
        for name, value in settings.items()
    )
    return f"""<section id="settings"><h2>Settings</h2>
<form class="box" method="post" action="/_sandbox/settings">
<label>Setting <select name="setting">{_options(settings)}</select></label>
<label>Value <input class="wide" name="value"></label><button>Change</button></form>
<details><summary>All settings</summary>{_table(("Setting", "Value"), rows)}</details>
</section>"""


def _table(titles: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Write a table of cells that are HTML already."""
    head = "".join(f"<th>{title}</th>" for title in titles)
    body = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows
    )
    if not body:
        return '<p class="hint">None.</p>'
    return f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>'


def _group(title: str, options: Iterable[tuple[str, str]]) -> str:
    inner = "".join(
        f'<option value="{escape(value)}">{escape(label)}</option>'
        for value, label in options
    )
    return f'<optgroup label="{escape(title)}">{inner}</optgroup>'


def _options(names: Iterable[str]) -> str:
    return "".join(f"<option>{escape(name)}</option>" for name in names)


def _button(action: str, label: str, style: str = "", **members: str) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in members.items()
    )
    return (
        f'<form method="post" action="/_sandbox/{action}">{hidden}'
        f'<button class="{style}">{escape(label)}</button></form>'
    )
