"""The error tree of the whole house, offered to the assistant and its connectors.

The tree itself stands in `knowledge.errors`, because knowledge may not import the assistant; see there for
what each class asks of the one who meets it. Only what concerns models is added here.
"""

from knowledge.errors import (
    BadInput,
    Conflict,
    Misconfigured,
    NotAllowed,
    NotFound,
    Problem,
    Said,
    Spoken,
    Unavailable,
)

__all__ = [
    "BadInput",
    "Conflict",
    "Misconfigured",
    "ModelFailed",
    "NotAllowed",
    "NotFound",
    "Problem",
    "Said",
    "Spoken",
    "Unavailable",
]


class ModelFailed(Unavailable):
    """A configured chat model gave no complete answer in time, or none that may be shown. The turn goes on with another
    model. `is_endpoints`: the endpoint is to blame, not what was said."""

    def __init__(self, sentence: str, /, is_endpoints: bool = False, **values: object) -> None:
        super().__init__(Said(sentence, **values))
        self.is_endpoints = is_endpoints
