"""`trendcolor explore`: a finished run as a local web page, for those who would rather look.

`offer.py` says what of a run may be asked, `asked.py` reads what a client sends, `questions.py`
asks the run and writes the Python of it, `release.py` has the tables that others may see. They know
nothing of the web. `serving.py` is the server, `guard.py` whom it answers, `web.py` the page's
wiring, and the rest how it looks.
"""
