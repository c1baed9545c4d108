"""Accounts and link codes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import create_engine, select

from assistant.creators.accounts import CODE_ALPHABET, Accounts, Creator
from assistant.database import schema, tables
from assistant.errors import BadInput, Conflict, NotFound

ANN = Creator("ann", "安安", "kuaishou", "美食", "", synthetic=False)
BEN = Creator("ben", "小本", "kuaishou", "旅行")
NOON = datetime(2026, 11, 23, 12)


def test_a_creator_is_kept_and_found(accounts: Accounts) -> None:
    accounts.add(BEN)
    accounts.add(ANN)
    assert accounts.get("ann") == ANN
    assert accounts.find("nobody") is None
    assert accounts.all() == [ANN, BEN]


def test_an_id_is_taken_once(accounts: Accounts) -> None:
    accounts.add(ANN)
    with pytest.raises(Conflict):
        accounts.add(Creator("ann", "别人", "kuaishou", "美食"))


def test_an_unknown_creator_is_not_found(accounts: Accounts) -> None:
    with pytest.raises(NotFound):
        accounts.get("nobody")
    with pytest.raises(NotFound):
        accounts.issue_link_code("nobody")


@pytest.mark.parametrize("bad", ["", " ann", "a" * 65, "a\nb"])
def test_an_id_must_be_usable(accounts: Accounts, bad: str) -> None:
    with pytest.raises(BadInput):
        accounts.add(Creator(bad, "x", "kuaishou", "x"))


def test_a_link_code_links_one_chat_account(accounts: Accounts) -> None:
    accounts.add(ANN)
    code = accounts.issue_link_code("ann", NOON)
    assert len(code) == 8
    assert set(code) <= set(CODE_ALPHABET)
    assert not set("01OIL") & set(CODE_ALPHABET)
    assert accounts.redeem_link_code(f" {code[:4].lower()}-{code[4:]} ", "telegram", "7", NOON) == ANN
    assert accounts.linked_creator("telegram", "7") == "ann"
    assert accounts.linked_creator("telegram", "8") is None
    assert accounts.linked_creator("web", "7") is None


def test_wrong_expired_and_used_codes_are_told_apart_nowhere(accounts: Accounts) -> None:
    accounts.add(ANN)
    used = accounts.issue_link_code("ann", NOON)
    accounts.redeem_link_code(used, "telegram", "7", NOON)
    expired = accounts.issue_link_code("ann", NOON)
    told = set()
    for code, moment in ((used, NOON), (expired, NOON + timedelta(minutes=10)), ("AAAAAAAA", NOON), ("", NOON)):
        with pytest.raises(BadInput) as refusal:
            accounts.redeem_link_code(code, "telegram", "9", moment)
        told.add(str(refusal.value))
    assert len(told) == 1
    assert accounts.linked_creator("telegram", "9") is None


def test_a_new_link_replaces_the_old_one_and_can_be_undone(accounts: Accounts) -> None:
    accounts.add(ANN)
    accounts.add(BEN)
    for creator in ("ann", "ben"):
        accounts.redeem_link_code(accounts.issue_link_code(creator, NOON), "telegram", "7", NOON)
    assert accounts.linked_creator("telegram", "7") == "ben"
    assert accounts.unlink("telegram", "7")
    assert not accounts.unlink("telegram", "7")
    assert accounts.linked_creator("telegram", "7") is None


def test_only_the_hash_of_a_code_is_stored(tmp_path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/codes.db")
    schema.metadata.create_all(engine)
    accounts = Accounts(engine)
    accounts.add(ANN)
    code = accounts.issue_link_code("ann")
    with engine.connect() as connection:
        rows = connection.execute(select(tables.link_codes)).all()
    assert len(rows) == 1
    assert code not in str(rows)


def test_of_two_who_send_a_code_at_once_one_is_linked(accounts: Accounts) -> None:
    accounts.add(ANN)
    code = accounts.issue_link_code("ann")

    def redeem(account: int) -> bool:
        try:
            accounts.redeem_link_code(code, "telegram", str(account))
        except BadInput:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(redeem, range(8))) == 1
