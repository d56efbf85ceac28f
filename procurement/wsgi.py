"""The web server's way in: `gunicorn procurement.wsgi`."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from procurement.bodies import whole_bodies
from procurement.memory import settle_memory, with_room
from procurement.probes import answer_probes, host_of

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "procurement.settings")

application = with_room(
    answer_probes(whole_bodies(get_wsgi_application()), host_of(settings.ALLOWED_HOSTS))
)
settle_memory()


def _report_figures() -> None:
    # It has models, so it can't be imported before the application is set up.
    from procurement.figures.web import report_from_now_on

    report_from_now_on()


_report_figures()
