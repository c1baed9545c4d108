"""All building happens here: settings in, working services out. The tests build with the same function."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from langchain_core.language_models import BaseChatModel
from sqlalchemy import Engine

from assistant.agent.composing import Composer
from assistant.agent.guide import Guide
from assistant.agent.models import open_chat_model
from assistant.agent.reading import Reader
from assistant.agent.tools.guidance import search_tool
from assistant.agent.tools.numbers import number_tools
from assistant.conversation import Assistant
from assistant.creators.accounts import Accounts
from assistant.creators.demonstration import load_demonstration
from assistant.creators.warehouse import Warehouse, open_warehouse
from assistant.database.engine import open_database
from assistant.home import Home
from assistant.identity import TokenOffice
from assistant.settings import Settings
from knowledge.embeddings import Embedder, open_embedder
from knowledge.index.dense import DenseIndex
from knowledge.library import Library
from knowledge.reading.files import read_path
from prompts.texts import load_prompts

STARTER = Path(__file__).parent.parent / "knowledge" / "starter"
STARTER_VECTORS = STARTER / "vectors.npz"
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Services:
    """Everything a connector needs, built once a process."""

    settings: Settings
    engine: Engine
    library: Library
    accounts: Accounts
    warehouse: Warehouse
    assistant: Assistant
    tokens: TokenOffice

    def close(self) -> None:
        """Let go of files and connections."""
        self.warehouse.close()
        self.engine.dispose()


def open_services(
    settings: Settings, *, embedder: Embedder | None = None, chat_model: BaseChatModel | None = None
) -> Services:
    """Build the services on a home. The seams are for tests; without them the settings decide.

    The caller owns the home (see `assistant.home`). Raises Misconfigured with one sentence for a setting that
    cannot work.
    """
    home = Home(settings.home)
    engine = open_database(settings.sql_url)
    key = settings.openai_api_key.get_secret_value()
    library = Library(
        engine,
        embedder or open_embedder(settings.embedder, key, settings.openai_base_url),
        DenseIndex(settings.home / "chroma", settings.chroma_url),
        ZoneInfo(settings.timezone),
    )
    library.open()
    if library.release is None:
        library.load_vectors(STARTER_VECTORS)
    warehouse = open_warehouse(settings.warehouse_url, settings.home)
    accounts = Accounts(engine)
    prompts = load_prompts()
    reader = Reader(prompts, library)
    composer = Composer(prompts, library, reader)
    tools = [search_tool(library), *number_tools(warehouse, prompts)]
    model = chat_model or open_chat_model(settings.chat_model, key, settings.openai_base_url, settings.model_deadline)
    guide = Guide(prompts, library, composer, tools, model, settings.model_deadline)
    return Services(
        settings=settings,
        engine=engine,
        library=library,
        accounts=accounts,
        warehouse=warehouse,
        assistant=Assistant(engine, library, accounts, reader, guide, prompts),
        tokens=TokenOffice(home.secret()),
    )


def initialise(services: Services, empty: bool, progress: Progress) -> bool:
    """Fill an empty home with the starter knowledge and the demonstration creators; returns whether anything was done.

    `empty` keeps it bare. A home that an interrupted initialisation left half-filled is completed.
    """
    if empty or services.library.release is not None:
        return False
    services.library.add(read_path(STARTER / "zh") + read_path(STARTER / "en"), "heliotrope")
    services.library.publish("Starter knowledge", "heliotrope", progress=progress)
    load_demonstration(services.accounts, services.warehouse, services.library.today())
    return True
