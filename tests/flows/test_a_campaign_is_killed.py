"""A campaign is approved and sent; the process is killed twice in the middle; everybody gets it once and the counts are
exact. (With 50,000 creators in `make bench`.)"""

from pathlib import Path

from tests.flows.sending import sent_through_kills

PEOPLE = 2_000  # four batches: the kills fall between them


def test_a_campaign_that_is_killed_twice_reaches_everybody_once(tmp_path: Path) -> None:
    told = sent_through_kills(tmp_path, PEOPLE, kills=2, patience=120)
    assert told["killed"] == 2
    exact = {name: told[name] for name in ("notices", "creators", "enrolled", "sent", "arrived", "accounts")}
    assert exact == dict.fromkeys(exact, PEOPLE)
