"""Sets the switches of a marketplace: for what is unsure of the real service, or a matter of its settings."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from shops.sandbox.targets import ControlError, number, one_of

_LONGEST_SECONDS = 366 * 86_400


def set_switches(switches: Any, wanted: Mapping[str, Any]) -> None:
    """Set all wanted switches, or none if one of them is wrong; a new value must be of the kind of the old one."""
    known = [one.name for one in fields(switches)]
    checked = {one_of("switch", name, known): _checked(getattr(switches, name, None), name, wanted) for name in wanted}
    for name, value in checked.items():
        setattr(switches, name, value)


def _checked(current: object, name: str, wanted: Mapping[str, Any]) -> object:
    value = wanted[name]
    if isinstance(current, bool):
        if not isinstance(value, bool):
            raise ControlError(f"{name} must be true or false.")
        return value
    if isinstance(current, int):
        return int(number(wanted, name, None, 0, _LONGEST_SECONDS, whole=True))
    if isinstance(current, str) and not isinstance(value, str):
        raise ControlError(f"{name} must be a text.")
    if isinstance(current, list) and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
        raise ControlError(f"{name} must be a list of strings.")
    return value
