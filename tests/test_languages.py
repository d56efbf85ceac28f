"""The catalogues have every text there is, and say it with the same values in it."""

import re
from collections import Counter
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from django.utils import translation

from procurement.languages import (
    LANGUAGES,
    catalogue_of,
    marked_texts,
    read_catalogue,
    untranslated,
)
from procurement.orders.states import Status

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd%]|\{\w*\}")
ENTITY = re.compile(r"</?[a-z]+[^>]*>|&\w+;")


@pytest.fixture(scope="module")
def marked() -> Catalog:
    return marked_texts()


def keys(catalogue: Catalog) -> set[Any]:
    return {(message.id, message.context) for message in catalogue if message.id}


@pytest.mark.parametrize("code", LANGUAGES)
def test_catalogue_has_the_texts_of_the_code_and_no_others(
    code: str, marked: Catalog
) -> None:
    """`manage.py update_texts` brings it there; what is new has to be translated."""
    catalogue = read_catalogue(code)

    assert keys(catalogue) == keys(marked)
    assert untranslated(catalogue) == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_translation_has_the_values_of_its_text(code: str) -> None:
    for message in read_catalogue(code):
        texts = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = (
            message.string if isinstance(message.string, tuple) else (message.string,)
        )
        for text, string in zip(texts, strings, strict=True):
            for what in (PLACEHOLDER, ENTITY):
                wanted = Counter(found[0] for found in what.finditer(text))
                assert wanted == Counter(found[0] for found in what.finditer(string)), (
                    text
                )


@pytest.mark.parametrize("code", LANGUAGES)
def test_compiled_catalogue_is_the_one_people_edit(code: str) -> None:
    with catalogue_of(code).with_suffix(".mo").open("rb") as compiled:
        said = {_first(message.id): message.string for message in read_mo(compiled)}

    for message in read_catalogue(code):
        if message.id:
            assert list(said[_first(message.id)]) == list(message.string)


def _first(text: Any) -> str:
    """The singular, where there are two forms."""
    first: str = text if isinstance(text, str) else text[0]
    return first


def test_states_are_told_in_each_language() -> None:
    said = {}
    for code in ("en", *LANGUAGES):
        with translation.override(code):
            said[code] = str(Status.DELIVERED.label)

    assert said == {
        "en": "Delivered",
        "sv": "Levererad",
        "nb": "Levert",
        "da": "Leveret",
    }
