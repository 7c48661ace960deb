# make compile   set up .venv, then compile slos/ into generated/
# make test      run the tests, with Prometheus 2.x and 3.x, in one process per processor and one more, for some wait;
#                PYTEST_ARGS="-k budget" is passed on
# make demo      show what slogen finds in a real Prometheus, whose history is made for the purpose
# make lint      ruff and mypy
# make lock      write requirements/ anew, from pyproject.toml: what the tests take, and what slogen runs with in CI
# make clean     remove what the above left behind, but for generated/
#
# All that it takes is Python 3.11 or newer (PYTHON=python3.12 names another one) and access to PyPI. The tests take
# promtool and Prometheus from the folders PROMETHEUS2_DIR and PROMETHEUS3_DIR, and amtool and Alertmanager from
# ALERTMANAGER_DIR, VictoriaMetrics and vmalert from VICTORIAMETRICS_DIR, Chromium from CHROMIUM_DIR, where set, else from
# Debian's packages. With CI set, one that cannot be had is a failure; else the tests that need it are skipped.

PYTHON ?= python3
PYTEST_ARGS ?=
PIP_INSTALL = .venv/bin/python -m pip install --quiet --disable-pip-version-check
PIP_COMPILE = env -u PIP_FIND_LINKS CUSTOM_COMPILE_COMMAND='make lock' .cache/lock/bin/pip-compile --quiet \
    --generate-hashes --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

.PHONY: help compile test demo lint lock clean prometheus
.NOTPARALLEL:

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

compile: .venv/compile.stamp
	.venv/bin/slogen compile slos/

test: .venv/test.stamp prometheus
	.venv/bin/python -m pytest --numprocesses $$(($$(getconf _NPROCESSORS_ONLN) + 1)) $(PYTEST_ARGS)

demo: .venv/compile.stamp
	@PYTHONPATH=tests .venv/bin/python -m demo .cache/demo

lint: .venv/test.stamp
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy --strict

prometheus: | .venv/bin/python
	@for tool in prometheus alertmanager victoria chromium; do \
	    PYTHONPATH=tests .venv/bin/python -m toolchain.debian_$$tool .cache/$$tool || { \
	    case "$${CI:-}" in ''|0|false) echo 'The tests that need it are skipped.' >&2 ;; *) exit 1 ;; esac; }; done

lock: | .venv/bin/python
	rm -rf .cache/lock
	.venv/bin/python -m venv .cache/lock
	.cache/lock/bin/python -m pip install --quiet --disable-pip-version-check pip-tools
	mkdir -p requirements
	$(PIP_COMPILE) --upgrade --extra test --output-file requirements/test.txt pyproject.toml
	$(PIP_COMPILE) --upgrade --build-deps-for wheel --constraint requirements/test.txt \
	    --output-file requirements/run.txt pyproject.toml
	rm -rf .cache/lock

clean:
	rm -rf .venv .cache .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What slogen runs with: the newest versions that pyproject.toml allows.
.venv/compile.stamp: pyproject.toml | .venv/bin/python
	$(PIP_INSTALL) --editable .
	@touch $@

# What slogen is tested with: the locked versions, the build backend among them.
.venv/test.stamp: pyproject.toml requirements/test.txt | .venv/bin/python
	$(PIP_INSTALL) --require-hashes --requirement requirements/test.txt
	$(PIP_INSTALL) --no-build-isolation --no-deps --editable .
	@touch .venv/compile.stamp $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo >&2 \
	    'slogen needs Python 3.11 or newer, which $(PYTHON) is not; name another one: make PYTHON=python3.12 ...'; exit 1; }
	@$(PYTHON) -m venv --clear .venv || { rm -rf .venv; echo >&2 \
	    '$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv'; exit 1; }
