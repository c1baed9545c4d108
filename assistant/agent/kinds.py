"""What the guide can be asked for beside published knowledge: one entry a kind of question, and the tools that tell it.

To let the guide answer a kind with a tool of its own:

1. `prompts/intents.yaml` has the kind's examples (those of the programs stand there already).
2. Write the tool in `assistant/agent/tools/` under the name that stands in `KINDS` below. It takes no arguments but
   `runtime: ToolRuntime[Turn]`: who asks and what was said come from `runtime.context`. Its docstring is for a
   configured model. It tells with `prompts.say(…)`, keeps what it told with `turn.evidence.compute(text, figures,
   topics)` and returns that text; topics (`topic_…` in `prompts/answers.*.yaml`) bring guidance along. A tool whose
   name starts with `my_` is offered to linked creators only.
3. What spends, joins, files or sends is not done by the tool: it calls `turn.evidence.propose(…)`, and the button does
   it (see `assistant.agent.actions`).
4. Put the tool into the list in `assistant.bootstrap.open_services`.

Until a tool is there, its kind is answered by the text `absent`, and by what is published about the question.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """How a kind of question is answered: by which `tools`, told in this order.

    `absent`: the text for a house that lacks the tools. `seeks`: the text that is searched for guidance when the tools
    name no topic of their own; empty for a kind that needs none. `is_about_numbers`: told under the label of the
    creator's own data. `then`: the text with questions to ask next.
    """

    tools: tuple[str, ...]
    absent: str = "absent"
    seeks: str = ""
    is_about_numbers: bool = True
    then: str = "own_starters"


KINDS: dict[str, Kind] = {
    "my_overview": Kind(("my_numbers",), seeks="seek_overview", then="then_overview"),
    "my_growth": Kind(("my_growth",), seeks="seek_growth", then="then_growth"),
    "my_work": Kind(("my_work",), seeks="seek_overview", then="then_work"),
    "my_plan": Kind(("my_plan",), is_about_numbers=False),
    "my_metrics": Kind(("my_metrics",)),
    "my_works": Kind(("my_works",), then="then_works"),
    "my_review": Kind(("my_review",), is_about_numbers=False),
    "my_alerts": Kind(("my_alerts",), is_about_numbers=False),
    "my_peers": Kind(("my_peers",), "absent_numbers"),
    "my_rank": Kind(("my_rank",), "absent_numbers"),
    "leaderboard": Kind(("leaderboard",), "absent_numbers", is_about_numbers=False),
    "my_rhythm": Kind(("my_rhythm",), "absent_numbers"),
    "ideas": Kind(("my_strengths",)),
    "title_check": Kind(("check_title",), is_about_numbers=False),
    "my_tasks": Kind(("my_tasks",), "absent_tasks", is_about_numbers=False),
    "campaigns": Kind(("campaigns",), "absent_campaigns", is_about_numbers=False),
    "my_star": Kind(("my_star",), "absent_star", "seek_star", is_about_numbers=False),
    "my_readiness": Kind(("my_readiness",), "absent_star", "seek_readiness", is_about_numbers=False),
    "my_originality": Kind(("my_originality",), "absent_cases", is_about_numbers=False),
    "my_complaints": Kind(("my_complaints",), "absent_cases", is_about_numbers=False),
    "human": Kind(("hand_off",), "absent_human", is_about_numbers=False),
    "my_notices": Kind(("my_notices",), "absent_notices", is_about_numbers=False),
    "my_stored": Kind(("my_stored",), "absent_stored", is_about_numbers=False),
}
