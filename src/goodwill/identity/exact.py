"""Resolution by exact keys: nodes that share a verified identifier are one person or one company."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from goodwill.warehouse import Tables

#: Mail providers whose domain says nothing about the company. The large ones; a company's own domain is never here.
FREE_MAIL = (
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "hotmail.co.uk", "live.com", "msn.com", "yahoo.com",
    "yahoo.co.uk", "yahoo.co.jp", "yahoo.fr", "yahoo.de", "ymail.com", "aol.com", "icloud.com", "me.com", "mac.com",
    "proton.me", "protonmail.com", "pm.me", "gmx.de", "gmx.net", "gmx.com", "gmx.at", "web.de", "t-online.de",
    "freenet.de", "mail.com", "mail.ru", "yandex.ru", "yandex.com", "qq.com", "163.com", "126.com", "sina.com",
    "naver.com", "hanmail.net", "libero.it", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "uol.com.br",
    "bol.com.br", "terra.com.br", "zoho.com", "fastmail.com", "hey.com", "tutanota.com", "comcast.net", "verizon.net",
    "att.net", "btinternet.com", "virginmedia.com", "bluewin.ch", "rediffmail.com",
)  # fmt: skip


@dataclass(frozen=True)
class Resolver:
    """Fills ``resolved(node, person)`` and ``resolved_accounts(node, account)`` from nodes and links.

    A later resolver keeps this shape: it reads the same nodes and links, adds scored ones, and fills the
    same two tables.
    """

    name: str
    resolve: Callable[[Tables], None]


def resolve(tables: Tables) -> None:
    """Join nodes that exact keys connect; every node gets a person or an account, if only its own."""
    _components(tables, "person_nodes", "person_links", "resolved", column="person", prefix="p_")
    _components(tables, "account_nodes", "account_links", "resolved_accounts", column="account", prefix="a_")


def _components(tables: Tables, nodes: str, links: str, into: str, *, column: str, prefix: str) -> None:
    """Connected components by smallest-label propagation with pointer jumping; rounds grow with log(chain length)."""
    tables.execute(
        f"CREATE OR REPLACE TEMP TABLE both_ways AS SELECT node_a AS a, node_b AS b FROM {links} "
        f"UNION SELECT node_b, node_a FROM {links}"
    )
    tables.execute(f"CREATE OR REPLACE TEMP TABLE labels AS SELECT node, node AS label FROM {nodes}")
    changed = True
    while changed:
        tables.execute(
            """CREATE OR REPLACE TEMP TABLE nearer AS
            WITH near AS (
                SELECT e.a AS node, min(l.label) AS label
                FROM both_ways AS e JOIN labels AS l ON l.node = e.b GROUP BY e.a
            ),
            lowered AS (
                SELECT l.node, least(l.label, coalesce(n.label, l.label)) AS label
                FROM labels AS l LEFT JOIN near AS n ON n.node = l.node
            )
            SELECT w.node, least(w.label, j.label) AS label FROM lowered AS w JOIN lowered AS j ON j.node = w.label"""
        )
        moved = tables.rows(
            "SELECT count(*) AS n FROM nearer AS n JOIN labels AS l ON l.node = n.node WHERE n.label <> l.label"
        )
        changed = bool(moved[0]["n"])
        tables.execute("CREATE OR REPLACE TEMP TABLE labels AS SELECT node, label FROM nearer")
    # the name of a person follows from its smallest node, so that it survives a rebuild and other people's arrival
    tables.execute(
        f"CREATE OR REPLACE TABLE {into} AS "
        f"SELECT node, '{prefix}' || left(md5(label), 16) AS {column} FROM labels ORDER BY node"
    )
    for name in ("both_ways", "labels", "nearer"):
        tables.execute(f"DROP TABLE {name}")


EXACT = Resolver(name="exact", resolve=resolve)
