# make demo  sets up, runs the sample photos through every stage, prints where the report is
# make test  sets up, runs the tests
# make clean removes what these two made

PYTHON ?= python3
VENV := .venv

.PHONY: demo test clean

demo: $(VENV)/installed
	$(VENV)/bin/trendcolor demo --out trendcolor-demo

test: $(VENV)/installed
	$(VENV)/bin/pytest -n 3 --dist loadfile --no-loadscope-reorder

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) trendcolor-demo
