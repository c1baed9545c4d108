"""What can go wrong, grouped by what the person or program that asked would do next.

    Problem
    ├── BadInput      mend what you gave and try again            HTTP 422, exit 1
    ├── NotFound      there is no such thing (or it is not yours)  HTTP 404, exit 1
    ├── NotAllowed    ask someone who may                          HTTP 403, exit 1
    ├── Conflict      look at the present state, then decide       HTTP 409, exit 1
    ├── Unavailable   try again later                              HTTP 503, exit 1
    └── Misconfigured an operator must change a setting            HTTP 500, exit 2

The message is one sentence for the person who asked; it names what to do and carries no secret.
Connectors turn a Problem into a status, an exit code or a chat message once, at the edge, by its class.
"""


class Problem(Exception):
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

    def __init__(self, message: str, retry_after: int = 5) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Misconfigured(Problem):
    """A setting is missing or wrong; only an operator can mend it."""

    exit_code = 2
