"""JSON log lines with secrets removed before anything is written. Imports no Django."""

import logging
import re
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import orjson
import structlog

_SECRET_NAME = re.compile(
    r"(secret|token|password|cipher|authorization|sign$|signature|cookie|api_?key|auth_code)", re.I
)
_NAMES = r"app[_-]?secret|access[_-]?token|refresh[_-]?token|auth[_-]?code|cipher|sign|password|authorization"
_SECRET_IN_TEXT = re.compile(
    rf"((?<![a-z])(?:[a-z]+[_-])*(?:{_NAMES})[\"']?\s*[=:]\s*[\"']?(?:Bearer\s+)?)[^\s&\"',}}]+", re.I
)
_PASSWORD_IN_ADDRESS = re.compile(r"(://[^/\s:@]*:)[^/\s@]+(?=@)")
REMOVED = "[removed]"


def redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank out values whose name says secret, and secrets inside texts, however deep."""
    for name, value in event.items():
        event[name] = _without_secrets(name, value)
    return event


def _without_secrets(name: str, value: Any) -> Any:
    if value is not None and _SECRET_NAME.search(name):
        return REMOVED
    if isinstance(value, str):
        return _PASSWORD_IN_ADDRESS.sub(rf"\1{REMOVED}", _SECRET_IN_TEXT.sub(rf"\1{REMOVED}", value))
    if isinstance(value, Mapping):
        return {str(key): _without_secrets(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_without_secrets("", item) for item in value]
    return value if isinstance(value, int | float | None) else _without_secrets("", str(value))


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
