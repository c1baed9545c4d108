"""Metric files that a creator sends: read at once, kept only after a yes."""

import asyncio
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, delete, select, update
from telegram import Document
from telegram.error import BadRequest
from telegram.ext import ExtBot

from assistant.creators.warehouse import Warehouse
from assistant.database.engine import reading
from assistant.database.telegram_tables import telegram_files as table
from assistant.errors import BadInput, NotFound
from connectors.feeds import ImportReport, Request, import_file
from connectors.feeds.remembered import ColumnMappings
from connectors.telegram.buttons import Button, question_rows
from connectors.telegram.delivery import persistently
from connectors.telegram.markup import ELLIPSIS, literal
from connectors.telegram.parts import Outgoing
from connectors.telegram.texts import Texts
from connectors.telegram.visits import Visit

LOG = logging.getLogger(__name__)

KINDS = (".csv", ".xlsx", ".parquet")
# What a bot can fetch from Telegram.
LARGEST_BYTES = 20 * 1024 * 1024
WAITS = timedelta(hours=24)
SHOWN_LINES = 5
# Sums that mean something to a creator, in the order in which they are told.
TOLD_TOTALS = ("play", "like", "comment", "share", "collect", "follow", "net_followers")


@dataclass(frozen=True)
class Waiting:
    """A file that waits for a yes, or was imported as `import_id`."""

    id: str
    chat: int
    creator: str
    name: str
    import_id: int | None


class Files:
    """The files of one bot's chats, in a folder of the home; one that nobody answers for is removed after a day."""

    def __init__(self, bot: ExtBot[int], number: int, engine: Engine, warehouse: Warehouse, folder: Path) -> None:
        self._bot = bot
        self._number = number
        self._engine = engine
        self._warehouse = warehouse
        self._mappings = ColumnMappings(engine)
        self._folder = folder

    async def received(self, visit: Visit, creator: str, document: Document) -> Outgoing:
        """What the file would bring, and whether to import it; a sentence when it cannot be."""
        texts = visit.texts
        name = Path(document.file_name or "").name[:200] or "file"
        kind = Path(name).suffix.lower()
        if kind not in KINDS:
            return Outgoing.of(texts("file.kind"))
        if (document.file_size or 0) > LARGEST_BYTES:
            return Outgoing.of(texts("file.large", megabytes=LARGEST_BYTES // 1024**2))
        await asyncio.to_thread(self._forget_old)
        waiting = Waiting(secrets.token_hex(8), visit.place.chat, creator, name, None)
        try:
            await self._fetch(document, self._path(waiting))
        except BadRequest as refusal:
            LOG.info("A file could not be fetched: %s", refusal.message)
            return Outgoing.of(texts("file.gone"))
        try:
            report = await asyncio.to_thread(self._import, waiting, True)
        except BadInput as problem:
            reference = secrets.token_hex(3)
            told = {"fields": {"reference": reference}}
            LOG.info("Reference %s: a file of %s was not read: %s", reference, creator, problem, extra=told)
            self._path(waiting).unlink(missing_ok=True)
            return Outgoing.of(texts("file.unread", reference=reference))
        await asyncio.to_thread(self._keep, waiting)
        choice = [Button(texts("file.yes"), f"keep:{waiting.id}"), Button(texts("file.no"), f"drop:{waiting.id}")]
        return Outgoing.of(_told("file.preview", report, texts), [choice])

    async def keep(self, visit: Visit, creator: str | None, id_: str) -> Outgoing:
        """Import a file after its yes, and tell what it brought. Raises NotFound for one that does not wait here."""
        waiting = await asyncio.to_thread(self._find, visit, creator, id_)
        if waiting.import_id is not None:
            return Outgoing.of(visit.texts("file.kept_before", number=waiting.import_id))
        report = await asyncio.to_thread(self._import, waiting, False)
        await asyncio.to_thread(self._mark, waiting, report.import_id)
        self._path(waiting).unlink(missing_ok=True)
        question = visit.texts("question.me")
        return Outgoing.of(_told("file.kept", report, visit.texts), question_rows([question]))

    async def drop(self, visit: Visit, creator: str | None, id_: str) -> Outgoing:
        """Forget a file after its no. Raises NotFound for one that does not wait here."""
        waiting = await asyncio.to_thread(self._find, visit, creator, id_)
        if waiting.import_id is not None:
            return Outgoing.of(visit.texts("file.kept_before", number=waiting.import_id))
        await asyncio.to_thread(self._remove, [waiting.id])
        return Outgoing.of(visit.texts("file.dropped"))

    async def _fetch(self, document: Document, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

        async def once() -> None:
            file = await self._bot.get_file(document)
            await file.download_to_drive(path)

        await persistently(once)

    def _import(self, waiting: Waiting, dry_run: bool) -> ImportReport:
        request = Request(creator_id=waiting.creator, dry_run=dry_run, actor=f"telegram {waiting.chat}")
        path = self._path(waiting)
        if not path.is_file():
            raise NotFound("The file is not there any more.")
        report = import_file(self._warehouse, path, request, self._mappings)
        report.file = waiting.name
        return report

    def _path(self, waiting: Waiting) -> Path:
        return self._folder / f"{waiting.id}{Path(waiting.name).suffix.lower()}"

    def _find(self, visit: Visit, creator: str | None, id_: str) -> Waiting:
        query = select(table).where(
            table.c.id == id_,
            table.c.bot == self._number,
            table.c.chat_id == visit.place.chat,
            table.c.creator_id == (creator or ""),
        )
        with reading(self._engine).begin() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise NotFound("No such file waits here.")
        return Waiting(row.id, row.chat_id, row.creator_id, row.name, row.import_id)

    def _keep(self, waiting: Waiting) -> None:
        with self._engine.begin() as connection:
            connection.execute(
                table.insert().values(
                    id=waiting.id,
                    bot=self._number,
                    chat_id=waiting.chat,
                    creator_id=waiting.creator,
                    name=waiting.name,
                    received_at=_now(),
                )
            )

    def _mark(self, waiting: Waiting, import_id: int | None) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(table).where(table.c.id == waiting.id).values(import_id=import_id))

    def _forget_old(self) -> None:
        old = select(table.c.id).where(table.c.bot == self._number, table.c.received_at < _now() - WAITS)
        with reading(self._engine).begin() as connection:
            ids = list(connection.scalars(old))
        self._remove(ids)

    def _remove(self, ids: Sequence[str]) -> None:
        for id_ in ids:
            for path in self._folder.glob(f"{id_}.*"):
                path.unlink(missing_ok=True)
        if ids:
            with self._engine.begin() as connection:
                connection.execute(delete(table).where(table.c.id.in_(ids)))


def _told(heading: str, report: ImportReport, texts: Texts) -> str:
    """A report in a few lines: what was read, what it changes, its sums, and which lines were left out."""
    stored = "file.would_store" if report.import_id is None else "file.stored"
    lines = [
        texts("file.read", layout=literal(report.preset), rows=report.read, works=report.works, days=report.days),
        texts(stored, new=report.new, changed=report.changed),
    ]
    totals = [(name, report.totals[name]) for name in TOLD_TOTALS if report.totals.get(name)]
    if totals:
        sums = [f"{texts(f'total.{name}')} {round(value):,}" for name, value in totals]
        lines.append(texts("file.totals", sums=texts("list.comma").join(sums)))
    if report.skipped:
        shown = texts("list.comma").join(str(one.line) for one in report.skipped[:SHOWN_LINES])
        more = ELLIPSIS if len(report.skipped) > SHOWN_LINES else ""
        lines.append(texts("file.skipped", count=len(report.skipped), lines=shown + more))
    told = "\n".join(f"- {line}" for line in lines)
    return f"{texts(heading, name=literal(report.file))}\n\n{told}"


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
