"""What changed from one description to another, and whether programs break of it.

The rules stand in `docs/api/versions.md` and, in a few words, with every finding. What
goes in may only become wider, what comes out only narrower or more; names that
generated programs use stay.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Schema = Mapping[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
GROWS = {"maxLength", "maxItems", "maximum"}
"""Limits that an input may only raise."""
SHRINKS = {"minLength", "minItems", "minimum"}
"""Limits that an input may only lower."""
SAYS_ONLY = {
    *("description", "title", "example", "examples", "summary", "default"),
    *("x-enum-descriptions", "readOnly", "writeOnly", "deprecated"),
}
"""What only explains: no program goes by it."""


@dataclass
class Changes:
    """Findings as sentences: what breaks programs, and what does not."""

    breaking: list[str] = field(default_factory=list)
    harmless: list[str] = field(default_factory=list)

    def breaks(self, where: str, what: str, rule: str) -> None:
        self.breaking.append(f"{where}: {what}. {rule}")

    def adds(self, where: str, what: str) -> None:
        self.harmless.append(f"{where}: {what}.")


class Rule:
    """Why something breaks programs, in the words of `versions.md`."""

    CALLS_STAY = "Calls stay; one that goes is deprecated first."
    NAMES_STAY = "Names that generated programs use stay."
    INPUT_WIDENS = "What a call takes may only become more."
    NOTHING_NEW_DEMANDED = "Nothing new may be demanded."
    ANSWERS_STAY = "What an answer has stays, with its type."
    RIGHTS_STAY = "A key that was enough stays enough."


def compare(old: Schema, new: Schema) -> Changes:
    """What changed between two descriptions of the API."""
    return _Comparison(old, new).run()


class _Comparison:
    def __init__(self, old: Schema, new: Schema) -> None:
        self.old, self.new = old, new
        self.found = Changes()
        self.seen: set[tuple[str, str, bool]] = set()

    def run(self) -> Changes:
        olds, news = dict(_calls(self.old)), dict(_calls(self.new))
        for where, call in olds.items():
            if where in news:
                self._call(where, call, news[where])
            else:
                self.found.breaks(where, "the call is gone", Rule.CALLS_STAY)
        for where in news.keys() - olds.keys():
            self.found.adds(where, "a new call")
        here, there = (_schemas(each) for each in (self.old, self.new))
        for name in sorted(here.keys() - there.keys()):
            self.found.breaks(f"schema {name}", "it is gone", Rule.NAMES_STAY)
        for name in sorted(there.keys() - here.keys()):
            self.found.adds(f"schema {name}", "a new schema")
        self.found.harmless.sort()
        return self.found

    def _call(self, where: str, old: Schema, new: Schema) -> None:
        if old.get("operationId") != new.get("operationId"):
            what = f"operationId is {new.get('operationId')} instead of "
            self.found.breaks(where, what + str(old["operationId"]), Rule.NAMES_STAY)
        lost = set(new.get("x-permissions", ())) - set(old.get("x-permissions", ()))
        if old.get("x-scope") != new.get("x-scope") or lost:
            what = "it takes another scope or more permissions"
            self.found.breaks(where, what, Rule.RIGHTS_STAY)
        self._parameters(where, old, new)
        self._body(where, old.get("requestBody"), new.get("requestBody"))
        self._responses(where, old["responses"], new["responses"])

    # --- what goes in -------------------------------------------------------------

    def _parameters(self, where: str, old: Schema, new: Schema) -> None:
        olds, news = (
            {(one["in"], one["name"]): one for one in call.get("parameters", ())}
            for call in (old, new)
        )
        for key, one in olds.items():
            at = f"{where} {key[1]}"
            if key not in news:
                self.found.breaks(at, "the parameter is gone", Rule.INPUT_WIDENS)
                continue
            if news[key].get("required") and not one.get("required"):
                what = "the parameter is required now"
                self.found.breaks(at, what, Rule.NOTHING_NEW_DEMANDED)
            self._input(at, one["schema"], news[key]["schema"])
        for key in news.keys() - olds.keys():
            at = f"{where} {key[1]}"
            if news[key].get("required"):
                what = "a new parameter that is required"
                self.found.breaks(at, what, Rule.NOTHING_NEW_DEMANDED)
            else:
                self.found.adds(at, "a new parameter")

    def _body(self, where: str, old: Schema | None, new: Schema | None) -> None:
        if new is None:
            if old is not None:
                self.found.breaks(where, "it takes no body now", Rule.INPUT_WIDENS)
            return
        if new.get("required") and not (old or {}).get("required"):
            what = "a body is required now"
            self.found.breaks(where, what, Rule.NOTHING_NEW_DEMANDED)
        for media_type, content in (old or {}).get("content", {}).items():
            if media_type not in new["content"]:
                what = f"it does not take {media_type} any more"
                self.found.breaks(where, what, Rule.INPUT_WIDENS)
            else:
                to = new["content"][media_type]["schema"]
                self._input(f"{where} body", content["schema"], to)

    def _input(self, at: str, old: Schema, new: Schema) -> None:
        if self._is_seen(old, new, is_input=True):
            return
        old, new = self._resolve(self.old, old), self._resolve(self.new, new)
        if not self._takes_all_of(at, old, new):
            return
        self._limits(at, old, new)
        self._words(at, old, new, is_input=True)
        olds, news = old.get("properties", {}), new.get("properties", {})
        if new.get("additionalProperties") is False:
            if old.get("additionalProperties", True) is not False:
                what = "members it does not know are refused now"
                self.found.breaks(at, what, Rule.INPUT_WIDENS)
            for name in olds.keys() - news.keys():
                self.found.breaks(f"{at}.{name}", "it is gone", Rule.INPUT_WIDENS)
        for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
            what = "it is required now"
            self.found.breaks(f"{at}.{name}", what, Rule.NOTHING_NEW_DEMANDED)
        for name in olds.keys() & news.keys():
            self._input(f"{at}.{name}", olds[name], news[name])
        for name in sorted(news.keys() - olds.keys()):
            self.found.adds(f"{at}.{name}", "a new member")
        self._inner(at, old, new, is_input=True)

    def _limits(self, at: str, old: Schema, new: Schema) -> None:
        for name in GROWS | SHRINKS:
            if name not in new:
                continue
            was, now = old.get(name), new[name]
            tighter = was is None or (now < was if name in GROWS else now > was)
            if tighter:
                what = f"{name} is {now} instead of {was}"
                self.found.breaks(at, what, Rule.INPUT_WIDENS)
        for name in ("pattern", "format"):
            if name in new and new[name] != old.get(name):
                what = f"{name} is {new[name]} instead of {old.get(name)}"
                self.found.breaks(at, what, Rule.INPUT_WIDENS)

    # --- what comes out -----------------------------------------------------------

    def _responses(self, where: str, old: Schema, new: Schema) -> None:
        for status, response in old.items():
            at = f"{where} {status}"
            if status not in new:
                if status < "400":
                    self.found.breaks(at, "the answer is gone", Rule.ANSWERS_STAY)
                continue
            one = self._resolve(self.old, response)
            other = self._resolve(self.new, new[status])
            for name in one.get("headers", {}).keys() - other.get("headers", {}).keys():
                what = f"the header {name} is gone"
                self.found.breaks(at, what, Rule.ANSWERS_STAY)
            for media_type, content in one.get("content", {}).items():
                if media_type not in other.get("content", {}):
                    what = f"it is not {media_type} any more"
                    self.found.breaks(at, what, Rule.ANSWERS_STAY)
                else:
                    to = other["content"][media_type]["schema"]
                    self._output(at, content["schema"], to)
        for status in sorted(new.keys() - old.keys()):
            if status < "400":
                what = "a new answer where all is well"
                self.found.breaks(f"{where} {status}", what, Rule.ANSWERS_STAY)
            else:
                self.found.adds(f"{where} {status}", "a new refusal")

    def _output(self, at: str, old: Schema, new: Schema) -> None:
        if self._is_seen(old, new, is_input=False):
            return
        old, new = self._resolve(self.old, old), self._resolve(self.new, new)
        if not self._gives_nothing_else(at, old, new):
            return
        if old.get("format") != new.get("format") and "format" in old:
            what = f"format is {new.get('format')} instead of {old['format']}"
            self.found.breaks(at, what, Rule.ANSWERS_STAY)
        self._words(at, old, new, is_input=False)
        olds, news = old.get("properties", {}), new.get("properties", {})
        for name in sorted(olds.keys() - news.keys()):
            self.found.breaks(f"{at}.{name}", "it is gone", Rule.ANSWERS_STAY)
        for name in sorted(set(old.get("required", ())) & olds.keys() & news.keys()):
            if name not in new.get("required", ()):
                what = "it may be missing now"
                self.found.breaks(f"{at}.{name}", what, Rule.ANSWERS_STAY)
        for name in olds.keys() & news.keys():
            self._output(f"{at}.{name}", olds[name], news[name])
        for name in sorted(news.keys() - olds.keys()):
            self.found.adds(f"{at}.{name}", "a new member")
        self._inner(at, old, new, is_input=False)

    # --- both ---------------------------------------------------------------------

    def _inner(self, at: str, old: Schema, new: Schema, *, is_input: bool) -> None:
        """The items of lists, and the values of objects that have any names."""
        follow = self._input if is_input else self._output
        for name in ("items", "additionalProperties"):
            if isinstance(old.get(name), Mapping) and isinstance(
                new.get(name), Mapping
            ):
                follow(f"{at}[]", old[name], new[name])
        olds, news = self._by_form(self.old, old), self._by_form(self.new, new)
        for form in olds.keys() & news.keys():
            follow(f"{at}({form})", olds[form], news[form])

    def _by_form(self, document: Schema, schema: Schema) -> dict[str, Schema]:
        """The alternatives of a choice, by their types; each is of another type."""
        found: dict[str, Schema] = {}
        for one in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
            inner = self._resolve(document, one)
            found["/".join(sorted(self._forms(document, inner)))] = one
        return found

    def _words(self, at: str, old: Schema, new: Schema, *, is_input: bool) -> None:
        olds, news = _words_of(old), _words_of(new)
        if olds is None and news is None:
            return
        gone = sorted((olds or set()) - (news or set())) if news is not None else []
        if is_input and (gone or (olds is None and news is not None)):
            what = f"it does not take {', '.join(gone) or 'every text'} any more"
            self.found.breaks(at, what, Rule.INPUT_WIDENS)
        if not is_input and news is None:
            self.found.breaks(at, "any text may come now", Rule.ANSWERS_STAY)
        for word in sorted((news or set()) - (olds or set())):
            self.found.adds(at, f"a new word, {word}")

    def _takes_all_of(self, at: str, old: Schema, new: Schema) -> bool:
        """Whether all types that went in still do; says so if not."""
        olds, news = self._forms(self.old, old), self._forms(self.new, new)
        if gone := _without(olds, news):
            what = f"it does not take {', '.join(gone)} any more"
            self.found.breaks(at, what, Rule.INPUT_WIDENS)
        return not gone

    def _gives_nothing_else(self, at: str, old: Schema, new: Schema) -> bool:
        """Whether no type comes out that did not before; says so if it does."""
        olds, news = self._forms(self.old, old), self._forms(self.new, new)
        if more := _without(news, olds):
            what = f"it may be {', '.join(more)} now"
            self.found.breaks(at, what, Rule.ANSWERS_STAY)
        return not more

    def _forms(self, document: Schema, schema: Schema) -> set[str]:
        """The types something may be of; a choice of schemas is a type for each."""
        for name in ("oneOf", "anyOf"):
            if name in schema:
                return {
                    form
                    for one in schema[name]
                    for form in self._forms(document, self._resolve(document, one))
                }
        types = schema.get("type")
        if types is None:
            return {"object"} if "properties" in schema else {"anything"}
        return set(types if isinstance(types, list) else [types])

    def _resolve(self, document: Schema, schema: Schema) -> Schema:
        """A schema without a reference, and with the only part of an `allOf`."""
        while "$ref" in schema or len(schema.get("allOf", ())) == 1:
            inner: Any = schema.get("allOf", [schema])[0]
            if "$ref" in inner:
                found: Any = document
                for step in inner["$ref"].removeprefix("#/").split("/"):
                    found = found[step]
                inner = found
            schema = inner
        return schema

    def _is_seen(self, old: Schema, new: Schema, *, is_input: bool) -> bool:
        """Whether the two were compared before; schemas may hold themselves."""
        key = (json.dumps(old, sort_keys=True), json.dumps(new, sort_keys=True))
        if "$ref" not in old or (*key, is_input) not in self.seen:
            self.seen.add((*key, is_input))
            return False
        return True


def _without(forms: set[str], others: set[str]) -> list[str]:
    if "anything" in others or ("number" in others and forms - others <= {"integer"}):
        return []
    return sorted(forms - others)


def _words_of(schema: Schema) -> set[str] | None:
    words = schema.get("enum")
    return None if words is None else {str(word) for word in words}


def _calls(document: Schema) -> Iterator[tuple[str, Schema]]:
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield f"{method.upper()} {path}", methods[method]


def _schemas(document: Schema) -> Schema:
    found: Schema = document["components"]["schemas"]
    return found
