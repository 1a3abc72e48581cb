"""Bodies of calls: JSON, in UTF-8, read strictly, with values of the types that the document says."""

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

MOST_NAMED = 20  # unknown fields and parameters; a body can hold a hundred thousand, each answered at length


class StrictJSONParser(BaseParser):
    """Refuses what the usual parser lets pass or trips over: NaN, broken UTF-8, nesting without end."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """Read the whole body; api_border has measured it."""
        try:
            return orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise ParseError(f"The body is not JSON: {error}.") from error


class StrictIntegerField(serializers.IntegerField):
    """Takes numbers only, where the usual field also takes texts and true."""

    def to_internal_value(self, data: Any) -> int:
        """Read a whole number."""
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictTextField(serializers.CharField):
    """Takes texts only, where the usual field also takes numbers: long ones would lose digits."""

    def to_internal_value(self, data: Any) -> str:
        """Read a text."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictBooleanField(serializers.BooleanField):
    """Takes true and false only, where the usual field also takes words and numbers."""

    def to_internal_value(self, data: Any) -> bool:
        """Read true or false."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class StrictChoiceField(serializers.ChoiceField):
    """Says what may be chosen where something else was."""

    def to_internal_value(self, data: Any) -> Any:
        """Read a choice."""
        if not isinstance(data, str) or data not in self.choices:
            raise serializers.ValidationError(f"Not allowed. Allowed: {', '.join(self.choices)}.")
        return data


class ShortListField(serializers.ListField):
    """Counts before it looks at each: of a hundred thousand that are wrong the usual field tells every one."""

    def to_internal_value(self, data: Any) -> list[Any]:
        """Read a list that is no longer than it may be."""
        if isinstance(data, list) and self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        read: list[Any] = super().to_internal_value(data)
        return read


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields that it does not know: a misspelt one would be ignored in silence."""

    def to_internal_value(self, data: Any) -> Any:
        """Read the fields."""
        if isinstance(data, Mapping) and (unknown := set(data) - set(self.fields)):
            known = f"Known are: {', '.join(self.fields)}." if self.fields else "This call takes no fields."
            named = sorted(unknown)[:MOST_NAMED]
            raise serializers.ValidationError({name: [f"Not known here. {known}"] for name in named})
        return super().to_internal_value(data)
