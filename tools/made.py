"""How stored numbers were made, and the file that they are stored in."""

import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from blocks.measure import machine


def made(command: str, **more: Any) -> dict[str, Any]:
    """What stored numbers depend on: the command, what it was given, versions, the machine."""
    return {
        "command": command,
        **more,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "machine": machine(),
    }


def write(path: Path, how: Mapping[str, Any], networks: Mapping[str, Any]) -> None:
    """Write what was made of networks, by name, with how it was made: one network a line."""
    rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in networks.items())
    path.write_text(f'{{\n "made": {json.dumps(how)},\n "networks": {{\n{rows}\n }}\n}}\n', encoding="utf-8")
