# 守望 / Shouwang. `make help` lists the targets.
# Needed on the machine: make and Python 3.11 or newer with venv. Package sources are pip's own settings.

PYTHON ?= python3
BIN    := .venv/bin
PY     := $(BIN)/python
PIP    := PIP_USER=0 $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps
MADE   := .venv/.made
RUN    := .venv/.run-lock
DEV    := .venv/.dev-lock

# Settings in .env are for running, not for tests: a test must never meet a real database by accident.
# The environment wins over the file; values are taken as they stand, nothing in them is expanded.
ENV := if [ -f .env ]; then while IFS= read -r line || [ -n "$$line" ]; do name=$${line%%=*}; \
	case "$$line" in [A-Za-z_]*=*) printenv "$$name" >/dev/null || export "$$name=$${line\#*=}";; esac; done < .env; fi;

# Whom demo, token and fingerprint speak to: the embedded system, or by TARGET=native or compose one that is up.
SUITE_embedded := $(PY)
SUITE_native   := env $(if $(PORT),FRONT_PORT=$(PORT)) $(PY) -m deploy.native run front -- python
SUITE_compose  := docker compose exec front python
TARGET         ?= embedded
SUITE           = $(or $(SUITE_$(TARGET)),$(error TARGET: native, compose)) -m services.suite
AT_PORT        := $(if $(filter embedded,$(TARGET)),$(if $(PORT),--port $(PORT)))
NEEDED         := $(if $(filter embedded,$(TARGET)),$(RUN),$(if $(filter native,$(TARGET)),$(DEV)))

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help venv demo demo-reset fingerprint up up-native down kafka kafka-down test chaos bench check lint types rules fmt lock token docs clean

help: ## 列出全部目标 / list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

venv: $(RUN) ## 按锁文件建立 .venv / make .venv from the run-time lock

demo: $(NEEDED) ## 启动演示 / run the story and keep serving; ONCE=1 ends after it, PORT=8000, TARGET=native
	@$(ENV) exec $(SUITE) demo $(if $(filter-out 0,$(ONCE)),--once) $(AT_PORT)

demo-reset: $(RUN) ## 清除演示数据 / clear the demo's data
	@$(ENV) exec $(PY) -m services.suite reset

fingerprint: $(NEEDED) ## 数据指纹 / digests of the demo's data without ids and times, to compare two runs; TARGET=native
	@$(ENV) exec $(SUITE) fingerprint

up: ## 以容器启动三个服务 / start the services of docker-compose.yml in containers
	@docker compose version >/dev/null 2>&1 || { \
		echo '没有 docker compose；可用 make up-native，无需容器。' >&2; \
		echo 'No docker compose here; make up-native needs no containers.' >&2; exit 1; }
	@$(PYTHON) -m deploy.env
	@docker compose up --detach --build --wait

up-native: $(DEV) ## 不用容器启动同样的服务 / the same services as plain processes; PORT=8000; needs Java and Maven
	@exec env $(if $(PORT),FRONT_PORT=$(PORT)) $(PY) -m deploy.native up

down: ## 停止 / stop what up or up-native started, data stay; REMOVE=1 deletes them
	@! $(PY) -c 'import yaml' 2>/dev/null || $(PY) -m deploy.native down $(if $(filter-out 0,$(REMOVE)),--remove)
	@if docker compose ps --quiet 2>/dev/null | grep -q .; then \
		docker compose down $(if $(filter-out 0,$(REMOVE)),--volumes); fi

kafka: $(RUN) ## 单独启动 Kafka / Kafka alone, from Maven artifacts, on PORT=9092; BROKERS=3
	@$(PY) -m deploy.kafka up $(if $(PORT),--port $(PORT)) $(if $(BROKERS),--brokers $(BROKERS))

kafka-down: $(RUN) ## 停止单独的 Kafka / stop it; REMOVE=1 deletes its data
	@$(PY) -m deploy.kafka down $(if $(filter-out 0,$(REMOVE)),--remove)

test: $(DEV) ## 全部测试 / all tests, on embedded PostgreSQL or on the server in DATABASE_URL; ARGS= goes to pytest
	@$(PY) -m pytest -q -n 2 $(ARGS)

chaos: $(DEV) ## 反复强杀 / kill -9 of relay, consumer and API under load over Kafka; KILLS=200 of each
	@SHOUWANG_TEST_KILLS=$(or $(KILLS),200) $(PY) -m pytest -q -s tests/system/test_chaos.py

bench: $(DEV) ## 性能指标 / the figures of docs/benchmarks.md; ONLY=payment, batch, import, supervision, progress, events, kafka; QUICK=1 for a look
	@$(PY) -m tests.bench $(addprefix --only ,$(ONLY)) $(if $(filter-out 0,$(QUICK)),--quick)

check: lint types rules ## 静态检查 / everything that needs no database: lint, types, imports, house rules

lint: $(DEV) ## 代码与导入契约 / ruff, its formatter, import contracts
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -c 'from importlinter.cli import lint_imports_command as run; run(["--no-logo"])'

types: $(DEV) ## 类型检查 / mypy --strict
	@$(PY) -m mypy

rules: $(DEV) ## 内部守则 / the house rules
	@$(PY) -m pytest -q tests/architecture/test_house_rules.py

fmt: $(DEV) ## 整理格式 / format and repair what ruff can
	@$(PY) -m ruff check --fix-only .
	@$(PY) -m ruff format .

lock: $(DEV) ## 更新锁文件 / write both locks anew; UPGRADE=1 takes newer versions
	$(PY) -m uv pip compile $(LOCK) pyproject.toml -o requirements.lock
	$(PY) -m uv pip compile $(LOCK) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	@! grep -nE '://|\b[a-z0-9-]+\.(com|cn|org|net|io|dev|internal)\b' requirements.lock requirements-dev.lock \
		|| { echo '锁文件含有地址 / a lock names an address' >&2; exit 1; }

LOCK = --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 $(if $(UPGRADE),--upgrade)

token: $(NEEDED) ## 演示令牌 / a token and one curl line; ROLE=province, cadre, agency, …; PORT= and TARGET= as the demo's
	@test -n '$(ROLE)' || { echo '请给出角色 / name the role: make token ROLE=province' >&2; exit 2; }
	@$(ENV) exec $(SUITE) token $(ROLE) $(AT_PORT)

docs: $(RUN) ## 生成文档 / write the generated documents
	@$(ENV) exec $(PY) -m services.suite docs

clean: ## 清除缓存 / remove caches; .venv and the demo's data stay
	@rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -path ./.venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

# The dev lock holds everything of the run-time lock, so the dev stamp renews both:
# a demo after a test finds its packages there and takes nothing away.

$(MADE):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo '需要 Python 3.11 或更高版本；可用 make PYTHON=python3.12 指定。' >&2; \
		echo 'Python 3.11 or newer is needed; name one with make PYTHON=python3.12.' >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo '这个 Python 缺少 venv 模块；Debian、Ubuntu 请安装 python3-venv。' >&2; \
		echo 'This Python lacks the venv module; on Debian and Ubuntu install python3-venv.' >&2; exit 1; }
	@$(PY) -c '' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@touch $@

$(RUN): requirements.lock | $(MADE)
	@echo '安装运行依赖 / installing the run-time packages …'
	@$(PIP) -r requirements.lock
	@touch $@

$(DEV): requirements-dev.lock requirements.lock | $(MADE)
	@echo '安装开发依赖 / installing the development packages …'
	@$(PIP) -r requirements-dev.lock
	@touch $(RUN) $@
