"""Tells the second of two people who edit a row at the same time, instead of letting the last one win."""

from typing import Any

from django import forms
from django.http import HttpRequest

from backoffice.common.models import TimestampedModel

CHANGED_MEANWHILE = (
    "Somebody else changed this while you had it open. Nothing of yours was saved. Open the page again to see the "
    "present values, then make your change once more."
)


class VersionedForm(forms.ModelForm):  # type: ignore[type-arg]
    """Carries the moment at which the row that was shown had been saved."""

    seen_at = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if self.instance.pk:
            self.initial["seen_at"] = self.instance.updated_at.isoformat()

    def clean(self) -> dict[str, Any] | None:
        """Compare with what is stored, under a lock that is held until the change is saved."""
        cleaned = super().clean()
        if self.instance.pk:
            rows = type(self.instance)._default_manager.select_for_update(of=("self",))
            stored: TimestampedModel = rows.get(pk=self.instance.pk)
            if self.data.get(self.add_prefix("seen_at")) != stored.updated_at.isoformat():
                raise forms.ValidationError(CHANGED_MEANWHILE, code="changed_meanwhile")
        return cleaned


class VersionedAdminMixin:
    """Goes before the base of an admin page: checks the version, and writes only what was changed."""

    form = VersionedForm
    change_form_before_template = "backoffice/seen_at.html"

    def save_model(self, request: HttpRequest, row: Any, form: Any, change: bool) -> None:
        """Write the columns that the person changed: other columns of the row may be newer than this page."""
        if not change:
            row.save()
            return
        columns = [field.name for field in row._meta.concrete_fields if field.name in form.changed_data]
        if columns:
            row.save(update_fields=[*columns, "updated_at"])
