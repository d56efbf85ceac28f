"""Holding a vendor's published OpenAPI file against the mapping in use.

The file is the vendor's own word: where it and an inferred name disagree, the file
is right. Reads JSON, versions 2 (Swagger) and 3.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from vendors.contracts import Finding, Grade, Name, Vendor, Verdict

_METHODS = ("get", "put", "post", "delete", "patch")
_PLACE = re.compile(r"\{[^}]*\}")
_MOST_SIMILAR = 3


@dataclass
class Description:
    """What an OpenAPI file names: paths with their methods, members, enum values."""

    paths: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    enums: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    @classmethod
    def of(cls, document: Any) -> "Description":
        """Read a parsed file.

        Raises:
            ValueError: it is no OpenAPI file.
        """
        paths = document.get("paths") if isinstance(document, dict) else None
        if not isinstance(paths, dict):
            raise ValueError("It has no `paths`, so it is no OpenAPI file.")
        found = cls()
        base = document.get("basePath")
        prefix = base.rstrip("/") if isinstance(base, str) else ""
        for path, operations in paths.items():
            methods = operations if isinstance(operations, dict) else {}
            found.paths[_shape(prefix + str(path))] = [
                method.upper() for method in _METHODS if method in methods
            ]
        for name, entry in _walk(document):
            found._note(name, entry)
        return found

    def _note(self, name: str, entry: dict[str, Any]) -> None:
        properties = entry.get("properties")
        if isinstance(properties, dict):
            self.names.update(map(str, properties))
        if isinstance(entry.get("in"), str) and isinstance(entry.get("name"), str):
            self.names.add(entry["name"])
        words = entry.get("enum")
        if isinstance(words, list):
            texts = tuple(word for word in words if isinstance(word, str))
            self.enums.append((name, texts))


def compare(
    vendor: Vendor, mapping: Mapping[str, str], document: Any
) -> tuple[Finding, ...]:
    """Return what the file says about each name in use, differences first.

    Args:
        mapping: the names in effect, overrides of a supplier included.
        document: the parsed file.

    Raises:
        ValueError: it is no OpenAPI file.
    """
    description = Description.of(document)
    apart = (*(f"{kind}." for kind in vendor.word_kinds), *vendor.keys_of_ours)
    findings = [
        _judge(key, value, vendor.mapping.get(key), description)
        for key, value in sorted(mapping.items())
        if not key.startswith(apart)
    ]
    findings += _judge_words(vendor, mapping, description)
    rank = [Verdict.DIFFERS, Verdict.UNCLEAR, Verdict.ASK, Verdict.AS_ASSUMED]
    return tuple(sorted(findings, key=lambda finding: rank.index(finding.verdict)))


def _judge(
    key: str, value: str, name: Name | None, description: Description
) -> Finding:
    if value.startswith("/"):
        return _judge_path(key, value, description)
    wanted = value.split()
    if any(set(word.split(".")) <= description.names for word in wanted):
        return Finding(
            verdict=Verdict.AS_ASSUMED, text=f"{key}: {value} is in the file."
        )
    other_case = _in_other_case(wanted, description.names)
    if other_case:
        return Finding(
            verdict=Verdict.UNCLEAR,
            text=f"{key}: {value} is spelt {', '.join(other_case)} in the file. What "
            "is only read may stay; what is sent should be spelt so.",
            mapping_keys=(key,),
        )
    is_sure = name is not None and name.grade is Grade.DOCUMENTED
    similar = _similar(wanted, description.names)
    hint = f" Similar names: {', '.join(similar)}." if similar else ""
    return Finding(
        verdict=Verdict.UNCLEAR if is_sure else Verdict.DIFFERS,
        text=f"{key}: {value} is not in the file.{hint}",
        mapping_keys=(key,),
    )


def _judge_path(key: str, value: str, description: Description) -> Finding:
    shape = _shape(value)
    # The address of the API may or may not be part of the paths in the file.
    hits = [path for path in description.paths if _ends_alike(path, shape)]
    if hits:
        methods = ", ".join(description.paths[hits[0]])
        return Finding(
            verdict=Verdict.AS_ASSUMED,
            text=f"{key}: {value} is in the file ({methods or 'no method'}).",
        )
    similar = get_close_matches(shape, list(description.paths), _MOST_SIMILAR)
    hint = f" Similar paths: {', '.join(similar)}." if similar else ""
    return Finding(
        verdict=Verdict.DIFFERS,
        text=f"{key}: {value} is not in the file.{hint}",
        mapping_keys=(key,),
    )


def _judge_words(
    vendor: Vendor, mapping: Mapping[str, str], description: Description
) -> Iterator[Finding]:
    """Status words of the file that no table explains.

    Which enum belongs to which kind the file does not say: the one that shares most
    words with the table does.
    """
    for kind in vendor.word_kinds:
        known = {
            key.removeprefix(f"{kind}.").casefold()
            for key in mapping
            if key.startswith(f"{kind}.")
        }
        shared = [
            (len(known & {word.casefold() for word in words}), name, words)
            for name, words in description.enums
        ]
        best = max(shared, default=(0, "", ()), key=lambda entry: entry[0])
        if not best[0]:
            continue
        missing = [word for word in best[2] if word.casefold() not in known]
        keys = tuple(f"{kind}.{word}" for word in missing)
        yield Finding(
            verdict=Verdict.DIFFERS if missing else Verdict.AS_ASSUMED,
            text=(
                f"{kind}: the file has words that nobody has explained: "
                f"{', '.join(missing)}."
                if missing
                else f"{kind}: every word of {best[1] or 'the file'} is in the table."
            ),
            mapping_keys=keys,
        )


def _walk(document: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every object inside with the name it stands under."""
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting:
        name, entry = waiting.pop()
        if isinstance(entry, dict):
            yield name, entry
            waiting.extend((str(key), value) for key, value in entry.items())
        elif isinstance(entry, list):
            waiting.extend((name, value) for value in entry)


def _shape(path: str) -> str:
    """A path with its places made alike: what they are called says nothing."""
    return _PLACE.sub("{}", path.partition("?")[0]).rstrip("/")


def _ends_alike(one: str, other: str) -> bool:
    one, other = one.casefold(), other.casefold()
    return one == other or one.endswith(other) or other.endswith(one)


def _in_other_case(wanted: Sequence[str], names: set[str]) -> list[str]:
    folded = {word.casefold() for word in wanted}
    return sorted(name for name in names if name.casefold() in folded)


def _similar(wanted: Sequence[str], names: set[str]) -> list[str]:
    by_folded = {name.casefold(): name for name in sorted(names)}
    found = [
        by_folded[hit]
        for word in wanted
        for hit in get_close_matches(word.casefold(), by_folded, _MOST_SIMILAR)
    ]
    return list(dict.fromkeys(found))[:_MOST_SIMILAR]
