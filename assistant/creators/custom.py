"""自定义数据指标: metrics that creators and staff define in the formula language."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from itertools import chain, count

from sqlalchemy import Connection, Engine, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from assistant.creators.catalogue import CATALOGUE, PLAYS_TO_JUDGE, Metric
from assistant.creators.figures import Unit
from assistant.creators.language.checking import Understood, understand
from assistant.creators.language.compiling import counts_below
from assistant.creators.language.explaining import explain
from assistant.creators.language.faults import FormulaFault, sentences
from assistant.creators.language.trees import Formula, Reference, references_of
from assistant.creators.language.writing import write
from assistant.database.engine import reading
from assistant.database.number_tables import metric_definitions as definitions
from assistant.errors import BadInput, Conflict, NotFound
from knowledge import audit
from knowledge.folding import clean, fold

# The owner of what staff define for everybody.
STAFF = ""
LONGEST_TITLE = 60
MOST_METRICS = 100
WORKS_TO_JUDGE = 3
_SLUG = re.compile(r"[a-z][a-z0-9_]{1,59}")
_RESERVED = ("and", "or", "not")
_GRAINS: Mapping[str, str] = {"sums": "work and day", "day": "creator and day", "work": "work"}


@dataclass(frozen=True)
class Definition:
    """One version of a custom metric. `text` is the formula as it was typed, `canonical` what is computed."""

    owner: str
    slug: str
    version: int
    title: str
    text: str
    canonical: str
    unit: Unit
    formula: Formula
    created_at: datetime
    allowed_on_leaderboards: bool

    @property
    def metric(self) -> Metric:
        """The definition as a metric like any other."""
        return as_metric(self.slug, self.title, self.formula, self.unit, self.version)

    def explained(self, lang: str) -> str:
        """What is counted, in words."""
        return f"{self.title} = {explain(self.formula, lang)}"


def is_named(title: str, folded: str) -> bool:
    """Whether a metric's title stands in a folded text. One of a single character would stand in every second text;
    a Latin one must stand there as words of its own."""
    pattern = _standing(title)
    return pattern is not None and pattern.search(folded) is not None


@lru_cache(maxsize=1024)
def _standing(title: str) -> re.Pattern[str] | None:
    name = fold(title)
    edges = [r"(?<![a-z0-9])" * name[:1].isascii(), r"(?![a-z0-9])" * name[-1:].isascii()]
    return re.compile(edges[0] + re.escape(name) + edges[1]) if len(name) > 1 else None


def as_metric(slug: str, title: str, formula: Formula, unit: Unit, version: int | None) -> Metric:
    """A formula as a metric; its definition is the formula explained, so every figure carries it. One that is only
    tried has no version."""
    words = {lang: explain(formula, lang) for lang in ("zh", "en")}
    if version is not None:
        told = sentences()["told"]["custom"]
        words = {lang: told[lang].format(version=version, words=words[lang]) for lang in words}
    # Plays are asked for only where they are what the number rests on: `1 - ratio(…)` rests on days.
    is_rate = unit in ("percent", "per_thousand") and formula.rows == "sums" and counts_below(formula) is not None
    return Metric(
        slug=slug,
        title_zh=title,
        title_en=title,
        unit=unit,
        formula=formula,
        grain=_GRAINS[formula.rows],  # type: ignore[arg-type]
        direction="neither",
        minimum_base=PLAYS_TO_JUDGE if is_rate else WORKS_TO_JUDGE if formula.rows == "work" else 1,
        version=version,
        definition_zh=words["zh"],
        definition_en=words["en"],
    )


class CustomMetrics:
    """Definitions with their versions. A creator sees the own ones and the staff's, never another creator's.

    A definition never changes, and it names the version of every metric it refers to: what a figure meant can always be
    looked up, and redefining one metric changes no other.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def define(
        self, slug: str, text: str, owner: str = STAFF, title: str | None = None, actor: str = "", allowed: bool = False
    ) -> Definition:
        """Keep a metric, or a new version of it; the very same again adds none. `allowed`: on leaderboards.

        The title is `title`, else what stands before `=` in the text, else the slug. Raises FormulaFault (a BadInput
        that points at the character), BadInput for a slug or title that cannot be one, Conflict for one that is taken.
        """
        text = clean(text)
        if not _SLUG.fullmatch(slug) or slug in _RESERVED:
            raise BadInput("A metric's slug is 2 to 60 small letters a-z, digits and _, beginning with a letter.")
        try:
            with self._engine.begin() as connection:
                known = _visible(connection, owner)
                understood = understand(text, known)
                _refuse_cycle(slug, understood.formula, text)
                shown = _title(title or understood.title or slug)
                self._refuse_taken(known, slug, shown, owner)
                definition = self._kept(connection, known, slug, text, owner, shown, understood, allowed)
                subject = f"metric:{definition.metric.name}"
                audit.record(connection, actor or owner or "staff", "metrics.define", subject, formula=text)
        except IntegrityError as error:
            raise Conflict(
                "{slug} was defined by somebody else just now; look at it, then try again.",
                slug=slug,
            ) from error
        return definition

    def metric(self, name: str, creator: str | None) -> Metric:
        """The metric of that slug (`slug@2`: that version) or title, built-in or custom, that this creator may see.

        Raises NotFound, which names those there are.
        """
        slug, _, version = name.partition("@")
        if name in CATALOGUE:
            return CATALOGUE[name]
        with reading(self._engine).begin() as connection:
            known = _visible(connection, creator)
            found = known.definition(slug, int(version) if version.isdecimal() else None)
        if found is None or (version and not version.isdecimal()):
            slugs = ", ".join((*CATALOGUE, *known.latest))
            raise NotFound("There is no metric {name!r}; there are {slugs}.", name=name, slugs=slugs)
        return found.metric

    def visible_to(self, creator: str | None) -> list[Definition]:
        """The latest versions of what this creator may use: the own ones, then the staff's; for None the staff's."""
        with reading(self._engine).begin() as connection:
            known = _visible(connection, creator)
            return [known.made(row) for row in known.latest.values()]

    def titles(self, creator: str) -> list[str]:
        """What the metrics are called that `visible_to` gives."""
        with reading(self._engine).begin() as connection:
            return [row.title for row in _visible(connection, creator).latest.values()]

    def slug_for(self, title: str, owner: str) -> str:
        """A slug for a metric defined by its title alone: that of the owner's metric of this title, whose next version
        it becomes; else one that is free."""
        with reading(self._engine).begin() as connection:
            latest = _visible(connection, owner).latest
        own = [row.slug for row in latest.values() if row.owner == owner and fold(row.title) == fold(title)]
        plain = re.sub(r"[^a-z0-9]+", "_", fold(title)).strip("_")
        numbered = (f"metric_{number}" for number in count(1))
        fit = (slug for slug in chain(own, [plain], numbered) if slug in own or _is_free(slug, latest))
        return next(fit)

    def named_in(self, text: str, creator: str | None) -> list[Metric]:
        """The custom metrics whose title stands in a text, such as a question."""
        folded = fold(text)
        with reading(self._engine).begin() as connection:
            known = _visible(connection, creator)
            return [known.made(row).metric for row in known.latest.values() if is_named(row.title, folded)]

    def on_leaderboards(self) -> list[Definition]:
        """The latest versions that staff allow on leaderboards, whoever defined them."""
        with reading(self._engine).begin() as connection:
            owners = connection.scalars(select(definitions.c.owner).where(definitions.c.allowed_on_leaderboards))
            own = [(owner, _visible(connection, owner)) for owner in sorted(set(owners))]
            return [
                known.made(row)
                for owner, known in own
                for row in known.latest.values()
                if row.owner == owner and row.allowed_on_leaderboards
            ]

    def allow(self, slug: str, owner: str, allowed: bool, actor: str) -> None:
        """Let the latest version of a metric on leaderboards, or take it off. Raises NotFound."""
        with self._engine.begin() as connection:
            own = (definitions.c.owner == owner, definitions.c.slug == slug)
            latest = connection.scalar(select(func.max(definitions.c.version)).where(*own))
            if latest is None:
                raise NotFound("There is no custom metric {slug!r} of that owner.", slug=slug)
            changed = update(definitions).where(*own, definitions.c.version == latest)
            connection.execute(changed.values(allowed_on_leaderboards=allowed))
            action = "metrics.allow" if allowed else "metrics.disallow"
            audit.record(connection, actor, action, f"metric:{slug}@{latest}", owner=owner)

    def understood(self, text: str, creator: str | None) -> Understood:
        """A formula read with the names that this creator may use, and kept nowhere. Raises FormulaFault."""
        with reading(self._engine).begin() as connection:
            return understand(clean(text), _visible(connection, creator))

    def _kept(
        self,
        connection: Connection,
        known: "_Visible",
        slug: str,
        text: str,
        owner: str,
        title: str,
        understood: Understood,
        allowed: bool,
    ) -> Definition:
        latest = known.latest.get(slug)
        canonical = write(understood.formula)
        said = (canonical, title, allowed)
        if latest is not None and (latest.canonical, latest.title, latest.allowed_on_leaderboards) == said:
            return known.made(latest)
        definition = Definition(
            owner=owner,
            slug=slug,
            version=1 if latest is None else latest.version + 1,
            title=title,
            text=text,
            canonical=canonical,
            unit=understood.unit,
            formula=understood.formula,
            created_at=datetime.now(UTC).replace(tzinfo=None),
            allowed_on_leaderboards=allowed,
        )
        columns = ("owner", "slug", "version", "title", "canonical", "unit", "created_at", "allowed_on_leaderboards")
        values = {name: getattr(definition, name) for name in columns}
        connection.execute(insert(definitions).values(formula=text, **values))
        return definition

    def _refuse_taken(self, known: "_Visible", slug: str, title: str, owner: str) -> None:
        taken = known.latest.get(slug)
        if slug in CATALOGUE or (taken is not None and taken.owner != owner):
            raise Conflict("{slug} is the name of another metric already; choose another slug.", slug=slug)
        titles = {fold(row.title) for row in known.latest.values() if row.slug != slug}
        if fold(title) in titles or fold(title) in _built_in_names():
            raise Conflict("Another metric is called {title} already; choose another title.", title=title)
        own = sum(row.owner == owner for row in known.latest.values())
        if taken is None and own >= MOST_METRICS:
            raise Conflict("There are {own} custom metrics already; define one of them anew instead.", own=own)


class _Visible:
    """The definitions that one owner may use, the own before the staff's, with the metrics of the catalogue."""

    def __init__(self, rows: Sequence[Row], owner: str) -> None:
        """`rows`: every version, the staff's first, older versions first; what comes later takes its name's place."""
        self._owner = owner
        self._of_staff = [row for row in rows if row.owner == STAFF]
        self._rows = {(row.owner, row.slug, row.version): row for row in rows}
        latest = {(row.owner, row.slug): row for row in rows}
        own = {slug: row for (of, slug), row in latest.items() if of == owner}
        self.latest: dict[str, Row] = own | {slug: row for (_, slug), row in latest.items() if slug not in own}
        self._titles = {fold(row.title): row for row in reversed(self.latest.values())}

    def reference(self, name: str, version: int | None) -> Reference | None:
        """See `language.checking.Metrics`."""
        slug = _built_in_names().get(fold(name))
        if slug is not None and version is None:
            metric = CATALOGUE[slug]
            return Reference(slug, None, metric.title_zh, metric.title_en, metric.expression)
        found = self.definition(name, version)
        if found is None:
            return None
        return Reference(found.slug, found.version, found.title, found.title, found.formula)

    def names(self) -> list[str]:
        """See `language.checking.Metrics`."""
        return [*_built_in_names(), *self.latest, *(row.title for row in self.latest.values())]

    def definition(self, name: str, version: int | None) -> Definition | None:
        """The custom metric of that slug or title, its latest version where none is named."""
        row = self.latest.get(fold(name)) or self._titles.get(fold(name))
        if row is not None and version is not None:
            row = self._rows.get((row.owner, row.slug, version))
        return None if row is None else self.made(row)

    def made(self, row: Row) -> Definition:
        """A row as a definition. The metrics it refers to are those of its owner."""
        known = self if row.owner == self._owner else _Visible(self._of_staff, STAFF)
        return Definition(
            owner=row.owner,
            slug=row.slug,
            version=row.version,
            title=row.title,
            text=row.formula,
            canonical=row.canonical,
            unit=row.unit,
            formula=understand(row.canonical, known).formula,
            created_at=row.created_at,
            allowed_on_leaderboards=row.allowed_on_leaderboards,
        )


def _visible(connection: Connection, creator: str | None) -> _Visible:
    """What a creator may use; None: what everybody may."""
    owner = STAFF if creator is None else creator
    query = select(definitions).where(definitions.c.owner.in_({owner, STAFF}))
    query = query.order_by(definitions.c.owner != STAFF, definitions.c.version)
    return _Visible(connection.execute(query).all(), owner)


def _refuse_cycle(slug: str, formula: Formula, text: str) -> None:
    """Each reference names a version, so nothing could run for ever; but what a metric says of itself must be plain."""

    def path(reference: Reference) -> list[str] | None:
        if reference.slug == slug:
            return [reference.slug]
        below = (path(inner) for inner in references_of(reference.meaning.expression))
        return next(([reference.slug, *rest] for rest in below if rest), None)

    for reference in references_of(formula.expression):
        found = path(reference)
        if found:
            raise FormulaFault("cycle", text, reference.at, path=" → ".join([slug, *found]))


def _is_free(slug: str, latest: Mapping[str, Row]) -> bool:
    return bool(_SLUG.fullmatch(slug)) and slug not in (*CATALOGUE, *latest, *_RESERVED)


def _title(title: str) -> str:
    shown = " ".join(clean(title).split())
    if not 0 < len(shown) <= LONGEST_TITLE:
        raise BadInput("A metric's title is 1 to {longest_title} characters.", longest_title=LONGEST_TITLE)
    return shown


@cache
def _built_in_names() -> dict[str, str]:
    """Slugs and titles of the catalogue, folded."""
    return {
        fold(name): slug for slug, metric in CATALOGUE.items() for name in (slug, metric.title_zh, metric.title_en)
    }
