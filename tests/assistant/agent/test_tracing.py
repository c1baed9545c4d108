"""What creators ask is traced to nobody, whatever an environment says."""

from importlib import import_module

import langsmith.utils
import pytest


@pytest.mark.parametrize("name", ["LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"])
def test_the_environment_cannot_switch_tracing_on(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    import_module("assistant.agent.running")
    monkeypatch.setenv(name, "true")
    langsmith.utils.get_env_var.cache_clear()
    try:
        assert not langsmith.utils.tracing_is_enabled()
    finally:
        langsmith.utils.get_env_var.cache_clear()
