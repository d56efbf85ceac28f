"""Raising, updating and clearing alarms; taking one on."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from procurement.alarms import machine, notices, silences
from procurement.alarms.findings import Finding
from procurement.alarms.models import Alarm, AlarmRule, Kind
from procurement.coordination.operations import lease
from procurement.errors import InvalidInput, OperationNotAllowed

logger = logging.getLogger(__name__)

LEASE = "look_for_silence"
LEASE_SECONDS = 300


@dataclass
class Round:
    """What one look came to."""

    raised: list[Alarm] = field(default_factory=list)
    going_on: list[Alarm] = field(default_factory=list)
    cleared: list[Alarm] = field(default_factory=list)


def look_for_silence(now: datetime) -> Round | None:
    """Look everywhere, keep the alarms as it is now, and tell of what is new.

    One caller at a time on all machines; None if another one is at it.
    """
    with lease(LEASE, seconds=LEASE_SECONDS) as held:
        if held is None:
            return None
        looked, findings = _look(now)
        done = _keep(now, looked, findings)
        notices.log_round(done.raised, done.cleared)
        notices.tell(now)
        return done


def _look(now: datetime) -> tuple[set[Kind], list[Finding]]:
    """Look for each kind by itself; return the kinds looked at, and what there is.

    A look that fails says nothing about its kind: its alarms stay as they are.
    """
    looks = silences.looks(list(AlarmRule.objects.all())) | machine.LOOKS
    looked: set[Kind] = set()
    findings: list[Finding] = []
    for kind, look in looks.items():
        try:
            findings += look(now)
        except DatabaseError as error:
            name = type(error).__name__
            logger.exception("Looking for %s failed: %s", kind.value, name)
        else:
            looked.add(kind)
    return looked, findings


@transaction.atomic
def _keep(now: datetime, looked: set[Kind], findings: list[Finding]) -> Round:
    """Bring the open alarms in line with what was found, in four statements."""
    known = {
        (alarm.kind, alarm.supplier_id): alarm
        for alarm in Alarm.objects.select_for_update().filter(cleared_at=None)
    }
    done = Round()
    for finding in findings:
        alarm = known.pop((finding.kind, finding.supplier_id), None)
        group = done.raised if alarm is None else done.going_on
        group.append(_filled(alarm, finding, now))
    done.cleared = [alarm for alarm in known.values() if Kind(alarm.kind) in looked]
    for alarm in done.cleared:
        alarm.cleared_at = now
    # The constraints decide between two that raise the same one at once.
    Alarm.objects.bulk_create(done.raised, ignore_conflicts=True)
    Alarm.objects.bulk_update(
        done.going_on, ["since", "count", "sample", "text", "seen_at"]
    )
    Alarm.objects.filter(pk__in=[alarm.pk for alarm in done.cleared]).update(
        cleared_at=now
    )
    return done


def _filled(alarm: Alarm | None, finding: Finding, now: datetime) -> Alarm:
    filled = alarm or Alarm(
        kind=finding.kind, supplier_id=finding.supplier_id, raised_at=now
    )
    filled.since = finding.since
    filled.count = finding.count
    filled.sample = finding.sample
    filled.text = finding.text
    filled.seen_at = now
    return filled


@transaction.atomic
def acknowledge_alarm(
    *, alarm_id: int, actor: User, comment: str, quiet_for: timedelta | None = None
) -> Alarm:
    """Record that a person looks after an alarm; it is not repeated meanwhile.

    Args:
        comment: what they do about it.
        quiet_for: for how long; without it until the alarm is over.

    Raises:
        InvalidInput: there is no comment.
        OperationNotAllowed: the alarm is over.
    """
    text = comment.strip()
    if not text:
        raise InvalidInput({"comment": _("Say what is being done about it.")})
    if len(text) > (longest := Alarm._meta.get_field("comment").max_length or 0):
        raise InvalidInput(
            {"comment": _("At most %(longest)s characters.") % {"longest": longest}}
        )
    alarm = Alarm.objects.select_for_update().get(pk=alarm_id)
    if not alarm.is_open:
        raise OperationNotAllowed(_("It is over; there is nothing to look after."))
    now = timezone.now()
    alarm.acknowledged_by = actor
    alarm.acknowledged_at = now
    alarm.acknowledged_until = now + quiet_for if quiet_for else None
    alarm.comment = text
    alarm.save(
        update_fields=[
            "acknowledged_by",
            "acknowledged_at",
            "acknowledged_until",
            "comment",
        ]
    )
    return alarm
