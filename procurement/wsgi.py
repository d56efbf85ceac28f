"""The web server's way in: `gunicorn procurement.wsgi`."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from procurement.bodies import whole_bodies
from procurement.memory import settle_memory
from procurement.probes import answer_probes, host_of

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "procurement.settings")

application = answer_probes(
    whole_bodies(get_wsgi_application()), host_of(settings.ALLOWED_HOSTS)
)
settle_memory()
