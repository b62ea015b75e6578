"""Charts of a report: one module each, in Altair, drawn as SVG or by a page's own script.

A chart function takes a polars frame as a public query gives it, and words; it gives a Vega-Lite
spec (`spec.py`). `svg.py` draws it as a picture, `markup.py` makes what a page shows of it, and
`live.py` has the script and the styles that such a page needs. Altair is loaded with the charts,
and by nothing else.
"""
