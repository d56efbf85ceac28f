"""What people are told: in the back-office, and by mail.

Notices are made by the worker, from the events of orders and from triggers that look
for what is no event. Whatever runs twice or at the same time, the database keeps one
notice per occasion, person and kind. An app above adds a trigger in its `ready`:

    register_trigger(Trigger("overdrawn", find_overdrawn))

where `find_overdrawn` returns drafts (`operations.Draft`) for what is so now; those
told before are left out by their occasion.
"""
