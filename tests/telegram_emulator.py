"""An emulator of the Bot API for tests over real HTTP: the bot talks to it exactly as it talks to Telegram.

Tests play the people: `text`, `press`, `attach`, `upload` queue updates, which the bot fetches or gets by webhook;
`messages` and `calls` tell what the bot did; `fail` makes the next calls fail or late. It refuses what Telegram
refuses: texts over 4,096 UTF-16 units, captions over 1,024, bad HTML, long callback data, edits that change nothing,
drafts to groups, blocked chats, wrong tokens; and it notes which chats got messages (drafts and edits among them)
faster than Telegram allows, and when there were too many in a second over all chats.
"""

import asyncio
import html
import itertools
import json
import re
import socket
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import parse_qsl

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOKEN = "666:emulated-token_do-not-log"
ME = {"id": 666, "is_bot": True, "first_name": "Emulated", "username": "emulated_bot"}
NESTED = (
    "reply_markup", "commands", "scope", "allowed_updates", "link_preview_options", "reply_parameters", "entities",
)  # fmt: skip
SILENT = ("sendChatAction", "setMyCommands")
KEPT = ("photo", "document", "content", "at")  # of a message; not given back to the bot
LARGEST_FILE = 20 * 1024 * 1024
MOST_A_SECOND = 30
TAG = re.compile(r'<(?P<closing>/?)(?P<name>b|i|u|s|code|pre|blockquote|a)(?P<address> href="[^"<>]*")?>')


class Refused(Exception):
    """The answer of the Bot API to a call that it does not carry out."""

    def __init__(self, status: int, description: str, **parameters: object) -> None:
        super().__init__(description)
        self.status = status
        self.body = {"ok": False, "error_code": status, "description": description}
        if parameters:
            self.body["parameters"] = parameters


class TelegramEmulator:
    """Telegram's side of the Bot API for one bot, on a port of the loopback interface."""

    def __init__(self) -> None:
        self.address = ""
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.floods: list[int] = []
        self.rushes = 0
        self.drafts: list[tuple[int, int, str]] = []
        self._ids = itertools.count(1000)
        self._queue: deque[dict[str, Any]] = deque()
        self._handed_over: list[dict[str, Any]] = []
        self._again: list[dict[str, Any]] = []
        self._messages: dict[tuple[int, int], dict[str, Any]] = {}
        self._sent_at: dict[int, float] = {}
        self._all_sent_at: deque[float] = deque()
        self._files: dict[str, bytes] = {}
        self._webhook: dict[str, Any] | None = None
        self.refused_webhooks: list[int] = []
        self._faults: list[dict[str, Any]] = []
        self.handed_at: dict[int, float] = {}
        self._blocked: set[int] = set()
        self._queries: set[str] = set()
        self._news = asyncio.Condition()
        self.closing = False

    # What people do

    async def text(
        self, chat: int, text: str, *, user: int | None = None, language: str = "zh-hans", reply_to: int | None = None
    ) -> int:
        """Somebody writes a text; a negative chat is a group. Returns the update's id."""
        message = self._from_user(chat, user, language) | {"text": text, "entities": _entities(text)}
        if reply_to is not None:
            message["reply_to_message"] = self._messages[(chat, reply_to)]
        self._messages[(chat, message["message_id"])] = message
        return await self.deliver({"message": message})

    async def attach(self, chat: int, kind: str, content: object, **also: object) -> int:
        """Somebody sends something that is not text, such as a voice message."""
        message = self._from_user(chat, None, "zh-hans") | {kind: content} | also
        self._messages[(chat, message["message_id"])] = message
        return await self.deliver({"message": message})

    async def upload(self, chat: int, name: str, content: bytes, *, size: int | None = None) -> int:
        """Somebody sends a file; `size` is what Telegram says of it, when that is not its length."""
        number = f"file{next(self._ids)}"
        self._files[number] = content
        document = {"file_id": number, "file_unique_id": number, "file_name": name}
        return await self.attach(chat, "document", document | {"file_size": len(content) if size is None else size})

    async def press(self, chat: int, message: int, data: str, *, user: int | None = None) -> int:
        """Somebody presses an inline button."""
        query = str(next(self._ids))
        self._queries.add(query)
        known = self._messages.get((chat, message)) or {"message_id": message, "date": 0, "chat": _chat(chat)}
        where = {name: value for name, value in known.items() if name not in KEPT}
        body = {"id": query, "from": _user(user or abs(chat), "zh-hans"), "chat_instance": "1", "message": where}
        return await self.deliver({"callback_query": body | {"data": data}})

    async def deliver(self, update: dict[str, Any]) -> int:
        """Put any update into the queue."""
        update.setdefault("update_id", next(self._ids))
        self._queue.append(update)
        await self._tell()
        return int(update["update_id"])

    async def redeliver(self) -> None:
        """Deliver once more everything that was ever acknowledged."""
        self._again.extend(self._handed_over)
        await self._tell()

    def block(self, chat: int) -> None:
        """From now on this chat refuses the bot."""
        self._blocked.add(chat)

    async def press_label(self, chat: int, label: str) -> int:
        """Somebody presses the newest button whose label begins so."""
        for message in reversed(self.messages(chat)):
            for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                for button in row:
                    if button["text"].startswith(label):
                        return await self.press(chat, message["message_id"], button["callback_data"])
        raise AssertionError(f"there is no button {label!r} in chat {chat}")

    def fail(self, method: str, status: int, times: int = 1, **fault: Any) -> None:
        """Let the next calls of `method` fail; `retry_after` in seconds, `only` a condition on the parameters. With a
        `delay` in seconds they are carried out late, and with status 0 they do not fail at all."""
        self._faults.append({"method": method, "status": status, "times": times} | fault)

    # What the bot did

    def messages(self, chat: int) -> list[dict[str, Any]]:
        """What the bot sent to this chat and the chat took, oldest first."""
        return [one for (where, _), one in self._messages.items() if where == chat and one["from"]["id"] == ME["id"]]

    def texts(self, chat: int) -> list[str]:
        """The visible texts and captions of these messages."""
        return [one["text"] if "text" in one else one["caption"] for one in self.messages(chat)]

    def labels(self, chat: int) -> list[str]:
        """What stands on the buttons of the newest message that has some."""
        for message in reversed(self.messages(chat)):
            if message.get("reply_markup", {}).get("inline_keyboard"):
                return [button["text"] for row in message["reply_markup"]["inline_keyboard"] for button in row]
        return []

    def history(self, chat: int) -> list[dict[str, Any]]:
        """Everything in this chat in order, people and bot."""
        return [one for (where, _), one in self._messages.items() if where == chat]

    def called(self, method: str) -> list[dict[str, Any]]:
        """The parameters of every call of a method."""
        return [parameters for name, parameters in self.calls if name == method]

    def is_quiet(self, update: int) -> bool:
        """Whether the bot has taken this update and everything before it."""
        return not self._queue and update in self.handed_at

    def note(self, chat: int, text: str) -> None:
        """Keep in the chat's history what was shown over it for a moment."""
        number = next(self._ids)
        somebody = _user(abs(chat), "zh-hans")
        self._messages[(chat, number)] = {"message_id": number, "chat": _chat(chat), "from": somebody, "note": text}

    async def until(self, condition: Callable[[], object], seconds: float = 60.0) -> None:
        """Wait for something to have happened here. Raises TimeoutError."""
        async with asyncio.timeout(seconds), self._news:
            await self._news.wait_for(condition)

    # The Bot API

    async def answer(self, request: Request) -> JSONResponse:
        """One call of a method."""
        method = request.path_params["method"]
        try:
            if request.path_params["token"] != TOKEN:
                raise Refused(401, "Unauthorized")
            parameters = await _parameters(request)
            if method == "getUpdates":
                return JSONResponse({"ok": True, "result": await self._updates(parameters)})
            self.calls.append((method, parameters))
            await self._fault(method, parameters)
            result = self._do(method, parameters)
        except Refused as refusal:
            return JSONResponse(refusal.body, refusal.status)
        finally:
            await self._tell()
        return JSONResponse({"ok": True, "result": result})

    async def file(self, request: Request) -> Response:
        """A file that somebody sent, by the address that getFile gave."""
        known = request.path_params["token"] == TOKEN and request.path_params["path"] in self._files
        return Response(self._files[request.path_params["path"]] if known else b"", 200 if known else 404)

    def _do(self, method: str, parameters: dict[str, Any]) -> object:
        if method == "getMe":
            return ME
        if "chat_id" in parameters and method.startswith(("send", "edit")):
            if int(parameters["chat_id"]) in self._blocked:
                raise Refused(403, "Forbidden: bot was blocked by the user")
            if method != "sendChatAction":
                self._count(int(parameters["chat_id"]))
        match method:
            case "sendMessage":
                return self._take(parameters, {"text": _visible(parameters, "text", 4096)}, parameters["text"])
            case "sendPhoto":
                number = self._photo(parameters["photo"])
                shown = {"photo": self._files[number], "caption": _visible(parameters, "caption", 1024, True)}
                taken = self._take(parameters, shown, parameters.get("caption", ""))
                size = {"file_id": number, "file_unique_id": number, "width": 800, "height": 450}
                return {**taken, "photo": [size]}
            case "sendDocument":
                name, content = parameters["document"]
                return self._take(parameters, {"document": {"file_name": name}, "content": content, "text": ""}, "")
            case "sendMessageDraft":
                return self._draft(parameters)
            case "editMessageText" | "editMessageReplyMarkup":
                return self._edit(parameters)
            case "getFile":
                return self._found_file(parameters["file_id"])
            case "setWebhook":
                self._webhook = parameters
                return True
            case "deleteWebhook":
                self._webhook = None
                return True
            case "answerCallbackQuery":
                if parameters["callback_query_id"] not in self._queries:
                    raise Refused(400, "Bad Request: query is too old or query ID is invalid")
                return True
        if method in SILENT:
            return True
        raise Refused(404, "Not Found: method not found")

    def _count(self, chat: int) -> None:
        now = time.monotonic()
        if now - self._sent_at.get(chat, 0.0) < (1.0 if chat > 0 else 3.0):
            self.floods.append(chat)
        self._sent_at[chat] = now
        self._all_sent_at.append(now)
        while now - self._all_sent_at[0] > 1.0:
            self._all_sent_at.popleft()
        self.rushes += len(self._all_sent_at) > MOST_A_SECOND

    def _draft(self, parameters: dict[str, Any]) -> bool:
        chat, number = int(parameters["chat_id"]), int(parameters.get("draft_id", 0))
        if chat < 0:
            raise Refused(400, "Bad Request: drafts can be sent to private chats only")
        if not number:
            raise Refused(400, "Bad Request: DRAFT_ID_INVALID")
        self.drafts.append((chat, number, _visible(parameters, "text", 4096, may_be_empty=True)))
        return True

    def _edit(self, parameters: dict[str, Any]) -> dict[str, Any]:
        key = (int(parameters["chat_id"]), int(parameters["message_id"]))
        if key not in self._messages:
            raise Refused(400, "Bad Request: message to edit not found")
        before = self._messages[key]
        after = {name: value for name, value in before.items() if name != "reply_markup"}
        if "text" in parameters:
            after |= {"text": _visible(parameters, "text", 4096), "source": parameters["text"]}
        if parameters.get("reply_markup", {}).get("inline_keyboard"):
            after["reply_markup"] = parameters["reply_markup"]
        if after == before:
            raise Refused(400, "Bad Request: message is not modified: the content and reply markup are the same")
        self._messages[key] = after
        return {name: value for name, value in after.items() if name not in KEPT}

    def _photo(self, given: bytes | str) -> str:
        """The number of a picture that is uploaded, or was before."""
        if isinstance(given, str):
            if given not in self._files:
                raise Refused(400, "Bad Request: wrong file identifier/HTTP URL specified")
            return given
        if not given.startswith((b"\x89PNG", b"\xff\xd8\xff", b"RIFF")):
            raise Refused(400, "Bad Request: IMAGE_PROCESS_FAILED")
        number = f"file{next(self._ids)}"
        self._files[number] = given
        return number

    def _found_file(self, number: str) -> dict[str, Any]:
        if number not in self._files:
            raise Refused(400, "Bad Request: invalid file_id")
        if len(self._files[number]) > LARGEST_FILE:
            raise Refused(400, "Bad Request: file is too big")
        size = len(self._files[number])
        return {"file_id": number, "file_unique_id": number, "file_size": size, "file_path": number}

    async def _updates(self, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        offset = int(parameters.get("offset", 0))
        while self._queue and self._queue[0]["update_id"] < offset:
            self._handed_over.append(self._queue.popleft())
        await self._tell()
        with suppress(TimeoutError):
            async with asyncio.timeout(float(parameters.get("timeout", 0))), self._news:
                await self._news.wait_for(lambda: self._queue or self._again or self.closing)
        again, self._again = self._again, []
        handed = list(itertools.islice(itertools.chain(again, self._queue), int(parameters.get("limit", 100))))
        for update in handed:
            self.handed_at.setdefault(update["update_id"], time.monotonic())
        return handed

    async def _fault(self, method: str, parameters: dict[str, Any]) -> None:
        for fault in self._faults:
            if fault["method"] == method and fault["times"] > 0 and fault.get("only", lambda _: True)(parameters):
                fault["times"] -= 1
                await asyncio.sleep(fault.get("delay", 0))
                if not fault["status"]:
                    return
                after = {"retry_after": fault["retry_after"]} if "retry_after" in fault else {}
                raise Refused(fault["status"], fault.get("description", "emulated fault"), **after)

    def _take(self, parameters: dict[str, Any], shown: dict[str, Any], source: str) -> dict[str, Any]:
        markup = parameters.get("reply_markup", {})
        for button in itertools.chain.from_iterable(markup.get("inline_keyboard", [])):
            if len(button.get("callback_data", "").encode()) > 64:
                raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
        chat = int(parameters["chat_id"])
        message = {
            "message_id": next(self._ids),
            "date": int(time.time()),
            "at": time.monotonic(),
            "chat": _chat(chat),
            "from": ME,
            **shown,
            "source": source,
            "html": parameters.get("parse_mode") == "HTML",
        }
        if markup:
            message["reply_markup"] = markup
        if "reply_parameters" in parameters:
            original = parameters["reply_parameters"]["message_id"]
            message["replies_to"] = original
            message["answers"] = self._messages.get((chat, original), {}).get("text", "")
        self._messages[(chat, message["message_id"])] = message
        return {name: value for name, value in message.items() if name not in KEPT}

    async def bring(self) -> None:
        """Bring updates to the webhook while one is set, one after the other, and again what it does not take."""
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
            while not self.closing:
                async with self._news:
                    await self._news.wait_for(lambda: self.closing or (self._webhook and self._queue))
                if self.closing or self._webhook is None:
                    continue
                secret = {"X-Telegram-Bot-Api-Secret-Token": self._webhook.get("secret_token", "")}
                status = 0
                with suppress(httpx.HTTPError):
                    status = (await client.post(self._webhook["url"], json=self._queue[0], headers=secret)).status_code
                if 200 <= status < 300:
                    self._handed_over.append(self._queue.popleft())
                else:
                    self.refused_webhooks.append(status)
                    await asyncio.sleep(0.05)

    def _from_user(self, chat: int, user: int | None, language: str) -> dict[str, Any]:
        sender = _user(user or abs(chat), language)
        return {"message_id": next(self._ids), "date": int(time.time()), "chat": _chat(chat), "from": sender}

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()


@asynccontextmanager
async def running_emulator() -> AsyncIterator[TelegramEmulator]:
    """An emulator that listens on a free port for as long as the body runs."""
    emulator = TelegramEmulator()
    routes = [
        Route("/bot{token}/{method}", emulator.answer, methods=["GET", "POST"]),
        Route("/file/bot{token}/{path}", emulator.file),
    ]
    app = Starlette(routes=routes)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        emulator.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = {"timeout_keep_alive": 75, "timeout_graceful_shutdown": 1}
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", **settings))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        bringing = asyncio.create_task(emulator.bring())
        while not server.started:
            await asyncio.sleep(0.005)
        try:
            yield emulator
        finally:
            emulator.closing = server.should_exit = True
            await emulator._tell()
            await asyncio.gather(serving, bringing)


def _visible(parameters: dict[str, Any], name: str, limit: int, may_be_empty: bool = False) -> str:
    """The text of a call as it is seen. Raises Refused when Telegram would not show it."""
    text = parameters.get(name, "")
    visible = _rendered(text) if parameters.get("parse_mode") == "HTML" else text
    if not visible.strip() and not may_be_empty:
        raise Refused(400, "Bad Request: message text is empty")
    if len(visible.encode("utf-16-le")) // 2 > limit:
        raise Refused(400, f"Bad Request: message {'caption ' if name == 'caption' else ''}is too long")
    return visible


def _rendered(text: str) -> str:
    """The visible text of Telegram's HTML. Raises Refused when Telegram would not parse it."""
    stack: list[str] = []
    for found in TAG.finditer(text):
        if not found["closing"]:
            stack.append(found["name"])
        elif not stack or stack.pop() != found["name"]:
            raise Refused(400, "Bad Request: can't parse entities: unexpected end tag")
    bare = TAG.sub("", text)
    if stack or "<" in bare or re.search(r"&(?!lt;|gt;|amp;|quot;|#\d+;)\w+;", bare):
        raise Refused(400, "Bad Request: can't parse entities: unsupported start tag")
    return html.unescape(bare)


def _entities(text: str) -> list[dict[str, Any]]:
    """What Telegram marks in a text by itself: commands and mentions, with offsets in UTF-16 units."""
    kinds = (("bot_command", r"(?<!\S)/\w+(?:@\w+)?"), ("mention", r"(?<![\w/])@\w+"))
    return [
        {
            "type": kind,
            "offset": len(text[: found.start()].encode("utf-16-le")) // 2,
            "length": len(found[0].encode("utf-16-le")) // 2,
        }
        for kind, pattern in kinds
        for found in re.finditer(pattern, text)
        if not (kind == "mention" and re.search(r"/\w+$", text[: found.start()]))
    ]


def _chat(chat: int) -> dict[str, Any]:
    named = {"type": "private", "first_name": f"U{chat}"} if chat > 0 else {"type": "supergroup", "title": f"G{-chat}"}
    return {"id": chat} | named


def _user(user: int, language: str) -> dict[str, Any]:
    return {"id": user, "is_bot": False, "first_name": f"U{user}", "language_code": language}


async def _body(request: Request) -> bytes:
    """The whole body. Telegram carries out what has arrived, whoever hung up since; uvicorn keeps it, but says nothing
    of it any more."""
    try:
        return await request.body()
    except ClientDisconnect:
        arrived = bytes(getattr(request.receive, "__self__", None).body)  # type: ignore[union-attr]
        if len(arrived) < int(request.headers.get("content-length", 0)):
            raise Refused(400, "Bad Request: it broke off") from None
        return arrived


async def _parameters(request: Request) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if request.headers.get("content-type", "").startswith("multipart/"):
        async with request.form() as form:
            for name, value in form.items():
                content = await value.read() if isinstance(value, UploadFile) else value
                given[name] = (value.filename, content) if name == "document" else content
    else:
        given = dict(parse_qsl((await _body(request)).decode()))
    return {name: json.loads(value) if name in NESTED else value for name, value in given.items()}
