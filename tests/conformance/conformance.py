# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the vendors' own SDKs (*.test.mjs) against a real tollgated with the fake provider behind it.

The packages are installed with npm into the build folder, from the lock file, without running any
script of theirs. Where that is not possible the test is skipped and says so; under CI it fails."""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tools"))

from fake import Fake  # noqa: E402
from fakeprovider import vertex  # noqa: E402
from gateway import Gateway  # noqa: E402

SKIP = 77
FILES = ("package.json", "package-lock.json", ".npmrc")
MODELS = {
    "openai": ["gpt-test", "embed-test", "gpt-slow", "gpt-down", "gpt-busy",
               "gpt-broken", "gpt-refused", "gpt-priced"],
    "anthropic": ["claude-test", "claude-slow", "claude-down", "claude-busy", "claude-broken",
                  "claude-priced"],
    "gemini": ["gemini-test", "gemini-embed", "gemini-slow", "gemini-down", "gemini-busy",
               "gemini-broken", "gemini-priced"],
}
# One channel a format that providers speak; the pairs ask each in every SDK.
PAIRS = {
    "chat": ("xiaomi", "/v1", "FAKE_OPENAI", ()),
    "responses": ("openai", "/v1", "FAKE_OPENAI", ("--option", "dialect=responses")),
    "messages": ("anthropic", "", "FAKE_ANTHROPIC", ()),
    "gemini": ("gemini", "", "FAKE_GEMINI", ()),
    "cohere": ("cohere", "", "FAKE_COHERE", ()),
    "converse": ("bedrock", "", "FAKE_BEDROCK", ()),
}
# How thinking is asked for on Bedrock depends on whose model it is.
FAMILY = {"converse": "anthropic.claude-"}
# The provider's names of those models: what they do is in the name.
DOES = {"slow": "events=400+pace=20", "down": "status=500", "busy": "status=429+retry-after=1",
        "broken": "stream-error+pace=30", "refused": "reset-before",
        "loop": "think=1+rounds=3"}


class CannotInstall(Exception):
    pass


def install(work):
    """node_modules in the build folder, made again only when the lock file has changed."""
    npm = shutil.which("npm")
    if npm is None:
        raise CannotInstall("npm is not installed")
    stamp = os.path.join(work, "installed.json")
    with open(os.path.join(HERE, "package-lock.json"), encoding="utf-8") as file:
        wanted = file.read()
    if os.path.exists(stamp):
        with open(stamp, encoding="utf-8") as file:
            if file.read() == wanted:
                return
    for name in FILES:
        shutil.copy(os.path.join(HERE, name), work)
    done = subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund",
                           "--loglevel=error"],
                          cwd=work, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=400)
    if done.returncode != 0:
        raise CannotInstall("npm ci failed: " + done.stderr.strip()[-800:])
    with open(stamp, "w", encoding="utf-8") as file:
        file.write(wanted)


def find_node(work):
    """The SDKs want Node 22; distributions are older, so it comes as one of the packages."""
    arch = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    packaged = os.path.join(work, "node_modules", "node-linux-" + arch, "bin", "node")
    for node in (packaged, shutil.which("node")):
        if node and os.path.exists(node):
            version = subprocess.run([node, "--version"], capture_output=True, text=True,
                                     check=True).stdout
            if int(version.lstrip("v").split(".")[0]) >= 22:
                return node
    raise CannotInstall("there is no Node 22 for %s" % arch)


def mapping(models, family=""):
    """--map words for the models whose behaviour the provider reads from their name."""
    out = []
    for model in models:
        does = DOES.get(model.split("-")[-1])
        if does or family:
            out.append("%s=%s%s%s" % (model, family, model, "+" + does if does else ""))
    return ",".join(out)


def set_up(gateway, fake):
    for provider, path in (("openai", "/v1"), ("anthropic", ""), ("gemini", "")):
        models = MODELS[provider]
        gateway.channel(provider + "-fake", provider, fake.url + path,
                        "FAKE_" + provider.upper(), models, "--map", mapping(models))
    for dialect, (provider, path, key, more) in PAIRS.items():
        models = [dialect + "-pair"] + [dialect + "-pair-" + does for does in DOES]
        gateway.channel("pair-" + dialect, provider, fake.url + path, key, models,
                        "--map", mapping(models, FAMILY.get(dialect, "")), *more)
    gateway.channel("vertex-fake", "vertex", fake.url, "FAKE_VERTEX", ["gemini-vertex", "claude-vertex"],
                    "--option", "project=p-1,location=us-east5,token_uri=%s/token" % fake.url)
    for family in ("gpt", "claude", "gemini"):
        gateway.run("price", "set", family + "-priced", "--input", "1", "--output", "1")


def new_tokens_are_valid_at_once(gateway):
    """What `token add` printed must work the moment it was printed: people paste it and press Enter."""
    for number in range(20):
        asked = urllib.request.Request(gateway.url + "/v1/models", headers={
            "Authorization": "Bearer " + gateway.token("fresh-%d" % number)})
        try:
            urllib.request.urlopen(asked, timeout=60).close()
        except urllib.error.HTTPError as refused:
            print("token %d was refused with %d right after it was made" % (number, refused.code))
            return False
    return True


def test_files():
    return sorted(os.path.join(HERE, name) for name in os.listdir(HERE) if name.endswith(".test.mjs"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", required=True, help="folder for node_modules")
    parser.add_argument("only", nargs="*", help="test files; default: all")
    arguments = parser.parse_args()
    os.makedirs(arguments.work, exist_ok=True)
    try:
        install(arguments.work)
        node = find_node(arguments.work)
    except CannotInstall as problem:
        print("the SDKs cannot be installed here: %s" % problem)
        return 1 if os.environ.get("CI") else SKIP
    # Modules are looked up from the test files' folder upwards, so these go where the packages are.
    for name in [path for path in os.listdir(HERE) if path.endswith(".mjs")]:
        shutil.copy(os.path.join(HERE, name), arguments.work)
    files = arguments.only or [os.path.basename(path) for path in test_files()]
    keys = {"FAKE_OPENAI": "sk-fake-openai", "FAKE_ANTHROPIC": "sk-ant-fake", "FAKE_GEMINI": "AIfake",
            "FAKE_COHERE": "co-fake", "FAKE_BEDROCK": "ABSKfake"}
    account = vertex.account("https://oauth2.googleapis.com/token")
    with Fake() as fake, Gateway(environment=dict(keys, FAKE_VERTEX=account)) as gateway:
        set_up(gateway, fake)
        gateway.start()
        fresh = new_tokens_are_valid_at_once(gateway)
        environment = dict(os.environ, GATEWAY=gateway.url, CONTROL=fake.control_url,
                           TOKEN=gateway.token("sdk"), KEYS=json.dumps(keys),
                           POOR_TOKEN=gateway.token("poor", "--budget", "0.000001"))
        for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY",
                     "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
            environment.pop(name, None)
        done = subprocess.run([node, "--test", "--test-concurrency=1", "--test-timeout=180000", *files],
                              cwd=arguments.work, env=environment, stdin=subprocess.DEVNULL, timeout=580)
        if done.returncode != 0:
            print("tollgated said:\n" + gateway.log())
        return done.returncode or (0 if fresh else 1)


if __name__ == "__main__":
    sys.exit(main())
