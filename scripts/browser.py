"""Make Debian's chromium available, which the test of the docs drives.

``python -m scripts.browser`` does nothing when ``chromium`` is on PATH. Otherwise it installs
Debian's package where it can (as root, with apt-get), and says what to install where it cannot.
"""

import os
import shutil
import subprocess
import sys

from scripts import common

PROGRAM = "scripts.browser"
PACKAGE = "chromium"

# A page from disk, seen by a program: no sandbox (which root does not get), no graphics card,
# and none of the browser's own errands on the network.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def executable() -> str:
    """Find chromium, and install it first where that is possible.

    Returns:
        The path of the program.

    Raises:
        common.SettingError: it is not there and could not be installed.
    """
    return shutil.which(PACKAGE) or _install()


def _install() -> str:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise common.SettingError(
            f"{PACKAGE} is not installed; install Debian's package {PACKAGE} "
            f"(as root: apt-get update && apt-get install {PACKAGE})."
        )
    print(f"{PROGRAM}: installing Debian's package {PACKAGE} with apt-get ...", flush=True)
    for step in (["update"], ["install", "--yes", "--no-install-recommends", PACKAGE]):
        done = subprocess.run(
            ["apt-get", "--quiet", "--quiet", *step],
            check=False,
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            reason = " ".join((done.stderr or done.stdout).split())[-300:].rstrip(".")
            raise common.SettingError(f"apt-get {step[0]} failed: {reason}.")
    found = shutil.which(PACKAGE)
    if found is None:
        raise common.SettingError(
            f"the package {PACKAGE} was installed, but no program called {PACKAGE} is on PATH."
        )
    return found


def main() -> int:
    """Run the command line.

    Returns:
        The exit code, see ``scripts.common.run``.
    """

    def work() -> None:
        executable()

    return common.run(PROGRAM, work)


if __name__ == "__main__":
    sys.exit(main())
