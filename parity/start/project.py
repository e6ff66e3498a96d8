"""The text of a first parity.toml, and of the module that connects both classes to an engine."""

from __future__ import annotations

import re

from parity.start.classes import Pair, Parameter
from parity.start.samples import FILL_IN

__all__ = ["MODULE", "has_module", "module_text", "suite_file", "toml_text"]

MODULE = "parity_project"
_SECRET = re.compile(r"password|passwd|secret|token|api_key|credential", re.IGNORECASE)
# What a constructor's parameter is given, by its name.
_RESOURCE = 'boto3.Session(botocore_session=connection.session).resource("dynamodb", endpoint_url=connection.endpoint)'
_BY_NAME: tuple[tuple[str, str], ...] = (
    (r"(table_?name|name_of_table)", 'connection.tables["{table}"]'),
    (r"(tables|table_names)", "connection.tables"),
    (r"((dynamodb|ddb|dynamo|boto3)_?)?table", f'{_RESOURCE}.Table(connection.tables["{{table}}"])'),
    (r"((dynamodb|ddb|dynamo|boto3)_)?resource|dynamodb|ddb|dynamo", _RESOURCE),
    (r"((dynamodb|ddb|dynamo|boto3)_)?client", _RESOURCE.replace(".resource(", ".client(")),
    (r"botocore_session", "connection.session"),
    (r"((boto3?|aws)_)?session", "boto3.Session(botocore_session=connection.session)"),
    (r"(endpoint|endpoint_url|host|url)", "connection.endpoint"),
    (r"(aws_)?region(_name)?", 'connection.session.get_config_variable("region")'),
)


def has_module(pair: Pair) -> bool:
    """Whether a module has to be written: the project itself has not all that parity.toml names."""
    return pair.tables is None or not _connects(pair)


def suite_file(pair: Pair) -> str:
    """Where the suite goes."""
    return f"test_{pair.entity}_parity.py"


def toml_text(pair: Pair) -> str:
    """The source of parity.toml."""
    own = not _connects(pair)
    control, candidate = (f"{MODULE}:Control", f"{MODULE}:Candidate") if own else (pair.control, pair.candidate)
    parameters = [parameter.name for method in pair.methods for parameter in method.parameters]
    secret = sorted({name for name in parameters if _SECRET.search(name)})
    return f"""# What `parity run` compares with what.

# module:function of (endpoint, table names, botocore session); what it returns is given to both classes.
connect = "{MODULE + ":connect" if own else pair.connect}"
# module:mapping of each table's logical name to its CreateTable arguments.
tables = "{pair.tables or MODULE + ":TABLES"}"
# Names of attributes, parameters and fields whose values must stand in no report.
secrets = [{", ".join(f'"{name}"' for name in secret)}]

[entities.{pair.entity}]
control = "{control}"
candidate = "{candidate}"
suite = ["{suite_file(pair)}"]
# The typing.Protocol whose docstrings ("Raises:") say which outcomes the suite has to show:
# contract = "module:Protocol"

# Rows that the old code left behind, in DynamoDB's export form; `parity anonymise` makes such files of your own:
# [entities.{pair.entity}.seeds]
# {_tables(pair)[0]} = ["old_rows.jsonl"]
"""


def module_text(pair: Pair) -> str:
    """The source of the module that parity.toml names."""
    parts = [_IMPORTS if "boto3." in "".join(_made(pair).values()) else _IMPORTS.replace("import boto3\n", "")]
    if pair.tables is None:
        parts.append(_TABLES.format(fill_in=FILL_IN, table=_tables(pair)[0]))
    if not _connects(pair):
        parts.append(_CONNECTION)
        for side, reference in (("control", pair.control), ("candidate", pair.candidate)):
            module, _, name = reference.partition(":")
            parts[0] += f"import {module}\n" if f"import {module}\n" not in parts[0] else ""
            parts.append(
                _SIDE.format(
                    side=side.capitalize(), base=f"{module}.{name}", reference=reference, made=_made(pair)[side]
                )
            )
    return "\n\n".join(parts)


def _tables(pair: Pair) -> tuple[str, ...]:
    return pair.table_names or (f"{pair.entity}s",)


def _connects(pair: Pair) -> bool:
    """Whether the project's own `connect` gives what both classes take."""
    return pair.connect is not None and all(
        sum(parameter.required for parameter in made) == 1 for made in pair.constructors.values()
    )


def _made(pair: Pair) -> dict[str, str]:
    """For each side the lines that make it."""
    return {} if _connects(pair) else {side: _body(pair, made) for side, made in pair.constructors.items()}


def _body(pair: Pair, parameters: tuple[Parameter, ...]) -> str:
    given = {parameter.name: _given(parameter.name, _tables(pair)[0]) for parameter in parameters}
    missing = [parameter.name for parameter in parameters if parameter.required and given[parameter.name] is None]
    known = {name: text for name, text in given.items() if text is not None}
    lines = []
    if missing or not known:
        what = f"it needs {', '.join(missing)}" if missing else "it takes neither an endpoint nor a table"
        lines += [
            f"        # {FILL_IN}: {what}. Make it of connection.endpoint, .tables and .session: nothing may reach another database.",
            f'        raise NotImplementedError("{MODULE}.py says FILL IN: {what}")',
        ]
    call = ", ".join([*(f"{name}={text}" for name, text in known.items()), *(f"{name}=..." for name in missing)])
    line = f"super().__init__({call})"
    return "\n".join([*lines, f"        {'# ' if lines else ''}{line}"])


def _given(name: str, table: str) -> str | None:
    return next(
        (text.format(table=table) for pattern, text in _BY_NAME if re.fullmatch(pattern, name, re.IGNORECASE)), None
    )


_IMPORTS = '''"""How `parity run` reaches both DAOs; named in parity.toml."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.session import Session

'''
_TABLES = """# {fill_in}: the tables as they really are, with their indexes. They are made anew for each run, under names of its own.
TABLES: dict[str, dict[str, Any]] = {{
    "{table}": {{
        "KeySchema": [{{"AttributeName": "id", "KeyType": "HASH"}}],
        "AttributeDefinitions": [{{"AttributeName": "id", "AttributeType": "S"}}],
        "BillingMode": "PAY_PER_REQUEST",
    }}
}}
"""
_CONNECTION = '''@dataclass(frozen=True)
class Connection:
    """What a side is made with: where the engine is, the real names of the tables, credentials and region."""

    endpoint: str
    tables: Mapping[str, str]
    session: Session


def connect(endpoint: str, tables: Mapping[str, str], session: Session) -> Connection:
    """What `parity run` gives to both classes."""
    return Connection(endpoint, tables, session)
'''
_SIDE = '''class {side}({base}):
    """{reference} on a connection of the run."""

    def __init__(self, connection: Connection) -> None:
{made}
'''
