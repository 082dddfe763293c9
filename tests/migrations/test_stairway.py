"""Every revision goes up, down and up again, and the last one makes what the models say; on both databases.

The tests follow each other on one database of each kind: a step begins where the one before ended, or from the bottom.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from sqlalchemy import create_engine, inspect

from tests.postgres import fresh_database

ROOT = Path(__file__).resolve().parents[2]
REVISIONS = list(ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).walk_revisions())[::-1]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with ExitStack() as stack:
        sqlite = f"sqlite:///{tmp_path_factory.mktemp('stairway') / 'market.sqlite3'}"
        yield sqlite if request.param == "sqlite" else stack.enter_context(fresh_database())


@pytest.fixture
def config(url: str) -> Config:
    config = Config(ROOT / "alembic.ini")
    config.attributes["database_url"] = url
    return config


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    found = set(inspect(engine).get_table_names())
    engine.dispose()
    return found - {"alembic_version"}


def test_there_is_one_line_of_revisions() -> None:
    assert REVISIONS
    assert len(ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).get_heads()) == 1


@pytest.mark.parametrize("revision", REVISIONS, ids=lambda revision: str(Path(revision.path).stem))
def test_a_revision_goes_up_down_and_up_again(config: Config, revision: Script) -> None:
    command.upgrade(config, revision.revision)
    command.downgrade(config, "-1")
    command.upgrade(config, revision.revision)


def test_all_the_way_down_leaves_nothing(config: Config, url: str) -> None:
    command.upgrade(config, "head")
    assert tables(url)
    command.downgrade(config, "base")
    assert not tables(url)


def test_the_migrated_database_is_what_the_models_say(config: Config) -> None:
    command.upgrade(config, "head")
    command.check(config)  # raises with the differences
