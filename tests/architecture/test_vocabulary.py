"""The words that rows are stored in are those of the connectors: one that lacks a label here could not be shown."""

from enum import Enum

import pytest
from django.db.models import Choices

import aftersales.choices
import orders.choices
from shops.marketplaces import records

SHOWN = [
    (choices, getattr(records, name))
    for module in (orders.choices, aftersales.choices)
    for name, choices in vars(module).items()
    if isinstance(choices, type) and issubclass(choices, Choices) and hasattr(records, name)
]


def test_every_vocabulary_of_the_connectors_is_shown_somewhere():
    spoken = {one for one in vars(records).values() if isinstance(one, type) and issubclass(one, Enum)}
    assert spoken - {words for _, words in SHOWN} == {records.Resource}


@pytest.mark.parametrize(("choices", "words"), SHOWN)
def test_every_word_has_a_label_of_its_own_under_the_same_name(choices, words):
    assert {one.name: one.value for one in choices} == {one.name: one.value for one in words}
    assert len(set(choices.labels)) == len(choices)


def test_every_status_of_an_order_has_a_rank_of_its_own():
    assert orders.choices.STATUS_RANK.keys() == set(orders.choices.OrderStatus)
    assert len(set(orders.choices.STATUS_RANK.values())) == len(orders.choices.STATUS_RANK)
