"""The bill of materials and the licences of what comes along."""

from email.message import Message

import pytest

from setup.parts import Part, bill, licence_of, page, parts


@pytest.fixture(scope="module")
def listed() -> list[Part]:
    return parts()


def test_everything_that_comes_along_is_under_a_licence_that_we_take(listed: list[Part]):
    refused = [f"{part.name}: {part.licence}" for part in listed if not part.is_allowed]
    assert refused == [], "Look at these licences; what may come along stands in ALLOWED in setup/parts.py."
    assert {part.registry for part in listed} == {"pypi", "npm"}
    assert len(listed) > 150


def test_the_bill_names_every_part_by_its_address(listed: list[Part]):
    made = bill(listed)
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    addresses = [component["purl"] for component in made["components"]]
    assert len(set(addresses)) == len(addresses) == len(listed)
    assert any(address.startswith("pkg:pypi/fastapi@") for address in addresses)
    assert any(address.startswith("pkg:npm/%40picocss/pico@") for address in addresses)
    assert page(listed).count("\n") == len(listed) + 2


@pytest.mark.parametrize(
    ("licence", "is_allowed"),
    [
        ("MIT", True),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("GPL-3.0-only", False),
        ("GPL-3.0-only OR MIT", True),
        ("MIT AND GPL-3.0-only", False),
        ("unknown", False),
    ],
)
def test_of_alternatives_one_is_enough_and_of_several_all_count(licence: str, is_allowed: bool):
    assert Part("pypi", "x", "1", licence).is_allowed is is_allowed


def test_a_licence_is_read_from_whatever_a_package_says():
    about = Message()
    assert licence_of(about) == "unknown"
    about["License"] = "The MIT License\n\nCopyright (c) somebody"
    assert licence_of(about) == "MIT"
    about["Classifier"] = "License :: OSI Approved :: Apache Software License"
    assert licence_of(about) == "Apache-2.0"
    about["License-Expression"] = "0BSD"
    assert licence_of(about) == "0BSD"
