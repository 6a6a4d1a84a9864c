# SPDX-License-Identifier: GPL-3.0-or-later
"""A gnome-keyring of its own on a D-Bus session of its own, unlocked, for one test."""

import os
import shutil
import subprocess
import time

PROGRAMS = ("dbus-daemon", "dbus-send", "gnome-keyring-daemon")
BUS = """<busconfig><type>session</type><listen>unix:path=%s</listen><policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
"""
FOREIGN = ("DISPLAY", "WAYLAND_DISPLAY", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CURRENT_DESKTOP",
           "KDE_SESSION_VERSION", "GNOME_KEYRING_CONTROL", "SSH_AUTH_SOCK")


def missing():
    return [name for name in PROGRAMS if shutil.which(name) is None]


class Keyring:
    def __init__(self, folder, passphrase):
        """`environment` has to be added to that of the program, and `foreign` names taken out."""
        self._processes = []
        runtime = os.path.join(folder, "run")
        os.mkdir(runtime, 0o700)
        with open(os.path.join(folder, "bus.conf"), "w", encoding="utf-8") as file:
            file.write(BUS % os.path.join(folder, "bus"))
        self.environment = {"HOME": folder, "XDG_RUNTIME_DIR": runtime}
        bus = self._start("dbus-daemon", "--config-file=" + file.name, "--nofork", "--print-address")
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().decode().strip()
        ring = self._start("gnome-keyring-daemon", "--foreground", "--components=secrets", "--unlock")
        ring.stdin.write(passphrase.encode())
        ring.stdin.close()
        self._wait()

    def _whole(self):
        own = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        return dict(own, **self.environment)

    def _start(self, *command):
        process = subprocess.Popen(command, env=self._whole(), stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self._processes.append(process)
        return process

    def _wait(self):
        until = time.monotonic() + 10
        while time.monotonic() < until:
            asked = subprocess.run(
                ["dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/",
                 "org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"],
                env=self._whole(), capture_output=True, timeout=60, check=False)
            if b"boolean true" in asked.stdout:
                return
            time.sleep(0.02)
        self.stop()
        raise RuntimeError("the keyring did not come up")

    def stop(self):
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close()
            process.stdin.close()
        self._processes = []
