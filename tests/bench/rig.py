# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts what the bench compares, each on a free port of 127.0.0.1, and stops it again."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

READY_SECONDS = 20

NGINX = """
daemon off; {user} pid {dir}/nginx.pid; error_log {dir}/nginx-error.log error;
worker_processes 2; worker_rlimit_nofile 20000;
events {{ worker_connections 8192; }}
http {{
  access_log off;
  client_body_temp_path {dir}/t1; proxy_temp_path {dir}/t2; fastcgi_temp_path {dir}/t3;
  uwsgi_temp_path {dir}/t4; scgi_temp_path {dir}/t5;
  keepalive_requests 1000000000; keepalive_timeout 600s;
  client_body_buffer_size 256k; client_max_body_size 32m;
  upstream mock {{ server 127.0.0.1:{mock}; keepalive 2048; keepalive_requests 1000000000; }}
  proxy_http_version 1.1; proxy_set_header Connection "";
  proxy_read_timeout 600s;
  server {{ listen 127.0.0.1:{plain} backlog=4096; location / {{ proxy_pass http://mock; }} }}
  server {{ listen 127.0.0.1:{live} backlog=4096;
            location / {{ proxy_pass http://mock; proxy_buffering off; }} }}
}}
"""


class Missing(Exception):
    """Something that the run needs is not there."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition, what, seconds=READY_SECONDS):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Missing(f"{what} did not come within {seconds} s")
        time.sleep(0.005)


class Rig:
    def __init__(self, tools, tollgated, threads=0):
        self.tools = pathlib.Path(tools)
        self.tollgated = tollgated
        self.threads = threads
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="tollgate-bench-"))
        self.running = []
        self.token = ""
        self.daemon = None
        self.daemon_port = 0
        self.mock_port = 0
        self.nginx = None
        self.nginx_port = 0
        self.nginx_live_port = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.running):
            self.stop(process)
        shutil.rmtree(self.dir, ignore_errors=True)

    def stop(self, process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process.stdout:
            process.stdout.close()
        if process in self.running:
            self.running.remove(process)

    def spawn(self, *command, **options):
        process = subprocess.Popen(list(map(str, command)), **options)
        self.running.append(process)
        return process

    def start_mock(self):
        mock = self.spawn(self.tools / "bench_mock", stdout=subprocess.PIPE, text=True)
        self.mock_port = int(mock.stdout.readline().split()[1])

    def start_nginx(self):
        nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/sbin")
        if not nginx:
            raise Missing("nginx is not installed")
        self.nginx_port, self.nginx_live_port = free_port(), free_port()
        config = self.dir / "nginx.conf"
        config.write_text(
            NGINX.format(
                dir=self.dir,
                user="user root;" if os.geteuid() == 0 else "",
                mock=self.mock_port,
                plain=self.nginx_port,
                live=self.nginx_live_port,
            )
        )
        self.nginx = self.spawn(nginx, "-p", self.dir, "-c", config, "-e", self.dir / "nginx-error.log")
        wait_until(lambda: answers(self.nginx_port), "nginx")

    # --- tollgated, through its own command line

    def environment(self):
        return os.environ | {
            "TOLLGATE_PROFILE": str(self.dir / "profile"),
            "TOLLGATE_BENCH_KEY": "sk-bench-0123456789abcdef",
        }

    def command(self, *words):
        done = subprocess.run(
            [self.tollgated, *words], env=self.environment(), capture_output=True, text=True, timeout=30
        )
        if done.returncode != 0:
            raise Missing(f"tollgated {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def start_daemon(self, wrapper=()):
        """Returns the seconds until it had answered its first request."""
        if not self.tollgated or not os.access(self.tollgated, os.X_OK):
            raise Missing("tollgated is not built")
        self.daemon_port = free_port()
        words = [*wrapper, self.tollgated, "serve", "--listen", f"127.0.0.1:{self.daemon_port}"]
        if self.threads:
            words += ["--threads", str(self.threads)]
        log = open(self.dir / "tollgated.log", "ab")
        begin = time.monotonic()
        self.daemon = self.spawn(*words, env=self.environment(), stdout=log, stderr=log)
        end = begin + READY_SECONDS * (10 if wrapper else 1)
        while not self.healthy():
            if time.monotonic() > end or self.daemon.poll() is not None:
                text = (self.dir / "tollgated.log").read_text(errors="replace")
                raise Missing("tollgated does not answer:\n" + text[-2000:])
            time.sleep(0.001)
        return time.monotonic() - begin

    def healthy(self):
        try:
            with socket.create_connection(("127.0.0.1", self.daemon_port), 1) as peer:
                host = f"127.0.0.1:{self.daemon_port}"
                peer.sendall(f"GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
                return peer.recv(4096).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    def stop_daemon(self):
        self.stop(self.daemon)

    def set_up_daemon(self):
        self.command(
            "channel", "add", "bench", "--provider", "openai", "--local",
            "--base-url", f"http://127.0.0.1:{self.mock_port}/v1",
            "--key-env", "TOLLGATE_BENCH_KEY", "--models", "gpt-4o",
        )  # fmt: skip
        # Speaks Chat alone, so that a client of Messages is translated for.
        self.command(
            "channel", "add", "translated", "--provider", "together", "--local",
            "--base-url", f"http://127.0.0.1:{self.mock_port}/v1",
            "--key-env", "TOLLGATE_BENCH_KEY", "--models", "gpt-4o-told",
        )  # fmt: skip
        self.command("settings", "set", "limits.connections", "10000")
        out = self.command("token", "add", "bench", "--budget", "1000000/month", "--json")
        self.token = json.loads(out)["token"]

    # --- load

    def load(self, mode, port, **options):
        words = [self.tools / "bench_load", mode, "--port", port, "--token", self.token or "none"]
        for name, value in options.items():
            if value is True:
                words.append("--" + name)
            elif value is not False:
                words += ["--" + name.replace("_", "-"), value]
        done = subprocess.run(list(map(str, words)), capture_output=True, text=True, timeout=1800)
        if done.returncode != 0:
            raise Missing(f"load {mode}: {done.stderr.strip()}")
        return json.loads(done.stdout)


def resident_kib(pid):
    pages = int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


def descriptors(pid, kept_port):
    """Open descriptors but for connections to kept_port, which a pool keeps on purpose."""
    kept = set()
    for line in pathlib.Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[2].rpartition(":")[2], 16) == kept_port:
            kept.add(f"socket:[{fields[9]}]")
    count = 0
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            count += os.readlink(entry) not in kept
        except FileNotFoundError:
            pass
    return count


def cpu_seconds(pid):
    """User and system time of a process and its children, so far."""
    ticks = 0
    for one in [pid, *children(pid)]:
        fields = pathlib.Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def children(pid):
    return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def wake_ups(pid):
    """Voluntary context switches of all threads, so far."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            for line in (task / "status").read_text().splitlines():
                if line.startswith("voluntary_ctxt_switches"):
                    total += int(line.split()[1])
        except FileNotFoundError:
            pass
    return total


class Peak:
    """The largest resident size of a process while the block runs, in KiB."""

    def __init__(self, pid):
        self.pid = pid
        self.kib = 0
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def watch(self):
        while not self.done.wait(0.1):
            self.kib = max(self.kib, resident_kib(self.pid))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()


def default_paths():
    """Build folder of the preset, relative to this file: tools, daemon."""
    build = pathlib.Path(__file__).resolve().parents[2] / "build" / "dev"
    return build / "tests" / "bench", build / "app" / "tollgated"


def fail(message):
    print(message, file=sys.stderr)
    return 1
