"""Who may ask now: limits for whoever asks without a login, and for each site that embeds the widget."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from datetime import datetime, time, timedelta
from functools import partial

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from assistant.agent.answers import Event
from assistant.holding import while_allowed
from assistant.identity import Caller
from assistant.sites.visits import Allowance, Visit
from connectors.web.crowd import Crowd
from connectors.web.limits import AnonymousLimit
from connectors.web.problems import Refusal
from connectors.web.sessions import Sessions
from connectors.web.texts import language_written


class Admission:
    """Counts questions. `now` is the moment in the server's time zone: a site's day ends at its midnight."""

    def __init__(
        self,
        sessions: Sessions,
        anonymous: AnonymousLimit,
        allowance: Allowance,
        now: Callable[[], datetime],
        crowd: Crowd,
    ) -> None:
        self._sessions = sessions
        self._anonymous = anonymous
        self._allowance = allowance
        self._now = now
        self._crowd = crowd

    async def admit(self, request: Request, text: str) -> None:
        """Count one question, whose language the refusal speaks; not when there is no place for it anyway. Raises
        Refusal 429 with Retry-After.

        An API token is not counted. A demonstration session counts as unknown: anybody may open one.
        """
        self._crowd.turn_away(language_written(text))
        await run_in_threadpool(self._count, request, text)

    def _count(self, request: Request, text: str) -> None:
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

    def answering(
        self, request: Request, caller: Caller, text: str, events: AsyncIterator[Event]
    ) -> AsyncGenerator[Event]:
        """The events of the answer to `text`, as long as whoever asked may hear them and once there is a place for it.
        Raises Refusal 429 when all places are taken."""
        among = self._crowd.among(events, language_written(text))
        return while_allowed(among, partial(self._sessions.look_again, request, caller))

    def _take(self, visit: Visit, text: str) -> None:
        now = self._now()
        if not self._allowance.take(visit, now.date()):
            midnight = datetime.combine(now.date() + timedelta(days=1), time.min, now.tzinfo)
            raise _too_many("problem.day_used_up", text, int((midnight - now).total_seconds()) + 1)


def _too_many(key: str, text: str, wait: int, **values: object) -> Refusal:
    return Refusal(429, key, lang=language_written(text), headers={"Retry-After": str(wait)}, **values)
