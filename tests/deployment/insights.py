"""Logs Insights for moto, which ignores all of a query but its fields: as much of the language as the queries use."""

import json
import math
import re
from datetime import UTC, datetime

from moto.logs import models

TOKEN = re.compile(r"""\s*(?:
    (?P<text>"[^"]*") | (?P<number>\d+(?:\.\d+)?(?![\w.]))
    | (?P<name>[@A-Za-z_][\w@.]*|\d+[smhd]) | (?P<sign>!=|<=|>=|[][(),|=<>*/+-]))""", re.VERBOSE)
PATTERN = re.compile(r"\s*(?P<pattern>/(?:\\.|[^/])+/)")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def install():
    """Replaces moto's queries."""
    models.execute_query = execute


def execute(log_groups, query, start_time, end_time):
    """Returns the rows of a query as CloudWatch shows them: texts by name, without values that are missing."""
    rows = [
        row_of(event, group)
        for group in log_groups
        for stream in group.streams.values()
        for event in stream.events
        if start_time * 1000 <= event.timestamp <= end_time * 1000
    ]
    shown = ["@timestamp", "@message"]
    for command, parts in Parser(query).commands():
        if command == "fields":
            shown = [name for name, _ in parts]
            rows = [row | {name: value(row) for name, value in parts} for row in rows]
        elif command == "filter":
            rows = [row for row in rows if parts(row)]
        elif command == "stats":
            shown, rows = group_rows(rows, *parts)
        elif command == "sort":
            (name, value), descending = parts
            rows = sorted(rows, key=lambda row: order(value(row)), reverse=descending)
        elif command == "limit":
            rows = rows[:parts]
    return [{name: show(name, row[name]) for name in shown if row.get(name) is not None} for row in rows]


def row_of(event, group):
    """Returns a line with the fields that CloudWatch finds in its JSON: also those of inner objects."""
    row = {"@timestamp": event.timestamp, "@message": event.message, "@log": f"123456789012:{group.name}"}
    try:
        line = json.loads(event.message)
    except ValueError:
        return row
    waiting = list(line.items())
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(f"{name}.{inner}", each) for inner, each in value.items()]
        else:
            row[name] = value
    return row


def show(name, value):
    if name == "@timestamp":
        return datetime.fromtimestamp(value / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    return f"{value:g}" if isinstance(value, float) else str(value)


def number(value):
    """Returns a value as a number, also if the line has it as a text, or `None`."""
    try:
        return None if value is None or isinstance(value, bool) else float(value)
    except ValueError:
        return None


def order(value):
    found = number(value)
    return (value is not None, found is None, found or 0, str(value))


def group_rows(rows, aggregates, keys):
    groups = {}
    for row in rows:
        groups.setdefault(tuple(value(row) for _, value in keys), []).append(row)
    names = [name for name, _ in keys]
    if not keys:
        groups.setdefault((), [])
    found = [
        dict(zip(names, values)) | {name: aggregate(inside) for name, aggregate in aggregates}
        for values, inside in groups.items()
    ]
    return [*names, *(name for name, _ in aggregates)], found


def percentile(values, percent):
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def aggregate(name, values, more):
    """Returns the value of an aggregate. `values` has those that are there, in the order of the rows."""
    numbers = [found for each in values if (found := number(each)) is not None]
    if name == "count":
        return len(values)
    if name == "count_distinct":
        return len(set(values))
    if name in ("latest", "earliest"):
        return (values[-1] if name == "latest" else values[0]) if values else None
    if name == "sum":
        return sum(numbers) if numbers else None
    if not values:
        return None
    if name == "pct":
        return percentile(numbers, more) if numbers else None
    return {"max": max, "min": min}[name](values, key=order)


class Parser:
    """Reads a query. Each expression becomes a function of a row."""

    AGGREGATES = {"count", "count_distinct", "earliest", "latest", "max", "min", "pct", "sum"}

    def __init__(self, query):
        self.tokens, code, at = [], re.sub(r"^\s*#.*$", "", query, flags=re.MULTILINE).strip(), 0
        while at < len(code):
            is_pattern = self.tokens[-1:] == [("name", "like")]
            found = (PATTERN if is_pattern else TOKEN).match(code, at)
            if not found:
                raise ValueError(f"a query that is not understood: {code[at:at + 40]}")
            self.tokens.append((found.lastgroup, found[found.lastgroup]))
            at = found.end()
        self.at = 0

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else (None, None)

    def take(self, *expected):
        """Takes the next token if it is one of these. Without any, takes it whatever it is."""
        token = self.peek()
        if expected and token[1] not in expected:
            return None
        self.at += 1
        return token

    def require(self, sign):
        if not self.take(sign):
            raise ValueError(f"expected {sign}, found {self.peek()[1]}")

    def commands(self):
        while self.peek()[0]:
            name = self.take()[1]
            yield name, getattr(self, f"read_{name}")()
            if self.peek()[0]:
                self.require("|")

    def read_fields(self):
        return self.listed(self.named)

    def read_filter(self):
        return self.either()

    def read_stats(self):
        aggregates = self.listed(self.named_aggregate)
        keys = self.listed(self.named) if self.take("by") else []
        return aggregates, keys

    def read_sort(self):
        field = self.named()
        way = self.take("asc", "desc")
        return field, bool(way and way[1] == "desc")

    def read_limit(self):
        return int(self.take()[1])

    def listed(self, read):
        found = [read()]
        while self.take(","):
            found.append(read())
        return found

    def named(self):
        start = self.at
        value = self.sum()
        name = "".join(text for _, text in self.tokens[start:self.at])
        return (self.take()[1], value) if self.take("as") else (name, value)

    def named_aggregate(self):
        start, name = self.at, self.take()[1]
        if name not in self.AGGREGATES:
            raise ValueError(f"{name} is no aggregate")
        self.require("(")
        value = (lambda _row: 1) if self.take("*") else self.sum()
        more = float(self.take()[1]) if self.take(",") else None
        self.require(")")

        def run(rows):
            rows = sorted(rows, key=lambda row: row["@timestamp"])
            values = [found for row in rows if (found := value(row)) is not None]
            return aggregate(name, values, more)

        text = "".join(token for _, token in self.tokens[start:self.at])
        return (self.take()[1] if self.take("as") else text), run

    def either(self):
        found = [self.both()]
        while self.take("or"):
            found.append(self.both())
        return lambda row: any(each(row) for each in found)

    def both(self):
        found = [self.compared()]
        while self.take("and"):
            found.append(self.compared())
        return lambda row: all(each(row) for each in found)

    def compared(self):
        left = self.sum()
        if self.take("in"):
            self.require("[")
            values = [value({}) for value in self.listed(self.sum)]
            self.require("]")
            return lambda row: left(row) in values
        if self.take("like"):
            pattern = re.compile(self.take()[1][1:-1])
            return lambda row: bool(pattern.search(str(left(row))))
        sign = self.take("=", "!=", "<", "<=", ">", ">=")
        if not sign:
            return left
        right = self.sum()
        return lambda row: compare(sign[1], left(row), right(row))

    def sum(self):
        return self.chain({"+": lambda one, other: one + other, "-": lambda one, other: one - other}, self.product)

    def product(self):
        return self.chain({"*": lambda one, other: one * other, "/": lambda one, other: one / other}, self.value)

    def chain(self, signs, read):
        found = read()
        while sign := self.take(*signs):
            found = combined(signs[sign[1]], found, read())
        return found

    def value(self):
        kind, text = self.take()
        if kind == "text":
            return lambda _row: text[1:-1]
        if kind == "number":
            return lambda _row: float(text)
        if text == "(":
            inside = self.either()
            self.require(")")
            return inside
        if self.take("("):
            values = self.listed(self.sum)
            self.require(")")
            return FUNCTIONS[text](*values)
        if found := re.fullmatch(r"(\d+)([smhd])", text):
            return lambda _row: int(found[1]) * SECONDS[found[2]] * 1000
        return lambda row: row.get(text)


def combined(run, left, right):
    def value(row):
        one, other = number(left(row)), number(right(row))
        return None if one is None or other is None else run(one, other)

    return value


def compare(sign, left, right):
    """Compares as numbers if both are numbers. A field that is missing is equal to nothing."""
    if left is None or right is None:
        return sign == "!="
    one, other = number(left), number(right)
    if one is None or other is None:
        one, other = str(left), str(right)
    return {
        "=": one == other,
        "!=": one != other,
        "<": one < other,
        "<=": one <= other,
        ">": one > other,
        ">=": one >= other,
    }[sign]


FUNCTIONS = {
    "bin": lambda width: lambda row: row["@timestamp"] // width(row) * width(row),
    "coalesce": lambda *values: lambda row: next((found for each in values if (found := each(row)) is not None), None),
    "ispresent": lambda value: lambda row: value(row) is not None,
    "strlen": lambda value: lambda row: len(str(value(row))),
}
