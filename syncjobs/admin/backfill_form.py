"""The form that starts a backfill for shops that the person may see."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminIntegerFieldWidget

from backoffice.common.admin.filters import DayInput, SuggestedRows
from backoffice.common.errors import NotPossible
from backoffice.common.history import note_change
from backoffice.common.models import Viewer
from backoffice.common.plurals import say_count
from shops.choices import ShopState
from shops.models import Shop
from syncjobs import services
from syncjobs.admin.backfill_actions import wake_for
from syncjobs.admin.filters import RESOURCES
from syncjobs.services import StartedBackfill
from syncjobs.services.backfills import LONGEST_CHUNK_DAYS
from syncjobs.streams import STREAMS

MOST_CHUNKS = 100_000  # written within a request: about three seconds


class BackfillForm(forms.Form):
    """Which shops, which days, which resources."""

    shops = forms.ModelMultipleChoiceField(
        queryset=Shop.objects.none(), required=False, widget=SuggestedRows("admin:shops_shop_suggestions"),
        help_text="All active shops that you may see, where none is chosen.",
    )  # fmt: skip
    first_day = forms.DateField(label="From", widget=DayInput(), help_text="The first day, in the operator's zone.")
    last_day = forms.DateField(label="To", widget=DayInput(), help_text="The last day; it is read too, up to now.")
    chunk_days = forms.IntegerField(
        label="Days in a chunk", initial=1, min_value=1, max_value=LONGEST_CHUNK_DAYS,
        widget=UnfoldAdminIntegerFieldWidget(), help_text="One, unless a shop has very few orders.",
    )  # fmt: skip
    resources = forms.MultipleChoiceField(
        choices=RESOURCES, initial=list(STREAMS),
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )  # fmt: skip

    def __init__(self, *arguments: Any, viewer: Viewer, **options: Any) -> None:
        super().__init__(*arguments, **options)
        shops: Any = self.fields["shops"]
        shops.queryset = Shop.objects.visible_to(viewer)
        self.viewer = viewer

    def list_shops(self) -> QuerySet[Shop]:
        """Return the shops that were meant."""
        chosen: QuerySet[Shop] = self.cleaned_data["shops"]
        return chosen if chosen else Shop.objects.visible_to(self.viewer).filter(state=ShopState.ACTIVE)

    def clean_shops(self) -> QuerySet[Shop]:
        """Take active shops only: the days of others would wait."""
        chosen: QuerySet[Shop] = self.cleaned_data["shops"]
        resting = [str(shop) for shop in chosen if shop.state != ShopState.ACTIVE]
        if resting:
            raise forms.ValidationError(f"Not active, so not read: {', '.join(resting)}.")
        return chosen

    def start(self, person: Any) -> StartedBackfill:
        """Write what was asked for, all of it or nothing; raises NotPossible with the reason."""
        asked = self.cleaned_data
        window = services.plan_backfill_window(asked["first_day"], asked["last_day"])
        shops, resources = self.list_shops().order_by("pk"), asked["resources"]
        chunk_count = shops.count() * len(resources) * ((window.end - window.start).days // asked["chunk_days"] + 1)
        if chunk_count > MOST_CHUNKS:
            raise NotPossible(
                f"These are about {chunk_count:,} chunks, and this page writes {MOST_CHUNKS:,} at most. The command "
                "backfill has no such limit; or choose fewer shops, fewer days, or more days in a chunk."
            )
        with transaction.atomic():
            started = services.start_backfill(
                shops.iterator(chunk_size=500), window, chunk_days=asked["chunk_days"], resources=resources,
                person=person,
            )  # fmt: skip
            note_change(person, started.backfill, f"Started for {say_count(started.opened_count, 'run')}.")
            wake_for(started.backfill)
        return started


def start_view(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Show the form, or start the backfill and lead to its page."""
    person: Any = request.user
    if not person.has_perm("syncjobs.add_backfill"):
        raise PermissionDenied
    form = BackfillForm(request.POST or None, viewer=person)
    if request.method == "POST" and form.is_valid():
        try:
            started = form.start(person)
        except NotPossible as error:
            form.add_error(None, str(error))
        else:
            _tell(request, started)
            return HttpResponseRedirect(reverse("admin:syncjobs_backfill_change", args=[started.backfill.pk]))
    context |= {"form": form, "media": context["media"] + form.media}
    return TemplateResponse(request, "syncjobs/backfill_start.html", context)


def _tell(request: HttpRequest, started: StartedBackfill) -> None:
    messages.success(request, f"Started backfill {started.backfill.pk} with {say_count(started.opened_count, 'run')}.")
    if started.lacking_in_words:
        messages.info(request, started.lacking_in_words)
    if started.known_in_words:
        messages.warning(request, started.known_in_words)
    if started.needs_backup:
        messages.warning(request, "More than 30 days are written: is there a fresh backup of the database?")
