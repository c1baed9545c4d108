"""Traces over OpenTelemetry, when an operator asks for them: the answer in a request, and the answer's stages.

The spans of requests are FastAPI's own. None tells what was asked or by whom.
"""

import time

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk import trace as sdk
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import TracerProvider

from assistant.agent.answers import Reply
from assistant.errors import Misconfigured

NAME = "heliotrope"
PRIVATE = {"url.path", "url.query", "client.address", "client.port", "user_agent.original"}
_MS = 1_000_000  # nanoseconds


def open_traces(endpoint: str) -> TracerProvider | None:
    """What sends traces to an OTLP collector over gRPC; None without an endpoint.

    Raises Misconfigured for an endpoint that is none. A collector that is away costs spans, never answers.
    """
    if not endpoint:
        return None
    # It takes half a second and 20 MB to load, which a house without traces need not pay.
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

    try:
        exporter = OTLPSpanExporter(endpoint=endpoint, insecure=endpoint.startswith("http://"))
    except (ValueError, TypeError) as error:
        raise Misconfigured(f"HELIOTROPE_TRACES_URL cannot be used: {error}") from error
    return traces_to(BatchSpanProcessor(exporter))


def traces_to(processor: SpanProcessor) -> sdk.TracerProvider:
    """Traces that `processor` gets, without what must not leave the house."""
    provider = sdk.TracerProvider(resource=Resource.create({"service.name": NAME}))
    provider.add_span_processor(_Discretion())
    provider.add_span_processor(processor)
    return provider


class _Discretion(SpanProcessor):
    """Empties what FastAPI writes into the span of a request about who asks, and what."""

    def on_start(self, span: sdk.Span, parent_context: Context | None = None) -> None:
        for name in PRIVATE & (span.attributes or {}).keys():
            span.set_attribute(name, "")


def trace_answer(traces: TracerProvider, reply: Reply, channel: str) -> None:
    """Spans of a finished answer, below the request that is under way: search and composing inside the whole.

    They are made from the measured times at the end: a span that is current while a stream is handed from task to task
    ends up in somebody else's trace.
    """
    tracer, end = traces.get_tracer(NAME), time.time_ns()
    total = reply.timings_ms.get("total", 0.0)
    start = end - int(total * _MS)
    attributes: dict[str, str | int | bool] = {
        "heliotrope.answer": reply.answer_id,
        "heliotrope.channel": channel,
        "heliotrope.model": reply.model,
        "heliotrope.release": reply.release or 0,
        "heliotrope.refused": reply.refused,
        "heliotrope.grounded": reply.grounded,
    }
    whole = tracer.start_span("answer", start_time=start, attributes=attributes)
    inside = trace.set_span_in_context(whole)
    searched = start + int(reply.timings_ms.get("search", 0.0) * _MS)
    composed = searched + int(reply.timings_ms.get("compose", 0.0) * _MS)
    for name, begun, ended in (("search", start, searched), ("compose", searched, composed)):
        tracer.start_span(name, context=inside, start_time=begun).end(end_time=ended)
    whole.end(end_time=end)
