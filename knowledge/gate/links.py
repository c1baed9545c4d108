"""Broken links: addresses in texts and sources that no longer lead anywhere. Reported, never a reason to stop."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from knowledge.documents import Passage
from knowledge.errors import Unavailable
from knowledge.gate.findings import Finding

Check = Callable[[str], str | None]
AT_ONCE = 8
MOST = 200  # addresses looked up in one check, so that a publish never waits minutes for strangers' servers
_ADDRESS = re.compile(r"https?://[^\s<>()\[\]\"'“”‘’「」《》（）【】，。；、！？|`\\]+", re.I)
_TRAILING = ".,;:!?*_~"


def links(passages: Iterable[Passage], check: Check) -> list[Finding]:
    """A remark for every broken address. `check` gives a complaint (“answers 404”) or None, and raises Unavailable
    when no connection came about: when that happens to every one of the first few, the network is not there, which is
    one remark."""
    places: dict[str, list[Passage]] = defaultdict(list)
    for passage in passages:
        for address in dict.fromkeys(addresses_of(passage)):
            places[address].append(passage)
    wanted = list(places)[:MOST]
    findings: list[Finding] = []
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="links") as pool:
        for start in range(0, len(wanted), AT_ONCE):
            some = wanted[start : start + AT_ONCE]
            outcomes = list(pool.map(lambda address: _outcome(check, address), some))
            if not start and all(isinstance(outcome, Unavailable) for outcome in outcomes):
                return [_no_network(len(places))]
            findings += [
                _broken(address, str(outcome), places[address])
                for address, outcome in zip(some, outcomes, strict=True)
                if outcome is not None
            ]
    if len(places) > MOST:
        findings.append(_too_many(len(places)))
    return findings


def addresses_of(passage: Passage) -> list[str]:
    """The web addresses in a passage's text, and that of its source."""
    found = [match.rstrip(_TRAILING) for match in _ADDRESS.findall(passage.text)]
    return [*found, passage.provenance.url] if passage.provenance.url else found


def _outcome(check: Check, address: str) -> str | Unavailable | None:
    try:
        return check(address)
    except Unavailable as error:
        return error


def _broken(address: str, complaint: str, places: list[Passage]) -> Finding:
    slugs = list(dict.fromkeys(passage.slug for passage in places))
    more = f" and {len(slugs) - 1} more" if len(slugs) > 1 else ""
    more_zh = f"等 {len(slugs)} 个文档" if len(slugs) > 1 else ""
    return Finding(
        "link",
        False,
        slugs[0],
        f"A link in “{slugs[0]}”{more} is broken: {address} ({complaint.rstrip('.')}).",
        f"“{slugs[0]}”{more_zh}中的链接打不开：{address}。",
        tuple(passage.id for passage in places),
        {"address": address, "complaint": complaint, "documents": slugs},
    )


def _no_network(count: int) -> Finding:
    return Finding(
        "link",
        False,
        "",
        f"Links could not be checked: none of the first few of {count} address(es) could be reached.",
        f"无法检查链接：共 {count} 个地址，先试的几个都连不上网络。",
    )


def _too_many(count: int) -> Finding:
    return Finding(
        "link",
        False,
        "",
        f"{count - MOST} of {count} addresses were not looked up; {MOST} are checked at a time.",
        f"共 {count} 个地址，一次最多检查 {MOST} 个，其余 {count - MOST} 个未检查。",
    )
