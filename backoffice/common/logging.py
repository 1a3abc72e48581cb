"""JSON log lines with secrets removed before anything is written. Imports no Django."""

import logging
import re
from collections.abc import MutableMapping
from typing import Any, TextIO

import orjson
import structlog

_SECRET_NAME = re.compile(
    r"(secret|token|password|cipher|authorization|sign$|signature|cookie|api_key|auth_code)", re.I
)
_SECRET_IN_TEXT = re.compile(
    r"((?:app_secret|access_token|refresh_token|auth_code|shop_cipher|sign|password)[\"']?\s*[=:]\s*[\"']?)[^\s&\"',}]+",
    re.I,
)
REMOVED = "[removed]"


def redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank out values whose name says secret, and secrets inside texts."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = REMOVED if _SECRET_NAME.search(name) else _SECRET_IN_TEXT.sub(rf"\1{REMOVED}", value)
        elif _SECRET_NAME.search(name) and value is not None:
            event[name] = REMOVED
    return event


def _dumps(event: MutableMapping[str, Any], **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()


def configure_logging(level: str, stream: TextIO) -> None:
    """Send structlog and the standard library's loggers through one JSON formatter."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.PositionalArgumentsFormatter()],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            redact,
            structlog.processors.JSONRenderer(serializer=_dumps),
        ],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("urllib3", "celery.bootsteps", "kombu", "amqp", "faker", "factory"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(level)))
