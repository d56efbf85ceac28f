"""The pages of the documentation, and what stands in them."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted(
    {
        *ROOT.glob("*.md"),
        ROOT / "vendors" / "README.md",
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "deploy").rglob("*.md"),
    }
)
SHELL = ("sh", "bash", "shell", "console")
_BLOCK = re.compile(r"^([ \t]*)```(\w*)[^\n]*\n(.*?)^\1```[ \t]*$", re.M | re.S)
_SPAN = re.compile(r"(?<!`)`([^`\n]+(?:\n[^`\n]+)?)`(?!`)")


@dataclass(frozen=True)
class Block:
    """One fenced block, without the indentation it stands in."""

    page: str
    number: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}-{self.number}"

    @property
    def commands(self) -> list[str]:
        """Its lines as a shell reads them: continued ones joined, no comments."""
        joined = re.sub(r"\\\n\s*", " ", self.text)
        bare = (re.sub(r"(^|\s)#.*$", "", line) for line in joined.splitlines())
        return [line.strip() for line in bare if line.strip()]


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@cache
def blocks() -> tuple[Block, ...]:
    return tuple(block for page in PAGES for block in blocks_of(page))


def blocks_of(page: Path) -> list[Block]:
    return [
        Block(name_of(page), number, language, textwrap.dedent(text))
        for number, (_, language, text) in enumerate(
            _BLOCK.findall(page.read_text()), start=1
        )
    ]


def shell_blocks() -> list[Block]:
    return [block for block in blocks() if block.language in SHELL]


def spans(page: Path) -> list[str]:
    """What stands between backticks, outside of blocks."""
    text = _BLOCK.sub("", page.read_text())
    return [" ".join(found.split()) for found in _SPAN.findall(text)]


def code(page: Path) -> Iterator[str]:
    """Everything on a page that is typed or read as it stands: spans, and lines."""
    yield from spans(page)
    for block in blocks_of(page):
        yield from block.commands


def prose(page: Path) -> str:
    """A page without its blocks and spans."""
    return _SPAN.sub("", _BLOCK.sub("", page.read_text()))


def section(page: Path, title: str) -> str:
    found = re.search(
        rf"^## {re.escape(title)}\n(.*?)(?=^##? |\Z)", page.read_text(), re.M | re.S
    )
    assert found, f"{name_of(page)}: there is no section {title!r}"
    return found[1]
