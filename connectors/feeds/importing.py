"""Bringing a metric file into the warehouse: recognise it, read it, store it whole, and say what happened."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from assistant.creators.warehouse import Warehouse
from assistant.errors import BadInput
from connectors.feeds import kuairand, own, youtube
from connectors.feeds.cells import CHINA
from connectors.feeds.intake import ImportReport, Intake, Skipped
from connectors.feeds.sheets import Sheet, read_sheet


@dataclass(frozen=True)
class Preset:
    """A known layout. `fits` looks at the header only; `names_creators` says that rows tell whose they are."""

    name: str
    columns: str
    fits: Callable[[frozenset[str]], bool]
    read: Callable[[Sheet, Intake], None]
    definition: str
    names_creators: bool = False


_DAY_COLUMNS = {"Subscribers", "Views", "Subscribers gained", "Watch time (hours)", "Impressions"}
# The first that fits is taken, so the more particular stand first.
PRESETS = (
    Preset(
        "kuairand_item_features", "video_id, author_id, upload_dt, counts, show_cnt, play_cnt …",
        kuairand.REQUIRED.issubset, kuairand.read_items, kuairand.DEFINITION, names_creators=True,
    ),
    Preset(
        "youtube_studio_content", "Video, Video title, Video publish time, Views …",
        {"Video", "Video title", "Views"}.issubset, youtube.read_works, youtube.DEFINITION,
    ),
    Preset(
        "youtube_studio_chart", "Date, Content, Views …",
        {"Date", "Content", "Views"}.issubset, youtube.read_works, youtube.DEFINITION,
    ),
    Preset(
        "youtube_studio_table", "Content, Video title, Video publish time, Views …",
        lambda header: {"Content", "Video title", "Views"} <= header and "Date" not in header,
        youtube.read_works, youtube.DEFINITION,
    ),
    Preset(
        "youtube_studio_daily_totals", "Date, Subscribers …",
        lambda header: "Date" in header and "Content" not in header and bool(header & _DAY_COLUMNS),
        youtube.read_days, youtube.DEFINITION,
    ),
    Preset(
        "heliotrope", "creator_id, day or work_id, show, play …",
        lambda header: bool(header & own.PLACES) and bool(header & own.VALUES),
        own.read_own, own.DEFINITION, names_creators=True,
    ),
)  # fmt: skip


def import_file(
    warehouse: Warehouse,
    path: Path,
    creator_id: str | None = None,
    preset: str | None = None,
    dry_run: bool = False,
    today: date | None = None,
) -> ImportReport:
    """Read one file into the warehouse in one transaction, or with `dry_run` only report what would happen.

    Whose rows they are stands in the file or is given as `creator_id`. Days after `today` (in China) are skipped.
    Raises BadInput when the file cannot be read, its header is not known, or nobody says whose numbers these are.
    """
    path = Path(path)
    sheet = read_sheet(path)
    chosen = _recognised(path, frozenset(sheet.header), preset)
    if not chosen.names_creators and creator_id is None:
        raise BadInput(f"{path.name} does not say whose numbers these are; add --creator ID.")
    intake = Intake(chosen.name, chosen.definition, creator_id, today or datetime.now(CHINA).date())
    intake.skipped = [Skipped(line, reason) for line, reason in sheet.skipped]
    intake.warnings = list(sheet.warnings)
    if creator_id is not None:
        intake.creator_named(creator_id)
    chosen.read(sheet, intake)
    stored = warehouse.store(intake.batch, datetime.now(UTC).replace(tzinfo=None), dry_run=dry_run)
    return ImportReport(
        file=path.name,
        preset=chosen.name,
        read=len(sheet.rows) + len(sheet.skipped) - _total_rows(sheet, chosen),
        new=stored.new["work_numbers"] + stored.new["creator_days"],
        changed=sum(stored.changed.values()),
        skipped=sorted(intake.skipped, key=lambda skipped: skipped.line),
        works=intake.works,
        days=intake.days,
        totals=dict(intake.totals),
        warnings=intake.warnings,
    )


def _recognised(path: Path, header: frozenset[str], name: str | None) -> Preset:
    if name is None:
        found = next((preset for preset in PRESETS if preset.fits(header)), None)
        if found is None:
            known = "; ".join(f"{preset.name}: {preset.columns}" for preset in PRESETS)
            raise BadInput(f"The columns of {path.name} are not known. Known layouts are {known}")
        return found
    found = next((preset for preset in PRESETS if preset.name == name), None)
    if found is None:
        raise BadInput(f"There is no preset {name!r}; there are {', '.join(preset.name for preset in PRESETS)}.")
    if not found.fits(header):
        raise BadInput(f"{path.name} is not a {name} file; that has the columns {found.columns}")
    return found


def _total_rows(sheet: Sheet, preset: Preset) -> int:
    if preset.definition != youtube.DEFINITION:
        return 0
    return sum(youtube.is_total(row) for _, row in sheet.rows)
