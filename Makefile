# Needs make and Python 3.11 to 3.13; everything else is fetched into this folder (.venv, node_modules, .setup).
#   make run     sets up and starts Heliotrope (HOST=… PORT=… choose where it listens)
#   make test    sets up, checks the code and runs every test
#   make cluster runs three replicas on one PostgreSQL behind a balancer, on this machine (PORT=… REPLICAS=…)
#   make test-cluster kills replicas of such a cluster under questions and after publishing
#   make bench   measures speed, with the floor and a plain LangChain chain beside each figure
#   make fuzz    sends the API whatever its description allows, and what it does not, for some minutes
#   make vectors makes the starter knowledge's vectors anew, after a change in its articles or in prompts/intents.yaml
#   make conversations writes docs/conversations.md anew, as the guide answers now
#   make calibrate fits the chance that a passage answers a question, after a change in ranking or intents
#   make lint    ruff, mypy and the import contracts
#   make sbom    writes what the product is made of, with licences, into build/
#   make audit   asks the registries whether any of it is known to be unsafe; needs the network
#   make lock    pins the dependencies after a change in pyproject.toml or package.json (UPGRADE=1 takes newer versions)
#   make clean   removes what was fetched and built; the home folder with your data stays

# Another environment's settings must not lead Python elsewhere, nor have it compile the product at every start.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV PYTHONDONTWRITEBYTECODE
# HOST and PORT count only when given to make: shells and conda set HOST to other things.
given = $(if $(filter command,$(origin $(1))),$(2) '$($(1))')

CHECKS = .venv/bin/ruff check && .venv/bin/mypy && .venv/bin/lint-imports --no-logo

.PHONY: run setup test browser clickhouse lint sbom audit test-cluster cluster bench fuzz vectors conversations calibrate lock clean

run: setup
	@exec .venv/bin/heliotrope serve $(call given,HOST,--host) $(call given,PORT,--port)

setup:
	@PYTHON='$(PYTHON)' sh setup/python.sh setup.install

# The code is checked beside the tests, which leave part of a core idle; what was found is told after them.
test: setup browser clickhouse
	@{ $(CHECKS); } >.setup/checks.log 2>&1 & checks=$$!; trap 'kill $$checks' INT TERM; \
	.venv/bin/python -m pytest -rs -n auto --dist loadfile --no-loadscope-reorder; tests=$$?; \
	wait $$checks; checks=$$?; cat .setup/checks.log; [ $$tests -eq 0 ] || exit $$tests; exit $$checks

browser:
	@sh setup/browser.sh

clickhouse: setup
	@.venv/bin/python -m setup.clickhouse

lint: setup
	$(CHECKS)

sbom: setup
	.venv/bin/python -m setup.parts

audit: setup
	.venv/bin/python -m setup.parts audit

test-cluster: setup
	.venv/bin/python -m pytest -rs -m cluster tests/deploy

cluster: setup
	@exec .venv/bin/python -m deploy.cluster $(call given,PORT,--port) $(call given,REPLICAS,--replicas)

bench: setup
	.venv/bin/python -m tests.benchmarks

fuzz: setup
	.venv/bin/python -m tests.benchmarks.fuzz

vectors: setup
	.venv/bin/python -m tests.evaluation.vectors

conversations: setup
	.venv/bin/python -m tests.evaluation.conversations

calibrate: setup
	.venv/bin/python -m tests.evaluation.calibrate

lock:
	@PYTHON='$(PYTHON)' sh setup/python.sh setup.lock $(if $(UPGRADE),--upgrade)

clean:
	rm -rf .venv node_modules .setup build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
