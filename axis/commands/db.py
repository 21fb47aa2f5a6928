"""``axis db``: create and check the tables."""

from __future__ import annotations

import click

from axis.commands.output import json_option, say, show_object
from axis.commands.session import Session


@click.command
@click.pass_obj
def upgrade(session: Session) -> None:
    """Create the tables, or bring them to this version.

    \b
    Examples:
      axis db upgrade
      AXIS_DATABASE_URL=postgresql://axis@db/axis axis db upgrade
    """
    from axis.store.migrate import upgrade as migrate

    revision = migrate(session.engine)
    say("the tables are at revision {revision}", revision=revision)


@click.command
@json_option
@click.pass_obj
def check(session: Session, as_json: bool) -> None:
    """Check that the tables are those of this version and that a commit is durable.

    \b
    Examples:
      axis db check
      axis db check --json
    """
    from axis.store.engine import check_durability
    from axis.store.migrate import check as check_revision
    from axis.store.migrate import head_revision

    engine = session.engine
    check_revision(engine)
    check_durability(engine)
    if as_json:
        show_object({"revision": head_revision(), "durable": True})
    else:
        say(
            "the tables are at revision {head_revision}; commits are durable",
            head_revision=head_revision(),
        )
