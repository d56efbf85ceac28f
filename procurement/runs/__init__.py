"""Long work somebody asked for, done in the background and shown as it goes.

An app names its work once, in `ready`:

    from procurement.runs.kinds import RunKind, register

    register(
        RunKind(
            name="order_action",
            label=_("Orders in bulk"),
            may=may_act,            # (user, run) -> bool, asked before every step
            do_one=act_on_order,    # (item, actor) -> a sentence about what was done
            link=order_url,         # (item) -> the address of what it is about
        )
    )

`do_one` says in `OperationNotAllowed` why an item was left alone (it counts as
skipped), in `SupplierUnavailable` or `InvalidInput` why it failed. It runs in the
transaction that marks the item, so an item is done once and marked, or neither; a
kind that calls a supplier sets `in_transaction=False` and relies on the guard of the
operation it calls. A kind whose items are found by the worker gives `prepare`.

A kind without items has `work` in the place of `do_one`: (run, progress) -> None. It
calls `progress.go_on()` often and `progress.keep(...)` with what it has done;
`progress.cursor` is what the turn before kept, empty in the first. A file is written
in the background with bounded memory:

    def export(run, progress):
        with progress.file("orders.csv", "text/csv; charset=utf-8") as file:
            for batch in batches_after(progress.cursor.get("pk", 0)):
                file.write(as_csv(batch))
                progress.keep(cursor={"pk": batch[-1].pk}, done=len(batch))

What was written and the cursor are kept together: after a kill it goes on with the
bytes that belong to the cursor. Work that can't be taken up in the middle keeps no
cursor, gets a `turn_seconds` it can end within, and hands over a whole file with
`progress.attach(...)`.

Asking for a run, in the transaction of whatever causes it:

    run = operations.ask_for_run(
        kind="order_action", actor=user, title="Approve: 40 orders",
        parameters={"action": "approve"},           # JSON, no secrets
        items=[NewItem(subject="7", label="PO-2031-000042", parameters={...})],
        token=form_token,                           # the same token, the same run
    )
    return HttpResponseRedirect(run.url)

With `wake=False` followed by `working.work_off(run_id=run.pk, seconds=3)` a short one
is done while the person waits; what is left over goes on in the background.
"""
