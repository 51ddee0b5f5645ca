"""Takes a connector's telemetry, with OpenTelemetry's own Python types, and says whether it is what it should be.

otlp_receiver.py http/protobuf|grpc VERSION CALLERS_TRACE CALLERS_SPAN: says on standard error where it listens, and
judges when its input ends.
"""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import grpc
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2_grpc as logs_grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2_grpc as metrics_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as traces_grpc
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.logs.v1.logs_pb2 import SeverityNumber
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from report import Report

TOOL = "outlook_email_search"


class Arrived:
    """What has come, signal by signal."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.metrics: list[Any] = []
        self.logs: list[Any] = []

    def take_spans(self, request: Any) -> Any:
        self.spans.extend(request.resource_spans)
        return traces.ExportTraceServiceResponse()

    def take_metrics(self, request: Any) -> Any:
        self.metrics.extend(request.resource_metrics)
        return metrics.ExportMetricsServiceResponse()

    def take_logs(self, request: Any) -> Any:
        self.logs.extend(request.resource_logs)
        return logs.ExportLogsServiceResponse()


def over_http(arrived: Arrived) -> int:
    signals = {
        "/v1/traces": (traces.ExportTraceServiceRequest, arrived.take_spans),
        "/v1/metrics": (metrics.ExportMetricsServiceRequest, arrived.take_metrics),
        "/v1/logs": (logs.ExportLogsServiceRequest, arrived.take_logs),
    }

    class Receiver(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            known = self.headers["content-type"] == "application/x-protobuf" and self.path in signals
            answer = b""
            if known:
                request, take = signals[self.path]
                answer = take(request.FromString(body)).SerializeToString()
            self.send_response(200 if known else 400)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def over_grpc(arrived: Arrived) -> int:
    class Traces(traces_grpc.TraceServiceServicer):
        def Export(self, request: Any, context: Any) -> Any:
            return arrived.take_spans(request)

    class Metrics(metrics_grpc.MetricsServiceServicer):
        def Export(self, request: Any, context: Any) -> Any:
            return arrived.take_metrics(request)

    class Logs(logs_grpc.LogsServiceServicer):
        def Export(self, request: Any, context: Any) -> Any:
            return arrived.take_logs(request)

    server = grpc.server(ThreadPoolExecutor(4))
    traces_grpc.add_TraceServiceServicer_to_server(Traces(), server)
    metrics_grpc.add_MetricsServiceServicer_to_server(Metrics(), server)
    logs_grpc.add_LogsServiceServicer_to_server(Logs(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    # Kept for as long as the program runs: a server that nobody holds is stopped.
    arrived.server = server
    return port


def value(of: AnyValue) -> Any:
    return getattr(of, of.WhichOneof("value"))


def attributes(of: Any) -> dict[str, Any]:
    return {pair.key: value(pair.value) for pair in of.attributes}


def require(held: bool, reason: Any = "") -> None:
    if not held:
        raise AssertionError(reason)


class Judge:
    def __init__(self, arrived: Arrived, version: str, trace: str, span: str) -> None:
        self.arrived = arrived
        self.version = version
        self.caller = (bytes.fromhex(trace), bytes.fromhex(span))
        self.spans = [one for of in arrived.spans for scope in of.scope_spans for one in scope.spans]
        self.metrics = {
            one.name: one for of in arrived.metrics for scope in of.scope_metrics for one in scope.metrics
        }
        self.records = [one for of in arrived.logs for scope in of.scope_logs for one in scope.log_records]

    def call(self) -> Any:
        [call] = [span for span in self.spans if span.name == f"tools/call {TOOL}"]
        return call

    def below(self, name: str) -> list[Any]:
        spans = [span for span in self.spans if span.trace_id == self.call().trace_id and span.name == name]
        return sorted(spans, key=lambda span: span.start_time_unix_nano)

    def only(self, name: str) -> Any:
        [span] = self.below(name)
        return span

    async def resources(self) -> None:
        expected = {"service.name": "m365-connector", "service.version": self.version}
        instances = set()
        for signal in (self.arrived.spans, self.arrived.metrics, self.arrived.logs):
            require(len(signal) > 0, "a signal is missing")
            for part in signal:
                found = attributes(part.resource)
                instances.add(found.pop("service.instance.id", None))
                require(found == expected, found)
        require(len(instances) == 1 and None not in instances, instances)

    async def root(self) -> None:
        call = self.call()
        require(call.kind == Span.SPAN_KIND_SERVER and call.parent_span_id == b"", call)
        require(call.status.code == Status.STATUS_CODE_UNSET, call.status)
        told = attributes(call)
        require(told["mcp.method.name"] == "tools/call" and told["gen_ai.tool.name"] == TOOL, told)
        [link] = call.links
        require((link.trace_id, link.span_id) == self.caller, link)
        require(call.trace_id != self.caller[0], "no client decides about our traces")

    async def tree(self) -> None:
        call = self.call()
        family = [span for span in self.spans if span.trace_id == call.trace_id]
        require(len({span.span_id for span in family}) == len(family), "ids of spans are not unique")
        for span in family:
            require(len(span.trace_id) == 16 and len(span.span_id) == 8, span)
            parents = {call.name: b"", "exchange": self.only("session").span_id}
            require(span.parent_span_id == parents.get(span.name, call.span_id), f"{span.name} hangs elsewhere")
            within = call.start_time_unix_nano <= span.start_time_unix_nano
            require(within and span.end_time_unix_nano <= call.end_time_unix_nano, span)

    async def decision(self) -> None:
        policy = self.only("policy")
        require(policy.kind == Span.SPAN_KIND_INTERNAL, policy)
        told = attributes(policy)
        require(told["connector.policy.question"] == "use_tool", told)
        require(told["connector.policy.decision"] == "allow", told)

    async def cold_session(self) -> None:
        session, exchange = self.only("session"), self.only("exchange")
        told = attributes(session)
        require(told["connector.session.entry"] == "created", told)
        require(told["connector.lease.source"] == "own_exchange" and not session.links, session)
        require(session.kind == exchange.kind == Span.SPAN_KIND_INTERNAL, exchange)
        require(session.start_time_unix_nano <= exchange.start_time_unix_nano, session)
        require(exchange.end_time_unix_nano <= session.end_time_unix_nano, session)
        require(exchange.end_time_unix_nano <= self.below("GET")[0].start_time_unix_nano, exchange)

    async def requests(self) -> None:
        spans = self.below("GET")
        told = [attributes(span) for span in spans]
        statuses = [one["http.response.status_code"] for one in told]
        require(statuses[:3] == [429, 200, 200] and set(statuses[1:]) == {200}, statuses)
        require(all(span.kind == Span.SPAN_KIND_CLIENT for span in spans), spans)
        require(spans[0].status.code == Status.STATUS_CODE_ERROR and told[0]["error.type"] == "429", told[0])
        held_back = [one.get("connector.throttle.wait_ms", 0) >= 990 for one in told]
        require(held_back[:2] == [False, True] and sum(held_back) == 1, told)
        require(attributes(self.call())["connector.graph.requests"] == len(spans), "not all of them counted")

    async def histogram(self) -> None:
        metric = self.metrics["mcp.server.operation.duration"]
        require(metric.unit == "s" and metric.WhichOneof("data") == "histogram", metric)
        cumulative = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
        require(metric.histogram.aggregation_temporality == cumulative, metric)
        [point] = [one for one in metric.histogram.data_points if attributes(one).get("gen_ai.tool.name") == TOOL]
        require(point.count == 1 and sum(point.bucket_counts) == 1 and point.sum > 1.0, point)
        require(len(point.bucket_counts) == len(point.explicit_bounds) + 1, point)

    async def others(self) -> None:
        for name, kind in {
            "http.client.request.duration": "histogram",
            "connector.exchange.duration": "histogram",
            "connector.gate.wait.duration": "histogram",
            "connector.graph.refusals": "sum",
            "connector.telemetry.dropped": "sum",
            "connector.runtime.busy.time": "sum",
            "connector.runtime.threads": "gauge",
            "connector.build.info": "gauge",
        }.items():
            require(name in self.metrics, f"{name} is missing")
            require(self.metrics[name].WhichOneof("data") == kind, self.metrics[name])
        lost = self.metrics["connector.telemetry.dropped"].sum
        require(lost.is_monotonic and all(point.as_double == 0 for point in lost.data_points), lost)

    async def lines(self) -> None:
        for body, severity in {
            "call completed": SeverityNumber.SEVERITY_NUMBER_INFO,
            "graph refused": SeverityNumber.SEVERITY_NUMBER_WARN,
        }.items():
            [record] = [one for one in self.records if one.trace_id == self.call().trace_id and value(one.body) == body]
            require(record.severity_number == severity, record)
            require(attributes(record)["trace_id"] == record.trace_id.hex(), record)
            require(record.time_unix_nano > 0 or record.observed_time_unix_nano > 0, record)


async def main() -> int:
    protocol, *told = sys.argv[1:]
    arrived = Arrived()
    port = over_grpc(arrived) if protocol == "grpc" else over_http(arrived)
    print(f"127.0.0.1:{port}", file=sys.stderr, flush=True)
    sys.stdin.read()
    report, judge = Report(), Judge(arrived, *told)
    await report.check("traces, metrics and logs name the service and its version", judge.resources)
    await report.check("the call is a root, and linked to the caller's trace", judge.root)
    await report.check("all of the call hangs below it, within its time", judge.tree)
    await report.check("policy was asked for the tool", judge.decision)
    await report.check("a cold session is one exchange before the first request", judge.cold_session)
    await report.check("a refusal, the wait for it and two pages are requests of the call", judge.requests)
    await report.check("the call is one point of the duration of operations", judge.histogram)
    await report.check("the other metrics are there, and nothing was lost", judge.others)
    await report.check("the lines of the call have its trace", judge.lines)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
