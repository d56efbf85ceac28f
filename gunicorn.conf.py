"""Read by `gunicorn procurement.wsgi` when it is started in this folder.

What differs between machines comes from the environment or `.env`.
"""

import multiprocessing
import os

from gunicorn import util

from procurement.draining import drain_before_stopping
from procurement.environment import read_environment
from procurement.logs.webserver import WebServerLogger
from procurement.webserver import write_problem

env = read_environment()

# What can't be read as a request is answered to programs, for the most part.
util.write_error = write_problem

# Left alone where systemd hands an open socket over.
bind = env.list("WEB_BIND", default=["127.0.0.1:8000"])
workers = env.int("WEB_WORKERS", default=0) or multiprocessing.cpu_count()
threads = env.int("WEB_THREADS", default=4)
# Loaded once and shared by all workers: a fifth less memory, they start at once, and
# systemd hears that the server is ready when it is. New code takes a restart, never
# SIGHUP, which is what it takes anyhow: this file imports some of the code itself.
preload_app = True
# Longer than proxies keep a connection (60 s, as a rule), so that it is never the
# server that closes one in the very moment a request goes out on it.
keepalive = 75
# A button may ask a supplier while the person waits; nothing else takes that long.
timeout = 300
# A stop waits as long for what was begun.
graceful_timeout = env.int("WEB_GRACEFUL_SECONDS", default=300)
max_requests = 5000
max_requests_jitter = 500
# Workers show that they live by touching a file there; a slow disk would hold them up.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
# An address or a header that is longer is refused by a problem detail.
limit_request_line = 4094
limit_request_fields = 100
limit_request_field_size = 8190
# Who is believed about what stands in one place, `BEHIND_PROXY`. Gunicorn by itself
# would take https, and the path itself, from a header of whoever calls by loopback or a
# Unix socket, which a proxy on the machine passes on for everybody.
secure_scheme_headers = {}
forwarder_headers = ""
forwarded_allow_ips = ""
# There are no access logs unless `accesslog` is set: a proxy writes them, and our own
# log has each request that changes something. If there are: the path alone. What stands
# behind it may be the code and the state of a login, or what a person searched for. The
# path of a calendar is its key.
logger_class = WebServerLogger
access_log_format = '%(h)s %(t)s "%(m)s %(U)s" %(s)s %(b)s %(M)s ms'
# Its default place is shared by every gunicorn of the same user.
control_socket_disable = True


def when_ready(server):
    drain_before_stopping(server, env.float("WEB_DRAIN_SECONDS", default=0.0))


def post_worker_init(worker):
    """Whoever waits for an event is answered when the process is being stopped."""
    from procurement.events.waiting import end_when

    end_when(lambda: not worker.alive)


def worker_exit(server, worker):
    """What was counted and not yet reported; the process may end at once."""
    from procurement.figures.web import report_now

    report_now()
