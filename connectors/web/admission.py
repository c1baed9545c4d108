"""Who may ask now: limits for whoever asks without a login, and for each site that embeds the widget."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from fastapi import Request

from assistant.identity import Caller
from assistant.sites.visits import Allowance, Visit
from connectors.web.limits import AnonymousLimit
from connectors.web.problems import Refusal
from connectors.web.sessions import Sessions
from connectors.web.texts import language_written


class Admission:
    """Counts questions. `now` is the moment in the server's time zone: a site's day ends at its midnight."""

    def __init__(
        self, sessions: Sessions, anonymous: AnonymousLimit, allowance: Allowance, now: Callable[[], datetime]
    ) -> None:
        self._sessions = sessions
        self._anonymous = anonymous
        self._allowance = allowance
        self._now = now

    def admit(self, request: Request, caller: Caller, text: str) -> None:
        """Count one question, whose language the refusal speaks. Raises Refusal 429 with Retry-After.

        An API token is not counted. A demonstration session counts as unknown: anybody may open one.
        """
        visit = self._sessions.visit(request)
        if visit is None and "authorization" in request.headers:
            return
        is_servers = visit is not None and not visit.visitor
        if not is_servers and (visit is None or visit.creator is None):
            address = request.client.host if request.client else ""
            seconds = self._anonymous.seconds_to_wait(address)
            if seconds:
                raise _too_many("problem.too_many", text, seconds, seconds=seconds)
        if visit is not None:
            self._take(visit, text)

    def _take(self, visit: Visit, text: str) -> None:
        now = self._now()
        if not self._allowance.take(visit, now.date()):
            midnight = datetime.combine(now.date() + timedelta(days=1), time.min, now.tzinfo)
            raise _too_many("problem.day_used_up", text, int((midnight - now).total_seconds()) + 1)


def _too_many(key: str, text: str, wait: int, **values: object) -> Refusal:
    return Refusal(429, key, lang=language_written(text), headers={"Retry-After": str(wait)}, **values)
