"""The table as it stands in `docs/data.md`, with the defaults of the settings."""

from pathlib import Path

from django.conf import settings

from procurement.retention.table import KEPT, Kept

BEGIN = "<!-- made by `manage.py retention --page` -->\n"
END = "<!-- end -->\n"


def page() -> str:
    """Markdown, a line for each kind of record."""
    lines = [
        "| What | Table | Kept | Setting | What stays nevertheless |",
        "|---|---|---|---|---|",
        *map(_line, KEPT),
    ]
    return BEGIN + "\n".join(lines) + "\n" + END


def _line(kept: Kept) -> str:
    days = f"{_defaults()[kept.setting]} days" if kept.setting else ""
    time = days or kept.time_text
    setting = f"`{kept.setting}`" if kept.setting else ""
    table = kept.model._meta.db_table
    return f"| {kept.what} | `{table}` | {time} | {setting} | {kept.stays} |"


def _defaults() -> dict[str, str]:
    """What an installation has that sets nothing, so that the page is everybody's."""
    text = (Path(settings.BASE_DIR) / ".env.example").read_text()
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {name: value for name, value in pairs if not name.startswith("#")}
