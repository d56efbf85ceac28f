"""Filters people keep under a name, for any list of the admin."""

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

NAME_LENGTH = 60
QUERY_LENGTH = 2000


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def offered_to(self, user_id: int, list_name: str) -> "QuerySet[SavedView]":
        """A person's own views of a list and those shared with everybody, by name."""
        return self.filter(
            Q(owner_id=user_id) | Q(is_shared=True), list_name=list_name
        ).order_by("name", "pk")


class SavedView(models.Model):
    """The filters of one list under a name.

    Only what stood in the address is kept. What the filters find is read anew for
    whoever opens them, so a shared view shows nobody more than they may see.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views"
    )
    list_name = models.CharField(max_length=60)
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    query = models.CharField(max_length=QUERY_LENGTH)
    is_shared = models.BooleanField(_("shared with everybody"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        # A person looks after their own without any permission.
        default_permissions = ()
        permissions = [("share_savedview", "Can share saved views with everybody")]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "list_name", "name"], name="saved_view_once_per_name"
            ),
        ]
        indexes = [
            models.Index(
                fields=["list_name", "name"],
                condition=Q(is_shared=True),
                name="saved_views_shared",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DefaultView(models.Model):
    """What a list opens with for a person: a view of their own, or a shared one."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    list_name = models.CharField(max_length=60)
    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="+")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["user", "list_name"], name="one_default_view_per_list"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.view}"
