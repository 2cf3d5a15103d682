"""Users and groups as django-scim2 asks for them."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django_scim.models import AbstractSCIMGroupMixin, AbstractSCIMUserMixin


class Group(AbstractSCIMGroupMixin):
    """A group with a unique name."""

    name = models.CharField(max_length=150, unique=True)


class User(AbstractSCIMUserMixin, AbstractUser):
    """A user who belongs to groups."""

    teams = models.ManyToManyField(Group, related_name="user_set")

    @property
    def scim_groups(self) -> models.Manager:
        """The groups that SCIM shows."""
        return self.teams
