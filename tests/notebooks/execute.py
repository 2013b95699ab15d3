"""Runs the notebook that is named, from top to bottom, in its own directory; nothing is written back."""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

path = Path(sys.argv[1])
notebook = nbformat.read(path, as_version=4)
for cell in notebook.cells:
    kept = cell.get("outputs") or cell.get("execution_count")
    assert not kept, f"{path} is kept without outputs"
resources = {"metadata": {"path": str(path.parent)}}
NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute()
