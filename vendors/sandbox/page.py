"""The sandbox's page for people: what it holds, and buttons to make it misbehave."""

from collections.abc import Iterable
from html import escape
from typing import Any

from vendors.sandbox.faults import ANY, NAMES

MOST_ORDERS = 50  # the newest; the state has them all
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem;
       padding: 0 1rem; color: #1c2430; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid #d9dee6; }
form { display: inline; } button, select, input { font: inherit; }
input { width: 5rem; } code { background: #f0f2f6; padding: 0 .25rem; }
"""


def render_page(state: dict[str, Any]) -> str:
    """Write the page; everything that came from outside is escaped."""
    vendors = "".join(
        _vendor_section(code, vendor) for code, vendor in state["vendors"].items()
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Vendor sandbox</title>
<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>
<body><h1>Vendor sandbox</h1>
<p>It is <code>{escape(state["now"].isoformat())}</code> here. Answers held:
{state["held"]}.
{_button("release", "Release held answers")} {_button("reset", "Start over")}</p>
<form method="post" action="/_sandbox/advance"><label>Move the clock by
<input name="seconds" value="60" inputmode="numeric"> s</label>
<button>Advance</button></form>
<h2>Faults in force</h2>{_fault_table(state["faults"])}
<h2>Settings</h2>{_table(("Setting", "Value"), _texts(state["settings"].items()))}
{vendors}</body></html>"""


def _vendor_section(code: str, vendor: dict[str, Any]) -> str:
    orders = _texts(
        (
            order["number"],
            order["reference"],
            "test" if order["is_test"] else "real",
            order["status"],
            f"{order['total']} {order['currency']}",
            order["placed_at"],
        )
        for order in reversed(vendor["orders"][-MOST_ORDERS:])
    )
    titles = ("Number", "Reference", "Mode", "Status", "Total", "Placed at")
    return f"""<h2>{escape(code)} <code>{escape(vendor["base_url"])}</code></h2>
<form method="post" action="/_sandbox/faults">
<input type="hidden" name="vendor" value="{escape(code)}">
<label>Call <select name="endpoint">{_options([ANY, *vendor["endpoints"]])}</select>
</label>
<label>Fault <select name="fault">{_options(NAMES)}</select></label>
<label>Times <input name="times" value="1" inputmode="numeric"></label>
<button>Put in force</button></form>
{_table(("Call", "Count"), _texts(vendor["calls"].items()))}
{_table(titles, orders)}"""


def _fault_table(faults: list[dict[str, Any]]) -> str:
    rows = (
        (
            *map(escape, (fault["vendor"], fault["endpoint"], fault["fault"])),
            escape(str(fault["times"] or "any number")),
            str(fault["happened"]),
            _button("faults/clear", "Lift", id=str(fault["id"])),
        )
        for fault in faults
    )
    return _table(("Vendor", "Call", "Fault", "Times", "Happened", ""), rows)


def _texts(rows: Iterable[Iterable[Any]]) -> Iterable[Iterable[str]]:
    return ([escape(str(cell)) for cell in row] for row in rows)


def _table(titles: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Write a table of cells that are HTML already."""
    head = "".join(f"<th>{title}</th>" for title in titles)
    body = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>" if body else "<p>None.</p>"


def _options(names: Iterable[str]) -> str:
    return "".join(f"<option>{escape(name)}</option>" for name in names)


def _button(action: str, label: str, **members: str) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in members.items()
    )
    return (
        f'<form method="post" action="/_sandbox/{action}">{hidden}'
        f"<button>{escape(label)}</button></form>"
    )
