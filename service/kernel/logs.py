"""Logs: one line an event, as text for people at a terminal or as JSON for a collector; uvicorn's own lines too."""

import logging
import re
import sys
from typing import Any

import structlog

from service.kernel.settings import Settings

# Each says in many lines what our own line says; HTTP clients would write whole addresses, with their secrets.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
QUIET = ("alembic", "dbos", "httpcore", "httpx", "httpx2", "uvicorn.access")


def configure(settings: Settings) -> None:
    """Send every log of this process to standard error in the chosen form."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _one_line,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_last(settings)))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _one_line(logger: Any, name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Escape what could begin a line of its own, or move the terminal's cursor: an address may hold anything."""
    del logger, name
    return {
        key: _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", value) if isinstance(value, str) else value
        for key, value in event.items()
    }


def _last(settings: Settings) -> list[Any]:
    meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    # Local variables stay out of tracebacks: they hold passwords, tokens and sealed prices.
    if settings.log_json:
        plain = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        tracebacks = structlog.processors.ExceptionRenderer(plain)
        return [meta, tracebacks, structlog.processors.JSONRenderer(ensure_ascii=False)]
    form = structlog.dev.plain_traceback
    return [meta, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=form)]
