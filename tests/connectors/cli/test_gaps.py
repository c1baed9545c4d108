from tests.connectors.cli.conftest import Cli

VAIN = "快手昵称多久能改一次"


def test_question_asked_in_vain_is_listed_without_who_asked(starter_cli: Cli):
    assert starter_cli("ask", VAIN, "--creator", "demo-01").code == 0
    listed = starter_cli("knowledge", "gaps")
    assert (listed.code, listed.err) == (0, "")
    assert [line for line in listed.out.splitlines() if VAIN in line and "open" in line]
    found = starter_cli("knowledge", "gaps", "--json")
    (gap,) = [one for one in found.json if one["question"] == VAIN]
    assert gap["state"] == "open"
    assert gap["questions"] == sum(gap["counts"].values()) > 0
    assert VAIN in gap["examples"]
    assert "demo-01" not in found.out


def test_where_nothing_was_asked_nothing_is_missing(cli: Cli):
    assert cli("knowledge", "gaps").out == "Nothing was asked in vain.\n"
    assert cli("knowledge", "gaps", "--all", "--json").json == []
