"""Where each column of the rows behind a figure comes from: through which models, down to the exports' own tables.

Every query is resolved once: which columns of which tables its result is made of. Models are then followed from one to
the next by name, so that a column of any figure costs a look-up and not a walk through all the SQL below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from goodwill.verdicts import Evidence
from goodwill.vocabulary import TABLES
from goodwill.warehouse import lineage

#: A column of a table, as (table, column).
Source = tuple[str, str]
#: Of every column of a result, the columns it is made of.
Sources = dict[str, frozenset[Source]]


@dataclass(frozen=True)
class Column:
    """One column of the rows behind a figure.

    ``made_from`` names the canonical columns (``table.column``) it is computed from, ``through`` those of the models
    on the way, the nearest first. Both are empty for a constant.
    """

    name: str
    made_from: tuple[str, ...]
    through: tuple[str, ...]


@cache
def columns(evidence: Evidence) -> tuple[Column, ...]:
    """Where every column of the rows behind a figure comes from, in the order of the rows' columns.

    Only what a column is computed from counts, not what decides which rows are there. Nothing where the query cannot be
    read: a question from outside may write any SQL.

    Examples
    --------
    >>> found = columns(Evidence("timeline", 'SELECT "at", venue FROM timeline'))
    >>> found[1].name, found[1].made_from, found[1].through
    ('venue', ('interactions.venue',), ('timeline.venue',))
    """
    try:
        made = _sources(lineage.qualified(evidence.rows))
    except SqlglotError:
        return ()
    return tuple(_column(name, sources) for name, sources in made.items())


def _column(name: str, sources: frozenset[Source]) -> Column:
    reached = list(_walk(sources))
    return Column(
        name,
        made_from=tuple(sorted(f"{table}.{column}" for table, column in reached if table in TABLES)),
        through=tuple(f"{table}.{column}" for table, column in reached if table not in TABLES),
    )


def _walk(sources: Iterable[Source]) -> Iterator[Source]:
    """These columns, then those they are made of, level by level; each once."""
    seen: set[Source] = set()
    level = sorted(sources)
    while level:
        fresh = [source for source in level if source not in seen]
        yield from fresh
        seen.update(fresh)
        level = sorted({below for source in fresh for below in _below(source)})


def _below(source: Source) -> frozenset[Source]:
    table, column = source
    return model_columns(table).get(column, frozenset()) if table in lineage.models() else frozenset()


@cache
def model_columns(model: str) -> Sources:
    """What each column of a model is made of: columns of the tables and models that it reads itself."""
    return _sources(lineage.tree(model))


def _sources(query: exp.Query) -> Sources:
    """What each column of a query is made of, whatever steps lie between."""
    resolver = _Resolver(traverse_scope(query))
    return {name: resolver.of(resolver.root, name) for name in query.named_selects}


class _Resolver:
    """Follows columns through the steps of one query; each step's column is followed once."""

    def __init__(self, scopes: list[Scope]) -> None:
        self.root = scopes[-1]
        self._scope_of = {id(scope.expression): scope for scope in scopes}
        self._known: dict[tuple[int, str], frozenset[Source]] = {}

    def of(self, scope: Scope, name: str) -> frozenset[Source]:
        """What one column of a step is made of."""
        key = (id(scope), name)
        if key not in self._known:
            self._known[key] = frozenset()  # a step that reads itself adds nothing new
            self._known[key] = self._found(scope, name)
        return self._known[key]

    def _found(self, scope: Scope, name: str) -> frozenset[Source]:
        query = scope.expression
        if isinstance(query, exp.SetOperation):
            return self._of_both(scope, query, name)
        if isinstance(query, exp.Query):
            chosen = next((e for e in query.selects if e.alias_or_name == name), None)
            return self._read(scope, chosen) if chosen else frozenset()
        return self._read(scope, query)  # unnest and its like: all its columns come from what it is given

    def _of_both(self, scope: Scope, query: exp.SetOperation, name: str) -> frozenset[Source]:
        place = query.named_selects.index(name)
        found: frozenset[Source] = frozenset()
        for side in scope.set_operation_scopes:
            names = side.expression.named_selects if isinstance(side.expression, exp.Query) else []
            found |= self.of(side, names[place]) if place < len(names) else frozenset()
        return found

    def _read(self, scope: Scope, expression: exp.Expr) -> frozenset[Source]:
        """What every column named in an expression is made of, those in its subqueries too."""
        found: frozenset[Source] = frozenset()
        for column in expression.find_all(exp.Column):
            found |= self._named(self._around(column, scope), column)
        return found

    def _around(self, column: exp.Column, scope: Scope) -> Scope:
        """The step in which a column is named: this one, or a subquery inside it."""
        parent = column.parent
        while parent is not None and parent is not scope.expression:
            if id(parent) in self._scope_of:
                return self._scope_of[id(parent)]
            parent = parent.parent
        return scope

    def _named(self, scope: Scope | None, column: exp.Column) -> frozenset[Source]:
        """What a named column is made of; a subquery may name those of the query around it."""
        while scope is not None:
            source = scope.sources.get(column.table)
            if isinstance(source, Scope):
                return self.of(source, column.name)
            if isinstance(source, exp.Table):
                return frozenset({(source.name, column.name)})
            scope = scope.parent
        return frozenset()
