"""The queue's own tables are no screen: they hold hints, and changing one does no good.

What waits, and what went wrong, stands with the transmissions and suppliers.
"""

from django.contrib import admin
from django_q.models import Failure, OrmQ, Schedule, Success

for model in (Failure, OrmQ, Schedule, Success):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
