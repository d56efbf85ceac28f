"""The texts that are marked for translation, and the catalogues that translate them.

Babel reads the marks, so that neither a machine nor CI needs GNU gettext for it. The
compiled catalogues are kept beside the others: an installation compiles nothing.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT: Path = settings.BASE_DIR
LOCALE = ROOT / "procurement" / "locale"
LANGUAGES = tuple(code for code, _ in settings.LANGUAGES if code != "en")
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
}
WIDTH = 88
NO_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
HEADER = """\
msgid ""
msgstr ""
"Language: {code}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
"""Without the moment of writing, so that a catalogue changes only with its texts."""


def catalogue_of(code: str) -> Path:
    return LOCALE / code / "LC_MESSAGES" / "django.po"


def read_catalogue(code: str) -> Catalog:
    with catalogue_of(code).open("rb") as source:
        return read_po(source, locale=code)


def marked_texts() -> Catalog:
    """Every marked text of the code and of the templates, with where it stands."""
    found = Catalog(charset="utf-8")
    for path, content in _sources():
        with BytesIO(content.encode()) as source:
            for _line, text, _comments, context in extract(
                "python", source, KEYWORDS, options={"encoding": "utf-8"}
            ):
                found.add(text, locations=[(str(path), None)], context=context)  # type: ignore[list-item]
    return found


def _sources() -> Iterator[tuple[Path, str]]:
    """Files by name; a template as the code its marks stand for."""
    for path in sorted((ROOT / "procurement").rglob("*.py")):
        if "migrations" not in path.parts:
            yield path.relative_to(ROOT), path.read_text()
    for folder in (ROOT / "templates", ROOT / "procurement"):
        # Pages and mails; what else ends with .txt has no marks.
        for path in sorted([*folder.rglob("*.html"), *folder.rglob("*.txt")]):
            name = path.relative_to(ROOT)
            code = templatize(path.read_text(), origin=str(name))
            # Its lines are indented as the page is, which is no code.
            yield name, "\n".join(line.lstrip() for line in code.splitlines())


def update_catalogue(code: str, texts: Catalog) -> list[str]:
    """Bring a catalogue up to the marked texts; return those not yet translated.

    What is translated stays, what is not marked any more goes. Nothing is guessed
    from texts that look alike.
    """
    catalogue = read_catalogue(code)
    catalogue.update(texts, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.creation_date = catalogue.revision_date = NO_MOMENT
    with catalogue_of(code).open("wb") as target:
        target.write(HEADER.format(code=code).encode())
        write_po(
            target,
            catalogue,
            width=WIDTH,
            no_location=True,
            sort_output=True,
            omit_header=True,
        )
    with catalogue_of(code).with_suffix(".mo").open("wb") as target:
        write_mo(target, catalogue)
    return untranslated(catalogue)


def untranslated(catalogue: Catalog) -> list[str]:
    def is_missing(message: Any) -> bool:
        strings = message.string
        return not all(strings if isinstance(strings, tuple) else (strings,))

    return [
        str(message.id) for message in catalogue if message.id and is_missing(message)
    ]
