"""The configured chat models: any OpenAI-compatible endpoint. The extractive model waits behind them."""

from dataclasses import dataclass, field

from langchain_core.language_models import BaseChatModel
from pydantic import SecretStr

from assistant.agent.breaker import Breaker
from assistant.errors import Misconfigured
from assistant.settings import Settings

LONGEST_OUTPUT = 1500  # tokens; an answer has at most eight sentences


@dataclass(frozen=True)
class Endpoint:
    """A chat model and whether it is to be asked at all just now."""

    name: str
    model: BaseChatModel
    breaker: Breaker = field(default_factory=Breaker)


def endpoint_of(model: BaseChatModel) -> Endpoint:
    """An endpoint for a model that was built elsewhere."""
    return Endpoint(f"openai:{getattr(model, 'model_name', '')}", model)


def open_endpoints(settings: Settings) -> list[Endpoint]:
    """The models that the settings name, in the order in which they are asked; none for `extractive`, which is always
    there anyway. Raises Misconfigured."""
    if settings.chat_model == "extractive":
        return []
    key, url = settings.openai_api_key.get_secret_value(), settings.openai_base_url
    if not key and not url:
        raise Misconfigured(
            "HELIOTROPE_CHAT_MODEL names a model, but neither OPENAI_API_KEY nor OPENAI_BASE_URL is set."
        )
    endpoints = [_endpoint(settings.chat_model, key, url, settings.model_deadline)]
    if settings.second_chat_model:
        second_key = settings.second_api_key.get_secret_value() or key
        second_url = settings.second_base_url or url
        endpoints.append(_endpoint(settings.second_chat_model, second_key, second_url, settings.model_deadline))
    return endpoints


def _endpoint(name: str, key: str, url: str, deadline: float) -> Endpoint:
    from assistant.agent.bounded import BoundedModel  # with its client half a second of a start
    from assistant.agent.pieces import PlainCompletions

    # Tries again are the agent's (`assistant.agent.calling`), which knows how much time the turn has left; the client's
    # own defaults are 600 s and three tries.
    model = BoundedModel(
        model=name.removeprefix("openai:"),
        api_key=SecretStr(key or "none"),
        base_url=url or None,
        timeout=deadline,
        max_retries=0,
        temperature=0.2,
        max_completion_tokens=LONGEST_OUTPUT,
        streaming=True,
        stream_usage=True,
    )
    model.async_client = PlainCompletions(model.async_client)
    return Endpoint(name, model)
