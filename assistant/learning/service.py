"""Everything that learns from questions, put together."""

from dataclasses import dataclass
from typing import Self

from sqlalchemy import Engine

from assistant.conversation import Assistant
from assistant.golden import GoldenQuestions
from assistant.learning.answers import Answers
from assistant.learning.closing import Closing
from assistant.learning.feedback import Feedback
from assistant.learning.gaps import Gaps
from assistant.learning.intake import Intake
from assistant.learning.recheck import Recheck
from assistant.learning.replay import Replay
from assistant.learning.usage import Usage
from knowledge.library import Library


@dataclass(frozen=True)
class Learning:
    """The services that connectors call, by what they do."""

    feedback: Feedback
    gaps: Gaps
    intake: Intake
    closing: Closing
    recheck: Recheck
    answers: Answers
    replay: Replay
    usage: Usage

    @classmethod
    def over(cls, engine: Engine, library: Library, assistant: Assistant, golden: GoldenQuestions) -> Self:
        """Them all on one database and library."""
        gaps = Gaps(engine)
        return cls(
            feedback=Feedback(engine),
            gaps=gaps,
            intake=Intake(engine, library, gaps),
            closing=Closing(library, gaps, golden),
            recheck=Recheck(engine, assistant, library, gaps),
            answers=Answers(engine),
            replay=Replay(assistant, library, engine),
            usage=Usage(engine),
        )
