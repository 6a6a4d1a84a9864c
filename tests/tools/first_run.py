# SPDX-License-Identifier: GPL-3.0-or-later
"""Does what a newcomer does: ./run on a fresh profile, then the printed curl line, word for word, then
Ctrl+C. Called by ./check after the Release build."""

import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def read_until(stream, mark, seconds):
    """What was printed, up to the line that has `mark`."""
    text, until = "", time.monotonic() + seconds
    while mark not in text:
        readable, _, _ = select.select([stream], [], [], max(0, until - time.monotonic()))
        block = os.read(stream.fileno(), 65536).decode("utf-8", "replace") if readable else ""
        if not block:
            raise SystemExit("./run said no more after:\n" + text)
        text += block
    return text


def main():
    with tempfile.TemporaryDirectory(prefix="tollgate-first-run-") as profile:
        run = subprocess.Popen([os.path.join(ROOT, "run"), "--profile", profile, "--listen", "127.0.0.1:0"],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True)
        try:
            printed = read_until(run.stdout, "Ctrl+C", 1800)
            command = re.search(r"^  (curl .*?)\n\n", printed, re.S | re.M).group(1)
            answer = subprocess.run(["bash", "-c", command + " -sS --no-buffer"], capture_output=True,
                                    text=True, timeout=30)
            print(answer.stdout, answer.stderr)
            words = "".join(re.findall(r'"content":"([^"]*)"', answer.stdout))
            if "Hello" not in words or "data: [DONE]" not in answer.stdout:
                raise SystemExit("the printed curl line was not answered")
        finally:
            os.killpg(run.pid, signal.SIGINT)
            try:
                code = run.wait(40)
            except subprocess.TimeoutExpired:
                os.killpg(run.pid, signal.SIGKILL)
                raise SystemExit("./run did not end after Ctrl+C") from None
        if code not in (0, 130):
            raise SystemExit("./run ended with %d" % code)
        print("./run: answered and ended well")


if __name__ == "__main__":
    sys.exit(main())
