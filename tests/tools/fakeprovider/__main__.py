# SPDX-License-Identifier: GPL-3.0-or-later
"""python3 -m fakeprovider [--tls] [--families] [--host 127.0.0.1] [--keys a,b] [--default WORDS]

Prints one JSON line with its ports when ready, and ends when its standard input does, so that it
never outlives the test that started it."""

import argparse
import asyncio
import json
import resource
import sys
import tempfile

from . import certificates
from .control import Control
from .server import Provider, tls_context


async def run(arguments, folder):
    provider = Provider(arguments.default, [key for key in arguments.keys.split(",") if key])
    host = arguments.host
    ports = {"http": await provider.listen(host, port=arguments.port)}
    ports["canary"] = await provider.listen_canary(host)
    ports["control"] = await Control(provider).listen(host)
    ports["refused"] = provider.hold_refused(host)
    ports["blackhole"] = provider.hold_blackhole(host)
    if arguments.families:
        # What "localhost" may mean: the first address alone, the other alone, both.
        ports["localhost6"] = await provider.listen("::1")
        ports["localhost4"] = await provider.listen("127.0.0.1")
        ports["localhost"] = await provider.listen_both()
    ready = {"ports": ports}
    if arguments.tls:
        pairs, ready["ca"] = certificates.make(folder)
        for name, pair in pairs.items():
            ports["tls_" + name] = await provider.listen(host, tls_context(*pair))
        ports["tls_old"] = await provider.listen(host, tls_context(*pairs["good"], old=True))
        for mode in ("garbage", "close", "stall"):
            ports["tls_" + mode] = await provider.listen_garbage(host, mode)
    provider.plain_url = "http://%s:%d" % (host, ports["http"])
    provider.canary_url = "http://%s:%d" % (host, ports["canary"])
    ready["url"] = provider.plain_url
    ready["control_url"] = "http://%s:%d" % (host, ports["control"])
    print(json.dumps(ready), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
    provider.stop()


def raise_descriptor_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def main():
    parser = argparse.ArgumentParser(prog="fakeprovider", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", action="store_true", help="open the TLS ports too")
    parser.add_argument("--families", action="store_true", help="open ports on ::1 too")
    parser.add_argument("--keys", default="", help="the only keys accepted; others get 401")
    parser.add_argument("--default", default="", help="what to do with a request nobody scripted")
    arguments = parser.parse_args()
    raise_descriptor_limit()
    with tempfile.TemporaryDirectory(prefix="fakeprovider-") as folder:
        asyncio.run(run(arguments, folder))


if __name__ == "__main__":
    main()
