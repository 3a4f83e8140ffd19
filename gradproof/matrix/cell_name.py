"""A cell's name is a claim: what it says against what is installed, one sentence for each lie.

A name is made of factors joined by dashes: a package and its minor version without dots (py311, np24, torch213, tf221,
keras315, jax010), or a word: `bare` (no framework), `lowest` (the lower bounds of pyproject.toml), `kerastorch` and
`kerasjax` (Keras computing with that backend).
"""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from ..environment import ABSENT, installed_version
from ..frameworks.known import in_range
from ..naming import nearest


@dataclass(frozen=True)
class Package:
    """Something whose version a factor names. runs: the implementations that compute with it."""

    factor: str
    title: str
    distributions: tuple[str, ...]
    runs: tuple[str, ...] = ()


PACKAGES = (
    Package("py", "Python", ()),
    Package("np", "NumPy", ("numpy",)),
    Package("torch", "PyTorch", ("torch",), ("pytorch",)),
    Package("tf", "TensorFlow", ("tensorflow", "tensorflow-cpu", "tf-nightly", "tensorflow-macos"), ("tensorflow",)),
    Package("keras", "Keras", ("keras", "keras-nightly"), ("keras", "keras_torch", "keras_jax")),
    Package("jax", "JAX", ("jax",), ("jax",)),
)
BY_FACTOR = {package.factor: package for package in PACKAGES}
FRAMEWORKS = tuple(package for package in PACKAGES if package.runs)
BACKENDS = {"kerastorch": ("torch", "keras_torch"), "kerasjax": ("jax", "keras_jax")}
WORDS = ("bare", "lowest", *BACKENDS)
EXAMPLE = "py311-np24-torch213"
_VERSION = re.compile(r"(py|np|torch|tf|keras|jax)(\d+)")


@dataclass(frozen=True)
class Claim:
    """What a name says. versions: factor to digits ("torch": "213"); lies: those that are seen in the name alone."""

    name: str
    versions: Mapping[str, str]
    words: tuple[str, ...]
    lies: tuple[str, ...] = ()

    @property
    def named(self) -> set[str]:
        """Factors of the packages that the name says are there."""
        return {*self.versions, *(f for word in self.words if word in BACKENDS for f in ("keras", BACKENDS[word][0]))}


def parse(name: str) -> Claim:
    """The claim of a name. ValueError where it cannot be a folder's name; what it says wrongly is among its lies."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,120}", name):
        raise ValueError(f"{name!r} is not a cell's name: letters, digits and dashes, as in {EXAMPLE}")
    versions: dict[str, str] = {}
    words: list[str] = []
    lies: list[str] = []
    for part in name.split("-"):
        match = _VERSION.fullmatch(part)
        if part in WORDS:
            words.append(part)
        elif match is None:
            lies.append(_unknown(part))
        elif match[1] in versions:
            lies.append(f"the name says {match[1]}{versions[match[1]]} and {part}")
        else:
            versions[match[1]] = match[2]
    named = sorted(f for f in versions if BY_FACTOR[f].runs)
    if "bare" in words and (named or set(words) & set(BACKENDS)):
        named += [word for word in words if word in BACKENDS]
        lies.append(f"the name says bare, and names a framework ({', '.join(named)})")
    return Claim(name, versions, tuple(words), tuple(lies))


def _unknown(part: str) -> str:
    letters = re.match(r"[A-Za-z_]*", part)
    near = nearest(letters[0] if letters else part, [*BY_FACTOR, *WORDS])[:1]
    digits = part[len(letters[0]) :] if letters else ""
    meant = f"did you mean {near[0] + (digits if near[0] in BY_FACTOR else '')}?" if near and part else ""
    known = ", ".join([*(f"{p.factor}XY" for p in PACKAGES), *WORDS])
    return f"the name says {part!r}, which is no factor; {meant or f'known are {known}'}"


# -- what is there --------------------------------------------------------------------------------------------------


def installed() -> dict[str, str]:
    """Factor to the version that is installed in this Python, or "absent"; from the distributions' own records."""
    found = {"py": platform.python_version()}
    for package in PACKAGES[1:]:
        versions = [installed_version(name) for name in package.distributions]
        found[package.factor] = next((v for v in versions if v != ABSENT), ABSENT)
    return found


def distributions() -> dict[str, str]:
    """Every installed distribution and its version."""
    found = {str(d.metadata["Name"]): d.version for d in metadata.distributions() if d.metadata["Name"]}
    return dict(sorted(found.items(), key=lambda each: each[0].lower()))


def minor(version: str) -> str:
    """The digits of a factor for a version: "213" for 2.13.0+cpu."""
    return "".join(re.findall(r"\d+", version.partition("+")[0])[:2])


# -- the lies -------------------------------------------------------------------------------------------------------


def lies(claim: Claim, here: Mapping[str, str], bounds: Mapping[str, str] | None = None) -> list[str]:
    """What the name says and is not so, each in a sentence. here: as `installed`; bounds: as `lower_bounds`."""
    said = list(claim.lies)
    for factor, digits in claim.versions.items():
        title, version = BY_FACTOR[factor].title, here[factor]
        if version == ABSENT:
            said.append(f"the name says {factor}{digits}, and {title} is not installed")
        elif minor(version) != digits:
            said.append(f"the name says {factor}{digits}, and {title} is {version} ({factor}{minor(version)})")
    for word in claim.words:
        said += [
            f"the name says {word}, and {BY_FACTOR[factor].title} is not installed"
            for factor in ("keras", *BACKENDS.get(word, ())[:1])
            if word in BACKENDS and here[factor] == ABSENT and factor not in claim.versions
        ]
    if "lowest" in claim.words:
        return said + _not_lowest(here, lower_bounds() if bounds is None else bounds)
    for package in FRAMEWORKS:
        version = here[package.factor]
        if version != ABSENT and package.factor not in claim.named:
            what = "says bare" if "bare" in claim.words else f"does not name it ({package.factor}{minor(version)})"
            said.append(f"{package.title} {version} is installed, and the name {what}")
    return said


def _not_lowest(here: Mapping[str, str], bounds: Mapping[str, str]) -> list[str]:
    if not bounds:
        return ["the name says lowest, and no lower bound of gradproof's requirements is known here"]
    said: list[str] = []
    for package in PACKAGES[1:]:
        version = here[package.factor]
        lowest = next((bounds[name] for name in package.distributions if name in bounds), "")
        if version == ABSENT:
            if package.factor == "np":
                said.append("the name says lowest, and NumPy is not installed")
        elif not lowest:
            said.append(f"the name says lowest, and {package.title} {version}, which is installed, has no lower bound")
        elif not in_range(version, f"=={lowest}") and minor(version) != minor(lowest):
            said.append(f"the name says lowest, which is {package.title} {lowest}, and {version} is installed")
    return said


def lower_bounds() -> dict[str, str]:
    """Distribution to the lower bound that gradproof's own requirements give it, extras and all."""
    found = {}
    for requirement in _requirements():
        match = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9_.-]*)[^;]*?>=\s*([0-9][0-9.]*)", requirement)
        if match:
            found[match[1].lower()] = match[2].rstrip(".")
    return found


def _requirements() -> list[str]:
    """From pyproject.toml in a checkout, whatever copy may be installed; else from the installed distribution."""
    project = Path(__file__).resolve().parents[2] / "pyproject.toml"
    if project.is_file():
        from ..frameworks.known import tomllib

        table = tomllib.loads(project.read_text(encoding="utf-8")).get("project", {})
        extras = table.get("optional-dependencies", {}).values()
        return [*table.get("dependencies", []), *(r for extra in extras for r in extra)]
    try:
        return metadata.requires("gradproof") or []
    except metadata.PackageNotFoundError:
        return []


def silent(claim: Claim, hellos: Mapping[str, Any], here: Mapping[str, str]) -> list[str]:
    """Packages that the name says, that are installed and of which nothing runs, each in a sentence."""
    said: list[str] = []
    for package in FRAMEWORKS:
        if package.factor not in claim.named or here[package.factor] == ABSENT:
            continue
        asked = [BACKENDS[w][1] for w in claim.words if w in BACKENDS] if package.factor == "keras" else []
        every: list[Sequence[str]] = [[name] for name in asked] or [package.runs]
        said += [sentence for runs in every for sentence in _does_not_run(package, runs, hellos)]
    return said


def _does_not_run(package: Package, runs: Sequence[str], hellos: Mapping[str, Any]) -> list[str]:
    there = [(name, hellos[name]) for name in runs if name in hellos]
    if any(hello.status == "ready" for _, hello in there):
        return []
    why = "; ".join(f"{name} is {hello.status}: {hello.message}" for name, hello in there) or "nothing was started"
    return [f"the name says {package.title}, and nothing of it runs: {why}"]


def other_versions(hellos: Mapping[str, Any], here: Mapping[str, str]) -> list[str]:
    """Workers that compute with another version than the distributions' records say, each in a sentence."""
    packages = {"torch": "torch", "tensorflow": "tf", "keras": "keras", "jax": "jax", "numpy": "np"}
    said = set()
    for name, hello in hellos.items():
        for package, version in hello.versions.items():
            factor = packages.get(package)
            if factor and here[factor] != ABSENT and minor(version) != minor(here[factor]):
                said.add(f"{name} computes with {package} {version}, and {here[factor]} is what is installed")
    return sorted(said)
