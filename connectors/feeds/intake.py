"""What an import gathers from a file before anything is stored, and the report of it."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import date

from assistant.creators.layout import COUNTS, FOLLOWERS, KEYS
from assistant.creators.warehouse import Batch, Row
from assistant.errors import BadInput

# What is added up in the report. Levels (followers) and rates are not sums.
_ADDED = (*COUNTS, "play_duration_seconds", *FOLLOWERS[1:])


@dataclass(frozen=True)
class Skipped:
    """A row that was not imported, and why."""

    line: int
    reason: str


@dataclass
class ImportReport:
    """What was read, what it changed, what was left out and why. `new` and `changed` count stored rows.

    `import_id` is the number under which the import can be undone; None after a dry run.
    """

    file: str
    preset: str
    read: int
    new: int
    changed: int
    skipped: list[Skipped]
    works: int
    days: int
    totals: dict[str, float]
    warnings: list[str]
    import_id: int | None = None

    def as_dict(self) -> dict[str, object]:
        """The report as `metrics import --json` prints it."""
        return asdict(self)


@dataclass
class Intake:
    """Rows gathered from one file; of rows with the same key the first is kept and the later are skipped."""

    preset: str
    definition: str
    creator_id: str | None
    today: date
    skipped: list[Skipped] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    totals: Counter[str] = field(default_factory=Counter)
    total_rows: int = 0
    _works: dict[tuple[object, ...], Row] = field(default_factory=dict)
    _numbers: dict[tuple[object, ...], Row] = field(default_factory=dict)
    _days: dict[tuple[object, ...], Row] = field(default_factory=dict)
    _lines: dict[tuple[object, ...], int] = field(default_factory=dict)

    def skip(self, line: int, reason: str) -> None:
        """Leave a row out."""
        self.skipped.append(Skipped(line, reason))

    def note(self, warning: str | None) -> None:
        """Tell something about the whole file, once."""
        if warning and warning not in self.warnings:
            self.warnings.append(warning)

    def add_work(self, work: Row, line: int, numbers: Row) -> None:
        """A work and one row of its numbers (with `day` None for totals), kept or skipped together."""
        key = (work["creator_id"], work["work_id"])
        if self._add(line, "work_numbers", self._numbers, {**numbers, "creator_id": key[0], "work_id": key[1]}):
            known = self._works.setdefault(key, {})
            known.update({name: value for name, value in work.items() if value is not None})

    def add_day(self, line: int, day: Row) -> None:
        """A creator's day."""
        self._add(line, "creator_days", self._days, day)

    @property
    def batch(self) -> Batch:
        """The rows to store."""
        return Batch(list(self._works.values()), list(self._numbers.values()), list(self._days.values()))

    @property
    def works(self) -> int:
        """How many different works there are."""
        return len(self._works)

    @property
    def days(self) -> int:
        """How many different days there are numbers for."""
        every = [*self._numbers.values(), *self._days.values()]
        return len({row["day"] for row in every if row["day"] is not None})

    def described_works(self) -> dict[tuple[object, ...], Row]:
        """The works by (creator_id, work_id), for checks over the whole file."""
        return self._works

    def number_rows(self) -> list[Row]:
        """The rows of works' numbers, for checks over the whole file."""
        return list(self._numbers.values())

    def creator_named(self, written: str | None) -> str:
        """The creator a row belongs to: as written, or the one given for the whole file."""
        chosen = written or self.creator_id
        if not chosen:
            raise BadInput("The file does not say whose numbers these are; add --creator ID.")
        if len(chosen) > 64 or not chosen.isprintable():
            raise BadInput("A creator's id must be 1 to 64 printable characters.")
        return chosen

    def _add(self, line: int, table: str, rows: dict[tuple[object, ...], Row], row: Row) -> bool:
        whole = {**row, "source": self.preset, "definition": self.definition}
        key = tuple(whole[name] for name in KEYS[table])
        first = self._lines.get((table, *key))
        if first is not None:
            same = all(rows[key].get(name) == value for name, value in whole.items())
            self.skip(line, f"repeats line {first}" + ("" if same else " with other numbers; the first was kept"))
            return False
        self._lines[(table, *key)] = line
        rows[key] = whole
        for name in _ADDED:
            if whole.get(name) is not None:
                self.totals[name] += whole[name]
        return True
