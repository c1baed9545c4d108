"""OpenAI's own Python client against our chat completions."""

from collections.abc import Iterator

import openai
import pytest
from openai import OpenAI

from assistant.sites.registry import Site
from connectors.web.app import create_app
from tests.connectors.web.conftest import served
from tests.connectors.web.scripted import ScriptedServices


@pytest.fixture
def client(services: ScriptedServices) -> Iterator[OpenAI]:
    services.sites.add(Site("shop", "某某商城", ("https://shop.example",)), "admin")
    with (
        served(create_app(services)) as address,
        OpenAI(api_key=services.sites.new_api_key("shop", "admin"), base_url=f"{address}/v1", max_retries=0) as client,
    ):
        yield client


def ask(text: str, **more: object) -> dict[str, object]:
    messages = [{"role": "system", "content": "You are a pirate."}, {"role": "user", "content": text}]
    return {"model": "heliotrope", "messages": messages, **more}


def test_whole_answer_with_its_sources(client: OpenAI, services: ScriptedServices):
    done = client.chat.completions.create(**ask("光合计划给多少流量"))  # type: ignore[call-overload]
    text = done.choices[0].message.content
    assert done.choices[0].finish_reason == "stop"
    assert "100 亿流量" in text
    assert text.endswith("[1] 2024 年光合计划 · 快手官方 · 2024-08-23 · https://www.example.com/guanghe")
    assert services.assistant.asked[-1][1] == "光合计划给多少流量"
    assert services.assistant.callers[-1].creator is None


def test_streamed_answer_is_the_same_text(client: OpenAI):
    whole = client.chat.completions.create(**ask("光合计划给多少流量"))  # type: ignore[call-overload]
    chunks = list(client.chat.completions.create(**ask("光合计划给多少流量", stream=True)))  # type: ignore[call-overload]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == whole.choices[0].message.content
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices[0].finish_reason] == ["stop"]
    assert chunks[-1].model_extra["heliotrope"]["citations"][0]["n"] == 1


def test_thread_goes_on_by_its_name(client: OpenAI, services: ScriptedServices):
    first = client.chat.completions.create(**ask("你好"))  # type: ignore[call-overload]
    thread = first.model_extra["heliotrope"]["thread"]
    client.chat.completions.create(**ask("还有呢", metadata={"thread": thread, "other": "x"}))  # type: ignore[call-overload]
    assert services.assistant.asked[-1][0] == thread
    with pytest.raises(openai.UnprocessableEntityError):
        client.chat.completions.create(**ask("还有呢", metadata={"thread": "../x"}))  # type: ignore[call-overload]


def test_content_in_parts_is_read(client: OpenAI, services: ScriptedServices):
    parts = [{"type": "text", "text": "光合计划"}, {"type": "image_url", "image_url": {"url": "https://x.example/a.png"}}]
    client.chat.completions.create(model="x", messages=[{"role": "user", "content": parts}])  # type: ignore[arg-type]
    assert services.assistant.asked[-1][1] == "光合计划"


@pytest.mark.parametrize("stream", [False, True])
def test_failures_are_the_clients_own_errors(client: OpenAI, services: ScriptedServices, stream: bool):
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="hs_wrong").chat.completions.create(**ask("你好", stream=stream))  # type: ignore[call-overload]
    with pytest.raises(openai.APIError) as failed:
        list(client.chat.completions.create(**ask("坏", stream=stream)))  # type: ignore[call-overload]
    assert "a secret detail" not in str(failed.value)


def test_models_are_listed(client: OpenAI):
    assert [model.id for model in client.models.list()] == ["heliotrope"]
