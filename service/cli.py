"""Operator verbs; each tells its own options with --help."""

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from alembic import command
from alembic.config import Config
from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

from service import work
from service.app import create_app
from service.demo import cli as demo
from service.households import cli as households
from service.imports import cli as imports
from service.kernel import jobs, logs, messages
from service.kernel.db import Database
from service.kernel.settings import ROOT, Settings
from service.oversight import cli as oversight
from service.people import enrol
from service.privacy import cli as privacy
from service.privacy import renewal

OPENAPI = ROOT / "openapi" / "market.v1.json"


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; 0 done, 1 a finding or refusal, 2 bad usage."""
    given = _parser().parse_args(arguments)
    verb: int = given.run(given)
    return verb


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m service", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    serve = verbs.add_parser("serve", help="migrate an embedded database and serve pages and API")
    serve.add_argument("--host")
    serve.add_argument("--port", type=int)
    serve.add_argument("--demo", action="store_true", help="load the demonstration into a fresh database")
    serve.set_defaults(run=_serve)
    worker = verbs.add_parser("worker", help="execute durable workflows only")
    worker.add_argument("--instead-of", metavar="NAME", help="also take over the unfinished work of a dead worker")
    worker.set_defaults(run=_worker)
    verbs.add_parser("migrate", help="bring the database to the newest revision").set_defaults(run=_migrate)
    files = verbs.add_parser("import", help="load a file of places, products, prices, recipes or holidays")
    imports.arguments(files)
    files.set_defaults(run=_import)
    person = verbs.add_parser("person", help="give someone of an organisation an account")
    enrol.arguments(person)
    person.set_defaults(run=_person)
    verbs.add_parser("demo", help="load the demonstration into a fresh database").set_defaults(run=_demo)
    log = verbs.add_parser("events", help="verify, export or sign the event log")
    oversight.arguments(log)
    log.set_defaults(run=oversight.run)
    marks = verbs.add_parser("households", help="keys of the households' pseudonyms, and a change of keys")
    households.arguments(marks)
    marks.set_defaults(run=_households)
    data = verbs.add_parser("privacy", help="delete what is due, hand out or erase a person's data")
    privacy.arguments(data)
    data.set_defaults(run=_privacy)
    sealed = verbs.add_parser("secrets", help="a fresh key, and writing what is encrypted anew under the newest")
    renewal.arguments(sealed)
    sealed.set_defaults(run=_secrets)
    openapi = verbs.add_parser("openapi", help="write the API description, or check that it is up to date")
    openapi.add_argument("--check", action="store_true")
    openapi.set_defaults(run=_openapi)
    texts = verbs.add_parser("messages", help="write texts without Thai into locale/th, or check that none is")
    texts.add_argument("--check", action="store_true")
    texts.set_defaults(run=_messages)
    return parser


def migrate(settings: Settings) -> None:
    """Bring the database to the newest revision, and on PostgreSQL the tables of durable work."""
    Database(settings.database_url).dispose()  # makes the folder of an embedded database
    config = Config(ROOT / "alembic.ini")
    config.attributes["database_url"] = settings.database_url
    command.upgrade(config, "head")
    if not settings.database_url.startswith("sqlite"):  # an embedded one gets them when its one process launches
        jobs.prepare(settings)


def _migrate(given: argparse.Namespace) -> int:
    del given
    migrate(Settings())
    return 0


def _import(given: argparse.Namespace) -> int:
    if Settings().database_url.startswith("sqlite"):
        migrate(Settings())
    return imports.run(given)


def _person(given: argparse.Namespace) -> int:
    return enrol.run(given, Settings().database_url)


def _households(given: argparse.Namespace) -> int:
    return households.run(given, Settings().database_url)


def _privacy(given: argparse.Namespace) -> int:
    return privacy.run(given, Settings().database_url)


def _secrets(given: argparse.Namespace) -> int:
    return renewal.run(given, Settings().database_url)


def _demo(given: argparse.Namespace) -> int:
    del given
    if Settings().database_url.startswith("sqlite"):
        migrate(Settings())
    return demo.run(Settings().database_url)


def _serve(given: argparse.Namespace) -> int:
    settings = Settings().model_copy(update={"demo": given.demo or Settings().demo})
    logs.configure(settings)
    if settings.database_url.startswith("sqlite"):
        migrate(settings)
    host = given.host or settings.host
    port = given.port or int(os.environ.get("PORT", settings.port))
    if given.demo:
        demo.run(settings.database_url)
        demo.say(demo.LOOK, address=f"http://{host}:{port}/")
    uvicorn.run(create_app(settings, lifespan=_beside), host=host, port=port, access_log=False, log_config=None)
    return 0


@asynccontextmanager
async def _beside(app: FastAPI) -> AsyncIterator[None]:
    """Start the worker beside the web, or only a door to workers elsewhere; stop it at the end."""
    runtime = jobs.Runtime(app.state.settings, app.state.database)
    if runtime.settings.run_worker:
        await run_in_threadpool(work.launch, runtime)
    else:
        jobs.connect(runtime)
    yield
    await run_in_threadpool(jobs.stop)


def _worker(given: argparse.Namespace) -> int:
    settings = Settings()
    logs.configure(settings)
    runtime = jobs.Runtime(settings, Database(settings.database_url))
    work.launch(runtime)
    if given.instead_of:
        jobs.take_over(runtime, given.instead_of)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    stopping.wait()
    jobs.stop()
    return 0


def _openapi(given: argparse.Namespace) -> int:
    text = json.dumps(create_app(Settings()).openapi(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if not given.check:
        OPENAPI.write_text(text, encoding="utf-8")
        return 0
    same = OPENAPI.is_file() and OPENAPI.read_text(encoding="utf-8") == text
    if not same:
        print(f"{Path(OPENAPI).name} differs from the app: run `python -m service openapi`", file=sys.stderr)
    return 0 if same else 1


def _messages(given: argparse.Namespace) -> int:
    found = messages.look()
    for message in found.unused:
        print(f"unused: {message}")
    for capability, texts in found.missing.items():
        print(*(f"{capability}: no Thai: {message}" for message in texts), sep="\n")
    print(*(f"other blanks than its text: {message}" for message in found.unlike), sep="\n", end="")
    if not given.check:
        print(*messages.write_missing(found.missing), sep="\n")
    return 1 if found.missing or found.unlike else 0
