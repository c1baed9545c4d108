"""The configured chat model: any OpenAI-compatible endpoint, with short patience; the extractive model waits
behind it."""

from langchain_core.language_models import BaseChatModel
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from assistant.errors import Misconfigured


def open_chat_model(name: str, api_key: str, base_url: str, deadline: float) -> BaseChatModel | None:
    """The model a setting names; None for `extractive`, which is always there anyway."""
    if name == "extractive":
        return None
    if not name.startswith("openai:"):
        raise Misconfigured("HELIOTROPE_CHAT_MODEL must be `extractive` or `openai:NAME`.")
    if not api_key and not base_url:
        raise Misconfigured(
            "HELIOTROPE_CHAT_MODEL names a model, but neither OPENAI_API_KEY nor OPENAI_BASE_URL is set."
        )
    # One quick retry fits into a turn's deadline; the client's own default is 600 s and three tries.
    return ChatOpenAI(
        model=name.removeprefix("openai:"),
        api_key=SecretStr(api_key or "none"),
        base_url=base_url or None,
        timeout=deadline,
        max_retries=1,
        temperature=0.2,
        streaming=True,
        stream_usage=False,
    )
