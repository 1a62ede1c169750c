"""Documents that cannot drift: commands, dependencies, sheets, words and links are checked."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import click
import pytest
import yaml

from dashboard import cli, settings
from dashboard.data import schema
from dashboard.data.ingest.sheets import sheets

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
READMES = ("README.md", "README.zh-CN.md")


def _commands(
    command: click.Command = cli.main, names: tuple[str, ...] = ()
) -> Iterator[tuple[str, click.Command]]:
    """Every command with its full name ("user add"), groups left out."""
    if not isinstance(command, click.Group):
        yield " ".join(names), command
        return
    for name, child in command.commands.items():
        yield from _commands(child, (*names, name))


COMMANDS = dict(_commands())


def _chinese(text: str | None) -> bool:
    return re.search(r"[\u4e00-\u9fff]", text or "") is not None


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_both_readmes(name: str) -> None:
    for readme in READMES:
        assert f"`{name}`" in (ROOT / readme).read_text(encoding="utf-8"), readme


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_explains_itself_in_chinese(name: str) -> None:
    command = COMMANDS[name]
    assert _chinese(command.help)
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert _chinese(parameter.help), parameter.name


def test_no_document_names_a_command_or_option_that_is_not_there() -> None:
    options = {
        option for command in COMMANDS.values() for param in command.params for option in param.opts
    }
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        for line in re.findall(r"python -m dashboard +([^\n`]+)", text):
            words = line.split()
            name = " ".join(words[:2]) if words[0] == "user" else words[0]
            assert name in COMMANDS or name == "…", (path.name, line)
            named = [word for word in words if word.startswith("--") and word != "--help"]
            assert set(named) <= options, (path.name, line)


def _pins(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith(("#", "-"))]
    assert all("==" in line for line in pins), f"{name}: exact versions only"
    return {
        re.sub(r"\[.*\]", "", package): version
        for package, version in (line.split("==") for line in pins)
    }


def _listed(heading: str) -> set[str]:
    text = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    section = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| ([\w.-]+) \| \S", section, re.MULTILINE)) - {"package", "---"}


def test_every_dependency_earns_its_place() -> None:
    assert _listed("The program") == set(_pins("requirements.txt"))
    assert _listed("Tests and checks") == set(_pins("requirements-dev.txt"))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_constraints_repeat_every_pin() -> None:
    constraints = {_normal(name): version for name, version in _pins("constraints.txt").items()}
    for file in ("requirements.txt", "requirements-dev.txt"):
        for name, version in _pins(file).items():
            assert constraints.get(_normal(name)) == version, name


# Loaded by name or by another package: no import statement tells of them.
NOT_IMPORTED = {"psycopg", "defusedxml", "authlib", "httpx", "itsdangerous"}
# Prescribed for the product from its first day; the map page is what it is for.
PRESCRIBED = {"pydeck"}


def test_the_program_imports_what_it_requires_and_requires_what_it_imports() -> None:
    owners = packages_distributions()
    imported: set[str] = set()
    for path in [ROOT / "streamlit_app.py", *(ROOT / "dashboard").rglob("*.py")]:
        for module in _imports(path):
            if module not in sys.stdlib_module_names and module != "dashboard":
                imported.update(_normal(name) for name in owners[module])
    required = {_normal(name) for name in _pins("requirements.txt")}
    assert imported | NOT_IMPORTED | PRESCRIBED == required


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def _sections() -> dict[str, str]:
    text = (ROOT / "docs/data.md").read_text(encoding="utf-8")
    parts = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    return {part.splitlines()[0].strip(): part for part in parts}


SHEETS = sheets(settings.load(ROOT / "config").policy)


@pytest.mark.parametrize("name", SHEETS)
def test_every_sheet_is_described_as_the_importer_reads_it(name: str) -> None:
    section, columns = _sections()[name], SHEETS[name].columns
    # head, required, type, unit, rule
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line.startswith("| ") and not line.startswith(("| 列", "| ---"))
    ]
    assert [row[0] for row in rows] == [column.head for column in columns]
    assert [bool(row[1]) for row in rows] == [column.required for column in columns]
    for row, column in zip(rows, columns, strict=True):
        assert column.unit in row[3], column.head
        for option in column.options:
            assert option in row[4], column.head
    keys = re.findall(r"^键:([^。]+)。", section, re.MULTILINE)
    assert [set(key.split("、")) for key in keys] == [
        {column.head for column in columns if column.is_key}
    ]


def test_no_sheet_is_described_that_the_importer_does_not_read() -> None:
    described = {name for name, section in _sections().items() if "| 列 |" in section}
    assert described == {*SHEETS, "边界"}


def test_every_table_of_the_store_is_described() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    section = text.split("## Store")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == set(schema.metadata.tables)


def _glossary() -> list[str]:
    text = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE)
    return [term for row in rows[2:] for term in row.strip().split(" / ")]


@pytest.mark.parametrize("term", _glossary())
def test_every_word_of_the_glossary_is_used(term: str) -> None:
    used_in = [path for path in DOCUMENTS if path.name != "glossary.md"]
    used_in += [*(ROOT / "config").glob("*.yaml"), *(ROOT / "dashboard").rglob("*.py")]
    assert any(term in path.read_text(encoding="utf-8") for path in used_in)


def test_the_readme_uses_words_of_the_glossary() -> None:
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("## Glossary")[1]
    rows = re.findall(r"^\| ([^|]+) \|", section, re.MULTILINE)[2:]
    terms = {term for row in rows for term in row.strip().split(" / ")}
    assert terms
    assert terms <= set(_glossary())


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_within_the_project_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if "://" not in target:
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_paths_in_code_marks_are_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for named in re.findall(r"`((?:dashboard|config|docs|tests|scripts)/[\w./-]+)`", text):
        assert (ROOT / named).exists(), named


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs/decisions"
    listed = (folder / "README.md").read_text(encoding="utf-8")
    for path in folder.glob("0*.md"):
        assert f"({path.name})" in listed


def test_every_target_of_make_that_documents_name_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE)) <= targets, path.name


def test_hooks_run_what_make_lint_runs() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    tools = {Path(hook["entry"].split()[0]).name for hook in hooks["repos"][0]["hooks"]}
    lint = (ROOT / "Makefile").read_text(encoding="utf-8").split("\nlint:")[1].split("\n\n")[0]
    assert tools == set(re.findall(r"\$\(BIN\)/([\w-]+)", lint))
