"""The error tree of the whole house, offered to the assistant and its connectors.

The tree itself stands in `knowledge.errors`, because knowledge may not import the assistant; see there for
what each class asks of the one who meets it. Only what concerns models is added here.
"""

from knowledge.errors import BadInput, Conflict, Misconfigured, NotAllowed, NotFound, Problem, Unavailable

__all__ = [
    "BadInput",
    "Conflict",
    "Misconfigured",
    "ModelFailed",
    "NotAllowed",
    "NotFound",
    "Problem",
    "Unavailable",
]


class ModelFailed(Unavailable):
    """The configured chat model gave no complete answer in time. The turn goes on with the extractive model."""
