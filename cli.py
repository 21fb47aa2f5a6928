"""The door for administrators and auditors: names the commands, loads each only when called."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Final

import click

from axis import __version__
from axis.commands.language import language_of_call, language_of_locale, speaking, translate
from axis.commands.session import Session
from axis.commands.words import Table, Words
from axis.errors import AxisError, Fault, Lang

#: The words after ``axis``, each with the module and the click command that answers.
COMMANDS: Final[Mapping[str, Table]] = {
    "demo": "adapters.demo.command:demo",
    "serve": "axis.commands.serve:serve",
    "send": "axis.commands.send:send",
    "inbox": "axis.commands.mailbox:inbox",
    "fetch": "axis.commands.mailbox:fetch",
    "confirm": "axis.commands.mailbox:confirm",
    "trace": "axis.commands.trace:trace",
    "search": "axis.commands.search:search",
    "relay": "axis.commands.serve:relay",
    "hub": "adapters.amqp.command:hub",
    "gateway": "axis.commands.gateway:gateway",
    "stuck": "axis.commands.operate:stuck",
    "retry": "axis.commands.operate:retry",
    "release": "axis.commands.operate:release",
    "park": "axis.commands.operate:park",
    "redirect": "axis.commands.operate:redirect",
    "give-up": "axis.commands.operate:give_up",
    "requeue": "axis.commands.requeue:requeue",
    "reconcile": "axis.commands.reconcile:reconcile",
    "hold": "axis.commands.retention:hold",
    "purge": "axis.commands.retention:purge",
    "clock": "axis.commands.clock:clock",
    "courier": "axis.commands.courier:courier",
    "report": {
        "daily": "axis.commands.report_period:daily",
        "weekly": "axis.commands.report_period:weekly",
        "monthly": "axis.commands.report_period:monthly",
        "correct": "axis.commands.report_period:correct",
        "deadlines": "axis.commands.report_time:deadlines",
        "hours": "axis.commands.report_hours:hours",
        "weak-signatures": "axis.commands.report:weak_signatures",
    },
    "type": {
        "list": "axis.commands.type:list_",
        "show": "axis.commands.type:show",
        "add": "axis.commands.type:add",
        "test": "axis.commands.type_check:test",
        "activate": "axis.commands.type:activate",
        "retire": "axis.commands.type:retire",
        "accept": "axis.commands.type_takers:accept",
        "decline": "axis.commands.type_takers:decline",
        "frame": "axis.commands.type_takers:frame",
        "day": "axis.commands.type_report:day",
        "unsynced": "axis.commands.type_report:unsynced",
        "league": "axis.commands.type_report:league",
    },
    "envelope": {
        "new": "axis.commands.envelope:new",
        "show": "axis.commands.envelope:show",
        "lint": "axis.commands.envelope:lint",
        "sign": "axis.commands.signature:sign",
        "verify": "axis.commands.signature:verify",
    },
    "cert": {
        "init-ca": "axis.commands.authority:init_ca",
        "issue": "axis.commands.authority:issue",
        "crl": "axis.commands.authority:crl",
        "register": "axis.commands.cert:register",
        "list": "axis.commands.cert:list_",
        "show": "axis.commands.cert:show",
        "revoke": "axis.commands.cert:revoke",
        "expiring": "axis.commands.cert:expiring",
        "check": "axis.commands.cert:check",
        "fetch": "axis.commands.cert:fetch",
    },
    "policy": {
        "check": "axis.commands.policy:check",
        "list": "axis.commands.policy:list_",
        "signing": "axis.commands.policy:signing",
    },
    "office": {
        "import": "axis.commands.office:import_",
        "export": "axis.commands.office:export",
        "list": "axis.commands.office:list_",
        "show": "axis.commands.office:show",
        "merge": "axis.commands.office_change:merge",
        "split": "axis.commands.office_change:split",
        "rename": "axis.commands.office_change:rename",
        "recode": "axis.commands.office_change:recode",
        "move": "axis.commands.office_change:move",
        "close": "axis.commands.office_change:close",
        "apply": "axis.commands.office_change:apply",
        "revoke": "axis.commands.office_change:revoke",
        "history": "axis.commands.office_time:history",
        "successors": "axis.commands.office_time:successors",
        "resolve": "axis.commands.office_time:resolve",
        "diff": "axis.commands.office_time:diff",
        "rehearse": "axis.commands.office_plan:rehearse",
        "rule": "axis.commands.office_plan:rule",
        "search": "axis.commands.office_list:search",
        "changes": "axis.commands.office_list:changes",
        "snapshot": "axis.commands.office_list:snapshot",
        "suspend": "axis.commands.office_upkeep:suspend",
        "resume": "axis.commands.office_upkeep:resume",
        "contact": "axis.commands.office_upkeep:contact",
    },
    "group": {
        "set": "axis.commands.group:set_",
        "list": "axis.commands.group:list_",
        "show": "axis.commands.group:show",
    },
    "system": {
        "add": "axis.commands.system:add",
        "assign": "axis.commands.system:assign",
        "list": "axis.commands.system_list:list_",
        "show": "axis.commands.system_list:show",
        "set": "axis.commands.system:set_",
        "provision": "adapters.amqp.command:provision",
        "webhook": {
            "set": "axis.commands.webhook:set_",
            "show": "axis.commands.webhook:show",
            "test": "axis.commands.webhook:test",
            "replay": "axis.commands.webhook:replay",
            "remove": "axis.commands.webhook:remove",
        },
        "token": {
            "new": "axis.commands.token:new",
            "list": "axis.commands.token:list_",
            "revoke": "axis.commands.token:revoke",
        },
        "secret": {
            "new": "axis.commands.secret:new",
            "list": "axis.commands.secret:list_",
            "revoke": "axis.commands.secret:revoke",
        },
        "certificate": {
            "bind": "axis.commands.client_certificate:bind",
            "list": "axis.commands.client_certificate:list_",
            "release": "axis.commands.client_certificate:release",
        },
    },
    "doctor": "axis.commands.doctor:doctor",
    "metrics": "axis.commands.metrics:metrics",
    "alert": {
        "list": "axis.commands.alert:list_",
        "ack": "axis.commands.alert_care:ack",
        "silence": "axis.commands.alert_care:silence",
        "end": "axis.commands.alert:end",
        "test": "axis.commands.alert_care:test",
    },
    "peer": {
        "add": "adapters.peer.command:add",
        "list": "adapters.peer.command:list_",
        "status": "adapters.peer.command:status",
        "run": "adapters.peer.command:run",
    },
    "enrollment": {
        "new": "axis.commands.enrollment:new",
        "list": "axis.commands.enrollment:list_",
        "approve": "axis.commands.enrollment:approve",
        "reject": "axis.commands.enrollment:reject",
    },
    "agent": {
        "enroll": "adapters.folder.command:enroll",
        "run": "adapters.folder.command:run",
        "vxp": "adapters.folder.command:vxp",
        "status": "adapters.folder.command:status",
        "list": "adapters.folder.command:list_",
        "doctor": "adapters.folder.command:doctor",
    },
    "bench": {
        "day": "axis.commands.bench_day:day",
        "ledger": "axis.commands.bench_ledger:ledger",
        "examine": "axis.commands.bench_examine:examine",
        "relay": "axis.commands.bench:relay",
        "floor": "axis.commands.bench:floor",
        "fairness": "axis.commands.bench_fairness:fairness",
        "growth": "axis.commands.bench_growth:growth",
        "fanout": "axis.commands.bench:fanout",
        "directory": "axis.commands.bench:directory",
        "doors": "axis.commands.bench_doors:doors",
        "parts": "axis.commands.bench_examine:parts",
        "scale": "axis.commands.bench_scale:scale",
        "search": "axis.commands.bench_search:search",
    },
    "chaos": {
        "cluster": "axis.commands.chaos:cluster",
        "soak": "axis.commands.chaos:soak",
    },
    "db": {
        "upgrade": "axis.commands.db:upgrade",
        "check": "axis.commands.db:check",
    },
    "ledger": {
        "head": "axis.commands.ledger_audit:head",
        "key": "axis.commands.ledger_audit:key",
        "list": "axis.commands.ledger:list_entries",
        "show": "axis.commands.ledger:show",
        "proof": "axis.commands.ledger_audit:proof",
        "consistency": "axis.commands.ledger_audit:consistency",
        "verify": "axis.commands.ledger_verify:verify_",
        "export": "axis.commands.ledger_verify:export_",
        "timestamp": "axis.commands.ledger_timestamp:timestamp",
        "watch": "axis.commands.ledger_verify:watch",
    },
    "notary": "axis.commands.notary:notary",
    "witness": {
        "init": "axis.commands.witness:init",
        "serve": "axis.commands.witness:serve",
        "list": "axis.commands.witness:list_",
        "suspects": "axis.commands.witness:suspects",
    },
    "audit": {
        "consistency": "axis.commands.consistency:consistency",
        "export": "axis.commands.audit:export",
        "init": "axis.commands.audit_keys:init",
        "key": "axis.commands.audit_keys:key",
        "report": "axis.commands.audit_report:report",
        "verify": "axis.commands.audit_keys:verify",
    },
    "admin": {
        "add": "axis.commands.admin:add",
        "role": "axis.commands.admin:role",
        "remove": "axis.commands.admin:remove",
        "list": "axis.commands.admin:list_",
        "acts": "axis.commands.admin:acts",
        "requests": "axis.commands.admin:requests",
        "approve": "axis.commands.admin:approve",
        "refuse": "axis.commands.admin:refuse",
    },
    "console": {
        "account": {
            "add": "axis.commands.console:add",
            "list": "axis.commands.console:list_",
            "remove": "axis.commands.console:remove",
            "reset": "axis.commands.console:reset",
        },
    },
    "evidence": {
        "make": "axis.commands.evidence:make",
        "verify": "axis.commands.evidence:verify",
    },
    "completion": "axis.commands.completion:completion",
    "receipt": {
        "get": "axis.commands.receipt:get",
        "verify": "axis.commands.receipt:verify",
    },
}

#: One line for each word, so that ``axis --help`` imports nothing.
SUMMARIES: Final[Mapping[str, str]] = {
    "demo": "Carry real documents through a small country and check every step.",
    "serve": "Run a whole axis in one process tree.",
    "send": "Send signed packages and print the answers.",
    "inbox": "List what waits for a system.",
    "fetch": "Take the exact bytes of a delivery.",
    "confirm": "Confirm that a system keeps what it fetched.",
    "trace": "Tell the story of a document.",
    "search": "Find documents by number, words, office and days.",
    "relay": "Run the relay: examine, record, publish, answer.",
    "hub": "Run the AMQP door.",
    "gateway": "Run the HTTP doors.",
    "stuck": "List what is not moving, why, and who must act.",
    "retry": "Tell systems again of what they have not taken.",
    "release": "Release deliveries that are held or parked.",
    "park": "Set deliveries aside.",
    "redirect": "Give deliveries to another office.",
    "give-up": "End deliveries that cannot be made.",
    "requeue": "Rebuild the receivers' queues from the records.",
    "reconcile": "Compare an office's register with the records.",
    "hold": "Keep the bytes of a document whatever their age.",
    "purge": "Remove bodies whose time is over.",
    "courier": "Run the courier: push notices of deliveries to systems' own endpoints.",
    "clock": "Run the clock: tell again, release, expire, remind.",
    "type": "Kinds of messages beside documents: what they are, who takes them, what is open.",
    "envelope": "Packages: make, sign, verify and read them.",
    "cert": "Certificates: a trial authority, and who may sign for which office.",
    "group": "Named, dated lists of addressees.",
    "report": "Days, weeks and months in figures; deadlines kept and missed; weak signatures.",
    "policy": "Who may send what to whom, and which systems may sign weakly.",
    "office": "Offices: who they are, were and will be.",
    "system": "The eOffice systems and the offices that each acts for.",
    "metrics": "Show figures to Prometheus.",
    "doctor": "Check the whole installation: what is wrong, why it matters, what to do.",
    "alert": "What is wrong now with the axis, or with what it depends on.",
    "peer": "Other axes, and the links to them.",
    "enrollment": "Offices that ask for their place at the axis, by a one-time code.",
    "agent": "The office agent: a folder that is an office's door to an axis.",
    "bench": "Measure the axis on this machine.",
    "chaos": "Break an axis on purpose and count what was lost.",
    "db": "Create and check the tables.",
    "ledger": "Read the ledger, prove and verify it.",
    "notary": "Run the process that gives entries their place and signs for them.",
    "witness": "Watch over the logs of others, and cosign what only grew.",
    "audit": "Exports for auditors, and their verification.",
    "admin": "Who may run the axis, what they did, and what waits for a second person.",
    "console": "The web console for administrators and auditors.",
    "evidence": "Everything about one document in one file for a court.",
    "completion": "Let the shell complete words and options.",
    "receipt": "Get proof of what happened to a document, and verify it offline.",
}

#: The same for words under words.
SUMMARIES_BELOW: Final[Mapping[str, str]] = {
    "console account": "Who may sign in at the console.",
    "system webhook": "Endpoints of systems that want to be told what waits for them.",
    "system token": "Bearer tokens, by which systems prove themselves over HTTP.",
    "system secret": "Shared secrets, by which systems sign their headers.",
    "system certificate": "Client certificates, by which systems prove themselves in TLS.",
}

EXIT_BY_FAULT: Final = {Fault.INPUT: 1, Fault.OUTAGE: 3, Fault.AXIS: 70}


@click.pass_context
def _open_session(context: click.Context, lang: str | None, config: str | None) -> None:
    session = Session(lang=language_of_locale() if lang is None else lang, config=config)
    context.obj = session
    context.call_on_close(session.close)


axis = Words(
    "axis",
    COMMANDS,
    summaries={**SUMMARIES, **SUMMARIES_BELOW},
    callback=_open_session,
    help="The document interconnection axis: send, relay, trace and prove official documents.",
    no_args_is_help=True,
    params=[
        click.Option(
            ["--lang"],
            type=click.Choice(["vi", "en"]),
            envvar="AXIS_LANG",
            help="Language of messages and help; default: AXIS_LANG, else the locale's.",
        ),
        click.Option(
            ["--config"], type=click.Path(exists=True), help="Settings file; default: axis.toml."
        ),
    ],
)
axis = click.version_option(__version__, prog_name="axis")(axis)


def main() -> None:
    """Run one command; exit 0 yes, 1 no, 2 usage, 3 cannot tell now, 70 our bug."""
    lang = language_of_call(sys.argv[1:])
    with speaking(lang):
        code = _run(lang)
    sys.exit(code)


def _run(lang: str) -> int:
    try:
        # click returns the code of ``context.exit`` here, and what a command returns: nothing.
        code = axis.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        click.echo(translate("aborted; nothing more is done"), err=True)
        return 130
    except AxisError as error:
        from axis.commands.output import show_refusal

        show_refusal(error.refusal, lang)
        return EXIT_BY_FAULT[error.fault]
    except BrokenPipeError:
        return 0
    except Exception:
        # The boundary: a bug of ours is told apart from a no, and shown whole for the report.
        from traceback import print_exc

        print_exc()
        bug = AxisError().refusal
        language: Lang = "vi" if lang == "vi" else "en"
        click.echo(f"{bug.code}: {bug.text(language)} → {bug.hint(language)}", err=True)
        return EXIT_BY_FAULT[Fault.AXIS]
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    main()
