"""Deploys and deletes a release, as `docs/deploy.md` says for people without Rust."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from . import front, page, rollback, template
from .cloud import REGION, Deployed

STACK = "release"


def run(cloud, page_text, text, say):
    """Packages a release, whose zip files have no binaries, and runs `deploy.sh` and `teardown.sh` from it."""
    before = rollback.everything(cloud)
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        folder = Path(folder)
        make(folder, text)
        environment = {
            "AWS_ENDPOINT_URL": cloud.url,
            "STACK": STACK,
            "PAUSE": "1",
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        }
        (commands,) = (each for each in page.blocks(page_text, "Without Rust") if "deploy.sh" in each)
        (folder / "bin").mkdir()
        curl = folder / "bin/curl"
        curl.write_text(front.CURL.format(curl=shutil.which("curl"), front=front.start(cloud)))
        curl.chmod(0o755)
        output = page.run(f"cd {folder / 'out'}\n{commands}", environment, [])
        assert "has a key" in output, output
        deployed = Deployed(cloud, STACK).require("CREATE_COMPLETE")
        say("docs/deploy.md: a release, with deploy.sh, until there is a key")
        release = next((folder / "out").glob("gatehouse-*/"))
        kept = rollback.kept(deployed)
        output = page.run(f"cd {release}\n./teardown.sh", {**environment, "AWS_REGION": REGION}, [("Type", STACK)])
        left = {each for each in rollback.everything(cloud) - before if "cloudformation" not in each}
        assert left == kept, f"after teardown.sh, {sorted(left ^ kept)} is left or missing"
        unnamed = {each for each in kept if each not in output}
        assert not unnamed, f"teardown.sh does not name {sorted(unnamed)}"
        say("teardown.sh names all that stays")


def make(folder, text):
    """Makes the files of a release for arm64, with texts in place of the binaries."""
    for binary in template.binaries(text):
        (folder / "binaries" / binary).mkdir(parents=True)
        (folder / "binaries" / binary / "bootstrap").write_text(binary)
    script = Path(".ci/release/package.py").resolve()
    command = [sys.executable, script, folder / "out", f"arm64={folder / 'binaries'}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    version = re.search(r'^version = "(.+)"$', Path("Cargo.toml").read_text(), re.MULTILINE)[1]
    assert (folder / "out" / f"gatehouse-{version}.tar.gz").exists()
