"""LiteLLM alone beside LiteLLM with Foreroute: the same faults, the same load, the real programs."""
