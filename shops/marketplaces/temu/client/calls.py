"""What the readers share: lists by page number, moments in seconds, and types that many tokens may not call."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shops.marketplaces import errors, values
from shops.marketplaces.paging import Slice
from shops.marketplaces.records import Window

if TYPE_CHECKING:
    from shops.marketplaces.temu.client import TemuConnector


@dataclass(frozen=True, slots=True)
class NumberedPaging:
    """A list by page number, which ends where its own total says so. Temu never says whether there is more."""

    size: int
    rows_field: str
    total_field: str = "total"
    page_parameter: str = "pageNo"

    def prepare(self, token: str = "") -> dict[str, int]:
        """Give the parameters that ask for the page of `token`, the first one without."""
        return {self.page_parameter: int(token or 1), "pageSize": self.size}

    def look(self, result: object, token: str = "") -> Slice:
        """Read the answer to the request of `token`; raises UnreadableAnswer without a total, or without its rows."""
        told = values.fields(result)
        total = values.number(told.get(self.total_field))
        rows = told.get(self.rows_field)
        if total is None:
            raise errors.UnreadableAnswer(f"The answer does not say how long the list is: no {self.total_field}.")
        if type(rows) is not list:
            if rows is not None or total:
                raise errors.UnreadableAnswer(f"The answer has no list of {self.rows_field}.")
            rows = []
        page = int(token or 1)
        # An empty page ends the list as well: whoever reads it compares what came with the total. A total that is less
        # than what came so far is wrong, and ends nothing.
        is_last = not rows or (page * self.size >= total >= (page - 1) * self.size + len(rows))
        return Slice(rows, "" if is_last else str(page + 1), total)


class OptionalCall:
    """A type that many tokens may not call: left out where the scopes lack it, or once it has been refused."""

    def __init__(self, connector: "TemuConnector", kind: str) -> None:
        self._connector = connector
        self._kind = kind
        self._is_refused = False

    @property
    def is_allowed(self) -> bool:
        """Whether to try: where the scopes are not known, yes."""
        scopes = self._connector.token.scopes
        return not self._is_refused and (not scopes or self._kind in scopes)

    def fetch(self, parameters: Mapping[str, Any], *, is_of_record: bool = True) -> dict[str, Any] | None:
        """Make the call; None, mostly without one, where the token does not allow it."""
        if not self.is_allowed:
            return None
        try:
            return fields_in(self._connector.call(self._kind, parameters, is_of_record=is_of_record))
        except errors.ScopeMissing:
            self._is_refused = True
            return None


def fields_in(result: object) -> dict[str, Any]:
    """Give an answer's object; raises UnreadableAnswer for anything else, which is no empty object."""
    if type(result) is not dict:
        raise errors.UnreadableAnswer("The answer's result is no object.")
    return result


def check_subject(answer: object, key: str, number: object) -> None:
    """Raise UnreadableAnswer where an answer says that it is about something else than was asked for."""
    told = values.identifier(values.fields(answer).get(key))
    if told is not None and told != values.identifier(number):
        raise errors.UnreadableAnswer(f"The answer is about another {key} than was asked for.")


def updated_in(window: Window) -> dict[str, int]:
    """Give the parameters of a window in seconds. Temu's end is inclusive, so it is the second before ours."""
    return {"updateAtStart": int(window.start.timestamp()), "updateAtEnd": int(window.end.timestamp()) - 1}
