# Every target does its own set-up, once. The stack lives in CADRAN_HOME (./var by default).
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo stop clean-demo test test-faults bench check

BIN := .venv/bin
CADRAN := $(BIN)/cadran
export CADRAN_HOME ?= $(CURDIR)/var
SAMPLE := $(CADRAN_HOME)/sample-feed
TESTS := tests/unit tests/contract tests/architecture tests/integration tests/faults

help: ## Ce que fait chaque cible
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## Installe tout ce dont les autres cibles ont besoin
	@deploy/setup.sh

demo: setup ## Démarre une pile, y charge un territoire synthétique, affiche l'adresse et les jetons
	@$(CADRAN) up
	@test -d $(SAMPLE) || { rm -rf $(SAMPLE).new \
	    && $(CADRAN) sample-feed --structures 40 --years 2 --seed 1 $(SAMPLE).new \
	    && mv $(SAMPLE).new $(SAMPLE); }
	@$(CADRAN) load $(SAMPLE) --wait
	@$(CADRAN) demo-banner

stop: ## Arrête la pile, garde ses données
	@if [ -x $(CADRAN) ]; then $(CADRAN) down; fi

clean-demo: ## Arrête la pile et efface ses données
	@if [ -x $(CADRAN) ]; then $(CADRAN) down --remove; fi

test: setup ## Tous les tests
	@$(BIN)/python -m pytest --durations=20 $(TESTS)

test-faults: setup ## Les tests de pannes, longs
	@CADRAN_FAULTS=long $(BIN)/python -m pytest tests/faults

bench: setup ## Les mesures de vitesse
	@$(BIN)/python -m tests.benchmarks

check: setup ## Style, types, dépendances, fichiers générés
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	deploy/check_lock.sh
	$(CADRAN) contracts verify
	$(CADRAN) openapi --check
	$(CADRAN) asyncapi --check
