"""Personal data in what people write, and the numbers that only look like it."""

import pytest

from assistant.masking import masked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我的手机13812345678被封了", "我的手机[phone]被封了"),
        ("电话 +86138-1234-5678", "电话 +86[phone]"),
        ("电话 １３８１２３４５６７８", "电话 [phone]"),
        ("发到 li.lei@example.com 吗", "发到 [email] 吗"),
        ("身份证11010519491231002X", "身份证[id card]"),
        ("卡号 4111 1111 1111 1111", "卡号 [bank card]"),
    ],
)
def test_personal_data_is_replaced(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    "text",
    ["播放 100亿", "作品 110105194912310021", "粉丝 12345678", "2024-10-30 到 2024-11-30", "卡号 4111111111111112"],
)
def test_other_numbers_stay(text: str) -> None:
    assert masked(text) == text
