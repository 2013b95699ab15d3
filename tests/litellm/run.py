#!/usr/bin/env python3
"""LiteLLM alone beside LiteLLM with Foreroute, with the real programs and real faults.

    python3 tests/litellm/run.py                                   every scenario, about half an hour
    python3 tests/litellm/run.py --scenario hard --only with       one row
    python3 tests/litellm/run.py --json out.json --strict          exit code 1 if a mark is missed

LiteLLM comes from ``FOREROUTE_LITELLM_PYTHON`` (a Python that has it), or from a virtual environment that is made once
from ``tests/litellm/requirements.txt``. Foreroute is ``FOREROUTE_BIN``, or the newest build below ``target``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from bench import programs
from bench.http1 import ask
from bench.load import steady
from bench.measures import Window, figures, share
from bench.scenarios import SCENARIOS, Scenario

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
STRATEGIES = {"shuffle": "simple-shuffle", "latency": "latency-based-routing"}
#: What the plugin may add to a request, in microseconds.
MOST_COST_US = 200.0


class Skip(RuntimeError):
    """Something that is needed is not there."""


@dataclass(frozen=True)
class Row:
    """One run."""

    scenario: Scenario
    strategy: str
    #: How decisions get there: by the plugin, by Redis, or not at all.
    via: str | None

    @property
    def name(self) -> str:
        """How the table calls it."""
        return self.strategy + {None: "", "plugin": " + Foreroute", "redis": " + leases"}[self.via]


@dataclass(frozen=True)
class Plan:
    """What all runs share."""

    python: Path
    binary: Path
    rate: float
    warm_up: float
    after: float
    keep: Path | None


def litellm_python() -> Path:
    """A Python that has LiteLLM; makes a virtual environment if need be."""
    given = os.environ.get("FOREROUTE_LITELLM_PYTHON")
    if given:
        if subprocess.run([given, "-c", "import litellm"], capture_output=True, check=False).returncode:
            raise Skip(f"FOREROUTE_LITELLM_PYTHON is {given}, which cannot import litellm")
        return Path(given)
    wanted, home = HERE / "requirements.txt", ROOT / ".venv-litellm"
    python, mark = home / "bin" / "python", home / "installed.txt"
    if mark.exists() and mark.read_bytes() == wanted.read_bytes():
        return python
    print(f"installing {' '.join(wanted.read_text().split())} into {home.name} ..", file=sys.stderr)
    for command in (
        [sys.executable, "-m", "venv", str(home)],
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(wanted)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Skip(f"LiteLLM cannot be installed here: {(done.stderr or done.stdout).strip()[-400:]}")
    shutil.copy(wanted, mark)
    return python


def foreroute_binary() -> Path:
    """The program to run."""
    given = os.environ.get("FOREROUTE_BIN")
    for path in [Path(given)] if given else [ROOT / "target" / kind / "foreroute" for kind in ("release", "debug")]:
        if path.is_file():
            return path
    raise Skip("there is no foreroute to run: build it with `cargo build --release`, or set FOREROUTE_BIN")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def play(row: Row, plan: Plan, folder: Path) -> dict[str, object]:
    """Start everything, play the fault, and take the figures."""
    running: list[programs.Program] = []
    try:
        mocks, addresses = await programs.backends(folder)
        running.append(mocks)
        port, engine, redis = free_port(), None, None
        if row.via == "redis":
            redis = free_port()
            running.append(await programs.redis(folder, redis))
        if row.via:
            product, engine = await programs.foreroute(plan.binary, folder, addresses, port, redis)
            running.append(product)
        strategy, router = STRATEGIES[row.strategy], row.scenario.router
        proxy, url = await programs.litellm(plan.python, folder, addresses, strategy, router, engine, port, redis)
        running.append(proxy)
        result = await measure(row, plan, addresses, url)
        if engine:
            result["decisions"] = await decisions(engine)
        return result
    finally:
        for program in reversed(running):
            await program.stop()


async def measure(row: Row, plan: Plan, addresses: dict[str, str], url: str) -> dict[str, object]:
    """The load, the fault of the busiest channel, and what came of it."""
    length = plan.warm_up + row.scenario.seconds + plan.after
    load = asyncio.create_task(steady(url, plan.rate, length))
    begun = time.time()
    await asyncio.sleep(plan.warm_up)
    arrivals = await all_arrivals(addresses)
    busiest = max(addresses, key=lambda name: share(arrivals, name, time.time() - 30.0, time.time()))
    await ask(f"{addresses[busiest]}/fault", "POST", row.scenario.fault)
    fault_at, load_average = time.time(), os.getloadavg()[0]
    await asyncio.sleep(row.scenario.seconds)
    await ask(f"{addresses[busiest]}/fault", "POST", {})
    window = Window(fault_at, time.time(), begun + length)
    seen = await load
    found = figures(await all_arrivals(addresses), seen, busiest, window)
    return {**found, "fault_at": fault_at, "load_average": round(max(load_average, os.getloadavg()[1]), 1)}


async def all_arrivals(addresses: dict[str, str]) -> dict[str, list[float]]:
    """When calls arrived at each backend."""
    return {name: (await ask(f"{address}/arrivals")).json() for name, address in addresses.items()}


async def decisions(engine: str) -> object:
    """What Foreroute decided, for whoever wants to know why."""
    answer = await ask(f"{engine}/v1/decisions?from=-1h")
    return answer.json() if answer.status == 200 else answer.body.decode(errors="replace")


async def play_all(rows: list[Row], plan: Plan, jobs: int) -> list[dict[str, object]]:
    """Play ``rows``, so many at a time."""
    gate = asyncio.Semaphore(jobs)
    # Ended from outside, the programs are ended as well.
    task = asyncio.current_task()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, lambda: task and task.cancel())

    async def one(row: Row) -> dict[str, object]:
        async with gate:
            with tempfile.TemporaryDirectory(prefix="foreroute-litellm-") as temporary:
                folder = Path(temporary)
                try:
                    found = await play(row, plan, folder)
                except programs.StartError as error:
                    found = {"error": str(error)}
                if plan.keep:
                    kept = plan.keep / f"{row.scenario.name}-{row.strategy}-{row.via or 'alone'}"
                    shutil.copytree(folder, kept, dirs_exist_ok=True)
        result = {"scenario": row.scenario.name, "row": row.name, "via": row.via, **found}
        print(line(result), flush=True)
        return result

    return list(await asyncio.gather(*(one(row) for row in rows)))


HEAD = ("scenario", "LiteLLM", "share", "calls", "arrivals", "failed", "retried", "slow", "else", "p95 ms", "left s", "back s", "load")
WIDTHS = (10, 20, 6, 6, 9, 7, 8, 5, 5, 7, 7, 7, 5)


def cells(values: tuple[object, ...]) -> str:
    """One line of the table."""
    return " ".join(f"{value!s:<{width}}" if n < 2 else f"{value!s:>{width}}" for n, (value, width) in enumerate(zip(values, WIDTHS)))


def line(result: dict[str, object]) -> str:
    """The figures of one run as a line of the table."""
    if "error" in result:
        first, *last = [words for words in str(result["error"]).splitlines() if words.strip()]
        return f"{result['scenario']:<10} {result['row']:<20} did not run: {' '.join([first, *last[-2:]])}"
    back = "never" if result["back_s"] is None else result["back_s"]
    left = "never" if result["left_s"] is None else result["left_s"]
    if result["left_s"] is None:
        back = "-"
    names = ("scenario", "row", "share_before", "calls", "arrivals", "failed", "retried", "slow", "slow_elsewhere", "p95_ms")
    return cells((*(result[name] for name in names), left, back, result["load_average"]))


def cost(python: Path) -> dict[str, dict[str, dict[str, float]]]:
    """What the plugin costs, in microseconds, by the number of deployments."""
    done = subprocess.run(
        [str(python), str(HERE / "bench" / "cost.py")], capture_output=True, text=True, check=False,
        env={**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
    )
    if done.returncode:
        raise RuntimeError(f"the plugin's cost cannot be measured:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def marks(results: list[dict[str, object]], costs: dict[str, dict[str, dict[str, float]]] | None) -> list[tuple[bool, str]]:
    """What was to be reached: whether it was, in words."""
    found: list[tuple[bool, str]] = []
    for result in results:
        scenario = SCENARIOS[str(result["scenario"])]
        if result["via"] is None:
            continue
        for name, most in scenario.marks.items():
            value = result.get(name)
            reached = isinstance(value, (int, float)) and value <= most
            what = {"failed": "failed calls", "slow": "slow calls", "back_s": "seconds until the channel was back"}[name]
            found.append((reached, f"{scenario.name}, {result['row']}: {what} {value}, at most {most:g}"))
    if costs:
        added = costs["3"]["filter"]["mean"]
        found.append((added <= MOST_COST_US, f"the plugin adds {added:g} us to a request, at most {MOST_COST_US:g}"))
    return found


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", default="slow,hard,partial,throttled", help=f"of {', '.join(SCENARIOS)}; comma-separated")
    parser.add_argument("--only", choices=("alone", "with"), help="only LiteLLM alone, or only with Foreroute")
    parser.add_argument("--strategy", default=None, help="shuffle, latency or both; both alone and shuffle with Foreroute by default")
    parser.add_argument("--via", default="plugin", help="how decisions get there: plugin, redis or both; comma-separated (plugin)")
    parser.add_argument("--seconds", type=float, help="length of the fault; that of the scenario if absent")
    parser.add_argument("--warm-up", type=float, default=95.0, help="seconds before the fault (95)")
    parser.add_argument("--after", type=float, default=140.0, help="seconds after the fault (140)")
    parser.add_argument("--rate", type=float, default=10.0, help="calls a second (10)")
    parser.add_argument("--jobs", type=int, default=1, help="runs at the same time (1): more disturb each other")
    parser.add_argument("--json", type=Path, help="write all figures there")
    parser.add_argument("--keep", type=Path, help="keep logs and configurations of each run there")
    parser.add_argument("--strict", action="store_true", help="exit code 1 if a mark is missed")
    return parser.parse_args()


def rows_of(asked: argparse.Namespace) -> list[Row]:
    """The runs that were asked for."""
    rows = []
    for name in asked.scenario.split(","):
        if name not in SCENARIOS:
            raise SystemExit(f"there is no scenario `{name}`: choose from {', '.join(SCENARIOS)}")
        scenario = SCENARIOS[name] if asked.seconds is None else replace(SCENARIOS[name], seconds=asked.seconds)
        ways = [] if asked.only == "alone" else asked.via.split(",")
        if unknown := set(ways) - {"plugin", "redis"}:
            raise SystemExit(f"there is no way `{unknown.pop()}`: choose from plugin, redis")
        for via in [*([] if asked.only == "with" else [None]), *ways]:
            usual = "shuffle" if via else "shuffle,latency"
            for strategy in (asked.strategy or usual).split(","):
                if strategy not in STRATEGIES:
                    raise SystemExit(f"there is no strategy `{strategy}`: choose from {', '.join(STRATEGIES)}")
                rows.append(Row(scenario, strategy, via))
    return rows


def main() -> int:
    """Run what was asked for and print the table."""
    asked = arguments()
    rows = rows_of(asked)
    if any(row.via == "redis" for row in rows) and not shutil.which("redis-server"):
        print("skipped: rows with leases, as there is no redis-server here")
        rows = [row for row in rows if row.via != "redis"]
    try:
        plan = Plan(litellm_python(), foreroute_binary(), asked.rate, asked.warm_up, asked.after, asked.keep)
    except Skip as reason:
        print(f"skipped: {reason}")
        return 0
    print(f"{len(rows)} runs, {asked.rate:g} calls a second, LiteLLM's default of 2 retries, load average {os.getloadavg()[0]:.1f}")
    print(cells(HEAD), flush=True)
    try:
        results = asyncio.run(play_all(rows, plan, asked.jobs))
    except asyncio.CancelledError:
        print("ended before it was done")
        return 130
    costs = None if asked.only == "alone" else cost(plan.python)
    for count, found in (costs or {}).items():
        print(
            f"{count} deployments: the plugin's own part {found['filter']['p50']} us (99 %: {found['filter']['p99']}), LiteLLM's "
            f"pick without it {found['pick_alone']['p50']} us, with it {found['pick_with']['p50']} us"
        )
    judged = marks(results, costs)
    for reached, words in judged:
        print(f"{'reached' if reached else 'MISSED '}  {words}")
    if asked.json:
        asked.json.write_text(json.dumps({"rows": results, "cost_us": costs, "marks": judged}, indent=2) + "\n")
    broken = any("error" in result for result in results)
    return 1 if broken or (asked.strict and not all(reached for reached, _ in judged)) else 0


if __name__ == "__main__":
    sys.exit(main())
