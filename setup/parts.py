"""`make sbom` and `make audit`: what the product is made of, under which licences, and whether any of it is known to be
unsafe.

The bill of materials is CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/), from the locks and the metadata of the
installed packages; nothing is asked of a network. The audit asks the registries' own advisories.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from setup.progress import SetupFailed, run, step
from setup.tools import NETWORK, ROOT, environment, npm, uv

BUILD = ROOT / "build"
AUDITOR = "pip-audit==2.10.1"
# Licences under which a part may come along; an expression is fine when each of its parts is. LGPL and MPL parts are
# used as they are, unchanged and apart.
ALLOWED = {
    "0BSD", "Apache", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "ISC",
    "LGPL-3.0-only", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "OFL-1.1", "PSF-2.0", "Unlicense", "Zlib",
}  # fmt: skip
# What packages without an expression write instead.
_SPELLINGS = (
    (r"mit(?: license)?|the mit license", "MIT"),
    (r"apache(?: software)?(?: license)?(?:,? version)?(?: 2\.0)?|apache license 2\.0", "Apache-2.0"),
    (r"(?:3-clause )?(?:new |modified )?bsd(?: license)?|bsd 3-clause(?: license)?", "BSD-3-Clause"),
    (r"(?:2-clause bsd|simplified bsd)(?: license)?", "BSD-2-Clause"),
    (r"python software foundation license|psf", "PSF-2.0"),
    (r"mozilla public license 2\.0(?: \(mpl 2\.0\))?", "MPL-2.0"),
    (r"bsd-3-clause, apache-2\.0, dependency licenses", "Apache-2.0 AND BSD-3-Clause"),  # pypdfium2
    (r"isc license(?: \(iscl\))?", "ISC"),
)
_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.M)


@dataclass(frozen=True)
class Part:
    """A locked package: `registry` is pypi or npm; `licence` an expression as its makers or SPDX write it."""

    registry: str
    name: str
    version: str
    licence: str

    @property
    def purl(self) -> str:
        """Its address as https://github.com/package-url/purl-spec has it."""
        return f"pkg:{self.registry}/{self.name.replace('@', '%40')}@{self.version}"

    @property
    def is_allowed(self) -> bool:
        """Whether every licence in its expression is among ALLOWED; of alternatives one is enough."""
        return any(
            all(name in ALLOWED for name in re.split(r"\s+AND\s+|,\s*", way.strip(" ()"))) for way in self.alternatives
        )

    @property
    def alternatives(self) -> list[str]:
        """The expression's ways, of which one may be chosen."""
        return re.split(r"\s+OR\s+", self.licence.replace("(", "").replace(")", ""))


def parts() -> list[Part]:
    """Every package of both locks that is installed here, by registry and name; those for other systems are not."""
    return sorted([*_python(), *_page()], key=lambda part: (part.registry, part.name.lower()))


def bill(listed: list[Part]) -> dict[str, Any]:
    """The bill of materials."""
    own = {"type": "application", "name": "heliotrope", "version": metadata.version("heliotrope")}
    components = [
        {
            "type": "library",
            "bom-ref": part.purl,
            "name": part.name,
            "version": part.version,
            "purl": part.purl,
            "licenses": [{"expression": part.licence}] if part.is_allowed else [{"license": {"name": part.licence}}],
        }
        for part in listed
    ]
    head = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "metadata": {"component": own}}
    return {**head, "components": components}


def page(listed: list[Part]) -> str:
    """The licences as a table."""
    rows = [f"| {part.name} | {part.version} | {part.registry} | {part.licence} |" for part in listed]
    return "\n".join(["| package | version | from | licence |", "|---|---|---|---|", *rows]) + "\n"


def write() -> None:
    """Write both into build/."""
    listed = parts()
    BUILD.mkdir(exist_ok=True)
    (BUILD / "sbom.cdx.json").write_text(json.dumps(bill(listed), indent=1) + "\n")
    (BUILD / "licences.md").write_text(page(listed))
    print(f"{len(listed)} packages: build/sbom.cdx.json, build/licences.md")


def audit() -> None:
    """Ask for known vulnerabilities of what is locked. Raises SetupFailed with what was found."""
    advice = f"Update what is named with `make lock UPGRADE=1`, or say in docs/security.md why it may stay. {NETWORK}"
    program = uv()
    with step("Auditing Python packages"):
        # Strict: a package that could not be asked about counts as found, not as safe.
        arguments = "--requirement", "requirements.txt", "--require-hashes", "--disable-pip", "--strict"
        run([program, "tool", "run", AUDITOR, *arguments], ROOT, environment(), advice)
    with step("Auditing the page's packages"):
        npm_program, surroundings = npm(program)
        run([*npm_program, "audit", "--package-lock-only"], ROOT, surroundings, advice)


def _python() -> Iterator[Part]:
    for name, version in _LOCKED.findall((ROOT / "requirements.txt").read_text()):
        try:
            about = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue
        yield Part("pypi", name, version, licence_of(about))


def _page() -> Iterator[Part]:
    for path, about in json.loads((ROOT / "package-lock.json").read_text())["packages"].items():
        if path:
            yield Part("npm", path.rpartition("node_modules/")[2], about["version"], about.get("license", "unknown"))


def licence_of(about: Any) -> str:
    """A package's licence as an expression: its own, else what its classifiers or its free text say."""
    if expression := about.get("License-Expression"):
        return str(expression)
    classified = [one.rpartition(" :: ")[2] for one in about.get_all("Classifier", []) if one.startswith("License :: ")]
    said = [one for one in classified if one != "OSI Approved"] or [str(about.get("License") or "unknown")]
    return " AND ".join(dict.fromkeys(_expression(one) for one in said))


def _expression(text: str) -> str:
    first = text.strip().splitlines()[0].strip()
    for spelling, expression in _SPELLINGS:
        if re.fullmatch(spelling, first, re.I):
            return expression
    return first


def main() -> int:
    """`sbom` or `audit`; 1 with a sentence when it fails."""
    try:
        audit() if sys.argv[1:] == ["audit"] else write()
    except SetupFailed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
