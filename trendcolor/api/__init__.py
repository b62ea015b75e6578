"""What Python users call: `queries.py` asks finished runs, `photos.py` analyzes single photos.

`jobs.py` does whole jobs with the segmenter, from a config to a folder; `reports.py` writes
reports; `text.py` gives answers as text.
"""
