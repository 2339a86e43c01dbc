# Thin on purpose: what a target does stands in its one or two lines. Works with GNU make 3.81 (macOS) and any sh.
PYTHON = python3
BIN = .venv/bin
LAB_ARGS =
MEASURE = # --measure: store the new times and live runs, too
ONLY = # for test-site, test-browser, test-binder and test-colab: parts of the names of the tests to run
# Otherwise glibc hands freed maps back to the system, and page faults come and go with up to 7 % of the time
KEEP_FREED = MALLOC_TOP_PAD_=268435456 MALLOC_TRIM_THRESHOLD_=1073741824 MALLOC_MMAP_THRESHOLD_=1073741824
# A page that is left does not end its kernel of some 400 MB (Voila's goodbye is refused: '_xsrf' is missing).
# So a kernel ends when no page has been connected to it for two minutes; one with an open page stays.
CULL = --MappingKernelManager.cull_interval=30 --MappingKernelManager.cull_idle_timeout=120
# What the site is made with; nothing of it is asked for when a page is read
PACKAGES = katex@0.19.1 pagefind@1.6.0 reveal.js@4.6.1
FROM_NPM := build/npm/$(shell echo $(PACKAGES) | tr ' ' '+').stamp
THIN = # --thin: fewer positions of each explorer, in a fraction of the time

PYTEST = OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile --doctest-modules --nbval --nbval-current-env \
--nbval-cell-timeout 60 --nbval-sanitize-with tests/nbval.cfg

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 22

lab: .venv/lab.stamp ## open the notebooks in JupyterLab (more arguments: make lab LAB_ARGS=--no-browser)
	cd notebooks && ../$(BIN)/jupyter lab --LabApp.default_url=/lab/tree/00_start_here.ipynb $(LAB_ARGS)

walkthrough: .venv/teach.stamp ## for a class: the lessons with live sliders and without code, in the browser
	$(BIN)/python -m tools.teaching
	JUPYTER_PATH=$(CURDIR)/build/walkthrough/jupyter $(BIN)/voila --template=course --progressive_rendering=True \
	$(CULL) build/walkthrough/lessons $(VOILA_ARGS)

slides: .venv/lab.stamp $(FROM_NPM) ## for a class: the lessons as slides, build/site/slides/*.html, for offline use too
	$(BIN)/python -m web.slides

site: .venv/lab.stamp $(FROM_NPM) ## the course as pages that answer without a kernel, build/site (quicker: THIN=--thin)
	$(BIN)/python -m web $(THIN)

test: .venv/test.stamp ## lint, types and tests, the notebooks among them
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	$(PYTEST) -m "not slow"

test-slow: .venv/test.stamp ## those that take minutes more: is every branch of the checkers needed?
	$(PYTEST) --dist load -m slow tests

test-site: .venv/test.stamp $(FROM_NPM) ## build a thinned site and test it in a real browser (needs chromium and npm)
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile -m "not slow" tests/web -k "$(ONLY)"

test-whole-site: .venv/test.stamp site ## the same for the whole site: every page looked at, every explorer compared
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile -m slow tests/web -k "$(ONLY)"

test-browser: .venv/test.stamp $(FROM_NPM) ## some notebooks in a real browser, every control moved (needs chromium and npm)
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile -m "not slow" tests/browser -k "$(ONLY)"

test-whole-browser: .venv/test.stamp $(FROM_NPM) ## the same for all the other notebooks, predictions and explorers
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile -m slow tests/browser -k "$(ONLY)"

test-all: test test-slow test-site test-whole-site test-browser test-whole-browser ## all of these

test-binder: .venv/test.stamp ## run every notebook with what Binder installs: seconds, peak memory (needs chromium)
	$(BIN)/pytest -q tests/places/test_binder.py -k "$(ONLY)"

test-colab: .venv/test.stamp ## run every notebook and its setup cell with the versions that Colab has
	$(BIN)/pytest -q tests/places/test_colab.py -k "$(ONLY)"

test-alone: .venv/test.stamp ## use all of `blocks` in an environment that has torch and what torch requires
	$(BIN)/pytest -q tests/places/test_torch_alone.py

notebooks: .venv/test.stamp ## execute all notebooks and store them frozen (times and live runs anew: MEASURE=--measure)
	$(BIN)/python -m tools.freeze $(MEASURE)

grids: .venv/lab.stamp ## run every experiment with ten seeds, go on where it stopped (one: NAME=residual.depth)
	$(BIN)/python -m tools.grids $(NAME)

grids-arithmetic: .venv/lab.stamp ## what is clear once more, in other arithmetics: does it hold on other machines?
	$(BIN)/python -m tools.grids $(NAME) --arithmetic

attachments: .venv/lab.stamp ## draw attachments/*.svg, the README's pictures among them
	$(BIN)/python tools/attachments.py

links: .venv/lab.stamp ## write the address of `origin`, or make links ADDRESS=..., into badges and setup cells
	$(BIN)/python tools/links.py $(ADDRESS)

bench: .venv/test.stamp ## time the explorers against interact with pyplot, the networks against torchvision's
	$(BIN)/python tools/bench.py
	$(KEEP_FREED) $(BIN)/python tools/bench_networks.py

bench-browser: .venv/test.stamp ## time key press to painted picture in a browser, against interact (needs chromium)
	$(BIN)/python tools/bench_browser.py

clean: ## remove .venv and everything else that make and the tests leave behind
	rm -rf notebooks/budget_scores.json .venv .venv-alone .venv-binder .venv-colab artifacts build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(FROM_NPM):
	@command -v npm >/dev/null || { echo "npm is missing, which fetches what the site needs: install Node.js" >&2; exit 1; }
	npm install --prefix build/npm --no-save --no-audit --no-fund --loglevel=error $(PACKAGES)
	@touch $@

# Set-up: once, and again when what it depends on changes.
TORCH_INDEX = https://download.pytorch.org/whl/cpu
PIP = $(BIN)/python -m pip --disable-pip-version-check install

# torchvision must fit torch: a build for CUDA, PyPI's on Linux, cannot be imported beside the CPU build of torch.
.venv/lab.stamp .venv/teach.stamp: FROM_INDEX = torch
.venv/test.stamp: FROM_INDEX = torch torchvision
.venv/lab.stamp: EXTRA = [course]
.venv/teach.stamp: EXTRA = [course,teach]
.venv/test.stamp: EXTRA = [course,test,teach]
.venv/lab.stamp .venv/teach.stamp .venv/test.stamp: pyproject.toml constraints.txt postBuild $(shell find jupyterlab -type f)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed, $(PYTHON) is " \
	+ sys.version.split()[0] + ": name a later one, as in make PYTHON=python3.12 lab" or 0)'
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
	{ echo "$(PYTHON) has no venv module: install it (Debian, Ubuntu: apt install python3-venv)" >&2; exit 1; }
	@echo "Setting up .venv: some minutes the first time"
	@$(PYTHON) -m venv .venv
	@for name in $(FROM_INDEX); do \
	again=`$(BIN)/python -c "import $$name" 2>/dev/null || echo --force-reinstall`; \
	$(PIP) -qq --no-deps $$again --retries 1 --timeout 15 --index-url $(TORCH_INDEX) `grep "^$$name==" constraints.txt` \
	2>/dev/null || echo "No $$name from $(TORCH_INDEX): it now comes from PyPI, on Linux the build for CUDA (torch: some 3 GB)"; done
	@$(PIP) -qq -c constraints.txt -e '.$(EXTRA)'
	@$(BIN)/python postBuild
	@touch .venv/lab.stamp $@

.PHONY: help lab walkthrough slides site test test-slow test-site test-whole-site test-browser test-whole-browser test-all test-binder test-colab test-alone notebooks grids grids-arithmetic attachments links bench bench-browser clean
