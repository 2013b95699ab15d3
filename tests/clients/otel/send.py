"""Sends GenAI spans and metrics with the real OpenTelemetry SDK, and prints what it sent as JSON.

    send.py URL [--calls 40] [--temporality cumulative|delta] [--histogram explicit|exponential]
                [--rounds 2] [--signals traces,metrics] [--secret TEXT]

URL is the server's address; `/v1/traces` and `/v1/metrics` are added. The calls are the same in every run but for
their time, which is now. The printed totals, per channel, are what the server should know afterwards.
"""

import argparse
import json
import time
from collections import defaultdict

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode

# Bucket bounds that the GenAI conventions advise, in seconds and tokens.
DURATION_BOUNDS = [0.01 * 2**n for n in range(14)]
TOKEN_BOUNDS = [float(4**n) for n in range(14)]
RESOURCE = {"service.name": "agent-runtime", "service.instance.id": "recorder-1", "host.name": "build"}


def calls(count, prefix):
    """The calls of one round: provider attribute, model, seconds, tokens, error."""
    for index in range(count):
        new_names = index % 2 == 0
        yield {
            "new_names": new_names,
            "provider": "openai" if new_names else "anthropic",
            "model": prefix + ("gpt-4o" if new_names else "claude-sonnet"),
            "seconds": 0.2 + 0.05 * index,
            "ttft": 0.1 + 0.01 * index,
            "input": 100 + index,
            "output": 20 + index,
            "cached": 50,
            "error": {7: "429", 11: "timeout"}.get(index % 20),
        }


def channel(call):
    return f"{call['provider']}/{call['model']}"


def send_span(tracer, call, now_ns, secret):
    end = now_ns
    start = end - int(call["seconds"] * 1e9)
    names = (
        ("gen_ai.provider.name", "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens")
        if call["new_names"]
        else ("gen_ai.system", "gen_ai.usage.prompt_tokens", "gen_ai.usage.completion_tokens")
    )
    attributes = {
        "gen_ai.operation.name": "chat",
        names[0]: call["provider"],
        "gen_ai.request.model": call["model"],
        "gen_ai.response.model": call["model"] + "-2026-01-01",
        "server.address": f"api.{call['provider']}.com",
        "server.port": 443,
        "gen_ai.input.messages": json.dumps([{"role": "user", "content": secret}]),
        "gen_ai.output.messages": json.dumps([{"role": "assistant", "content": secret}]),
        "gen_ai.system_instructions": secret,
        "input.value": secret,
    }
    if call["error"]:
        attributes["error.type"] = call["error"]
    else:
        attributes[names[1]] = call["input"]
        attributes[names[2]] = call["output"]
        attributes["gen_ai.usage.cache_read.input_tokens"] = call["cached"]
    span = tracer.start_span(f"chat {call['model']}", kind=SpanKind.CLIENT, attributes=attributes, start_time=start)
    span.add_event("gen_ai.content.prompt", {"gen_ai.prompt": secret}, timestamp=start)
    if not call["error"]:
        span.add_event("gen_ai.first_token", {}, timestamp=start + int(call["ttft"] * 1e9))
        span.add_event("gen_ai.content.completion", {"gen_ai.completion": secret}, timestamp=end)
    else:
        span.add_event("exception", {"exception.type": call["error"], "exception.message": secret}, timestamp=end)
        span.set_status(Status(StatusCode.ERROR, secret))
    span.end(end_time=end)


def send_traces(url, rounds, count, secret, totals):
    provider = TracerProvider(resource=Resource.create(RESOURCE))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url + "/v1/traces")))
    tracer = provider.get_tracer("foreroute.tests", "1.0")
    for _ in range(rounds):
        with tracer.start_as_current_span("invoke_agent planner", attributes={"gen_ai.operation.name": "invoke_agent"}):
            for call in calls(count, ""):
                send_span(tracer, call, time.time_ns(), secret)
                add(totals[channel(call)], call)
    with tracer.start_as_current_span("GET /health"):
        pass
    if not provider.force_flush():
        raise SystemExit("spans were not accepted")
    provider.shutdown()


def send_metrics(url, rounds, count, options, totals):
    # Channels of their own: where a channel sends spans, its histograms say the same again and are left out.
    delta = options.temporality == "delta"
    kind = AggregationTemporality.DELTA if delta else AggregationTemporality.CUMULATIVE
    exporter = OTLPMetricExporter(endpoint=url + "/v1/metrics", preferred_temporality={Histogram: kind, Counter: kind})
    # The SDK exports on a timer too; here only the flush at the end of a round does.
    reader = PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000)
    views = []
    if options.histogram == "exponential":
        views = [View(instrument_type=Histogram, aggregation=ExponentialBucketHistogramAggregation())]
    provider = MeterProvider(metric_readers=[reader], resource=Resource.create(RESOURCE), views=views)
    meter = provider.get_meter("foreroute.tests", "1.0")

    def histogram(name, unit, bounds):
        advice = None if views else bounds
        return meter.create_histogram(name, unit=unit, explicit_bucket_boundaries_advisory=advice)

    duration = histogram("gen_ai.client.operation.duration", "s", DURATION_BOUNDS)
    ttft = histogram("gen_ai.server.time_to_first_token", "s", DURATION_BOUNDS)
    usage = histogram("gen_ai.client.token.usage", "{token}", TOKEN_BOUNDS)
    other = histogram("http.client.request.duration", "s", DURATION_BOUNDS)
    depth = meter.create_gauge("agent.queue.depth", unit="{task}")
    steps = meter.create_counter("agent.steps", unit="{step}")
    for number in range(rounds):
        for call in calls(count, "m-"):
            names = {
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name" if call["new_names"] else "gen_ai.system": call["provider"],
                "gen_ai.request.model": call["model"],
            }
            if call["error"]:
                duration.record(call["seconds"], {**names, "error.type": call["error"]})
            else:
                duration.record(call["seconds"], names)
                ttft.record(call["ttft"], names)
                for token_type in ("input", "output"):
                    usage.record(call[token_type], {**names, "gen_ai.token.type": token_type})
                usage.record(call["cached"], {**names, "gen_ai.token.type": "cached_input"})
            add(totals[channel(call)], call)
            other.record(call["seconds"])
        depth.set(3 + number, {"queue": "default", "prompt.text": options.secret})
        steps.add(5, {"agent": "planner"})
        if not provider.force_flush():
            raise SystemExit("metrics were not accepted")
    provider.shutdown()


def add(total, call):
    total["requests"] += 1
    if call["error"]:
        total["errors"] += 1
        total["throttled"] += call["error"] == "429"
        total["timeouts"] += call["error"] == "timeout"
        return
    total["latency_sum_ms"] = round(total["latency_sum_ms"] + call["seconds"] * 1e3, 3)
    total["tokens_prompt"] += call["input"]
    total["tokens_completion"] += call["output"]
    total["tokens_cached"] += call["cached"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--calls", type=int, default=40, help="calls per round and signal")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--temporality", choices=["cumulative", "delta"], default="cumulative")
    parser.add_argument("--histogram", choices=["explicit", "exponential"], default="explicit")
    parser.add_argument("--signals", default="traces,metrics")
    parser.add_argument("--secret", default="the launch code is 0000", help="planted wherever content can be")
    options = parser.parse_args()
    totals = defaultdict(lambda: defaultdict(int))
    if "traces" in options.signals:
        send_traces(options.url, options.rounds, options.calls, options.secret, totals)
    if "metrics" in options.signals:
        send_metrics(options.url, options.rounds, options.calls, options, totals)
    print(json.dumps(totals, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
