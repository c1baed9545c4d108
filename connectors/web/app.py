"""The web app: the HTTP API, the chat page, the console and the health checks over one set of services."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import FastAPI

from assistant.bootstrap import Services
from assistant.following import follow_releases, regain_index
from connectors.web.admission import Admission
from connectors.web.api import api_routes
from connectors.web.charts import chart_routes
from connectors.web.completions import completion_routes
from connectors.web.console.routes import console_routes
from connectors.web.crowd import Crowd
from connectors.web.feedback import feedback_routes
from connectors.web.feeds import feed_routes
from connectors.web.health import health_routes
from connectors.web.limits import AnonymousLimit
from connectors.web.me import me_routes
from connectors.web.notices import notice_routes
from connectors.web.observing import Observed, metrics_routes, request_spans
from connectors.web.openapi import describe
from connectors.web.originality import originality_routes
from connectors.web.own_numbers import own_number_routes
from connectors.web.pages import Pages, page_routes
from connectors.web.problems import tell_problems
from connectors.web.repeats import Repeats, repeatable
from connectors.web.sessions import Sessions
from connectors.web.shield import Shield
from connectors.web.texts import open_texts
from connectors.web.widget import widget_routes


def create_app(services: Services) -> FastAPI:
    """The ASGI application. The services stay the caller's to close. Raises Misconfigured before `make setup`."""
    texts = open_texts()

    @asynccontextmanager
    async def keeping_up(_: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(services.learning.keep_up())]
        if services.settings.is_shared:
            tasks.append(asyncio.create_task(follow_releases(services.library)))
        if services.settings.chroma_url:
            tasks.append(asyncio.create_task(regain_index(services.library)))
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # FastAPI's own pages of documentation load scripts from elsewhere; the description itself is served.
    app = FastAPI(
        title="Heliotrope",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=keeping_up,
        telemetry=request_spans(services.telemetry.traces),
    )
    tell_problems(app, texts)
    describe(app)
    sessions = Sessions(services.tokens, services.accounts, services.visits)
    limit = AnonymousLimit(services.settings.anonymous_limit)
    zone = ZoneInfo(services.settings.timezone)
    crowd = Crowd(services.settings.answers_at_once)
    admission = Admission(sessions, limit, services.allowance, lambda: datetime.now(zone), crowd)
    pages = Pages(texts)
    write = repeatable(sessions, Repeats(services.engine))
    opening = AnonymousLimit(services.settings.anonymous_limit)
    for router in (
        api_routes(services, sessions, admission, texts, write),
        completion_routes(services, sessions, admission, texts),
        chart_routes(services, sessions),
        feedback_routes(services, sessions, write),
        me_routes(services, sessions),
        feed_routes(services),
        own_number_routes(services, sessions),
        notice_routes(services.notices, services.pictures, sessions),
        originality_routes(services, sessions, write),
        health_routes(services),
        metrics_routes(services.telemetry.meters, services.settings.metrics_token.get_secret_value()),
        page_routes(pages),
        widget_routes(services.sites, services.visits, pages, opening),
        console_routes(services, texts),
    ):
        # `include_router` would build every route anew, and again at the first request: a third of a start.
        app.router.routes.extend(router.routes)
    app.add_middleware(Shield, texts=texts)
    app.add_middleware(Observed, meters=services.telemetry.meters)
    return app
