"""榜单: leaderboards of any metric by day, week and month, by category and tier, kept as they were."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from threading import Lock

import ibis.expr.types as ir
import pyarrow as pa
from sqlalchemy import Engine, insert, select
from sqlalchemy import Row as SqlRow

from assistant.creators.accounts import Accounts
from assistant.creators.catalogue import CATALOGUE, Metric
from assistant.creators.custom import STAFF, CustomMetrics
from assistant.creators.leaderboards.board import Board, CutPlace, Entry, Recomputed, Snapshot, Standing
from assistant.creators.leaderboards.periods import Period, Span, finished, last_finished
from assistant.creators.leaderboards.ranking import Cut, Reader
from assistant.creators.leaderboards.snapshots import Computed, computed_boards
from assistant.creators.tiers import TIERS
from assistant.creators.warehouse import Row, Warehouse, Workbench
from assistant.database.engine import reading
from assistant.database.number_tables import leaderboards
from assistant.errors import BadInput, NotFound
from knowledge import audit

# So many finished periods back the nightly round looks for boards that could not be kept then.
LATE: dict[Period, int] = {"day": 7, "week": 2, "month": 2}
SHOWN = 20
MOST_SHOWN = 1_000
NEIGHBOURS = 2


class Leaderboards:
    """Boards of built-in metrics and of the custom ones that staff allow.

    A board of a period that is over, and which the numbers reach, is kept by the night (`keep_due`) or when it is first
    asked for. What was kept is never changed: numbers that arrive later show in a new revision, made by `recompute`.
    """

    def __init__(self, engine: Engine, warehouse: Warehouse, accounts: Accounts, custom_metrics: CustomMetrics) -> None:
        self._engine = engine
        self._warehouse = warehouse
        self._accounts = accounts
        self._custom_metrics = custom_metrics
        self._making = Lock()

    def metric(self, name: str) -> tuple[Metric, str]:
        """The metric of that slug or title that may stand on a board, and its owner. Raises NotFound with those."""
        allowed = self.metrics()
        for metric, owner in allowed:
            if name in (metric.slug, metric.name, metric.title_zh, metric.title_en):
                return metric, owner
        raise NotFound(
            "There is no leaderboard {name!r}; there are {known}. Staff allow a custom metric with `metrics define "
            "… --leaderboards`.",
            name=name, known=", ".join((metric.slug for metric, _ in allowed)),
        )

    def metrics(self) -> list[tuple[Metric, str]]:
        """Every metric that may stand on a board with its owner, the built-in ones first."""
        custom = [(one.metric, one.owner) for one in self._custom_metrics.on_leaderboards()]
        return [(metric, STAFF) for metric in CATALOGUE.values()] + custom

    def board(
        self,
        name: str,
        period: Period,
        today: date,
        cut: Cut | None = None,
        count: int = SHOWN,
        only_jumps: bool = False,
    ) -> Board:
        """The board of the last period that was over when `today` began, cut to a category and a tier, or what is
        marked on it.

        Raises NotFound for an unknown metric, BadInput for a `count` outside 1 to 1,000.
        """
        if not 1 <= count <= MOST_SHOWN:
            raise BadInput("Ask for 1 to {most_shown:,} places.", most_shown=MOST_SHOWN)
        metric, owner = self.metric(name)
        span = finished(period, today)
        wanted = cut or Cut()
        with self._opened(metric, owner, span) as (board, reader, before):
            rows = reader.jumps(wanted, count) if only_jumps else reader.top(wanted, count)
            ((ranked, _),) = reader.sizes([wanted])
            entries = self._entries(rows, wanted, before)
            return replace(board, cut=wanted, ranked=ranked, jumps=reader.jump_count(wanted), entries=entries)

    def snapshots(self, name: str, period: Period, count: int = SHOWN) -> list[Snapshot]:
        """The boards of a metric that were kept, every revision of them, the latest period first. Raises NotFound."""
        metric, owner = self.metric(name)
        same = (leaderboards.c.owner == owner, leaderboards.c.metric == metric.name, leaderboards.c.period == period)
        query = select(leaderboards).where(*same)
        query = query.order_by(leaderboards.c.first.desc(), leaderboards.c.revision.desc()).limit(count)
        with reading(self._engine).begin() as connection:
            rows = connection.execute(query).all()
        return [
            Snapshot(
                Span(period, date.fromisoformat(row.first), date.fromisoformat(row.last)),
                row.revision,
                row.ranked,
                row.made_at,
                row.made_by,
            )
            for row in rows
        ]

    def keep_due(self, today: date) -> int:
        """Keep what can be kept of the boards of all metrics: of the periods that were over when `today` began, as many
        back as numbers may come late. Returns how many were made."""
        made = 0
        for period, back in LATE.items():
            for span in last_finished(period, today, back):
                if self._through(span) == span.last:
                    made += len(self.make(self.metrics(), span))
        return made

    def standing(self, creator: str, name: str, period: Period, today: date) -> Standing:
        """The creator's place on that board: rank, change, and who stands around. Raises NotFound as `board`."""
        metric, owner = self.metric(name)
        with self._opened(metric, owner, finished(period, today)) as (board, reader, before):
            mine = reader.row_of(creator)
            if mine is None:
                return Standing(board, None)
            cuts = _cuts_of(mine)
            places = []
            for cut, (of, rank) in zip(cuts, reader.sizes(cuts, mine["value"]), strict=True):
                rank_before = before.ranks(cut, [creator]).get(creator) if before else None
                places.append(CutPlace(cut, rank, of, rank_before))
            told = Standing(board, None, tuple(places)).told
            assert told is not None
            rows = _around(reader, mine, told)
            entries = self._entries(rows, told.cut, before)
            own = next(entry for entry in entries if entry.creator_id == creator)
            return Standing(replace(board, cut=told.cut, ranked=told.of), own, tuple(places), entries)

    def make(
        self, metrics: Sequence[tuple[Metric, str]], span: Span, actor: str = "", anew: bool = False
    ) -> list[Board]:
        """Keep the boards of several metrics of one period, in one transaction; those that are kept already stay, or
        with `anew` get a new revision."""
        with self._making:
            missing = [(metric, owner) for metric, owner in metrics if anew or self._kept(metric, owner, span) is None]
            return self._made(missing, span, actor) if missing else []

    def recompute(self, name: str, period: Period, today: date, actor: str) -> Recomputed:
        """Make a board again from the numbers there are now; where they give another, keep it as a new revision. What
        is provisional stays so."""
        metric, owner = self.metric(name)
        span = finished(period, today)
        with self._making:
            kept = self._kept(metric, owner, span)
            differing = 0
            if kept is not None:
                with self._warehouse.workbench() as bench:
                    again = next(computed_boards(bench, self._warehouse, [metric], span, self._categories()))
                    differing = _differing(bench, again.rows, self._rows_of(kept.id))
            if differing or (kept is None and self._through(span) == span.last):
                self._made([(metric, owner)], span, actor)
        return Recomputed(None if kept is None else kept.revision, differing, self.board(name, period, today))

    def _made(self, metrics: Sequence[tuple[Metric, str]], span: Span, actor: str) -> list[Board]:
        """The rows first: a board is there from the moment that SQL names it."""
        made_at = datetime.now(UTC).replace(tzinfo=None)
        owners = {metric.name: owner for metric, owner in metrics}
        headers = []
        with self._warehouse.workbench(writes=True) as bench:
            last_import = _last_import(self._warehouse)
            wanted = [metric for metric, _ in metrics]
            for board in computed_boards(bench, self._warehouse, wanted, span, self._categories()):
                if not board.ranked:
                    continue
                id_ = secrets.randbits(62)
                bench.insert("board_rows", board.rows.mutate(board=id_))
                headers.append(self._header(board, owners[board.metric.name], span, id_, made_at, actor, last_import))
        with self._engine.begin() as connection:
            for header in headers:
                connection.execute(insert(leaderboards).values(**header))
            if headers:
                subject = f"leaderboard:{span.period} {span.first}"
                names = ", ".join(str(header["metric"]) for header in headers)
                audit.record(connection, actor or "heliotrope", "leaderboards.keep", subject, metrics=names)
        rows = [self._kept(metric, owner, span) for metric, owner in metrics]
        return [_board(metric, span, row) for (metric, _), row in zip(metrics, rows, strict=True) if row is not None]

    def _header(
        self, board: Computed, owner: str, span: Span, id_: int, made_at: datetime, actor: str, last_import: int
    ) -> dict[str, object]:
        kept = self._kept(board.metric, owner, span)
        return {
            "id": id_,
            "owner": owner,
            "metric": board.metric.name,
            "period": span.period,
            "first": span.first.isoformat(),
            "last": span.last.isoformat(),
            "revision": 1 if kept is None else kept.revision + 1,
            "minimum_base": board.metric.minimum_base,
            "ranked": board.ranked,
            "below_base": board.below_base,
            "usual": board.usual,
            "made_at": made_at,
            "made_by": actor,
            "last_import": last_import,
        }

    @contextmanager
    def _opened(self, metric: Metric, owner: str, span: Span) -> Iterator[tuple[Board, Reader, Reader | None]]:
        """A board with its rows and those of the period before. Kept when it can be, else provisional."""
        lower = metric.direction == "lower is better"
        kept, earlier = self._keepable(metric, owner, span), self._keepable(metric, owner, span.previous)
        with self._warehouse.workbench() as bench:
            before = None if earlier is None else Reader(bench, self._rows_of(earlier.id), lower)
            if kept is not None:
                yield _board(metric, span, kept), Reader(bench, self._rows_of(kept.id), lower), before
                return
            computed = next(computed_boards(bench, self._warehouse, [metric], span, self._categories()))
            made_at = datetime.now(UTC).replace(tzinfo=None)
            found = computed.ranked, computed.below_base, computed.usual
            board = Board(metric, span, Cut(), *found, None, made_at, self._through(span))
            yield board, Reader(bench, bench.keep("provisional", computed.rows), lower), before

    def _keepable(self, metric: Metric, owner: str, span: Span) -> SqlRow | None:
        """The kept board, made now when the numbers reach the end of the period; None when they do not."""
        kept = self._kept(metric, owner, span)
        if kept is None and self._through(span) == span.last:
            self.make([(metric, owner)], span)
            kept = self._kept(metric, owner, span)
        return kept

    def _through(self, span: Span) -> date | None:
        """The last day of the period that the numbers reach, which is its end when there are later ones; None when
        there are none of the period."""
        days = self._warehouse.daily_sums
        days = days.filter(days.day >= span.first)
        inside = days.day.count(where=days.day <= span.last)
        found = self._warehouse.rows(days.agg(through=days.day.max(), inside=inside))[0]
        return min(found["through"], span.last) if found["inside"] else None

    def _kept(self, metric: Metric, owner: str, span: Span) -> SqlRow | None:
        """The latest revision of a board."""
        kept = select(leaderboards).where(
            leaderboards.c.owner == owner,
            leaderboards.c.metric == metric.name,
            leaderboards.c.period == span.period,
            leaderboards.c.first == span.first.isoformat(),
        )
        with reading(self._engine).begin() as connection:
            return connection.execute(kept.order_by(leaderboards.c.revision.desc()).limit(1)).first()

    def _rows_of(self, id_: int) -> ir.Table:
        rows = self._warehouse.board_rows
        return rows.filter(rows.board == id_)

    def _categories(self) -> pa.Table:
        pairs = self._accounts.categories()
        ids, names = zip(*pairs, strict=True) if pairs else ((), ())
        return pa.table({"creator_id": pa.array(ids, pa.string()), "category": pa.array(names, pa.string())})

    def _entries(self, rows: Sequence[Row], cut: Cut, before: Reader | None) -> tuple[Entry, ...]:
        ids = [row["creator_id"] for row in rows]
        ranks_before = before.ranks(cut, ids) if before and ids else {}
        accounts = self._accounts.some(ids)
        return tuple(
            Entry(
                rank=row["rank"],
                creator_id=row["creator_id"],
                name=accounts[row["creator_id"]].name if row["creator_id"] in accounts else "",
                value=row["value"],
                n=round(row["base"]),
                before=row["before"],
                rank_before=ranks_before.get(row["creator_id"]),
                is_jump=row["is_jump"],
                is_synthetic=row["creator_id"] in accounts and accounts[row["creator_id"]].synthetic,
            )
            for row in rows
        )


def _board(metric: Metric, span: Span, row: SqlRow) -> Board:
    return Board(
        metric=replace(metric, minimum_base=row.minimum_base),
        span=span,
        cut=Cut(),
        ranked=row.ranked,
        below_base=row.below_base,
        usual=row.usual,
        revision=row.revision,
        made_at=row.made_at,
        through=span.last,
    )


def _cuts_of(row: Row) -> list[Cut]:
    """Everybody, the creator's tier, tier and category; those that are known."""
    tier = next((one for one in TIERS if one.floor == row["tier"]), None)
    cuts = [Cut()]
    if tier is not None:
        cuts.append(Cut(tier=tier))
    if row["category"]:
        cuts.append(Cut(row["category"], tier))
    return cuts


def _around(reader: Reader, mine: Row, place: CutPlace) -> list[Row]:
    """The first three, the creator and the neighbours, with ranks, in the order of the board."""
    top = reader.top(place.cut, 3)
    above, below = reader.neighbours(mine, place.cut, NEIGHBOURS)
    listed = {row["creator_id"] for row in top}
    rest = [row for row in (*above, mine, *below) if row["creator_id"] not in listed]
    ranks = reader.ranks(place.cut, [row["creator_id"] for row in rest]) if rest else {}
    return top + [{**row, "rank": ranks[row["creator_id"]]} for row in rest]


def _differing(bench: Workbench, again: ir.Table, kept: ir.Table) -> int:
    """How many creators have another number now, or are on one of the two only."""
    both = again.select("creator_id", now=again.value).outer_join(
        kept.select("creator_id", then=kept.value), "creator_id"
    )
    tolerated = (both.now - both.then).abs() <= 1e-9 * both.then.abs() + 1e-9
    is_other = ~(both.now.notnull() & both.then.notnull() & tolerated.fill_null(False))
    return int(bench.rows(both.agg(differing=is_other.sum()))[0]["differing"] or 0)


def _last_import(warehouse: Warehouse) -> int:
    latest = warehouse.imports(1)
    return latest[0].id if latest else 0
