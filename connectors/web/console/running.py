"""How the guide runs today: what was asked and how it was answered, in numbers and charts; its parts and its queues."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request, Response

from assistant.creators.charts.chart import Chart
from assistant.creators.charts.themes import Theme
from assistant.staff.people import Person
from assistant.telemetry.days import Day
from connectors.web.console.access import needs
from connectors.web.console.desk import Desk
from connectors.web.console.navigation import HOME
from connectors.web.console.testing import day_of

PATH = f"{HOME}/running"
Name = Literal["answers", "speed"]
NAMES: tuple[Name, ...] = ("answers", "speed")


def running_pages(desk: Desk) -> APIRouter:
    """/console/running."""
    router = desk.router()
    viewer = Annotated[Person, Depends(needs("viewer"))]
    services = desk.services
    telemetry, zone = services.telemetry, ZoneInfo(services.settings.timezone)

    @router.get("/running")
    def running(request: Request, person: viewer, day: str = "") -> Response:
        """A day's numbers, today's by default; and, as they are now, the parts and the queues."""
        today = services.library.today()
        shown = min(day_of(day) or today, today)
        moment = datetime.now(zone).time()
        before = shown - timedelta(days=1)
        numbers = telemetry.days.numbers(shown)
        return desk.page(
            request,
            "running.html",
            numbers=numbers,
            before=telemetry.days.answers_until(before, moment if shown == today else datetime.max.time()),
            earlier=before,
            later=shown + timedelta(days=1) if shown < today else None,
            is_today=shown == today,
            charts=[(name, chart(name, numbers, person)) for name in NAMES],
            parts=telemetry.condition.parts(),
            queues=telemetry.queues.all(),
        )

    @router.get("/running/{name}.svg")
    def picture(name: Name, person: viewer, day: date, theme: Theme = "light") -> Response:
        """A chart of a day."""
        drawn = services.painter.svg(chart(name, telemetry.days.numbers(day), person), theme)
        return Response(drawn, media_type="image/svg+xml")

    def chart(name: Name, numbers: Day, person: Person) -> Chart:
        def text(key: str, **values: object) -> str:
            return desk.text(person.language, f"running.{key}", **values)

        from connectors.web.console.day_charts import answers_chart, speed_chart  # Altair is loaded for the first chart

        return answers_chart(numbers, text) if name == "answers" else speed_chart(numbers, text)

    return router
