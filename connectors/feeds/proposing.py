"""Reading a header that nobody knows: what each column probably is, how sure that is, and what must be asked.

A proposal is only that. Nothing is imported by it until somebody confirms it; see `remembered`.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass
from functools import cache

from assistant.creators.layout import COUNTS, FOLLOWERS, NUMBERS
from assistant.errors import BadInput
from connectors.feeds import cells, douyin, kuaishou, own, xiaohongshu, youtube
from connectors.feeds.cells import UnreadableCell
from connectors.feeds.columns import DESCRIPTION, PLACES, MappedColumn, Mapping, Reads, folded_name, usual_reading
from connectors.feeds.remembered import MAPPED_DEFINITION, fingerprint

_FIELDS = (*PLACES, *DESCRIPTION, *NUMBERS, *FOLLOWERS)
_SURE, _LIKELY, _UNSURE = 1.0, 0.7, 0.4
# Columns that begin so say yes or no and measure nothing.
_FLAGS = ("is_", "has_", "是否")
# Words of daily use that no export has.
_WORDS = {
    "creator_id": ("creator", "author", "作者", "创作者", "账号", "用户ID", "user_id"),
    "work_id": ("id", "videoid", "作品编号"),
    "title": ("name", "名称"),
    "published_at": ("publish time", "published", "发布"),
    "play": ("plays", "views", "播放", "浏览"),
    "show": ("impressions", "展现", "展示"),
    "like": ("likes", "赞"),
    "comment": ("comments", "留言"),
    "share": ("shares", "转发"),
    "collect": ("favourites", "favorites", "saves", "收藏"),
    "follow": ("follows", "new followers", "吸粉"),
    "followers": ("fans", "粉丝"),
    "complete_play": ("complete plays", "完播数", "完播量"),
    "day": ("date", "日期", "统计时间"),
    "average_watch_seconds": ("average watch time",),
}


@dataclass(frozen=True)
class Proposed:
    """What one column probably is: `field` None when nothing fits. `confidence` is 1 for a name that some export uses,
    less for a name that only resembles one or whose cells do not look like it."""

    column: str
    field: str | None
    reads: Reads
    confidence: float


@dataclass(frozen=True)
class Proposal:
    """A mapping to confirm, with what must be asked before it can be right."""

    mapping: Mapping
    columns: tuple[Proposed, ...]
    questions: tuple[str, ...]

    def told(self) -> str:
        """The proposal in one line: 播放=play, 日期=day …"""
        return ", ".join(f"{one.column}={one.field}" for one in self.columns if one.field) or "nothing"


def propose_mapping(
    header: Sequence[str],
    samples: Iterable[MappingABC[str, object]],
    given: MappingABC[str, str] | None = None,
    only_given: bool = False,
) -> Proposal:
    """A mapping for an unknown header. `samples` are some of its rows; `given` are columns that somebody named already,
    and with `only_given` all that are to be read.

    Raises BadInput when a given column is not in the header or a given field does not exist.
    """
    chosen = _given(header, given or {})
    rows = list(samples)
    proposed = [_propose(name, rows, chosen.get(name), only_given) for name in header]
    kept: dict[str, Proposed] = {}
    questions: list[str] = []
    for one in sorted(proposed, key=lambda one: (one.column not in chosen, -one.confidence)):
        if one.field is None:
            continue
        if one.field in kept:
            questions.append(f"Both {kept[one.field].column!r} and {one.column!r} look like {one.field}; which is it?")
            continue
        kept[one.field] = one
    questions += [
        f"Is {one.column!r} really {one.field}?" for one in kept.values() if one.confidence < _LIKELY
    ]
    if not {"work_id", "title", "day"} & kept.keys():
        questions.append("Which column names the work, or the day?")
    if not kept.keys() & {*NUMBERS, *FOLLOWERS}:
        questions.append("Which column holds a number, such as plays?")
    columns = tuple(MappedColumn(one.column, name, one.reads, "as confirmed by staff") for name, one in kept.items())
    used = {one.column for one in columns}
    unused = tuple(name for name in header if name not in used)
    mapping = Mapping(f"mapping-{fingerprint(header)[:8]}", MAPPED_DEFINITION, columns, unused)
    shown = tuple(one if one.column in used else Proposed(one.column, None, "text", 0.0) for one in proposed)
    return Proposal(mapping, shown, tuple(questions))


def field_named(word: str) -> str:
    """The field that a word means, in Chinese or English. Raises BadInput when there is none."""
    found = _vocabulary().get(folded_name(word))
    if found is None:
        raise BadInput(f"There is no field {word!r}; there are {', '.join(_FIELDS)}.")
    return found


def _given(header: Sequence[str], given: MappingABC[str, str]) -> dict[str, str]:
    by_name = {folded_name(name): name for name in header}
    chosen: dict[str, str] = {}
    for column, word in given.items():
        name = by_name.get(folded_name(column))
        if name is None:
            raise BadInput(f"The file has no column {column!r}; it has {', '.join(header)}.")
        chosen[name] = field_named(word)
    return chosen


def _propose(name: str, rows: Sequence[MappingABC[str, object]], given: str | None, only_given: bool) -> Proposed:
    folded = folded_name(name)
    field, confidence = given or (None if only_given else _vocabulary().get(folded)), _SURE
    if field is None and not only_given and not name.lower().startswith(_FLAGS):
        inside = [known for known in _vocabulary() if len(known) > 1 and known in folded]
        field, confidence = (_vocabulary()[max(inside, key=len)], _LIKELY) if inside else (None, 0.0)
    if field is None:
        return Proposed(name, None, "text", 0.0)
    reads = usual_reading(field)
    if reads == "seconds" and ("毫秒" in folded or folded.endswith("(ms)")):
        reads = "milliseconds"
    elif reads == "seconds" and ("小时" in folded or "hour" in folded):
        reads = "hours"
    elif reads == "rate" and "%" in folded:
        reads = "percent"
    if given or _fits(field, name, rows):
        return Proposed(name, field, reads, confidence)
    # A name that only resembles one, over cells that cannot be it, is something else: a range, a code.
    return Proposed(name, None, "text", 0.0) if confidence < _SURE else Proposed(name, field, reads, _UNSURE)


def _fits(field: str, name: str, rows: Sequence[MappingABC[str, object]]) -> bool:
    """Whether most cells look like what the column is taken for."""
    filled = [row.get(name) for row in rows if not cells.is_empty(row.get(name))]
    if not filled or usual_reading(field) == "text":
        return True

    def is_read(value: object) -> bool:
        try:
            if field in ("day", "published_at"):
                cells.moment(value, "month-first") if cells.numeric_date(value) is None else None
            elif field.endswith("_seconds"):
                cells.seconds(value)
            elif field in COUNTS or field in FOLLOWERS:
                cells.count(value, may_be_negative=True)
            else:
                cells.fraction(value)
        except UnreadableCell:
            return False
        return True

    return sum(map(is_read, filled)) * 2 > len(filled)


@cache
def _vocabulary() -> dict[str, str]:
    """Every word for a field, folded: its own name, the names that exports use, and words of daily use."""
    words = {folded_name(name): name for name in _FIELDS}
    for preset in (own.ROWS, douyin.WORKS, kuaishou.WORKS, kuaishou.DAYS, xiaohongshu.WORKS, *youtube.PRESETS):
        for column in preset.columns:
            for name in column.names:
                words.setdefault(folded_name(name), column.field)
    for field, more in _WORDS.items():
        for name in more:
            words.setdefault(folded_name(name), field)
    return words
