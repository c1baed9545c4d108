"""What the HTTP API answers, shown once for each kind of answer in its description."""

from typing import Any

REPLY: dict[str, Any] = {
    "text": "**政策与事实**\n2024 年光合计划投入 10 亿现金和 100 亿流量。[1]",
    "grounded": True,
    "refused": False,
    "citations": [
        {
            "n": 1,
            "document": "guanghe-plan-2024",
            "revision": 1,
            "title": "2024 年光合计划",
            "heading": "给多少流量",
            "source": "快手官方",
            "source_date": "2024-08-23",
            "trust": "official",
            "effective_from": "2024-01-01",
            "expires_on": "2025-01-01",
            "in_force": True,
            "basis": "policy",
            "quote": "2024 年光合计划投入 10 亿现金和 100 亿流量。",
            "url": "https://www.example.com/guanghe",
            "passage": "9f2b0c…",
        }
    ],
    "figures": [],
    "charts": [],
    "actions": [],
    "suggestions": ["光合计划怎么参加？"],
    "release": 3,
    "model": "extractive",
    "thread": "5f0f6f9a2c5b4a1e9d3c7b8a6e4d2f10",
    "answer_id": "0b6c9d1e8f7a4c3b9e2d5a6f7c8b9d0e",
    "lang": "zh",
    "timings_ms": {"search": 14.2, "first": 22.8, "total": 24.1},
    "usage": {},
}
EVENTS = {
    "example": 'event: sentence\ndata: {"text":"2024 年光合计划投入 10 亿现金…[1]","basis":"policy"}\n\n'
    'event: done\ndata: {"text":"…","thread":"…","answer_id":"…"}\n\n',
}
THREADS = {
    "threads": [
        {
            "thread": REPLY["thread"],
            "title": "2024年光合计划给多少流量？",
            "turns": 3,
            "asked_at": "2026-11-28T03:04:05.678901",
        }
    ],
    "next": "MjAyNi0xMS0yOFQwMzowNDowNS42Nzg5MDEgNWYwZg==",
}
HISTORY = {
    "thread": REPLY["thread"],
    "turns": [
        {
            "question": "2024年光合计划给多少流量？",
            "asked_at": "2026-11-28T03:04:05.678901",
            "reply": REPLY,
            "verdict": "up",
        }
    ],
    "next": None,
}
CREATOR = {
    "id": "demo-01",
    "name": "阿禾的小厨房",
    "platform": "kuaishou",
    "category": "美食",
    "story": "稳步上升：播放和粉丝都在涨。",
    "synthetic": True,
}
DEMONSTRATION = {"creators": [CREATOR], "current": None}
CHOSEN = {"current": CREATOR}
OPENED = {"session": "eyJhbGciOi…", "creator": {"id": "mei", "name": "小美"}, "until": 1795846000}
IMPORTED = {
    "file": "works.csv",
    "preset": "kuaishou-works",
    "read": 12,
    "new": 10,
    "changed": 1,
    "skipped": [{"line": 9, "reason": "repeats line 8"}],
    "works": 11,
    "days": 1,
    "totals": {"play": 120345, "like": 5120},
    "warnings": [],
    "import_id": 7,
}
MODELS = {"object": "list", "data": [{"id": "heliotrope", "object": "model", "created": 0, "owned_by": "heliotrope"}]}
COMPLETION = {
    "id": "chatcmpl-0b6c9d1e8f7a4c3b9e2d5a6f7c8b9d0e",
    "object": "chat.completion",
    "created": 1795845828,
    "model": "heliotrope",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": REPLY["text"]}, "finish_reason": "stop"}],
    "heliotrope": REPLY,
}
CHUNKS = {
    "text/event-stream": {
        "example": 'data: {"object":"chat.completion.chunk","choices":[{"delta":{"content":"…"}}]}\n\ndata: [DONE]\n\n',
    }
}
KEPT = {"creator": "mei", "scope": "creator", "kept": {"threads": 4, "turns": 19, "works": 120}}
EXPORT = {
    "creator": "mei",
    "exported_at": "2026-11-28T03:04:05Z",
    "kept": {"threads": [{"id": REPLY["thread"], "owner": "creator:mei", "channel": "widget"}]},
}
FORGOTTEN = {"deleted": {"threads": 4, "turns": 19, "works": 120}}
INBOX = {
    "notices": [
        {
            "id": 12,
            "kind": "task",
            "title": "新任务：连续 7 天更新",
            "body": "完成可得 500 元流量券。",
            "link": "https://www.example.com/tasks/7",
            "image": "",
            "channel": "inbox",
            "at": "2026-11-28T03:04:05Z",
            "seen_at": None,
            "clicked_at": None,
        }
    ],
    "next": None,
    "unseen": 1,
}
TOLD = {
    "timezone": "",
    "quiet_from": 22,
    "quiet_until": 8,
    "weekly": None,
    "muted": [],
    "channel": "",
    "email": "",
    "language": "",
    "daily_digest": False,
}
CASE = {
    "id": 7,
    "side": "report",
    "state": "filed",
    "own_title": "番茄牛腩",
    "own_url": "",
    "other_title": "番茄牛腩教程",
    "other_url": "https://v.kuaishou.com/abc",
    "other_name": "某账号",
    "statement": "整条搬运，片尾的水印还在。",
    "duplicate_of": None,
    "title_likeness": 0.8,
    "cover_likeness": None,
    "opened_at": "2026-11-28T03:04:05Z",
    "due_at": "2026-12-03T03:04:05Z",
    "changed_at": "2026-11-28T03:04:05Z",
    "decided_at": None,
    "acts": ["withdraw"],
    "files": [{"id": 3, "role": "own_cover", "name": "封面.png"}],
    "history": [
        {"at": "2026-11-28T03:04:05Z", "act": "file", "by": "creator", "text": "整条搬运。", "state": "filed"}
    ],
}
CASES = {"cases": [CASE], "works": ["番茄牛腩", "三分钟快手菜"]}
