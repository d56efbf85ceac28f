"""What a person enters about a trouble; the operation checks it."""

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from procurement.adminbase import LongTextWidget, SelectWidget
from procurement.troubles.models import NOTE_LENGTH

MOST_PEOPLE = 500


class HandOverForm(forms.Form):
    owner = forms.ChoiceField(label=_("Looked after by"), widget=SelectWidget)
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=NOTE_LENGTH,
        help_text=_("What is known, and what has been asked of whom."),
        widget=LongTextWidget(attrs={"rows": 2}),
    )

    def __init__(self, *args: object, me: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        owner: forms.ChoiceField = self.fields["owner"]  # type: ignore[assignment]
        owner.choices = people(me)

    @property
    def owner_id(self) -> int:
        return int(self.cleaned_data["owner"])


def people(me: User) -> list[tuple[str, str]]:
    """Whom something may be handed to; oneself first."""
    staff = User.objects.filter(is_staff=True, is_active=True).exclude(pk=me.pk)
    names = staff.order_by("username").values_list("pk", "username")[:MOST_PEOPLE]
    mine = _("%(name)s (me)") % {"name": me.get_username()}
    return [(str(me.pk), mine), *((str(pk), name) for pk, name in names)]
