"""Registers the admin pages of libraries again, in our look: staff and groups."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from backoffice.common.admin import StrictListMixin

for model in (User, Group):
    admin.site.unregister(model)


@admin.register(User)
class StaffAdmin(StrictListMixin, UserAdmin, ModelAdmin):  # type: ignore[misc, type-arg]
    """Staff, their groups and permissions."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm


@admin.register(Group)
class StaffGroupAdmin(StrictListMixin, GroupAdmin, ModelAdmin):  # type: ignore[misc]
    """Groups of staff."""
