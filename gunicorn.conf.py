"""Read by `gunicorn procurement.wsgi` when it is started in this folder."""

import multiprocessing

from gunicorn import util

from procurement.logs.webserver import WebServerLogger
from procurement.webserver import write_problem

# What can't be read as a request is answered to programs, for the most part.
util.write_error = write_problem

bind = "127.0.0.1:8000"
workers = multiprocessing.cpu_count()
threads = 4
# Longer than proxies keep a connection (60 s, as a rule), so that it is never the
# server that closes one in the very moment a request goes out on it.
keepalive = 75
# A button may ask a supplier while the person waits; nothing else takes that long.
timeout = 300
max_requests = 5000
max_requests_jitter = 500
# There are no access logs unless `accesslog` is set: a proxy writes them, and our own
# log has each request that changes something. If there are: the path alone. What stands
# behind it may be the code and the state of a login, or what a person searched for. The
# path of a calendar is its key.
logger_class = WebServerLogger
access_log_format = '%(h)s %(t)s "%(m)s %(U)s" %(s)s %(b)s %(M)s ms'
# Its default place is shared by every gunicorn of the same user.
control_socket_disable = True


def post_worker_init(worker):
    """Whoever waits for an event is answered when the process is being stopped."""
    from procurement.events.waiting import end_when

    end_when(lambda: not worker.alive)


def worker_exit(server, worker):
    """What was counted and not yet reported; the process may end at once."""
    from procurement.figures.web import report_now

    report_now()
