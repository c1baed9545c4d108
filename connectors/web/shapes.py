"""What the HTTP API answers, as its description states it. Replies come from the assistant as they are; the tests hold
them and these shapes together. More fields than are named here may come with time."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Problem(BaseModel):
    """A failure, as RFC 9457 has it. `detail` is one sentence that says what to do."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Not Found",
                    "status": 404,
                    "detail": "There is no such conversation.",
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    detail: str


class Citation(BaseModel):
    """A numbered source of an answer."""

    n: int
    document: str
    revision: int
    title: str
    heading: str
    source: str
    source_date: str | None
    trust: Literal["official", "press", "third_party", "unverified"]
    effective_from: str | None = Field(description="The first day on which the text holds.")
    expires_on: str | None = Field(description="The first day on which it does not any more.")
    in_force: bool
    basis: Literal["policy", "guidance"]
    quote: str
    url: str | None
    passage: str = Field(description="The SHA-256 of the passage.")


class Figure(BaseModel):
    """A computed number with what makes it checkable."""

    id: str
    metric: str
    value: float | None
    unit: str = Field(description="A percent is a fraction: 0.048 is 4.8 %.")
    window: str
    n: int | None
    baseline: float | None
    percentile: float | None


class Rows(BaseModel):
    """A table."""

    headings: list[str]
    rows: list[list[str]]


class Chart(BaseModel):
    """What a chart says, and where its owner sees it drawn."""

    id: str
    title: str
    alt: str
    table: Rows
    svg: str
    png: str


class Action(BaseModel):
    """A button of an answer: nothing happens before whoever asked presses it."""

    id: str
    label: str
    kind: str


class Reply(BaseModel):
    """A finished answer."""

    text: str = Field(description="Markdown: paragraphs, **labels**, lists, and [n] marks that point into `citations`.")
    grounded: bool
    refused: bool
    citations: list[Citation]
    figures: list[Figure]
    charts: list[Chart]
    actions: list[Action]
    suggestions: list[str]
    release: int | None
    model: str
    thread: str
    answer_id: str
    lang: str
    timings_ms: dict[str, float]
    usage: dict[str, Any] = Field({}, description="Calls and tokens of a configured model; empty without one.")


class Told(BaseModel):
    """A question with its answer, as it was kept."""

    question: str
    asked_at: str = Field(description="UTC.")
    reply: Reply
    verdict: Literal["up", "down"] | None


class History(BaseModel):
    """A page of a thread, oldest first; `next` is the cursor of what was said before it, null at the beginning."""

    thread: str
    turns: list[Told]
    next: str | None


class Thread(BaseModel):
    """A conversation in a list."""

    thread: str
    title: str = Field(description="Its first question, shortened.")
    turns: int
    asked_at: str = Field(description="When its last question was asked, UTC.")


class Threads(BaseModel):
    """A page of one's conversations, the one used last first; `next` is the cursor of older ones, null at the end."""

    threads: list[Thread]
    next: str | None


class Known(BaseModel):
    """A demonstration creator."""

    id: str
    name: str
    platform: str
    category: str
    story: str
    synthetic: bool


class Demonstration(BaseModel):
    """Those whom anybody may try the guide as, and the one that the session speaks for."""

    creators: list[Known]
    current: str | None


class Chosen(BaseModel):
    """Whom the session speaks for now."""

    current: Known | None


class Vouched(BaseModel):
    """The creator whom a site vouched for."""

    id: str
    name: str


class Opened(BaseModel):
    """A visit."""

    session: str = Field(description="The Bearer token of what this visitor asks from now on.")
    creator: Vouched | None
    until: int = Field(description="When it ends, in seconds since 1970.")


class Given(BaseModel):
    """The verdict that an answer has now."""

    answer_id: str
    verdict: Literal["up", "down"] | None


class Kept(BaseModel):
    """What is kept about whoever asks: rows by table. `scope` says what may be seen and deleted at once."""

    creator: str | None
    scope: Literal["creator", "visitor", "conversation"]
    kept: dict[str, int]


class Export(BaseModel):
    """Everything that is kept about whoever asks: rows by table."""

    creator: str | None
    exported_at: str
    kept: dict[str, list[dict[str, Any]]]


class Forgotten(BaseModel):
    """How many rows were deleted, by table."""

    deleted: dict[str, int]


class Notice(BaseModel):
    """An entry of a creator's inbox; moments are UTC. `image` is the address of its picture here, empty without one.
    `channel` is where it went, `inbox` when nowhere else."""

    id: int
    kind: str
    title: str
    body: str
    link: str
    image: str
    channel: str
    at: str
    seen_at: str | None
    clicked_at: str | None


class InboxPage(BaseModel):
    """A page of an inbox, newest first. `next` is the `before` of older ones; `unseen` counts all."""

    notices: list[Notice]
    next: int | None
    unseen: int


class CaseFile(BaseModel):
    """A picture of a case; its bytes are at `/api/v1/cases/{case}/files/{id}`."""

    id: int
    role: str
    name: str


class CaseEntry(BaseModel):
    """A step of a case: who made it (`creator` or `staff`), what was said, and the state it led to."""

    at: str
    act: str
    by: str
    text: str
    state: str


class OriginalityCase(BaseModel):
    """A case. `side`: `report` (the creator's work was copied) or `complaint` (the creator is said to have copied).
    `acts` are what its creator may do now. Likenesses are from 0 to 1 and only a hint."""

    id: int
    side: str
    state: str
    own_title: str
    own_url: str
    other_title: str
    other_url: str
    other_name: str
    statement: str
    duplicate_of: int | None
    title_likeness: float | None
    cover_likeness: float | None
    opened_at: str
    due_at: str | None
    changed_at: str
    decided_at: str | None
    acts: list[str]
    files: list[CaseFile]
    history: list[CaseEntry]


class OriginalityCases(BaseModel):
    """A creator's cases, newest first, and the titles of their newest works."""

    cases: list[OriginalityCase]
    works: list[str]


class NoticeWishes(BaseModel):
    """How a creator wants to be told; what is empty is left to the house."""

    timezone: str
    quiet_from: int
    quiet_until: int
    weekly: int | None
    muted: list[str]
    channel: str
    email: str
    language: str
    daily_digest: bool


class Marked(BaseModel):
    """How many notices were marked as seen."""

    marked: int


class Link(BaseModel):
    """Where a notice leads."""

    link: str


class Skipped(BaseModel):
    """A row that was left out, and why."""

    line: int
    reason: str


class Imported(BaseModel):
    """What was read of a metric file, and what it changed; after a preview, what it would change."""

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


class Said(BaseModel):
    """A message of a completion."""

    role: str
    content: str


class CompletionChoice(BaseModel):
    """The one choice there is."""

    index: int
    message: Said
    finish_reason: str


class ChatCompletion(BaseModel):
    """A chat completion as OpenAI's API has it, with the whole reply under `heliotrope`."""

    id: str
    object: str
    created: int
    model: str
    choices: list[CompletionChoice]
    heliotrope: Reply


class Models(BaseModel):
    """The models there are."""

    object: str
    data: list[dict[str, Any]]
