"""Keeping the bot's token out of the logs: it is part of every request address, and HTTP libraries log addresses."""

import logging

# A filter works only on the logger that makes the record, not on those above it: hence every one by name.
_TALKATIVE = (
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "telegram.Bot",
    "telegram.ext.ExtBot",
    "telegram.request.BaseRequest",
    "telegram.request.HTTPXRequest",
)


class _WithoutToken(logging.Filter):
    def __init__(self, token: str) -> None:
        super().__init__()
        self._token = token

    def filter(self, record: logging.LogRecord) -> bool:
        return self._token not in record.getMessage()


def keep_out_of_logs(token: str) -> None:
    """Drop every record that names `token` in the loggers of the libraries a bot runs on. Twice is harmless."""
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        if not any(isinstance(known, _WithoutToken) and known._token == token for known in logger.filters):
            logger.addFilter(_WithoutToken(token))
