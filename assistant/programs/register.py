"""The programs that staff define: drafts, versions, publishing, closing. Every change is in the audit trail."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Connection, Engine, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from assistant.creators.custom import CustomMetrics
from assistant.creators.language.trees import looks_back
from assistant.database.engine import reading
from assistant.database.program_tables import program_budgets, program_versions, programs
from assistant.errors import BadInput, Conflict, NotFound, Said
from assistant.programs.rewards import RewardKind
from assistant.programs.rule_texts import UnusableRule, rule_of
from assistant.programs.rules import CriteriaRule, Kind, Rule, TaskRule
from knowledge import audit

SLUG = re.compile(r"[a-z][a-z0-9-]{1,59}")
BUDGETED: tuple[RewardKind, ...] = ("cash", "traffic")
R = TypeVar("R", bound=Rule)


class NoSuchProgram(NotFound):
    """There is no program of this name, or none that this is for."""

    def __init__(self, slug: str) -> None:
        super().__init__("There is no program {slug!r}; `heliotrope programs list` names those that exist.", slug=slug)
        self.slug = slug


@dataclass(frozen=True)
class Version(Generic[R]):
    """One version of a program's rule. `state` is draft, published or replaced; a published rule never changes."""

    program: str
    number: int
    state: str
    rule: R
    author: str
    created_at: datetime
    publisher: str | None
    published_at: datetime | None


@dataclass(frozen=True)
class Program(Generic[R]):
    """A program with its versions, newest first."""

    slug: str
    kind: Kind
    closed_at: datetime | None
    versions: tuple[Version[R], ...]

    @property
    def draft(self) -> Version[R] | None:
        """The version that staff are writing."""
        return next((one for one in self.versions if one.state == "draft"), None)

    @property
    def published(self) -> Version[R] | None:
        """The version in force."""
        return next((one for one in self.versions if one.state == "published"), None)

    @property
    def shown(self) -> Version[R]:
        """What is looked at: the version in force, else the newest."""
        return self.published or self.versions[0]


@dataclass(frozen=True)
class Purse:
    """What a program may give of one kind and has given, in fen or exposures."""

    kind: RewardKind
    total: int
    spent: int

    @property
    def left(self) -> int:
        """What may still be given."""
        return self.total - self.spent


class Register:
    """Drafts become published versions; the one in force decides who may join, older ones hold for who joined then.

    A rule that is kept has been checked: its metrics exist and can be a goal, and once published they name their
    version, so that a metric that is defined anew changes no promise.
    """

    def __init__(self, engine: Engine, metrics: CustomMetrics) -> None:
        self._engine = engine
        self._metrics = metrics

    def save(self, slug: str, kind: Kind, kept: Mapping[str, Any], author: str) -> Version[Rule]:
        """Keep a rule as the program's draft, in place of an earlier draft; a new slug begins a program.

        Raises UnusableRule, BadInput for a slug that cannot be one, Conflict for one of another kind.
        """
        rule = self._checked(rule_of(kind, kept))
        now = _now()
        try:
            with self._engine.begin() as connection:
                known = connection.scalar(select(programs.c.kind).where(programs.c.slug == slug))
                if known is None:
                    _refuse_unusable(slug)
                    connection.execute(insert(programs).values(slug=slug, kind=kind, created_at=now))
                elif known != kind:
                    raise Conflict("{slug} is a {known} already; choose another name.", slug=slug, known=Said(known))
                versions = program_versions.c
                latest = connection.execute(
                    select(versions.version, versions.state)
                    .where(versions.program == slug)
                    .order_by(versions.version.desc())
                    .limit(1)
                ).first()
                number = 1 if latest is None else latest.version + (latest.state != "draft")
                values = {"rule": rule.model_dump(mode="json"), "author": author, "created_at": now}
                if latest is not None and latest.state == "draft":
                    connection.execute(_this(slug, number).values(**values))
                else:
                    connection.execute(
                        insert(program_versions).values(program=slug, version=number, state="draft", **values)
                    )
                audit.record(connection, author, "program.saved", slug, revision=number, title=rule.title.zh)
        except IntegrityError as error:
            raise Conflict(
                "{slug} was changed by somebody else just now; look at it, then try again.",
                slug=slug,
            ) from error
        return Version(slug, number, "draft", rule, author, now, None, None)

    def checked(self, kind: Kind, kept: Mapping[str, Any]) -> Rule:
        """A rule that is only looked at, kept nowhere. Raises UnusableRule."""
        return self._checked(rule_of(kind, kept))

    def kind_of(self, slug: str) -> Kind | None:
        """What a program is; None for a name that is free."""
        with reading(self._engine).begin() as connection:
            return connection.scalar(select(programs.c.kind).where(programs.c.slug == slug))

    def publish(self, slug: str, publisher: str) -> Version[Rule]:
        """Put the draft in force. Raises Conflict when there is none, or when its budget is below what was spent."""
        now = _now()
        draft = self.find(slug).draft
        if draft is None:
            raise Conflict("{slug} has no draft to publish.", slug=slug)
        rule = self._checked(draft.rule, pinned=True)
        with self._engine.begin() as connection:
            is_due = (program_versions.c.program == slug, program_versions.c.state == "published")
            connection.execute(update(program_versions).where(*is_due).values(state="replaced"))
            published = _this(slug, draft.number).where(
                program_versions.c.state == "draft", program_versions.c.created_at == draft.created_at
            )
            values = {"rule": rule.model_dump(mode="json"), "publisher": publisher, "published_at": now}
            if connection.execute(published.values(state="published", **values)).rowcount != 1:
                raise Conflict("The draft of {slug} was changed just now; look at it, then publish it.", slug=slug)
            connection.execute(update(programs).where(programs.c.slug == slug).values(closed_at=None))
            if isinstance(rule, TaskRule):
                for kind in BUDGETED:
                    _set_budget(connection, slug, kind, rule.budget.total(kind) or 0)
            audit.record(connection, publisher, "program.published", slug, revision=draft.number, title=rule.title.zh)
        return Version(slug, draft.number, "published", rule, draft.author, draft.created_at, publisher, now)

    def discard(self, slug: str, actor: str) -> None:
        """Drop the draft. Raises Conflict when there is none; a program that was never published stays without one."""
        found = self.find(slug)
        if found.draft is None or found.published is None:
            raise Conflict("{slug} has no draft beside a published version.", slug=slug)
        with self._engine.begin() as connection:
            draft = (program_versions.c.program == slug, program_versions.c.state == "draft")
            connection.execute(program_versions.delete().where(*draft))
            audit.record(connection, actor, "program.discarded", slug, revision=found.draft.number)

    def close(self, slug: str, actor: str, reason: str) -> None:
        """Nobody joins from now on; who joined goes on. Raises Conflict when it is not open."""
        self.find(slug)
        with self._engine.begin() as connection:
            is_open = (programs.c.slug == slug, programs.c.closed_at.is_(None))
            if connection.execute(update(programs).where(*is_open).values(closed_at=_now())).rowcount != 1:
                raise Conflict("{slug} is closed already.", slug=slug)
            audit.record(connection, actor, "program.closed", slug, reason)

    def find(self, slug: str) -> Program[Rule]:
        """One program. Raises NoSuchProgram."""
        found = self._read(programs.c.slug == slug)
        if not found:
            raise NoSuchProgram(slug)
        return found[0]

    def all(self, kind: Kind) -> list[Program[Rule]]:
        """Every program of a kind, the newest first."""
        return self._read(programs.c.kind == kind)

    def task(self, slug: str) -> Program[TaskRule]:
        """A program that is a task. Raises NoSuchProgram."""
        found = self.find(slug)
        if found.kind != "task":
            raise NoSuchProgram(slug)
        return found  # type: ignore[return-value]

    def criteria(self, slug: str) -> CriteriaRule:
        """The criteria in force of Star or of a checklist. Raises NoSuchProgram."""
        found = self.find(slug).published
        if found is None or not isinstance(found.rule, CriteriaRule):
            raise NoSuchProgram(slug)
        return found.rule

    def tasks_in_force(self) -> list[Version[TaskRule]]:
        """The published version of each task that is not closed, whatever the day, by name."""
        found = self._read((programs.c.kind == "task") & programs.c.closed_at.is_(None))
        return sorted(
            (one.published for one in found if one.published is not None),  # type: ignore[misc]
            key=lambda version: version.program,
        )

    def task_versions(self) -> dict[tuple[str, int], Version[TaskRule]]:
        """Every version of every task that was ever in force, by slug and number."""
        return {
            (one.slug, version.number): version  # type: ignore[misc]
            for one in self._read(programs.c.kind == "task")
            for version in one.versions
            if version.state != "draft"
        }

    def purses(self, slug: str) -> list[Purse]:
        """A task's budgets that hold something."""
        query = select(program_budgets).where(program_budgets.c.program == slug, program_budgets.c.total > 0)
        with reading(self._engine).begin() as connection:
            rows = connection.execute(query.order_by(program_budgets.c.kind)).all()
        return [Purse(row.kind, row.total, row.spent) for row in rows]

    def all_purses(self) -> dict[str, list[Purse]]:
        """The budgets of every task, by its slug."""
        found: dict[str, list[Purse]] = {}
        with reading(self._engine).begin() as connection:
            for row in connection.execute(select(program_budgets).order_by(program_budgets.c.kind)):
                found.setdefault(row.program, []).append(Purse(row.kind, row.total, row.spent))
        return found

    def _read(self, condition: Any) -> list[Program[Rule]]:
        query = (
            select(programs.c.kind, programs.c.closed_at, program_versions)
            .join(program_versions, program_versions.c.program == programs.c.slug)
            .where(condition)
            .order_by(programs.c.created_at.desc(), programs.c.slug, program_versions.c.version.desc())
        )
        with reading(self._engine).begin() as connection:
            rows = connection.execute(query).all()
        grouped: dict[str, list[Row[Any]]] = {}
        for row in rows:
            grouped.setdefault(row.program, []).append(row)
        return [
            Program(slug, some[0].kind, some[0].closed_at, tuple(_version(row) for row in some))
            for slug, some in grouped.items()
        ]

    def _checked(self, rule: R, pinned: bool = False) -> R:
        """The rule, after its metrics were looked up; `pinned`: with the version of each custom one."""
        names: dict[str, str] = {}
        for condition in conditions_of(rule):
            try:
                metric = self._metrics.metric(condition.metric, None)
            except NotFound as error:
                raise UnusableRule(condition.metric, "there is no such metric") from error
            if looks_back(metric.expression):
                raise UnusableRule(metric.name, "a metric with rolling or lag looks at days before its window")
            if metric.unit == "percent" and condition.target > 1:
                given = condition.target
                raise UnusableRule(metric.name, "write {given:g}% or {share:g}", given=given, share=given / 100)
            names[condition.metric] = metric.name if pinned else metric.slug
        kept = rule.model_dump(mode="json")
        for place in _places(kept):
            place["metric"] = names[place["metric"]]
        return cast(R, type(rule).model_validate(kept))


def conditions_of(rule: Rule) -> tuple[Any, ...]:
    """Every condition on a metric in a rule."""
    if isinstance(rule, TaskRule):
        return tuple(goal for step in rule.steps for goal in step.goals)
    return rule.conditions


def _places(kept: Any) -> list[dict[str, Any]]:
    """The conditions in a rule's JSON."""
    if isinstance(kept, list):
        return [place for inner in kept for place in _places(inner)]
    if not isinstance(kept, dict):
        return []
    return [kept] if "metric" in kept else [place for inner in kept.values() for place in _places(inner)]


def _version(row: Row[Any]) -> Version[Rule]:
    rule = rule_of(row.kind, row.rule)
    return Version(
        row.program, row.version, row.state, rule, row.author, row.created_at, row.publisher, row.published_at
    )


def _this(slug: str, number: int) -> Any:
    return update(program_versions).where(program_versions.c.program == slug, program_versions.c.version == number)


def _set_budget(connection: Connection, slug: str, kind: RewardKind, total: int) -> None:
    """What was spent stays spent: a budget can only be lowered to that."""
    own = (program_budgets.c.program == slug, program_budgets.c.kind == kind)
    spent = connection.scalar(select(program_budgets.c.spent).where(*own).with_for_update())
    if spent is None:
        connection.execute(insert(program_budgets).values(program=slug, kind=kind, total=total, spent=0))
    elif spent > total:
        raise Conflict(
            "Of the {kind} budget of {slug} {spent} is spent already; it cannot be lowered to {total}.",
            kind=Said(kind), slug=slug, spent=spent, total=total,
        )
    else:
        connection.execute(update(program_budgets).where(*own).values(total=total))


def _refuse_unusable(slug: str) -> None:
    if not SLUG.fullmatch(slug):
        raise BadInput("A program's name is 2 to 60 small letters a-z, digits and -, beginning with a letter.")


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
