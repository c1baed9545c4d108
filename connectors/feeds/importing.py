"""Bringing a metric file into the warehouse: recognise it, read it, store it whole, and say what happened."""

from collections.abc import Mapping as MappingABC
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from assistant.creators.bulk import Loaded
from assistant.creators.imports import Origin
from assistant.creators.plain import PlainFile
from assistant.creators.warehouse import Batch, Stored, Warehouse
from assistant.errors import BadInput
from connectors.feeds import douyin, kuairand, kuaishou, own, xiaohongshu, youtube
from connectors.feeds.cells import CHINA
from connectors.feeds.columns import Mapping
from connectors.feeds.deciding import Choices
from connectors.feeds.intake import ImportReport, Intake, Skipped
from connectors.feeds.large import plain_file
from connectors.feeds.proposing import propose_mapping
from connectors.feeds.remembered import ColumnMappings
from connectors.feeds.sheets import Sheet, read_sheets
from connectors.feeds.tables import read_table

# The first that fits is taken, so the more particular stand first.
PRESETS = (kuairand.ITEMS, *youtube.PRESETS, xiaohongshu.WORKS, kuaishou.WORKS, kuaishou.DAYS, douyin.WORKS, own.ROWS)
_SAMPLES = 200


class UnknownColumns(BadInput):
    """Nobody has said yet what the columns of such a file mean; the sentence tells what they look like."""


@dataclass(frozen=True)
class Request:
    """How a file is to be imported, beyond what it says itself.

    `creator_id` is whose rows they are where the file does not say. `maps` names the fields of columns in a header that
    nobody knows; `confirm` accepts the rest of what is proposed for it. Both are remembered for the next such file.
    """

    creator_id: str | None = None
    preset: str | None = None
    dry_run: bool = False
    choices: Choices = field(default_factory=Choices)
    maps: MappingABC[str, str] = field(default_factory=dict)
    confirm: bool = False
    actor: str = ""


@dataclass(frozen=True)
class _Recognised:
    """What a sheet is: the columns that are read, what was said of dates and rates, and whether rows name creators."""

    mapping: Mapping
    choices: Choices
    names_creators: bool


def import_file(
    warehouse: Warehouse,
    path: Path,
    request: Request = Request(),  # noqa: B008 - frozen
    mappings: ColumnMappings | None = None,
    today: date | None = None,
) -> ImportReport:
    """Read one file into the warehouse in one transaction, or with `dry_run` only report what would happen.

    Days after `today` (in China) are skipped. `mappings` are those that staff confirmed. Raises BadInput when the file
    cannot be read, its header is not known, something in it can be read two ways, or nobody says whose numbers these
    are; then nothing has changed.
    """
    path, today = Path(path), today or datetime.now(CHINA).date()
    if request.preset in (None, own.ROWS.name) and not request.maps:
        large = plain_file(path, request.creator_id, today)
        if large is not None:
            return _import_large(warehouse, *large, request)
    sheets = read_sheets(path, lambda names: _is_known(names, mappings))
    if not any(sheet.rows or sheet.skipped for sheet in sheets):
        raise BadInput(f"{path.name} has a header and no rows; export it again.")
    recognised = [_recognise(path, sheet, request, mappings) for sheet in sheets]
    intakes: dict[str, Intake] = {}
    for sheet, known in zip(sheets, recognised, strict=True):
        if not known.names_creators and "creator_id" not in known.mapping.fields and request.creator_id is None:
            raise BadInput(f"{path.name} does not say whose numbers these are; add --creator ID.")
        intake = intakes.setdefault(
            known.mapping.name, Intake(known.mapping.name, known.mapping.definition, request.creator_id, today)
        )
        _read(sheet, known, intake)
    return _keep(warehouse, path, sheets, recognised, list(intakes.values()), request)


def _read(sheet: Sheet, known: _Recognised, intake: Intake) -> None:
    for line, reason in sheet.skipped:
        intake.skip(line, reason)
    for warning in sheet.warnings:
        intake.note(warning)
    if intake.creator_id is not None:
        intake.creator_named(intake.creator_id)
    if known.mapping.name == kuairand.ITEMS.name:
        kuairand.read_items(sheet, intake)
    else:
        read_table(sheet, known.mapping, intake, known.choices)


def _keep(
    warehouse: Warehouse,
    path: Path,
    sheets: Sequence[Sheet],
    recognised: Sequence[_Recognised],
    intakes: Sequence[Intake],
    request: Request,
) -> ImportReport:
    batches = [intake.batch for intake in intakes]
    batch = Batch(*([row for one in batches for row in getattr(one, name)]
                    for name in ("works", "work_numbers", "creator_days")))  # fmt: skip
    totals: dict[str, float] = {}
    for intake in intakes:
        for name, total in intake.totals.items():
            totals[name] = totals.get(name, 0) + total
    rows = sum(len(sheet.rows) + len(sheet.skipped) for sheet in sheets)
    report = ImportReport(
        file=path.name,
        preset=" + ".join(intake.preset for intake in intakes),
        read=rows - sum(intake.total_rows for intake in intakes),
        new=0,
        changed=0,
        skipped=sorted((one for intake in intakes for one in intake.skipped), key=lambda skipped: skipped.line),
        works=sum(intake.works for intake in intakes),
        days=max(intake.days for intake in intakes),
        totals=totals,
        warnings=[warning for intake in intakes for warning in intake.warnings],
    )
    columns = {name: one for known in recognised for name, one in known.mapping.as_record().items()}
    origin = _origin(report, recognised[0].mapping.definition, columns, request)
    stored = warehouse.store(batch, datetime.now(UTC).replace(tzinfo=None), request.dry_run, origin)
    return _counted(report, stored)


def _import_large(warehouse: Warehouse, file: PlainFile, mapping: Mapping, request: Request) -> ImportReport:
    report = ImportReport(file.path.name, mapping.name, 0, 0, 0, [], 0, 0, {}, [])
    origin = _origin(report, mapping.definition, mapping.as_record(), request)
    loaded, stored = warehouse.load(file, datetime.now(UTC).replace(tzinfo=None), origin, request.dry_run)
    report.read, report.works, report.days = loaded.read, loaded.works, loaded.days
    report.totals = dict(loaded.totals)
    report.skipped = [Skipped(line, reason) for line, reason in loaded.skipped]
    report.warnings = _warnings_of(loaded, mapping, request)
    return _counted(report, stored)


def _warnings_of(loaded: Loaded, mapping: Mapping, request: Request) -> list[str]:
    told = []
    if loaded.others:
        told.append(f"{loaded.others:,} rows belong to other creators than {request.creator_id} and were left out.")
    if loaded.undated:
        told.append(
            f"{loaded.undated:,} works have no published_at; figures per work leave them out until a file brings it."
        )
    if loaded.skipped:
        told.append("A file of this size is read only where it is written plainly: 2026-05-08, 12345, 0.0316.")
    if loaded.unnamed:
        told.append(f"{loaded.unnamed:,} more rows were left out than the lines named.")
    if mapping.unused:
        told.append(f"Columns that were not imported: {', '.join(mapping.unused)}.")
    return told


def _origin(
    report: ImportReport, definition: str, columns: MappingABC[str, object], request: Request
) -> Origin:
    kept = {name: one for name, one in report.as_dict().items() if name not in ("file", "preset", "new", "changed")}
    return Origin(report.file, report.preset, definition, request.creator_id, request.actor, columns, kept)


def _counted(report: ImportReport, stored: Stored) -> ImportReport:
    report.new = stored.new["work_numbers"] + stored.new["creator_days"]
    report.changed = sum(stored.changed.values())
    report.import_id = stored.import_id
    return report


def _is_known(names: list[str], mappings: ColumnMappings | None) -> bool:
    return any(preset.fits(names) for preset in PRESETS) or bool(mappings and mappings.find(names))


def _recognise(path: Path, sheet: Sheet, request: Request, mappings: ColumnMappings | None) -> _Recognised:
    if request.preset is not None:
        found = next((preset for preset in PRESETS if preset.name == request.preset), None)
        if found is None:
            known = ", ".join(preset.name for preset in PRESETS)
            raise BadInput(f"There is no preset {request.preset!r}; there are {known}.")
        if not found.fits(sheet.header):
            raise BadInput(f"{path.name} is not a {found.name} file; that has columns such as {found.shown_columns}")
        return _Recognised(found.mapping(sheet.header), request.choices, found.names_creators)
    if request.maps:
        return _mapped(path, sheet, request, mappings)
    remembered = mappings.find(sheet.header) if mappings else None
    if remembered is not None:
        choices = Choices(
            request.choices.dates or remembered.choices.dates, request.choices.rates or remembered.choices.rates
        )
        return _Recognised(remembered.mapping, choices, "creator_id" in remembered.mapping.fields)
    fitting = next((preset for preset in PRESETS if preset.fits(sheet.header)), None)
    if fitting is not None:
        return _Recognised(fitting.mapping(sheet.header), request.choices, fitting.names_creators)
    return _mapped(path, sheet, request, mappings)


def _mapped(path: Path, sheet: Sheet, request: Request, mappings: ColumnMappings | None) -> _Recognised:
    """The mapping that whoever imports gives or confirms for an unknown header; it is kept for the next file."""
    samples = [row for _, row in sheet.rows[:_SAMPLES]]
    only_given = bool(request.maps) and not request.confirm
    proposal = propose_mapping(sheet.header, samples, request.maps, only_given)
    if not request.maps and not request.confirm:
        names = ", ".join(preset.name for preset in PRESETS)
        asked = " ".join(proposal.questions)
        raise UnknownColumns(
            f"The columns of {path.name} are not known ({names} are). They look like {proposal.told()}. {asked} "
            "Add --confirm if that is right, or name columns with --map 'COLUMN=FIELD'; it will be remembered."
        )
    if proposal.questions:
        asked = " ".join(proposal.questions)
        raise BadInput(f"{path.name} cannot be imported yet: {asked} Answer with --map COLUMN=FIELD.")
    if mappings is not None and not request.dry_run:
        mappings.confirm(sheet.header, proposal.mapping, request.choices, request.actor)
    return _Recognised(proposal.mapping, request.choices, "creator_id" in proposal.mapping.fields)
