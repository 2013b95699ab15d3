"""Tests of the plugin: ``python -m unittest`` in its folder. No network but this machine's, and LiteLLM only where it is."""
