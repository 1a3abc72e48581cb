"""Addresses of images are looked at in the same way wherever they are given."""

import pytest

from aftersales.admin.case_forms import ActForm
from aftersales.queries.cases import find_last_entry, load_case
from aftersales.services.asking import Inputs, Unacceptable
from aftersales.services.evidence import ADDRESS_LENGTH, check_images
from aftersales.services.informing import change_information
from aftersales.states import Action, CaseState
from tests.factories.api import make_caller
from tests.factories.cases import STAFF, act, make_case
from tests.factories.claims import ask_one, make_claimable

HOST = "https://img.example/"
LONGEST = HOST + "x" * (ADDRESS_LENGTH - len(HOST))
GOOD = [(f"{HOST}1.jpg",), ("http://img.example:8080/a?b=c#d", f"{HOST}áo.jpg"), (LONGEST,), (f"{HOST}1.jpg",) * 9, ()]
BAD = [
    (f"{HOST}1.jpg",) * 10, (f"{LONGEST}x",), ("ftp://img.example/1.jpg",), ("javascript:alert(1)",), ("https://",),
    ("https://[::1/1.jpg",), (f"{HOST}a b.jpg",), (f"{HOST}\u202e1.jpg",), (f"{HOST}1.jpg", "//img.example/2.jpg"),
]  # fmt: skip


def by_request(shop, images):
    return tuple(ask_one(make_claimable(shop), images=images).images)


def by_action(shop, images):
    case = make_case(shop, state=CaseState.PENDING_RECEIVE)
    act(case, Action.REJECT_RECEIPT, Inputs(reason="Torn.", images=images))
    return tuple(case.return_parcels.get().images)


def by_form(shop, images):
    whole = load_case(make_case(shop, state=CaseState.PENDING_RECEIVE))
    given = {"seen": find_last_entry(whole.case.pk), "reason": "Torn.", "images": "\n".join(images)}
    form = ActForm(whole, Action.REJECT_RECEIPT, given)
    return form.read_inputs().images if form.is_valid() else refuse(form.errors["images"])


def by_correction(shop, images):
    return tuple(change_information(make_case(shop).pk, STAFF, images=images).images)


def by_call(shop, images):
    case = make_case(shop)
    answer = make_caller(shop).post(f"aftersales/{case.pk}/information/", {"images": list(images)})
    return tuple(answer.json()["images"]) if answer.status_code == 200 else refuse(answer.json()["fields"]["images"])


def refuse(said):
    raise Unacceptable("images", said[0])


@pytest.mark.django_db
@pytest.mark.parametrize("give", [by_request, by_action, by_correction, by_form, by_call])
def test_every_door_takes_and_refuses_the_same_addresses(shop, give):
    for images in GOOD:
        assert give(shop, images) == images
    for images in BAD:
        with pytest.raises(Unacceptable):
            give(shop, images)


def test_the_refusal_names_what_is_wrong():
    with pytest.raises(Unacceptable, match="At most 9 images; these are 10"):
        check_images(BAD[0])
    with pytest.raises(Unacceptable, match=r"“ftp://img\.example/1\.jpg” is no address of an image"):
        check_images([*GOOD[0], *BAD[2]])
