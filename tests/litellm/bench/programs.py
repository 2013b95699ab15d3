"""The programs of one run: backends, LiteLLM's proxy and Foreroute, each a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.http1 import ask

ROOT = Path(__file__).resolve().parents[3]
PLUGIN = ROOT / "integrations" / "litellm"
#: Key of the proxy; it serves on this machine only, for as long as a run takes.
KEY = "sk-of-this-run"
#: Longest start of LiteLLM, in seconds: it imports for 20 s on an idle machine.
LONGEST_START = 240.0


class StartError(RuntimeError):
    """A program that did not come up."""


@dataclass
class Program:
    """A process and where its words go."""

    name: str
    process: asyncio.subprocess.Process
    log: Path

    @classmethod
    async def start(cls, name: str, command: list[str], folder: Path, env: dict[str, str] | None = None) -> Program:
        """Start it in ``folder``."""
        log = folder / f"{name}.log"
        with log.open("wb") as words:
            process = await asyncio.create_subprocess_exec(
                *command, cwd=folder, env={**os.environ, **(env or {})}, stdin=asyncio.subprocess.DEVNULL, stdout=words,
                stderr=words,
            )
        return cls(name, process, log)

    async def until(self, pattern: str, seconds: float) -> str:
        """The first group of ``pattern`` in its words."""
        for _ in range(int(seconds / 0.1)):
            found = re.search(pattern, self.log.read_text(errors="replace"))
            if found:
                return found.group(1)
            self.check()
            await asyncio.sleep(0.1)
        raise StartError(f"{self.name} did not say {pattern!r} within {seconds:g} s; its last words:\n{self.tail()}")

    async def until_ready(self, url: str, seconds: float) -> None:
        """Wait until ``url`` answers with 200."""
        until = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < until:
            self.check()
            try:
                if (await ask(url, timeout=5.0)).status == 200:
                    return
            except (OSError, TimeoutError, asyncio.IncompleteReadError):
                pass
            await asyncio.sleep(0.5)
        raise StartError(f"{self.name} was not ready within {seconds:g} s; its last words:\n{self.tail()}")

    def check(self) -> None:
        """Fail if it has ended."""
        if self.process.returncode is not None:
            raise StartError(f"{self.name} ended with {self.process.returncode}; its last words:\n{self.tail()}")

    def tail(self) -> str:
        """The last of what it said."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-25:])

    async def stop(self) -> None:
        """End it, gently at first."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            if self.process.returncode is not None:
                return
            self.process.send_signal(sign)
            try:
                await asyncio.wait_for(self.process.wait(), 15.0)
            except TimeoutError:
                continue


async def backends(folder: Path) -> tuple[Program, dict[str, str]]:
    """The three backends and their addresses."""
    program = await Program.start("backends", [sys.executable, str(Path(__file__).with_name("backends.py"))], folder)
    return program, json.loads(await program.until(r"(\{.*\})", 20.0))


async def redis(folder: Path, port: int) -> Program:
    """A Redis that keeps nothing."""
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    program = await Program.start("redis", command, folder)
    await program.until("(Ready to accept connections)", 20.0)
    return program


async def litellm(
    python: Path, folder: Path, addresses: dict[str, str], strategy: str, router: dict[str, object], engine: str | None,
    port: int, redis_port: int | None = None,
) -> tuple[Program, str]:
    """LiteLLM's proxy and its address; with the plugin if Foreroute answers at ``engine``. Where leases come over Redis, the
    plugin only reports."""
    settings: dict[str, object] = {
        "callbacks": ["prometheus", *(["foreroute_litellm.plugin"] if engine else [])],
        "require_auth_for_metrics_endpoint": False,
    }
    models = [
        {
            "model_name": "chat",
            "litellm_params": {"model": f"openai/{name}", "api_base": f"{address}/v1", "api_key": "none"},
            "model_info": {"id": name},
        }
        for name, address in addresses.items()
    ]
    config = {
        "model_list": models,
        "litellm_settings": settings,
        "router_settings": {"routing_strategy": strategy, **router},
        "general_settings": {"master_key": KEY},
    }
    if redis_port:
        config["router_settings"] |= {"redis_host": "127.0.0.1", "redis_port": redis_port}
    # JSON is YAML.
    (folder / "litellm.yaml").write_text(json.dumps(config, indent=2))
    env = {"PYTHONPATH": str(PLUGIN), "LITELLM_LOCAL_MODEL_COST_MAP": "True", "PYTHONDONTWRITEBYTECODE": "1"}
    if engine:
        env |= {"FOREROUTE_URL": engine, "FOREROUTE_ROUTES": "chat=chat"}
        # Weights act under simple-shuffle only.
        env |= {"FOREROUTE_DRAW": "no" if strategy == "simple-shuffle" else "yes"}
    if redis_port:
        # No decision is ever written there.
        env |= {"FOREROUTE_DIRECTORY": str(folder / "no-decisions")}
    code = "from litellm.proxy.proxy_cli import run_server; run_server()"
    command = [str(python), "-c", code, "--config", "litellm.yaml", "--host", "127.0.0.1", "--port", str(port)]
    program = await Program.start("litellm", command, folder, env)
    url = f"http://127.0.0.1:{port}"
    await program.until_ready(f"{url}/health/liveliness", LONGEST_START)
    return program, url


#: Calls come from the plugin. Of LiteLLM's page only what calls do not tell is read, so that none counts twice.
CONFIG = """\
[[route]]
class = "chat"
objective = {{ latency = {{ percentile = 95, ms = 500 }}, error_ratio = 0.01 }}
channels = [{names}]

[[source]]
kind = "prometheus"
name = "litellm"
url = "http://127.0.0.1:{port}/metrics/"
channel_labels = ["model_id"]

[source.mapping]
gauges = [{{ metrics = ["litellm_in_flight_requests"] }}]
"""

#: A deployment that is leased out gets no call at all, so each is asked by a probe of its own.
LEASES = """
[[deliver]]
name = "litellm"
kind = "redis-litellm"
url = "redis://127.0.0.1:{port}/0"
"""

PROBE = """
[[source]]
kind = "probe"
name = "probe-{name}"
channel = "{name}"
model = "{name}"
base_url = "{address}/v1"
prompt = "Say word"
expect = "word"
cron = "*/5 * * * * *"
"""


async def foreroute(
    binary: Path, folder: Path, addresses: dict[str, str], litellm_port: int, redis_port: int | None = None
) -> tuple[Program, str]:
    """Foreroute and its address; with leases over Redis if there is one."""
    names = ", ".join(f'"{name}"' for name in addresses)
    # A probe has a budget, and so needs a price.
    free = "prices = [{ prompt_usd_per_mtok = 0.0, completion_usd_per_mtok = 0.0 }]\n" if redis_port else ""
    listed = "".join(f'[[channel]]\nname = "{name}"\n{free}\n' for name in addresses)
    text = listed + CONFIG.format(names=names, port=litellm_port)
    if redis_port:
        text = text.replace("[[route]]\n", '[[route]]\nmode = "auto"\n') + LEASES.format(port=redis_port)
        text += "".join(PROBE.format(name=name, address=address) for name, address in addresses.items())
    (folder / "foreroute.toml").write_text(text)
    command = [str(binary), "serve", "--config", "foreroute.toml", "--data", "data", "--listen", "127.0.0.1:0", "--log", "info"]
    program = await Program.start("foreroute", command, folder)
    return program, await program.until(r"listening on (http://\S+)", 30.0)
