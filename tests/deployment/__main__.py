"""Runs the deployment test. `.ci/deployment` installs what it needs, and starts it."""

import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
STARTED = time.monotonic()


def say(what):
    print(f"{time.monotonic() - STARTED:6.1f} s  {what}", flush=True)


def main():
    """Deploys, runs all paths, and compares the grants that were used with those that the template has."""
    os.chdir(REPOSITORY)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    logging.disable(logging.ERROR)
    warnings.simplefilter("ignore")
    from . import scenario

    text = Path(sys.argv[1] if len(sys.argv) > 1 else "template.yaml").read_text()
    with tempfile.NamedTemporaryFile("w+", prefix="deployment-") as log:
        try:
            scenario.run(REPOSITORY, text, log, say)
        except BaseException:
            subprocess.run(["tail", "-n", "6", log.name], check=False, stdout=sys.stderr)
            raise


main()
