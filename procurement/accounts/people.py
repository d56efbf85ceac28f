"""Finding people by what the command line calls them."""

from django.contrib.auth.models import User

from procurement.errors import OperationNotAllowed


def user_named(username: str) -> User:
    """The user of a name.

    Raises:
        OperationNotAllowed: there is none.
    """
    user = User.objects.filter(username=username).first()
    if user is None:
        raise OperationNotAllowed(f"There is no user {username}.", code="not_found")
    return user
