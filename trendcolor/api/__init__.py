"""What Python users call: `queries.py` asks finished runs, `photos.py` analyzes single photos.

`jobs.py` does whole jobs, from a config to a folder; `text.py` prints answers as text.
"""
