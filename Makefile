# `make demo` and `make test` do all the set-up on a fresh machine with Python 3.11+ and make.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup demo test check bench fuzz screenshot requirements pages clean

setup: .venv/.ready

.venv/.ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "voicememo-bot needs Python 3.11 or newer; try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the pinned requirements into .venv (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

.venv/.ready-dev: .venv/.ready requirements-dev.txt
	@echo "Installing the test tools into .venv (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

demo: .venv/.ready
	@$(BIN)/voicememo demo

# The folders in their order, so that what takes longest begins first and short files come last.
# Hundreds of processes start: with PYTHONDONTWRITEBYTECODE set, each would compile the app anew.
test: .venv/.ready-dev
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

check: .venv/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Each against its rival, in one run of some five minutes; needs the ffmpeg program, for the rivals
# alone. All are run, and it fails where one of them missed an aim.
bench: .venv/.ready-dev
	@missed=; for one in audio gtts pipeline; do \
		$(BIN)/python -m benchmarks.$$one || missed="$$missed $$one"; done; \
		test -z "$$missed" || { echo "aims missed in:$$missed"; exit 1; }

# Ten minutes each, guided by coverage; installs atheris, which has no wheel for every Python.
FUZZ_SECONDS ?= 600
fuzz: .venv/.ready-dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'atheris>=3,<4'
	for target in webhook rules speech audio; do \
		$(BIN)/python -m tests.fuzz $$target $(FUZZ_SECONDS) || exit 1; done

# The picture in the README; needs Chromium.
screenshot: .venv/.ready-dev
	$(BIN)/python -m docs.screenshot

# Pins for all platforms, with hashes; written without the address of any index.
requirements:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --output-file requirements.txt
	uv pip compile --group dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --constraints requirements.txt --output-file requirements-dev.txt

# The pages that are written from the code: settings, and the licences of what is installed.
pages: .venv/.ready
	$(BIN)/python -m docs.settings_page
	$(BIN)/python -m docs.licences

clean:
	rm -rf .venv var build dist *.egg-info
