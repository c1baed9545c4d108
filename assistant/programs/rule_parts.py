"""What every part of a rule is made of: a model that refuses what it does not know, texts in two languages, and what is
raised where parts do not go together."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from assistant.errors import Spoken


class RulePart(BaseModel):
    """A part of a rule; it never changes, and a field that it does not have is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Impossible(Spoken, ValueError):
    """What validators raise."""


class Wording(RulePart):
    """A text in Chinese and English; without an English one the Chinese stands for both."""

    zh: str = Field(min_length=1, max_length=400)
    en: str = Field("", max_length=800)

    def told(self, lang: str) -> str:
        """The text in `zh` or `en`."""
        return self.en or self.zh if lang == "en" else self.zh


def _wording(value: object) -> object:
    return {"zh": value} if isinstance(value, str) else value


Text = Annotated[Wording, BeforeValidator(_wording)]
