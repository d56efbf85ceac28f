"""The vendors as one local server, for demos, tests and chaos runs.

It is written from the vendors' documentation and shares no code with the modules that
talk to them: what it accepts is what the vendor is known, or best guessed, to accept.

Accounts known at the start; anything else is refused as the vendor would:

    eet     sandbox-eet / sandbox-eet-password
    kvik    client sandbox-kvik / sandbox-kvik-secret
    di      sandbox-di / sandbox-di-password, owner parties nordlys-pakker and
            sandbox-pakker, transport solutions 4, 17 and 23; sandbox-di-guest /
            sandbox-di-guest-password has no right to anything
    simutek client sandbox-simutek / sandbox-simutek-secret, customer number K200731
    extend  sandbox-extend / sandbox-extend-password, client NORD,
            customer number K-20417, warehouse WH-SYD

    with Sandbox() as sandbox:
        client = connect(sandbox.base_url("eet"))
        sandbox.add_fault("eet", endpoint="place_order", fault="lost_answer", times=1)
        ...
        assert len(sandbox.orders("eet")) == 1
        sandbox.set_webhook("extend", url, secret, triggers=["OrderPicked"])

A page for people is at `/_sandbox/`, what it can do over HTTP stands in `control.py`.
"""

from vendors.sandbox.sandbox import Sandbox

__all__ = ["Sandbox"]
