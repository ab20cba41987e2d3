"""A test of a cluster whose nodes come and are killed, the head too; heads.py is its driver."""

import asyncio
import json
import os
import secrets
import sys
from pathlib import Path


async def test_renders_survive_the_loss_of_their_node_and_the_restart_of_the_head(models_folder):
    root = Path(__file__).parents[3]
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("heads.py")),
        str(models_folder),
        env=os.environ
        | {
            "PYTHONPATH": str(root),
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": secrets.token_hex(32),
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_worker_niceness": "0",
        },
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await child.communicate()
    assert json.loads(output.splitlines()[-1]) == {
        "lost with its node": True,
        "made on another": True,
        "lost with the head": True,
        "made by the new cluster": True,
    }
