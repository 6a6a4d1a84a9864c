# SPDX-License-Identifier: GPL-3.0-or-later
"""U-24: a provider at "localhost" that listens on ::1, on 127.0.0.1 or on both is found; and the
daemon itself answers on either. Where the loopback has no ::1, all this runs in a network namespace
of its own."""

import errno
import os
import shutil
import socket
import subprocess
import sys
import unittest

import matrix
import test_matrix

INSIDE = "TOLLGATE_TEST_NAMESPACE"


def why_no_ipv6():
    """Empty where ::1 can be listened on."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as six:
            six.bind(("::1", 0))
        return ""
    except OSError as problem:
        return "%s: %s" % (errno.errorcode.get(problem.errno, "?"), problem.strerror)


def namespace_command():
    """Of a shell that has a loopback to itself; root needs no user namespace for it."""
    unshare = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-r", "-n"]
    return [*unshare, "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


@unittest.skipIf(os.environ.get(INSIDE), "this is the namespace")
class NamespaceTest(unittest.TestCase):
    def test_families_in_a_namespace_where_the_loopback_has_no_ipv6(self):
        reason = why_no_ipv6()
        if not reason:
            self.skipTest("the loopback here has ::1, so the rows are played on it")
        if not shutil.which("unshare") or not shutil.which("ip"):
            self.skipTest("no ::1 here (%s), and no unshare and ip to make it" % reason)
        probe = "import test_families; raise SystemExit(test_families.why_no_ipv6() or 0)"
        tried = subprocess.run([*namespace_command(), sys.executable, "-c", probe], timeout=60,
                               capture_output=True, text=True, check=False)
        if tried.returncode != 0:
            self.skipTest("no ::1 here (%s), nor in a network namespace (%s)" % (
                reason, tried.stderr.strip()))
        done = subprocess.run([*namespace_command(), sys.executable, "-m", "unittest",
                               "test_families.FamiliesTest"], timeout=300, check=False,
                              env=dict(os.environ, **{INSIDE: "1"}))
        self.assertEqual(done.returncode, 0, "said above")


class FamiliesTest(test_matrix.Played, unittest.TestCase):
    def setUp(self):
        reason = why_no_ipv6()
        if reason:
            self.skipTest("the loopback has no ::1 (%s)" % reason)

    def test_localhost_is_found_on_either_address(self):
        self.play_here("127.0.0.1:0")

    def test_a_daemon_that_listens_on_ipv6_serves_alike(self):
        self.play_here("[::1]:0")

    def play_here(self, listen):
        rows = [row for row in matrix.rows() if row.fault.id == "U-24"]
        self.assertEqual(len(rows), 12)
        self.play_all(rows, "--families", listen=listen)


if __name__ == "__main__":
    unittest.main()
