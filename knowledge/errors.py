"""What can go wrong, grouped by what the person or program that asked would do next.

    Problem
    ├── BadInput      mend what you gave and try again            HTTP 422, exit 1
    ├── NotFound      there is no such thing (or it is not yours)  HTTP 404, exit 1
    ├── NotAllowed    ask someone who may                          HTTP 403, exit 1
    ├── Conflict      look at the present state, then decide       HTTP 409, exit 1
    ├── Unavailable   try again later                              HTTP 503, exit 1
    └── Misconfigured an operator must change a setting            HTTP 500, exit 2

The message is one sentence for the person who asked; it names what to do and carries no secret. It is written in
English with `{places}`, and what goes there is given by name: `BadInput("A case has at most {most} files.", most=10)`.
Connectors turn a Problem into a status, an exit code or a chat message once, at the edge, by its class, and say it in
the reader's language there (see `assistant.refusals`).
"""


class Said:
    """A sentence, a part of one or a word, with its values beside it, so that it can be said in another language too.
    Values may be `Said` themselves. `str()` is the English."""

    def __init__(self, sentence: str, /, **values: object) -> None:
        self.sentence, self.values = sentence, values

    def __str__(self) -> str:
        return self.sentence.format(**self.values) if self.values else self.sentence


class Spoken(Exception):
    """An exception whose message is `said`."""

    def __init__(self, sentence: str | Said = "", /, **values: object) -> None:
        self.said = sentence if isinstance(sentence, Said) else Said(sentence, **values)
        super().__init__(str(self.said))


class Problem(Spoken):
    """The root: a foreseen failure whose message may be shown to whoever asked."""

    status = 500
    exit_code = 1


class BadInput(Problem):
    """What was given cannot be used as it is; the message says what to mend."""

    status = 422


class NotFound(Problem):
    """No such thing, or not this caller's: the two are told apart nowhere."""

    status = 404


class NotAllowed(Problem):
    """The caller is known but may not do this."""

    status = 403


class Conflict(Problem):
    """The state changed since the caller looked, or the step is not possible from this state."""

    status = 409


class Unavailable(Problem):
    """A part that is needed does not answer now. `retry_after` is in seconds."""

    status = 503

    def __init__(self, sentence: str | Said, /, retry_after: int = 5, **values: object) -> None:
        super().__init__(sentence, **values)
        self.retry_after = retry_after


class Misconfigured(Problem):
    """A setting is missing or wrong; only an operator can mend it."""

    exit_code = 2
