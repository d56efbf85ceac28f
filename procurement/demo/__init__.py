"""The demo: real purchases over HTTP, against the vendor sandbox, on this machine.

`python -m procurement.demo` makes an installation of its own under `var/demo`,
starts sandbox, web server and worker as separate processes, and then is nothing but
another system that buys: it only talks REST to the web server, as a web shop would.
"""
