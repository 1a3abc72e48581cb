"""Making cases: what is asked for, the checks, and what could be asked for before anybody does."""

from aftersales.services.creating.asked import CaseRequest, Created, LineRequest, NoneCreated, RefusedLine
from aftersales.services.creating.cases import create_cases
from aftersales.services.creating.preview import LinePreview, preview_order

__all__ = [
    "CaseRequest",
    "Created",
    "LinePreview",
    "LineRequest",
    "NoneCreated",
    "RefusedLine",
    "create_cases",
    "preview_order",
]
