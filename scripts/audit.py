"""Checks the packages that the project pins: known vulnerabilities, and whether they were changed.

usage: python scripts/audit.py [--write]

Vulnerabilities are looked up with pip-audit, at PyPI and at OSV. Where neither can be reached, one
line says so, and what remains is that every package is pinned and has the contents that hashes.txt
has recorded. With --write, hashes.txt is written anew. Ends with 1 where something was found.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[1]
PINNED, HASHES = ROOT / "constraints.txt", ROOT / "hashes.txt"
HEAD = (
    "# SHA-256 of the files that were installed when constraints.txt was written, by file name.\n"
    "# Written by: make constraints. Compared by: make audit.\n"
)
SERVICES = ("pypi", "osv")


def main(arguments: list[str]) -> int:
    """Exit status: 0 nothing found, 1 something found."""
    served = files()
    if "--write" in arguments:
        lines = [f"{digest}  {name}\n" for name, digest in sorted(served.items())]
        HASHES.write_text(HEAD + "".join(lines))
        print(f"{len(lines)} files recorded in {HASHES.name}")
        return 0
    changed = compare(served, recorded())
    return 1 if vulnerable() or changed else 0


def files() -> dict[str, str]:
    """SHA-256 by name of the files that pip would install from where it looks. Installs nothing."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        options = ["--quiet", "--dry-run", "--ignore-installed", "--no-deps", "--report", report]
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
        subprocess.run(  # noqa: S603 (pip of this very environment)
            [*pip, "install", *options, "-r", PINNED],
            check=True,
            stderr=subprocess.DEVNULL,
        )
        found = json.loads(report.read_text())["install"]
    told = [one["download_info"] for one in found]
    return {
        unquote(urlsplit(one["url"]).path).rsplit("/", 1)[-1]: one["archive_info"]["hashes"][
            "sha256"
        ]
        for one in told
    }


def recorded() -> dict[str, str]:
    """SHA-256 by file name, from hashes.txt."""
    lines = [line.split() for line in HASHES.read_text().splitlines() if line[:1] not in ("#", "")]
    return {name: digest for digest, name in lines}


def compare(served: dict[str, str], known: dict[str, str]) -> bool:
    """Whether a file has other contents than were recorded under its name; prints what it finds."""
    changed = sorted(name for name, digest in served.items() if known.get(name, digest) != digest)
    foreign = sorted(name for name in served if name not in known)
    for name in changed:
        print(f"CHANGED: {name} is not what hashes.txt has recorded", file=sys.stderr)
    said = f"{len(served) - len(foreign) - len(changed)} files are what was recorded"
    if foreign:
        said += f"; {len(foreign)} are of another platform and not recorded: {', '.join(foreign)}"
    print(said)
    return bool(changed)


def vulnerable() -> bool:
    """Whether a database knows of a vulnerability; prints which, or that none could be reached."""
    for service in SERVICES:
        options = ["--service", service, "--no-deps", "--disable-pip", "--format", "json"]
        answer = subprocess.run(  # noqa: S603 (of this very environment)
            [sys.executable, "-m", "pip_audit", *options, "-r", PINNED],
            capture_output=True,
            text=True,
            check=False,
        )
        try:
            packages = json.loads(answer.stdout)["dependencies"]
        except (ValueError, KeyError):
            continue
        looked = [one for one in packages if "skip_reason" not in one]
        if not looked:
            continue
        bad = [(one, found) for one in looked for found in one["vulns"]]
        for one, found in bad:
            fixed = ", ".join(found["fix_versions"]) or "no version yet"
            print(f"{one['name']} {one['version']}: {found['id']}, mended in {fixed}")
        print(f"{len(looked)} of {len(packages)} packages looked up at {service}: {len(bad)} known")
        return bool(bad)
    print(
        "no database of vulnerabilities can be reached from here: only pins and hashes are checked"
    )
    return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
