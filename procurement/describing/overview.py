"""The page the reference begins with, and what each group of calls is about."""

OVERVIEW = """\
Other systems enter purchase orders here, follow them, and act on them. Whatever a
person may not do on the screens, a key may not do either.

**Who calls.** `Authorization: Bearer KEY`. A key has scopes; its user has permissions;
a call takes both, and says which. A key may be bound to one shop: then nothing of other
shops is there for it.

**JSON in, JSON out.** Bodies are `application/json`, at most 1 MB. Decimals are texts,
so that no digit is lost (`"41.50"`); moments are ISO 8601 in UTC; days are
`2031-04-09`. Members that a call does not know are refused. Answers may get new members
at any time: pass over those you do not know.

**Once only.** Send an `Idempotency-Key` of your own with each POST. When no answer
comes, repeat the call with the same key and the same body: it is done once, and
answered the same. An order is also safe by its `external_reference`.

**Changes of others.** What is read carries its `version` and an `ETag`. Send it back in
`If-Match`, and a change that somebody else made in between is told (412), not lost.

**Lists** are pages: follow `next` until it is null. `fields` takes only the members you
want, `ordering=updated_at` follows changes, `orders/sums/` adds up. A parameter that a
list does not know is refused.

**Events** tell what happened, in order and without gaps: keep `cursor`, and come back
with `?after=`; `wait` holds the answer until there is something. Webhooks bring them to
you, signed.

**Refusals** are problem details (RFC 9457) with a stable `code`. 4xx: change the call
first. 409: it can't be done as things stand. 429 and 503: wait for `Retry-After` and
repeat. 5xx and no answer at all: repeat with the same Idempotency-Key. Methods that an
address does not take are answered with 405 and `Allow`.

**Versions.** `/api/v1/` only grows. What goes is announced by `Deprecation` and
`Sunset` in the answers, a year ahead. `Procurement-Version` says which program answers.

Guides: [your first order](/api/docs/first-order.md), [keys](/api/docs/keys.md),
[retries](/api/docs/retries.md), [lists](/api/docs/lists.md),
[events](/api/docs/events.md), [webhooks](/api/docs/webhooks.md),
[problems](/api/docs/problems.md), [versions](/api/docs/versions.md).
"""

TAGS = {
    "orders": "Purchase orders: enter, change, have approved, send, follow. Everything "
    "that can be done to an order is a POST to an address below it.",
    "events": "What happened, in order, to be read again at will.",
    "shops": "Web shops that goods are bought for, and getting them to suppliers.",
    "customers": "Whom goods are for, and their numbers at suppliers.",
    "suppliers": "Accounts at vendors: whether they work, what they sell, how they do.",
    "vendors": "The kinds of API this installation can talk to, and what each can do.",
    "webhook-endpoints": "Where events are delivered to, so that nobody has to ask.",
}
