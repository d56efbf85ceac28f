"""`manage.py update_texts`: bring the catalogues up to the texts in the code."""

from typing import Any

from django.core.management.base import BaseCommand

from procurement.languages import LANGUAGES, marked_texts, update_catalogue

SHOWN = 20


class Command(BaseCommand):
    help = "Collect the texts marked for translation and compile the catalogues."

    def handle(self, *args: Any, **options: Any) -> None:
        texts = marked_texts()
        for code in LANGUAGES:
            missing = update_catalogue(code, texts)
            self.stdout.write(
                f"{code}: {len(texts)} texts, {len(missing)} untranslated"
            )
            for text in missing[:SHOWN]:
                self.stdout.write(f"  {text}")
