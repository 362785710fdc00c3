"""Queries that every post and every socket asks: the ORM writes their SQL once, and not each time.

To write it takes the ORM many times as long as the database takes to answer.
"""

from collections.abc import Callable, Iterable
from copy import copy
from datetime import datetime
from functools import cache
from inspect import signature
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError

LARGEST_NUMBER = 2**63 - 1
"""That a column holds."""


def written_once[**P, M: Model](make: Callable[P, QuerySet[M]]) -> Callable[P, list[M]]:
    """A function that asks the query of `make`, with the arguments that it is given each time, and returns the rows.

    `make` itself is called once, and gets Slots for its arguments: all it can do with them is to compare columns with them, or
    to make them parameters of RawSQL. A clock that it read itself would stand still: the time, too, is an argument.
    Arguments are positional, and none is None, which nothing equals in SQL. A number that no column holds finds no row, as
    the ORM has it for what is equal; where rows are to be above or below, keep it within bounds.
    """

    @cache
    def written() -> Written:
        return write(make)

    def ask(*values: P.args, **_: P.kwargs) -> list[M]:
        if any(isinstance(value, int) and value > LARGEST_NUMBER for value in values):
            return []  # To ask a database for it would be an error.
        query = written().filled(values)
        return list(QuerySet(model=query.model, query=query))  # type: ignore[arg-type]

    return ask


class Slot(Expression):
    """Stands in a query for an argument, by its place."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


class Written(NamedTuple):
    """A query's SQL, with the compiler that wrote it and so knows what its columns are."""

    compiler: SQLCompiler
    sql: str
    params: tuple[Any, ...]

    def filled(self, values: tuple[Any, ...]) -> "Filled":
        return Filled(self, (values[param.place] if isinstance(param, Slot) else param for param in self.params))


def write[M: Model](make: Callable[..., QuerySet[M]]) -> Written:
    query = make(*(Slot(place) for place in range(len(signature(make).parameters)))).query
    compiler = query.get_compiler(DEFAULT_DB_ALIAS)
    sql, params = compiler.as_sql()
    converters = compiler.get_converters([column for column, *_ in compiler.select])
    compiler.get_converters = lambda _: converters
    return Written(compiler, sql, tuple(params))


class Filled:
    """A written query with its values: as much of a Query as a QuerySet needs to read its rows."""

    def __init__(self, written: Written, values: Iterable[Any]) -> None:
        self.model = written.compiler.query.model
        self.written, self.values = written, values

    def get_compiler(self, using: str) -> SQLCompiler:
        """The compiler that wrote it, on this thread's connection, with its work done."""
        connection = connections[using]
        compiler = copy(self.written.compiler)
        if compiler.query.select_for_update and not connection.in_atomic_block:
            raise TransactionManagementError("A lock outside a transaction would be gone at once.")
        adapt = connection.ops.adapt_datetimefield_value
        values = tuple(adapt(value) if isinstance(value, datetime) else value for value in self.values)
        compiler.connection = connection
        compiler.as_sql = lambda *_, **__: (self.written.sql, values)  # type: ignore[assignment,method-assign]
        return compiler
