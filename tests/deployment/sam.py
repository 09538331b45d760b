"""Builds and deploys with the SAM CLI, as `docs/deploy.md` says."""

import os
import shutil
import tempfile
from pathlib import Path

from . import page

# Stands for Cargo: the functions are compiled already, by `cargo functions --x86-64`, which has the same settings.
CARGO = """#!/bin/sh
set -eu
case "$*" in
metadata*) echo '{{"target_directory": "{target}"}}' ;;
"lambda build --release --bin "*) test -x "{target}/lambda/$5/bootstrap" ;;
*) echo "unexpected: cargo $*" >&2; exit 1 ;;
esac
"""


def deploy(cloud, page_text, text, stack):
    """Follows the page in a folder with the template. Returns the stack."""
    commands = page.blocks(page_text, "The stack")[0]
    # The page says so for x86_64, the architecture of this test.
    commands = commands.replace("sam build", "sam build --parameter-overrides Architecture=x86_64")
    commands = commands.replace("Audience=", "Architecture=x86_64 Audience=")
    with tempfile.TemporaryDirectory(prefix="sam-") as folder:
        folder = Path(folder)
        (folder / "template.yaml").write_text(text)
        shutil.copy("samconfig.toml", folder)
        cargo = folder / "bin/cargo"
        cargo.parent.mkdir()
        cargo.write_text(CARGO.format(target=Path("target").resolve()))
        cargo.chmod(0o755)
        environment = {
            **cloud.environment(),
            "SAM_CLI_TELEMETRY": "0",
            "PATH": f"{cargo.parent}:{os.environ['PATH']}",
        }
        output = page.run(f"cd {folder}\n{commands}", environment, [])
        assert "Successfully created/updated stack" in output, output
    return cloud.deployed(stack)
