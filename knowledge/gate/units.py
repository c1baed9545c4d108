"""How units, bounds and what is no quantity are written in Chinese and English (folded text)."""

import re

_DAY = 86400.0
_SCALE = "万亿|千亿|百亿|十亿|千万|百万|十万|亿|万|千|百|(?:thousand|million|billion|k)(?![a-z])"
HAN_NUMBER = "[零〇一二两三四五六七八九十百千万亿]+"
_ENGLISH = (
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    r"|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
    r"(?:[ -](?:one|two|three|four|five|six|seven|eight|nine|hundred|thousand|million|billion))*\b"
)
# Unit, how it is written, and how many of the unit that one of these is. Longer forms come first.
UNITS: tuple[tuple[str, str, float], ...] = (
    ("working day", r"个?工作日|(?:working|business) days?", 1),
    ("age", r"周?岁|years? old|years? of age", 1),
    ("dollar", r"美元|美金|(?:us )?dollars?|usd", 1),
    ("yuan", r"元|块钱?|人民币|yuan|rmb|cny", 1),
    ("follower", r"[个名位]?(?:粉丝|粉)(?![色底饼丝群团])|[个名位]?订阅者?|followers?|subscribers?", 1),
    ("%", r"%|个?百分点|percent|per cent", 1),
    ("%", r"成(?![为功立本员长交绩年品分果])", 10),
    ("duration", r"秒钟?|seconds?", 1),
    ("duration", r"分钟|minutes?", 60),
    ("duration", r"个?小时|个?钟头|hours?", 3600),
    ("duration", r"天|自然日|日(?![均活常报志])|days?", _DAY),
    ("duration", r"个?星期|个?礼拜|周(?![岁年边末])|weeks?", 7 * _DAY),
    ("duration", r"个月|months?", 30 * _DAY),
    ("duration", r"年(?![龄度报代轻货级])|years?", 365 * _DAY),
    ("person", r"名|人(?![次民工气员])|位|people|persons?", 1),
    ("time", r"人次|次|times?", 1),
    ("character", r"个?汉?字符?|characters?", 1),
    ("megabyte", r"mb?(?![a-z])|兆", 1),
    ("point", r"积?分(?![钟之成销享别类析区布数])|points?", 1),
    ("fold", r"倍", 1),
    ("piece", r"[条个场篇种项款家张件首台套级折期轮]", 1),
)
# An English word after a number is a unit too, unless it only joins.
_NOUN = (
    r"(?!(?:and|or|of|to|in|on|at|by|for|from|the|a|an|is|are|was|were|per|each|may|must|with|if|as|no)\b)"
    r"[a-z]{3,}(?:-[a-z]+)*"
)
_UNIT = "|".join(f"(?P<u{index}>{written})" for index, (_, written, _) in enumerate(UNITS))
NUMBER_WITH_UNIT = re.compile(
    rf"(?P<money>(?:rmb|cny|¥)\s?)?"
    rf"(?:(?P<digits>(?:\d{{1,3}}(?:,\d{{3}})+(?!\d)|\d+)(?:\.\d+)?)(?:\s?(?P<scale>{_SCALE}))?"
    rf"|(?P<han>{HAN_NUMBER}|半(?=[个小年天日月]))|(?P<english>{_ENGLISH}))"
    rf"\s?(?:{_UNIT}|(?P<noun>{_NOUN}))?"
)
SHARE = re.compile(rf"百分之\s?(?P<value>{HAN_NUMBER}|\d+(?:\.\d+)?)")
CLOCK = re.compile(
    rf"(?P<part>凌晨|早上|上午|中午|下午|晚上|晚)?\s?"
    rf"(?:(?P<hour>\d{{1,2}}|{HAN_NUMBER})\s?点(?![赞击评子数建要内说])(?P<half>半)?|(?P<digital>\d{{1,2}}:\d\d)(?!\d))"
)
# Names and idioms that hold a number: articles, steps, years, quarters, sizes, 一般, 数十.
NO_QUANTITY = re.compile(
    rf"第\s?(?:\d+|{HAN_NUMBER})(?:\s?[、至到-]\s?(?:\d+|{HAN_NUMBER}))*\s?[条款项章节步届名期季轮次位天周阶号个]?"
    r"|(?<!\d)(?<!\d,)(?:19|20)\d\d\s?年度?|(?<![\d.])(?<!\d,)(?:19|20)\d\d"
    r"(?![\d.万千亿]|,\d|\s?[个百粉元次条名人位%]| (?:followers|yuan|plays|views))"
    r"|\d+\s?号(?!码)|\d+\s?[×x*]\s?\d+|\d+\s?(?:v|对)\s?\d+|q[1-4]\b|^\s*\d+[.)、](?!\d)"
    r"|\b(?:articles?|no\.|number|step|chapter|phase|level|section|top|announcement)\s?\d+"
    r"|一(?:般|定|些|起|样|旦|律|致|直|下|切|键|方面|边|经|并|旁|(?:天|周|个月|年)(?=最多|至少|只|可以|能|不超过|限))|统一|唯一|万一|十分|[数几上成][十百千万亿]+|千千?万万"
    r"|[a-z]+[-_/]\d+",
    re.M,
)
TO = re.compile(r"\s?(?:-|–|—|~|至|到|to|and)\s?(?:rmb |cny |¥)?(?:次[年月日])?")
LAWFUL_RANGE = re.compile(r"以上\s?(?:到|至)?\s?")
BASE = re.compile(r"(?:每|per|every|each)\s?$")
MEASURES = (("follower", re.compile("粉丝(?![群团])")), ("age", re.compile("年龄")), ("character", re.compile("字数")))

AT_LEAST_BEFORE = re.compile(
    r"至少|不少于|不低于|不得少于|不得低于|起码|满|达(?!标)|(?<!不)(?<!不[得能会可])超过|高于|大于|多于|最低|最少"
    r"|at least|no fewer than|no less than|minimum|more than|over|above"
)
AT_LEAST_AFTER = re.compile(
    r"\s?(?:[名个位]?[\u4e00-\u9fff]{0,4}?)(?:以上|起(?!诉)|即可|才|就能|就可以)"
    r"|\s?or more|\s?and above"
)
AT_MOST_BEFORE = re.compile(
    r"不(?:得|能|会|可)?超过|不高于|不多于|最多|至多|最长|最高|上限|(?<!不)(?<!不得)(?:低于|少于)|不足|不到|未满|不满"
    r"|at most|up to|no more than|not exceed|maximum|fewer than|less than|under|within|below"
)
AT_MOST_AFTER = re.compile(r"\s?(?:以下|以内|之内|内(?!容)|之前|前)|\s?or (?:less|fewer)")
BELOW = re.compile(r"(?<!不)(?<!不得)(?:低于|少于)|不足|不到|未满|不满|以下|fewer than|less than|under|below")
DENIED = re.compile(r"不得|不能|不可|不予|没有|无法|禁止|may not|must not|cannot|have no|has no|not allowed|not be")
LOOSE = re.compile(
    r"(?<![公签合条违])约|近(?!\s?\d+\s?[天日个])|左右|逾|一般|通常|大概"
    r"|about|around|nearly|almost|roughly|usually"
)
