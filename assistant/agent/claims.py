"""What a sentence of a configured model must not be, whatever figures it holds: a leak of the instructions, markup, a
metric's figure under another metric's name; and whether it claims anything at all.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from assistant.creators.catalogue import CATALOGUE
from assistant.creators.custom import is_named
from knowledge.folding import fold

LEAKED = 32  # characters in a row of the instructions that no answer has by chance
COURTESY = 40  # Han characters, or words times four, up to which a sentence may rest on nothing
_INNER = re.compile(
    r"my_(?:numbers|growth|work|metrics)\b|search_guidance|tool_?calls?\b|system (?:prompt|message)"
    r"|系统提示|提示词|系统指令|内部指令|api[ _-]?key|sk-[a-z0-9]{8}"
)
_MARKUP = re.compile(r"</?[a-z!][^\n>]{0,200}>?|\]\(|!\[|javascript:|data:text|```")
# What changes everything in a sentence: a source has to say the same word.
_STRONG = re.compile(
    r"即将|下个?月|下周|明天|明年|停止|暂停|取消|下线|关闭|上线|开放|恢复|新规|废止|作废|提前|延期|延长"
    r"|保证|必定|肯定会|一定会|包过|稳赚|免费|赠送|赢得|中奖|内部渠道|保底|押金|保证金|收费|付费|独家|封禁|永久|全额|无条件|人人"
    r"|clos(?:ed?|ing)|cancel|suspend|abolish|guarantee|for free|deposit|permanent|exclusive|tomorrow|next year"
)
_CLAIMS = re.compile(
    r"必须|不得|禁止|规定|政策|规则|规范|官方|奖励|补贴|扶持|现金|门槛|资格|条件|要求|处罚|限流|算法|权重|审核|报名|名额|费用"
    r"|快手|抖音|视频号|小红书|微博|b站|平台|快手之星|光合|计划|活动|认证|签约|已经|今年|粉丝数|播放量|收入"
    r"|must|prohibit|polic|rule|official|reward|cash|threshold|eligib|require|penalt|ban|algorithm|weight|review"
    r"|kuaishou|douyin|tiktok|youtube|platform|program|plan|campaign|free|fee|will|already|soon"
)
_SEGMENT = re.compile(r"[^。！？!?；;\n]+")


def leaks(sentence: str, instructions: str, evidence: str) -> bool:
    """Whether a sentence repeats the instructions, or names what only they and the tools name. `evidence` is the folded
    text that may be told."""
    folded = " ".join(fold(sentence).split())
    if any(found not in evidence for found in _INNER.findall(folded)):
        return True
    known = _runs(instructions)
    return any(folded[start : start + LEAKED] in known for start in range(max(0, len(folded) - LEAKED + 1)))


def has_markup(sentence: str) -> bool:
    """Whether a sentence holds HTML, a link, a picture or code: an answer has none."""
    return _MARKUP.search(fold(sentence)) is not None


def claims(sentence: str) -> bool:
    """Whether a sentence states something that must rest on a source; a courtesy or a short encouragement does not."""
    folded = fold(sentence)
    length = sum(1 for character in folded if character >= "㐀") + 4 * len(re.findall(r"[a-z]{2,}", folded))
    return length > COURTESY or bool(_CLAIMS.search(folded) or _STRONG.search(folded))


def strong_words(sentence: str) -> frozenset[str]:
    """The words of a sentence that its source must say, too: 关闭, 免费, 下个月 …"""
    return frozenset(_STRONG.findall(fold(sentence)))


def misnames(sentence: str, figures: frozenset[str], segments: Iterable[tuple[str, frozenset[str]]]) -> bool:
    """Whether a sentence gives a figure under the name of a metric that has none such. `segments` are the pieces of the
    evidence, folded, with their figures: a figure must stand in one that names the metric, or names none."""
    named = metrics_in(fold(sentence))
    if not named:
        return False
    known = [(metrics_in(text), held) for text, held in segments]
    for figure in figures:
        holders = [names for names, held in known if figure in held]
        if holders and not any(not names or names & named for names in holders):
            return True
    return False


def segments_of(text: str) -> list[str]:
    """The sentences and lines of a text of the evidence, folded."""
    return [part for part in _SEGMENT.findall(fold(text)) if part.strip()]


@lru_cache(maxsize=2048)
def metrics_in(folded: str) -> frozenset[str]:
    """The metrics of the catalogue that a folded text names."""
    return frozenset(
        metric.slug
        for metric in CATALOGUE.values()
        if is_named(metric.title_zh, folded) or is_named(metric.title_en, folded)
    )


@lru_cache(maxsize=64)
def _runs(instructions: str) -> frozenset[str]:
    folded = " ".join(fold(instructions).split())
    return frozenset(folded[start : start + LEAKED] for start in range(max(0, len(folded) - LEAKED + 1)))
