"""All building happens here: settings in, working services out. The tests build with the same function."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from langchain_core.language_models import BaseChatModel
from sqlalchemy import Engine

from assistant.agent.actions import Actions, Deed
from assistant.agent.composing import Composer
from assistant.agent.guide import Guide, Limits
from assistant.agent.leaving import Leaving
from assistant.agent.models import Endpoint, endpoint_of, open_endpoints
from assistant.agent.reading import Reader
from assistant.agent.tools.alerts import alert_deeds, alerts_tool
from assistant.agent.tools.cases import case_deeds, case_tools
from assistant.agent.tools.guidance import search_tool
from assistant.agent.tools.metrics import metrics_tool
from assistant.agent.tools.numbers import number_tools
from assistant.agent.tools.plans import plan_tools
from assistant.agent.tools.programs import program_deeds, program_tools
from assistant.agent.tools.service import service_deeds, service_tools
from assistant.agent.tools.standing import standing_tools
from assistant.agent.tools.works import work_tools
from assistant.agent.understanding import Understanding
from assistant.conversation import Assistant
from assistant.creators.accounts import Accounts, Creator
from assistant.creators.alerts import MetricAlerts
from assistant.creators.charts.painting import Painter
from assistant.creators.custom import CustomMetrics
from assistant.creators.demonstration import load_demonstration
from assistant.creators.followers import follower_series
from assistant.creators.leaderboards.service import Leaderboards
from assistant.creators.peers import Peers
from assistant.creators.plans import Plans
from assistant.creators.tiers import tier_of
from assistant.creators.warehouse import Warehouse, open_warehouse
from assistant.creators.works import titles_of_works
from assistant.database.engine import alone, open_database
from assistant.evaluation import read_questions
from assistant.golden import GoldenQuestions
from assistant.hearing import Hearing
from assistant.home import signing_secret
from assistant.identity import TokenOffice
from assistant.learning.service import Learning
from assistant.own_data import OwnData
from assistant.privacy import Privacy
from assistant.programs.arrivals import Arrivals
from assistant.programs.campaigns.desk import Campaigns
from assistant.programs.campaigns.images import Pictures
from assistant.programs.cases.desk import Cases
from assistant.programs.changed_texts import ChangedTexts
from assistant.programs.jobs import Jobs
from assistant.programs.notices.service import Notices
from assistant.programs.opportunities import OpenTasks
from assistant.programs.service import Programs
from assistant.programs.telling import ProgramNotices
from assistant.programs.tickets.counter import Counter
from assistant.programs.tickets.hours import ServiceHours
from assistant.programs.traits import TraitsKeeper
from assistant.programs.watching import REPORT as WEEKLY_REPORT
from assistant.programs.watching import Watching
from assistant.releasing import Releasing
from assistant.settings import Settings
from assistant.sites.registry import Sites
from assistant.sites.visits import Allowance, Visits
from assistant.sites.vouching import Vouching
from assistant.staff.accounts import Staff
from assistant.staff.sessions import StaffSessions
from assistant.telemetry.service import Telemetry
from knowledge.documents import Audience
from knowledge.embeddings import Embedder, open_embedder
from knowledge.gate.link_checker import link_checker
from knowledge.index.dense import DenseIndex
from knowledge.index.synonyms import read_synonyms
from knowledge.library import Library
from knowledge.reading.files import read_path
from knowledge.reading.originals import Originals
from prompts.texts import load_prompts

STARTER = Path(__file__).parent.parent / "knowledge" / "starter"
STARTER_VECTORS = STARTER / "vectors.npz"
# Fetched by `make setup`; see `assistant.creators.charts.painting`.
CHART_FONTS = Path(__file__).parent.parent / "node_modules" / "@expo-google-fonts"
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Services:
    """Everything a connector needs, built once a process."""

    settings: Settings
    engine: Engine
    library: Library
    originals: Originals
    accounts: Accounts
    warehouse: Warehouse
    custom_metrics: CustomMetrics
    leaderboards: Leaderboards
    alerts: MetricAlerts
    peers: Peers
    plans: Plans
    painter: Painter
    assistant: Assistant
    endpoints: Sequence[Endpoint]
    privacy: Privacy
    golden: GoldenQuestions
    releasing: Releasing
    learning: Learning
    tokens: TokenOffice
    staff: Staff
    staff_sessions: StaffSessions
    sites: Sites
    visits: Visits
    allowance: Allowance
    jobs: Jobs
    notices: Notices
    programs: Programs
    campaigns: Campaigns
    pictures: Pictures
    cases: Cases
    changed_texts: ChangedTexts
    watching: Watching
    tickets: Counter
    traits: TraitsKeeper
    telemetry: Telemetry

    def close(self) -> None:
        """Let go of files and connections."""
        self.jobs.stop()
        self.warehouse.close()
        self.engine.dispose()


def open_services(
    settings: Settings, *, embedder: Embedder | None = None, chat_model: BaseChatModel | None = None
) -> Services:
    """Build the services on a home. The seams are for tests; without them the settings decide.

    The caller owns the home (see `assistant.home`). Raises Misconfigured with one sentence for a setting that
    cannot work.
    """
    secret = signing_secret(settings)
    zone = ZoneInfo(settings.timezone)
    engine = open_database(settings.sql_url)
    key = settings.openai_api_key.get_secret_value()
    library = Library(
        engine,
        embedder or open_embedder(settings.embedder, key, settings.openai_base_url),
        DenseIndex(settings.home / "chroma", settings.chroma_url),
        zone,
    )
    library.open()
    if library.release is None:
        library.load_vectors(STARTER_VECTORS)
    warehouse = open_warehouse(settings.warehouse_url, settings.home, partial(alone, engine, "warehouse", wait=True))
    accounts = Accounts(engine)
    custom_metrics = CustomMetrics(engine)
    leaderboards = Leaderboards(engine, warehouse, accounts, custom_metrics)
    alerts = MetricAlerts(engine)
    peers = Peers(engine, warehouse, accounts)
    jobs = Jobs(settings.sql_url, settings.home, settings.timezone)
    jobs.every("leaderboards", "11 5 * * *", lambda: leaderboards.keep_due(library.today()))
    pictures = Pictures(engine, settings.files / "pictures")
    notices = Notices.over(
        engine,
        jobs,
        zone,
        public_url=settings.public_url,
        secret=secret,
        smtp_url=settings.smtp_url.get_secret_value(),
        email_from=settings.email_from,
        picture_of=pictures.read,
    )
    traits = TraitsKeeper(engine, warehouse, library.today)
    jobs.every("traits", "23 3 * * *", traits.refresh)
    campaigns = Campaigns(engine, notices, pictures, jobs, library.today)
    tickets = Counter(engine, notices, ServiceHours.of(settings.service_hours, zone))
    cases = Cases(engine, warehouse, notices, settings.files / "cases")
    jobs.every("cases", "7 * * * *", cases.keep_deadlines)
    changed_texts = ChangedTexts(engine, library, notices, library.today)
    jobs.every("changed-texts", "* * * * *", changed_texts.tell)
    watching = Watching(engine, warehouse, alerts, custom_metrics, notices, library.today)
    jobs.job(WEEKLY_REPORT, watching.report)
    jobs.every("alerts", "0 9 * * *", watching.alert)
    jobs.every("weekly-reports", "0 9 * * 1", lambda: jobs.begin(WEEKLY_REPORT))
    prompts = load_prompts()
    reader = Reader(prompts, library)
    composer = Composer(prompts, reader)
    programs = Programs.over(
        engine,
        warehouse,
        custom_metrics,
        ProgramNotices(),
        jobs,
        zone,
        settings.payer_webhook,
        settings.payer_secret.get_secret_value(),
    )
    Arrivals(warehouse, programs, watching, jobs)
    plans = Plans(engine, warehouse, OpenTasks(programs.matcher))
    tools = [
        search_tool(),
        *number_tools(warehouse, custom_metrics, prompts),
        metrics_tool(warehouse, custom_metrics, prompts),
        alerts_tool(warehouse, custom_metrics, alerts, prompts),
        *case_tools(cases, prompts),
        *service_tools(tickets, notices, campaigns, prompts, zone),
        *standing_tools(warehouse, custom_metrics, leaderboards, peers, accounts, prompts),
        *plan_tools(warehouse, plans, prompts, composer.guidance_for),
        *work_tools(warehouse, prompts, composer.guidance_for),
        *program_tools(programs, prompts),
    ]
    endpoints = [endpoint_of(chat_model)] if chat_model is not None else open_endpoints(settings)
    limits = Limits(settings.first_sentence_deadline, settings.model_deadline, settings.turn_tokens)
    leaving = Leaving(settings.leaves, partial(titles_of_works, warehouse))
    guide = Guide(prompts, composer, tools, endpoints, limits, leaving, accounts.names_among)
    understanding = Understanding(
        library, accounts, partial(_audience, warehouse), custom_metrics.titles, reader, prompts
    )
    privacy = Privacy(engine, warehouse)
    telemetry = Telemetry.over(settings, engine, library)
    # What a pressed button does, by the kind that tools propose (see assistant.agent.actions).
    deeds: dict[str, Deed] = {
        **alert_deeds(custom_metrics, alerts, prompts),
        **program_deeds(programs, prompts),
        **case_deeds(cases, prompts),
        **service_deeds(tickets, notices, prompts),
    }
    assistant = Assistant(
        engine,
        library,
        Hearing(engine, understanding, prompts, OwnData(privacy, prompts)),
        guide,
        prompts,
        Actions(engine, prompts, deeds),
        told=telemetry.answered,
    )
    golden = GoldenQuestions(engine)
    sites = Sites(engine)
    return Services(
        settings=settings,
        engine=engine,
        library=library,
        originals=Originals(settings.files / "originals"),
        accounts=accounts,
        warehouse=warehouse,
        custom_metrics=custom_metrics,
        leaderboards=leaderboards,
        alerts=alerts,
        peers=peers,
        plans=plans,
        painter=Painter(CHART_FONTS),
        assistant=assistant,
        endpoints=endpoints,
        privacy=privacy,
        golden=golden,
        releasing=Releasing(library, assistant, golden, link_checker()),
        learning=Learning.over(engine, library, assistant, golden),
        tokens=TokenOffice(secret),
        staff=Staff(engine),
        staff_sessions=StaffSessions(engine),
        sites=sites,
        visits=Visits(secret, sites, accounts, Vouching(engine, sites, accounts)),
        allowance=Allowance(engine),
        jobs=jobs,
        notices=notices,
        programs=programs,
        campaigns=campaigns,
        pictures=pictures,
        cases=cases,
        changed_texts=changed_texts,
        watching=watching,
        tickets=tickets,
        traits=traits,
        telemetry=telemetry,
    )


def initialise(services: Services, empty: bool, progress: Progress) -> bool:
    """Fill an empty home with the starter knowledge and the demonstration creators; returns whether anything was done.

    `empty` keeps it bare. A home that an interrupted initialisation left half-filled is completed.
    """
    if empty or services.library.release is not None:
        return False
    with alone(services.engine, "initialisation", wait=True):
        services.library.follow()
        if services.library.release is None:
            _fill(services, progress)
            return True
    return False


def _fill(services: Services, progress: Progress) -> None:
    library, author = services.library, "heliotrope"
    library.add(read_path(STARTER / "zh") + read_path(STARTER / "en"), author)
    checked = library.check("Starter knowledge", author, progress=progress)
    library.publish(checked.release, author)
    for words in read_synonyms(STARTER / "synonyms.yaml"):
        library.add_synonyms(words, author)
    golden = (STARTER / "golden.jsonl").read_text("utf-8")
    services.golden.put(read_questions(golden, "golden.jsonl"), author, "starter")
    load_demonstration(services.accounts, services.warehouse, services.library.today())
    services.traits.refresh()
    services.programs.fill()


def _audience(warehouse: Warehouse, creator: Creator, today: date) -> Audience:
    """Which texts for some creators only are for this one: by category, and by tier when the followers are known."""
    followers = follower_series(warehouse, creator.id, today).latest
    return Audience("" if followers is None else tier_of(followers).zh, creator.category)
