"""The examples of docs/query.md on comparing, palettes, arrays and bridges print what they say."""

import re
from contextlib import redirect_stdout
from io import StringIO

from test_docs_sureness import section, told

# In the order of the page; one takes up what another has made.
SECTIONS = (
    "Whether two groups differ at all",
    "The palette of a group",
    "Histograms as arrays, and in plots",
    "From one version to the next: the bridge",
)


def test_examples_print_what_they_say():
    code = "\n".join(
        part
        for title in SECTIONS
        for part in re.findall(r"```python\n(.*?)```", section(title), re.DOTALL)
    )
    printed = StringIO()
    with redirect_stdout(printed):
        exec(compile(code, "docs/query.md", "exec"), {})
    assert len(told(code)) > 20
    assert printed.getvalue().split() == told(code)
