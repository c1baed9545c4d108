"""Leaderboards: who stands where by any metric, what jumped, which snapshots are kept, and making one again."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from assistant.creators.leaderboards.board import TIE_RULE
from assistant.creators.leaderboards.periods import PERIODS, Period, span_of
from assistant.creators.leaderboards.ranking import cut_of
from assistant.creators.leaderboards.snapshots import jump_factor
from assistant.creators.tiers import TIERS
from assistant.staff.people import Person
from connectors.web.console.access import needs
from connectors.web.console.desk import Desk
from connectors.web.console.navigation import HOME
from connectors.web.console.showing import Showing
from connectors.web.console.testing import day_of

PATH = f"{HOME}/boards"
PLACES = 50
SNAPSHOTS = 24
METRIC, PERIOD = "plays", "week"


def board_pages(desk: Desk) -> APIRouter:
    """/console/boards."""
    router = desk.router()
    viewer = Annotated[Person, Depends(needs("viewer"))]
    publisher = Annotated[Person, Depends(needs("publisher"))]
    services = desk.services
    boards = services.leaderboards

    @router.get("/boards")
    def board(
        request: Request,
        person: viewer,
        metric: str = METRIC,
        period: str = PERIOD,
        category: str = "",
        tier: str = "",
        day: str = "",
        only: str = "",
    ) -> Response:
        """The board of the last period that was over on a day, today by default; with `only=jumps` what is marked."""
        today = services.library.today()
        asked = min(day_of(day) or today, today)
        chosen = _period(period)
        shown = boards.board(metric, chosen, asked, cut_of(category or None, tier or None), PLACES, only == "jumps")
        lang, show = person.language, Showing(services, person.language)
        every = ("", desk.text(lang, "boards.all"))
        return desk.page(
            request,
            "boards.html",
            board=shown,
            chosen={"metric": shown.metric.slug, "period": chosen, "category": category, "tier": tier, "day": day},
            only="jumps" if only == "jumps" else "",
            asked=asked,
            earlier=shown.span.first,
            later=_after(shown.span.last, chosen, today),
            metrics=[(one.slug, show.title(one)) for one, _ in boards.metrics()],
            periods=[(one, desk.text(lang, f"boards.period.{one}")) for one in PERIODS],
            categories=[every, *((one, one) for one in services.accounts.category_names())],
            tiers=[every, *((one.zh, show.name(one.zh)) for one in TIERS)],
            snapshots=boards.snapshots(metric, chosen, SNAPSHOTS),
            tie_rule=TIE_RULE[lang],
            jump_factor=jump_factor(shown.metric),
            places=PLACES,
            show=show,
        )

    @router.get("/boards/metrics")
    def definitions(request: Request, person: viewer) -> Response:
        """What every metric that may stand on a board means."""
        return desk.page(
            request, "board_metrics.html", metrics=boards.metrics(), show=Showing(services, person.language)
        )

    @router.post("/boards/recompute")
    def recompute(
        request: Request,
        person: publisher,
        metric: Annotated[str, Form(max_length=80)],
        period: Annotated[str, Form(max_length=10)],
        day: Annotated[str, Form(max_length=10)],
    ) -> Response:
        """Make a kept board again from the numbers there are now; where they differ, as another revision."""
        chosen = _period(period)
        made = boards.recompute(metric, chosen, day_of(day) or services.library.today(), person.name)
        key = "boards.recomputed" if made.differing else "boards.recomputed_same"
        path = f"{PATH}?metric={made.board.metric.slug}&period={chosen}&day={day}"
        return desk.go(request, path, key, count=made.differing, revision=made.board.revision)

    return router


def _period(text: str) -> Period:
    return next((known for known in PERIODS if known == text), "week")


def _after(last: date, period: Period, today: date) -> date | None:
    """The day on which the next period is over; None while that is to come."""
    day = span_of(period, last + timedelta(days=1)).last + timedelta(days=1)
    return day if day <= today else None
