"""Star: what is not published is never judged, two people decide, promises are tracked."""

from datetime import timedelta

import pytest

from assistant.bootstrap import STARTER
from assistant.errors import BadInput, Conflict, NotAllowed
from assistant.programs.star import NoSuchNomination
from tests.assistant.programs.conftest import TODAY, House


@pytest.fixture
def starred(house: House) -> House:
    house.programs.fill()
    return house


def test_every_criterion_has_its_verdict_and_the_unpublished_none(starred: House):
    found = starred.programs.star.readiness("demo-01", TODAY)
    verdicts = {one.criterion.key: one.verdict for one in found.standings}
    assert verdicts["followers_threshold"] == "not published"
    assert verdicts["own_work"] == "yours to say"
    assert verdicts["keeps_publishing"] in ("met", "not met")
    nobody = starred.programs.star.readiness("nobody", TODAY)
    assert {one.verdict for one in nobody.standings if one.criterion.condition} == {"not known"}


def test_cited_documents_exist_in_the_starter_knowledge(starred: House):
    known = {path.stem for path in (STARTER / "zh").glob("*.md")}
    for slug in ("kuaishou-star", "ecommerce-readiness", "brand-readiness"):
        for one in starred.programs.register.criteria(slug).criteria:
            assert not one.document or one.document in known, one.key


def test_a_nomination_is_decided_by_another_person_and_promises_are_tracked(starred: House):
    star = starred.programs.star
    found = star.nominate("demo-01", "ann", "稳", TODAY)
    assert found.readiness["criteria"]
    with pytest.raises(Conflict):
        star.nominate("demo-01", "demo-01", "", TODAY)
    with pytest.raises(NotAllowed):
        star.decide(found.id, "ann", True, "好", "cai")
    with pytest.raises(BadInput, match="contact"):
        star.decide(found.id, "bob", True, "好")
    assert star.contact_of("demo-01") is None
    assert star.decide(found.id, "bob", True, "好", "cai").state == "accepted"
    assert star.contact_of("demo-01") == "cai"
    with pytest.raises(Conflict):
        star.decide(found.id, "bob", False, "不")
    promised = star.promise(found.id, "bob", "guarantee", 3000_00, due_on=TODAY - timedelta(days=1))
    assert promised.benefits[0].is_overdue(TODAY)
    given = star.deliver(found.id, promised.benefits[0].id, "bob")
    assert not given.benefits[0].is_overdue(TODAY)
    with pytest.raises(Conflict):
        star.deliver(found.id, promised.benefits[0].id, "bob")
    star.set_contact(found.id, "bob", "dan")
    assert star.contact_of("demo-01") == "dan"
    star.end(found.id, "bob", "约定期满")
    assert star.contact_of("demo-01") is None
    assert [told.values["accepted"] for told in starred.listening.told] == [True]


def test_a_creator_takes_back_the_own_nomination_only(starred: House):
    star = starred.programs.star
    found = star.nominate("demo-01", "demo-01", "", TODAY)
    with pytest.raises(NoSuchNomination):
        star.withdraw(found.id, "demo-02")
    assert star.withdraw(found.id, "demo-01").state == "withdrawn"
    assert star.nominate("demo-01", "demo-01", "", TODAY).state == "proposed"
