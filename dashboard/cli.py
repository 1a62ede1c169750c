"""python -m dashboard: everything the office does without a browser.

Exit status: 0 done; 1 what was asked for failed (the reason in Chinese on stderr); 2 usage.
"""

import errno
import gettext
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, time, timedelta
from pathlib import Path

import click
from sqlalchemy.exc import DatabaseError, OperationalError

from dashboard import settings as config
from dashboard import whole_files
from dashboard.briefing import issues, render
from dashboard.briefing.content import Kind, from_json
from dashboard.briefing.fonts import NoChineseFont
from dashboard.briefing.origins import with_origins
from dashboard.data import (
    accounts,
    backup,
    bulletins,
    catalogue,
    demo,
    distribution,
    rollup,
    units,
)
from dashboard.data import reading_role as roles
from dashboard.data.ingest import importer, template
from dashboard.data.store import Store, StoreAway, connect
from dashboard.policy.access import NotAllowed, Role, Viewer
from dashboard.policy.periods import CHINA_TIME, Period

Progress = Callable[[int, int], None]
DEFAULT_PORT = 8501


class Failed(click.ClickException):
    """What was asked for failed; the message is one Chinese sentence, or one a line."""

    exit_code = 1

    def show(self, file: object = None) -> None:
        click.echo(self.message, err=True)


@contextmanager
def reasons() -> Iterator[None]:
    """Turn what the lower layers raise for a person to read into exit status 1."""
    try:
        yield
    except importer.ImportRefused as refusal:
        raise Failed(_refusal(refusal)) from None
    except (config.ConfigError, accounts.AccountError, demo.DemoRefused) as error:
        raise Failed(str(error)) from None
    except (LookupError, ValueError, NotAllowed, NoChineseFont) as error:
        raise Failed(str(error)) from error
    except OperationalError as error:
        raise Failed(f"数据库无法访问,请检查 STORE_URL 和数据库服务:{error.orig}") from None
    except DatabaseError as error:
        raise Failed(f"数据库不能完成这一步,没有改动任何数据:{error.orig}") from None
    except OSError as error:
        raise Failed(_of_a_file(error)) from None
    except KeyboardInterrupt:
        raise Failed("已中断,没有做完的一步已撤销。") from None


def _of_a_file(error: OSError) -> str:
    """What the system says against a file or folder, in Chinese where it is one of the usual."""
    where = error.filename or "文件"
    if isinstance(error, PermissionError):
        return f"没有权限读写{where},请换一个目录或检查权限。"
    if isinstance(error, IsADirectoryError | NotADirectoryError | FileExistsError):
        return f"{where}不是可以写入的文件或目录,请换一个名称。"
    known = {
        errno.ENOSPC: "磁盘空间不足",
        errno.EDQUOT: "磁盘配额已满",
        errno.EROFS: "目录是只读的",
        errno.ENOENT: "没有这个文件或目录",
        errno.ENAMETOOLONG: "文件名太长",
    }
    return f"{where}:{known.get(error.errno or 0, '不能读写')}({error.strerror or error})"


@contextmanager
def progress_bar(label: str) -> Iterator[Progress]:
    """A bar that appears with the first report of progress (done, total)."""
    bar = click.progressbar(length=1, label=label, show_pos=True, file=sys.stderr)
    with bar:

        def report(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield report


def _ready_store() -> Store:
    store = connect()
    if not store.is_ready():
        raise Failed("数据库尚未初始化,请先运行:python -m dashboard init")
    _refuse_misfit(store)
    return store


def _refuse_misfit(store: Store) -> None:
    """Of another version, it would look as if it were away, or fail in the middle."""
    if misfit := store.misfit():
        raise Failed(f"{misfit}。")


@click.group(help="扶贫开发领导驾驶舱:建库、导入、汇总、账号和启动服务。")
def main() -> None:
    pass


@main.command(help="建立或升级数据库;首次运行建立扶贫办账号并显示一次初始密码。")
@click.option("--demo-if-empty", is_flag=True, help="数据库为空时填入演示数据。")
@click.option(
    "--distributed", is_flag=True, help="把各表按区分布到多台机器(PostgreSQL 须有 Citus 扩展)。"
)
@click.option(
    "--reading-role",
    help="页面只读数据所用的数据库角色(PostgreSQL):授予只读权限,按查看人逐行限制。",
)
def init(demo_if_empty: bool, distributed: bool, reading_role: str | None) -> None:
    with reasons():
        store, settings = connect(), config.load()
        if distributed:
            distribution.require(store)
        store.migrate()
        if distributed or distribution.is_distributed(store):
            # A table that an upgrade has brought must not stay behind on one machine.
            click.echo(f"已分布{len(distribution.distribute(store))}张表。")
        with store.writing() as connection:
            catalogue.sync(connection, settings.catalogue)
        # A table that an upgrade has brought must not stay closed to the role, nor open to all.
        reader = reading_role or store.info(roles.ROLE)
        if reader:
            roles.grant(store, reader)
            click.echo(f"角色 {reader} 只能读取,逐行受限。页面使用它:环境变量 STORE_READ_URL。")
        click.echo("数据库已就绪。")
        if demo_if_empty and demo.is_empty(store):
            _fill_demo(store, settings, seed=1, villages=190, households=5000)
        elif not accounts.listing(store, settings.district.root_unit):
            _first_account(store, settings)


def _first_account(store: Store, settings: config.Settings) -> None:
    root = settings.district.root_unit
    password = accounts.add(store, root, "office", Role.OFFICE, root, display_name="扶贫办")
    click.echo("已建立扶贫办账号,以下密码只显示这一次,首次登录须修改:")
    click.echo(f"  用户名 office  密码 {password}")


@main.command("demo", help="填入演示数据(只用于空数据库),并建立演示账号。")
@click.option("--seed", default=1, show_default=True, help="随机种子,相同种子得到相同数据。")
@click.option("--villages", default=190, show_default=True, type=click.IntRange(1), help="村数。")
@click.option(
    "--households", default=5000, show_default=True, type=click.IntRange(0), help="农户数。"
)
def demo_command(seed: int, villages: int, households: int) -> None:
    with reasons():
        store, settings = connect(), config.load()
        store.migrate()
        _fill_demo(store, settings, seed, villages, households)


def _fill_demo(
    store: Store, settings: config.Settings, seed: int, villages: int, households: int
) -> None:
    with progress_bar("填入演示数据") as report:
        demo.fill(store, settings, seed, villages, households, report)
    _publish_demo(store, settings)
    click.echo("已填入演示数据,所有页面和导出文件都会注明“演示数据”。演示账号(也显示在登录页):")
    for username, password in accounts.create_demo_accounts(store, settings).items():
        click.echo(f"  用户名 {username}  密码 {password}")


def _publish_demo(store: Store, settings: config.Settings) -> None:
    """The first year's last bulletin, so that the public page and 通报 have a published one."""
    root = settings.district.root_unit
    viewer = Viewer("demo", Role.OFFICE, root)
    focus = units.focus(store, viewer, root, Period(settings.district.first_year, 4))
    due = focus.period.last_day + timedelta(days=20)
    issues.publish(store, viewer, focus, settings, now=datetime.combine(due, time(9), CHINA_TIME))


@main.command(
    "import", help="导入工作簿、CSV 或边界文件(GeoJSON、shapefile)。任何一处有误,全部不导入。"
)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
@click.option("--unit", help="只接受这个单位(代码)及其下属的数据。")
@click.option(
    "--marked",
    type=click.Path(file_okay=False),
    help="有误时,把标出错误的副本放在这个目录(默认与原文件同目录)。",
)
def import_command(files: tuple[str, ...], unit: str | None, marked: str | None) -> None:
    with reasons():
        store, settings = _ready_store(), config.load()
        with progress_bar("导入") as report:
            result = importer.import_files(
                store,
                settings,
                [Path(file) for file in files],
                actor="命令行",
                scope_unit=unit,
                marked_folder=Path(marked) if marked else None,
                on_progress=report,
            )
    for line in result.report:
        click.echo(line)


def _refusal(refusal: importer.ImportRefused) -> str:
    lines = [problem.sentence for problem in refusal.problems]
    lines.append(f"共{len(refusal.problems)}处错误,没有导入任何数据。")
    lines += [f"标出错误的副本:{path}" for path in refusal.marked_copies]
    return "\n".join(lines)


@main.command("template", help="生成某单位某季度的填报工作簿。")
@click.option("--unit", required=True, help="单位代码,如320412104。")
@click.option("--period", required=True, help="季度,如2016Q3。")
@click.argument("output", type=click.Path(dir_okay=False))
def template_command(unit: str, period: str, output: str) -> None:
    with reasons():
        store, settings = _ready_store(), config.load()
        template.write_template(store, settings, unit, Period.parse(period), Path(output))
        click.echo(f"已生成 {output}")


@main.command(help="检查配置和数据库;给出文件时只检查这些文件,不导入。")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False))
@click.option("--unit", help="只接受这个单位(代码)及其下属的数据。")
def check(files: tuple[str, ...], unit: str | None) -> None:
    with reasons():
        store, settings = _ready_store(), config.load()
        if files:
            paths = [Path(file) for file in files]
            problems = importer.check_files(store, settings, paths, scope_unit=unit)
            for problem in problems:
                click.echo(problem.sentence, err=True)
            if problems:
                raise Failed(f"共{len(problems)}处错误。")
            click.echo("文件可以导入。")
            return
        click.echo("配置文件正确。")
        with progress_bar("核对汇总") as report:
            differing = rollup.verify(store, settings, report)
        if differing:
            raise Failed(f"有{differing}行汇总与原始数据不一致,请运行:python -m dashboard rollup")
        click.echo("汇总与原始数据一致。")


@main.command("rollup", help="由原始数据重新计算全部汇总。")
def rollup_command() -> None:
    with reasons():
        store, settings = _ready_store(), config.load()
        with progress_bar("汇总") as report:
            rows = rollup.rebuild(store, settings, report)
    click.echo(f"已重新计算{rows:,}行汇总。")


@main.command(help="生成通报文件:已发布的季度为发布时的内容,否则(或加 --draft)为草稿。")
@click.option("--period", "quarter", required=True, help="季度,如2016Q3。")
@click.option("--unit", help="单位代码,默认为全区。")
@click.option(
    "--format",
    "suffix",
    type=click.Choice(list(render.FORMATS)),
    required=True,
    help=f"文件格式:{','.join(f'{name} {one.label}' for name, one in render.FORMATS.items())}。",
)
@click.option("--cases", is_flag=True, help="实例讲评,不加则为情况通报。")
@click.option("--draft", "wants_draft", is_flag=True, help="不管是否已发布,按现在的数据写。")
@click.argument("out", type=click.Path(dir_okay=False, writable=True))
def bulletin(
    quarter: str, unit: str | None, suffix: str, cases: bool, wants_draft: bool, out: str
) -> None:
    with reasons():
        store, settings = _ready_store(), config.load()
        viewer = _office(settings)
        focus = units.focus(store, viewer, unit or viewer.unit_code, Period.parse(quarter))
        with progress_bar("生成通报") as report:
            found = issues.standing(store, viewer, focus, settings, _kind(cases))
            report(1, 2)
            is_kept = bool(found.editions) and not wants_draft
            made = found.editions[-1] if is_kept else found.today
            if not made.sections:
                raise Failed(f"{focus.unit.name}{focus.period.label}没有数据,不能写通报。")
            if made.is_draft and suffix == "xlsx":
                made = with_origins(store, viewer, focus, settings, made)
            whole_files.write(Path(out), render.FORMATS[suffix].render(made))
            report(2, 2)
    click.echo(f"已生成{out}:{made.document_number or '草稿'}《{made.title}》。")
    for one in () if is_kept else made.omitted:
        click.echo(f"  未写:{one.sentence}(缺{one.missing})", err=True)
    if is_kept and found.differing:
        click.echo(
            f"  发布以后有{len(found.differing)}个数已经变动,文件仍按发布时的内容。", err=True
        )


@main.command(help="发布一个季度的通报:编号、冻结,以后只能另发更正。")
@click.option("--period", "quarter", required=True, help="季度,如2016Q3。")
@click.option("--unit", help="单位代码,默认为全区。")
@click.option("--cases", is_flag=True, help="实例讲评,不加则为情况通报。")
@click.option("--correction", is_flag=True, help="作为对已发布通报的更正发布。")
@click.option("--signatory", default="", help="署名,默认用通报文字中的署名。")
def publish(quarter: str, unit: str | None, cases: bool, correction: bool, signatory: str) -> None:
    with reasons():
        store, settings = _ready_store(), config.load()
        viewer = _office(settings)
        focus = units.focus(store, viewer, unit or viewer.unit_code, Period.parse(quarter))
        issue = issues.publish(
            store,
            viewer,
            focus,
            settings,
            _kind(cases),
            is_correction=correction,
            signatory=signatory,
        )
    made = from_json(issue.content)
    click.echo(f"已发布{made.document_number}《{made.title}》,校验值{issue.sha256[:16]}…")
    for one in made.omitted:
        click.echo(f"  未写:{one.sentence}(缺{one.missing})", err=True)


@main.command(help="重新计算全部已发布通报的校验值,看有没有被改动。")
def verify() -> None:
    with reasons():
        found = bulletins.verify(_ready_store(), config.load().district.root_unit)
    for sentence in found:
        click.echo(sentence, err=True)
    if found:
        raise Failed(f"共{len(found)}处与发布时不符。")
    click.echo("已发布的通报与发布时一致。")


@main.command("backup", help="把整个数据库备份到一个文件,使用中也可以备份。")
@click.argument("file", type=click.Path(dir_okay=False))
def backup_command(file: str) -> None:
    with reasons():
        store = _ready_store()
        with progress_bar("备份") as report:
            found = backup.backup(store, Path(file), report)
    rows = sum(one.rows for one in found.values())
    click.echo(f"已备份到{file}:{len(found)}张表,{rows:,}行。")


@main.command("restore", help="由备份文件恢复到空数据库(SQLite、PostgreSQL 均可),并逐表核对。")
@click.argument("file", type=click.Path(dir_okay=False))
def restore_command(file: str) -> None:
    with reasons(), progress_bar("恢复") as report:
        found = backup.restore(connect(), Path(file), report)
    rows = sum(one.rows for one in found.values())
    click.echo(f"已由{file}恢复:{len(found)}张表,{rows:,}行,逐表核对一致。")


def _kind(cases: bool) -> Kind:
    return Kind.CASES if cases else Kind.BULLETIN


def _office(settings: config.Settings) -> Viewer:
    """Who works at the server's command line is the office."""
    return Viewer("命令行", Role.OFFICE, settings.district.root_unit)


@main.group(help="账号:新增、停用、列出。")
def user() -> None:
    pass


@user.command("add", help="新增账号并显示一次密码,首次登录须修改。")
@click.argument("name")
@click.option(
    "--role",
    required=True,
    type=click.Choice([role.value for role in Role if role is not Role.PUBLIC]),
    help="leader 领导小组,office 扶贫办,town 镇(街道),department 帮扶单位。",
)
@click.option("--unit", required=True, help="账号所属单位的代码。")
@click.option("--organisation", help="帮扶单位名称(角色为 department 时必填)。")
@click.option("--password-stdin", is_flag=True, help="从标准输入读取密码,以此为准。")
def user_add(
    name: str, role: str, unit: str, organisation: str | None, password_stdin: bool
) -> None:
    with reasons():
        store, settings = _ready_store(), config.load()
        given = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
        password = accounts.add(
            store,
            settings.district.root_unit,
            name,
            Role(role),
            unit,
            password=given,
            organisation=organisation,
            must_change=given is None,
        )
    click.echo(f"已新增账号 {name}。")
    if given is None:
        click.echo(f"密码 {password}(只显示这一次,首次登录须修改)")


@user.command("disable", help="停用账号,并立即结束它的登录。")
@click.argument("name")
def user_disable(name: str) -> None:
    with reasons():
        store, settings = _ready_store(), config.load()
        accounts.disable(store, settings.district.root_unit, name)
    click.echo(f"已停用账号 {name}。")


@user.command("list", help="列出账号。")
def user_list() -> None:
    with reasons():
        for account in accounts.listing(_ready_store(), config.load().district.root_unit):
            state = "停用" if account.disabled else "启用"
            click.echo(f"{account.username}\t{account.role.label}\t{account.unit_code}\t{state}")


@main.command(help="启动服务。默认只在本机(127.0.0.1)可访问。")
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址。")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    envvar="PORT",
    default=DEFAULT_PORT,
    show_default=True,
    help="端口,也可用环境变量 PORT。",
)
def serve(host: str, port: int) -> None:
    from dashboard import server  # noqa: PLC0415 (loads Streamlit: two seconds nobody else needs)

    with reasons():
        config.load()
        with suppress(*StoreAway):
            # Away now, it is waited for: pages say so, and come back with it.
            _refuse_misfit(connect().for_a_look())
        click.echo(f"请在浏览器打开 http://{'localhost' if host == '127.0.0.1' else host}:{port}")
        server.serve(host, port)


def run() -> None:
    """Entry: the library's own sentences in Chinese too."""
    os.environ["LANGUAGE"] = "zh_CN"
    gettext.bindtextdomain("dashboard", str(Path(__file__).parent / "locale"))
    gettext.textdomain("dashboard")
    main(prog_name="python -m dashboard")
