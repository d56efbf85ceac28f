"""Reads back what a PDF says, from the file alone."""

import base64
import re
import zlib
from dataclasses import dataclass

_OBJECT = re.compile(rb"(\d+) 0 obj\r?\n(.*?)endobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\n?endstream", re.DOTALL)
_SHOWN = re.compile(rb"/(\S+) [\d.]+ Tf|\(((?:\\.|[^()\\])*)\) Tj", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
Letters = dict[int, str]


@dataclass(frozen=True)
class Pdf:
    """The texts of each page, in the order they were drawn."""

    pages: list[list[str]]

    @property
    def text(self) -> str:
        return "\n".join(text for page in self.pages for text in page)

    @classmethod
    def read(cls, file: bytes) -> "Pdf":
        objects = {int(key): body for key, body in _OBJECT.findall(file)}
        letters = _letters(objects)
        pages = re.findall(rb"/Kids \[ ([^\]]*) \]", file)[0]
        return cls(
            [
                _texts(_stream(objects[_reference(objects[key], b"Contents")]), letters)
                for key in map(int, re.findall(rb"(\d+) 0 R", pages))
            ]
        )


def _reference(body: bytes, name: bytes) -> int:
    found = re.search(rb"/" + name + rb" (\d+) 0 R", body)
    assert found, (name, body[:200])
    return int(found[1])


def _stream(body: bytes) -> bytes:
    found = _STREAM.search(body)
    assert found
    data = found[1]
    if b"ASCII85Decode" in body:
        data = base64.a85decode(b"<~" + data.strip(), adobe=True)
    return zlib.decompress(data) if b"FlateDecode" in body else data


def _letters(objects: dict[int, bytes]) -> dict[str, Letters]:
    """For each font of the file, which letter its codes stand for."""
    found: dict[str, Letters] = {}
    for body in objects.values():
        name = re.search(rb"/Name /(\S+)", body)
        if name and b"/ToUnicode" in body:
            table = _stream(objects[_reference(body, b"ToUnicode")])
            found[name[1].decode()] = _codes(table)
    return found


def _codes(table: bytes) -> Letters:
    letters: Letters = {}
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for first, _, text in re.findall(
            rb"<(\w+)>\s*<(\w+)>\s*\[?\s*((?:<\w+>\s*)+)", block
        ):
            for offset, code in enumerate(re.findall(rb"<(\w+)>", text)):
                letter = bytes.fromhex(code.decode()).decode("utf-16-be")
                letters[int(first, 16) + offset] = letter
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for code, text in re.findall(rb"<(\w+)>\s*<(\w+)>", block):
            letters[int(code, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be")
    return letters


def _texts(content: bytes, letters: dict[str, Letters]) -> list[str]:
    texts, font = [], ""
    for name, shown in _SHOWN.findall(content):
        if name:
            font = name.decode()
        else:
            codes = letters.get(font, {})
            texts.append("".join(codes.get(each, "?") for each in _bytes(shown)))
    return texts


def _bytes(shown: bytes) -> bytes:
    return re.sub(
        rb"\\([0-7]{1,3}|.)",
        lambda found: (
            bytes([int(found[1], 8)])
            if found[1].isdigit()
            else _ESCAPES.get(found[1], found[1])
        ),
        shown,
        flags=re.DOTALL,
    )
