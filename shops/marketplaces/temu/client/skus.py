"""The SKUs of goods: one list for those on and off the shelf, another for those that are not, with its own paging."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shops.marketplaces import errors, values
from shops.marketplaces.paging import Slice
from shops.marketplaces.temu.client.calls import NumberedPaging, OptionalCall

if TYPE_CHECKING:
    from shops.marketplaces.temu.client import TemuConnector

NUMBERED = NumberedPaging(100, "skuList")  # 100 is the most that both lists give
# Steps by the first digit of the goods' statuses, which is the search type of the first list as well.
STEPS: Mapping[str, str] = {
    "2": "active_skus",
    "3": "inactive_skus",
    "4": "incomplete_skus",
    "5": "draft_skus",
    "6": "deleted_skus",
}
# The first list is documented for these only. What is on sale can have variants that are not, and the other way round.
ON_SHELVES: Mapping[str, int] = {"active_skus": 2, "inactive_skus": 3}
_WORDS: Mapping[str, str] = {"incomplete_skus": "INCOMPLETE", "draft_skus": "DRAFT", "deleted_skus": "DELETED"}


class SkuLists:
    """Reads the SKUs of some goods, where the token may."""

    def __init__(self, connector: "TemuConnector") -> None:
        self._on_shelves = OptionalCall(connector, "bg.local.goods.sku.list.query")
        self._others = OptionalCall(connector, "temu.local.sku.list.retrieve")

    def is_allowed(self, step: str) -> bool:
        """Whether to try a step."""
        return self._on_shelves.is_allowed if step in ON_SHELVES else self._others.is_allowed

    def fetch(self, step: str, goods_ids: Sequence[str], token: str = "") -> Slice | None:
        """Read a page; None where the token may not."""
        if step in ON_SHELVES:
            wanted = {"skuSearchType": ON_SHELVES[step], "skuStatusFilterType": ON_SHELVES[step]}
            goods = {"goodsIdList": [int(number) for number in goods_ids]}
            answer = self._on_shelves.fetch({**NUMBERED.prepare(token), **wanted, **goods}, is_of_record=False)
            return None if answer is None else NUMBERED.look(answer, token)
        parameters: dict[str, Any] = {
            "pageSize": NUMBERED.size,
            "skuSearchType": _WORDS[step],
            "goodsIdList": list(goods_ids),  # text here, numbers in the other list
        }
        answer = self._others.fetch(parameters | ({"pageToken": token} if token else {}), is_of_record=False)
        return None if answer is None else _look(answer, token)


def _look(answer: Mapping[str, Any], token: str) -> Slice:
    """Read an answer that goes on by token; a missing token is no end of the list, only an empty one is."""
    rows, pagination = answer.get("skuList"), answer.get("pagination")
    if type(rows) is not list or type(pagination) is not dict or "nextToken" not in pagination:
        raise errors.UnreadableAnswer("The answer has no list of skuList, or does not say whether it goes on.")
    following = pagination["nextToken"] or ""
    if type(following) is not str or (following and following == token):
        raise errors.UnreadableAnswer("The answer's nextToken is no text, or leads back to the same page.")
    return Slice(rows, following, values.number(answer.get("total")))
