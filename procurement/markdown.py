"""The part of Markdown that our own guides are written in, as HTML.

For files of the program alone: everything is escaped, and whatever is not known here
stays as it was typed.
"""

import re
import textwrap
from collections.abc import Callable

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_ITEM = re.compile(r"(-|\d+\.) +")
_INDENTED = re.compile(r" {2,}")

Links = Callable[[str], str]
"""Where a link of the file leads on the page; empty: it is shown as words alone."""


def anchor(heading: str) -> str:
    """The anchor of a heading, as the usual hosts of repositories make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def to_html(text: str, links: Links) -> SafeString:
    """Headings, paragraphs, lists within lists, tables and blocks of code."""
    return mark_safe(_blocks(text.splitlines(), links))  # noqa: S308 - escaped below


def _blocks(lines: list[str], links: Links) -> str:
    made: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            at += 1
            continue
        if line.startswith("```"):
            end = _end(lines, at + 1, lambda each: not each.startswith("```"))
            code = escape("\n".join(lines[at + 1 : end]))
            made.append(f"<pre><code>{code}</code></pre>")
            at = end + 1
        elif line.startswith("#"):
            made.append(_heading(line, links))
            at += 1
        elif line.startswith("|"):
            end = _end(lines, at, lambda each: each.startswith("|"))
            made.append(_table(lines[at:end], links))
            at = end
        elif _ITEM.match(line):
            end = _end(lines, at, _belongs_to_list)
            made.append(_list(lines[at:end], links))
            at = end
        else:
            end = _end(lines, at, _belongs_to_paragraph)
            made.append(f"<p>{_inline(' '.join(lines[at:end]), links)}</p>")
            at = end
    return "\n".join(made)


def _end(lines: list[str], start: int, goes_on: Callable[[str], object]) -> int:
    at = start
    while at < len(lines) and goes_on(lines[at]):
        at += 1
    return at


def _belongs_to_list(line: str) -> bool:
    return not line.strip() or bool(_ITEM.match(line) or _INDENTED.match(line))


def _belongs_to_paragraph(line: str) -> bool:
    return bool(line.strip()) and not re.match(r"```|#|\||(-|\d+\.) ", line)


def _heading(line: str, links: Links) -> str:
    marks, _, title = line.partition(" ")
    level = min(len(marks) + 1, 6)
    return f'<h{level} id="{anchor(title)}">{_inline(title, links)}</h{level}>'


def _table(rows: list[str], links: Links) -> str:
    cells = [[each.strip() for each in row.strip("|").split("|")] for row in rows]
    head = "".join(f'<th scope="col">{_inline(cell, links)}</th>' for cell in cells[0])
    body = "".join(
        f"<tr>{''.join(f'<td>{_inline(cell, links)}</td>' for cell in row)}</tr>"
        for row in cells[2:]
    )
    return (
        f'<table class="table"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _list(lines: list[str], links: Links) -> str:
    items: list[list[str]] = []
    for line in lines:
        if found := _ITEM.match(line):
            items.append([line[found.end() :]])
        else:
            items[-1].append(line)
    kind = "ul" if lines[0].startswith("-") else "ol"
    return f"<{kind}>{''.join(_item(item, links) for item in items)}</{kind}>"


def _item(lines: list[str], links: Links) -> str:
    """Its words, and whatever stands in it after a list, a block or an empty line."""
    inner = textwrap.dedent("\n".join(lines[1:])).splitlines()
    words = _end(inner, 0, _belongs_to_paragraph)
    text = _inline(" ".join([lines[0], *inner[:words]]), links)
    return f"<li>{text}{_blocks(inner[words:], links)}</li>"


def _inline(text: str, links: Links) -> str:
    kept: list[str] = []

    def keep(html: str) -> str:
        kept.append(html)
        return f"\0{len(kept) - 1}\0"

    def link(found: re.Match[str]) -> str:
        target = links(found[2])
        if not target:
            return found[1]
        return keep(f'<a href="{escape(target)}">') + found[1] + keep("</a>")

    text = re.sub(r"`([^`]+)`", lambda m: keep(f"<code>{escape(m[1])}</code>"), text)
    text = re.sub(r"\[([^\]]+)\]\(([^)\s]+)\)", link, text)
    text = str(escape(text))
    text = re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", text)
    text = re.sub(r"\*([^*]+)\*", r"<i>\1</i>", text)
    while "\0" in text:
        text = re.sub(r"\0(\d+)\0", lambda m: kept[int(m[1])], text)
    return text
