"""A report's pages as a test reads them: tags, text, and tables cell by cell."""

import json
from html.parser import HTMLParser

from trendcolor.report.page.context import context, environment
from trendcolor.report.words import open_words

DASH = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
_UNREAD = ("style", "script", "svg")


class Page(HTMLParser):
    """Tags with attributes, text, the text of each table's cells by row, scripts."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.tables, self.words, self.scripts = [], {}, [], []
        self._table = self._cell = self._skip = None
        self.feed(html)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.tags.append((tag, found))
        if tag in _UNREAD and self._skip is None:
            self._skip = tag
        if tag == "script":
            self.scripts.append((found, ""))
        if tag == "table":
            self._table = self.tables.setdefault(found["id"], [])
        if tag == "tr":
            self._table.append([])
        if tag in ("td", "th"):
            self._cell = []

    def handle_endtag(self, tag):
        if tag == self._skip:
            self._skip = None
        if tag in ("td", "th"):
            self._table[-1].append(" ".join("".join(self._cell).split()))
            self._cell = None

    def handle_data(self, text):
        if self._skip == "script":
            found, before = self.scripts.pop()
            self.scripts.append((found, before + text))
        if self._skip is None:
            self.words.append(text)
            if self._cell is not None:
                self._cell.append(text + " ")

    def row(self, table, first):
        """The row of a table that begins so."""
        return next(row for row in self.tables[table] if row[0] == first)

    def column(self, table, head):
        """The cells of a column by the first cell of their row."""
        place = self.tables[table][0].index(head)
        return {row[0]: row[place] for row in self.tables[table][1:]}

    def data(self):
        """What scripts are given."""
        return [
            json.loads(text)
            for found, text in self.scripts
            if found.get("type") == "application/json"
        ]


def section_of(told, name, lang="en", **more):
    """One section of `index.html` that has no chart."""
    words = open_words(lang)
    template = environment(words).get_template(f"sections/{name}.html")
    return Page(template.render(**context(told, words), charts={}, files=(), brand=None, **more))


def percent(share):
    """A share as a page prints it."""
    return f"{share:.1%}"


def interval(cell):
    """The interval of a share as a page prints it."""
    return f"{100 * cell['low']:.1f}{DASH}{cell['high']:.1%}"


def shown(cell):
    """A share with its interval, or that it is withheld."""
    if cell is None or cell["share"] is None:
        return "withheld"
    return f"{percent(cell['share'])} {interval(cell)}"


def points(change):
    """A change as a page prints it."""
    size = f"{100 * abs(change):.1f}"
    sign = "" if float(size) == 0 else "+" if change > 0 else MINUS
    return f"{sign}{size} pp"
