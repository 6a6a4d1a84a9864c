# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the house that a compiler does not know: which way includes point, where SQL may
stand, what no file may say. Each rule is a function of one file, and is tested on a bad sample too."""

import os
import re
import subprocess
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Which rooms a room may include, besides itself. ARCHITECTURE.md draws the same picture.
GROUND = {"base"}
FIRST = {"protocol", "store", "secrets", "http", "upstream"}
SECOND = {"access", "routing", "ledger"}
ARROWS = {"base": set()}
ARROWS.update({room: GROUND for room in FIRST})
ARROWS.update({room: GROUND | {"protocol", "store"} for room in SECOND})
ARROWS["clients"] = GROUND
ARROWS["conversation"] = GROUND | {"protocol"}
ARROWS["codecs"] = GROUND | {"protocol", "conversation"}
ARROWS["secrets"] = GROUND | {"store"}  # the rows of channel keys, which are plain values
ARROWS["relay"] = GROUND | FIRST | SECOND | {"conversation", "codecs"}
ARROWS["providers"] = GROUND | {"protocol", "conversation", "upstream", "routing", "relay"}
ARROWS["admin"] = ARROWS["relay"] | {"relay", "providers", "clients"}
ARROWS["gateway"] = ARROWS["admin"] | {"admin"}
ARROWS["app"] = ARROWS["gateway"] | {"gateway"}

# Files over 500 lines, each with the reason why it is not two.
LONG_FILES = {
    "core/http/connection.cpp": "one connection's states, which are only readable side by side",
    "resources/catalogue/make.py": "run by hand when prices change; one pass from two sources",
}

SOURCES = (".cpp", ".h")
WITH_SPDX = SOURCES + (".py", ".mjs", ".cmake", ".sh", ".qml", ".yaml", ".service", "CMakeLists.txt")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"|R"\w*\((.*?)\)\w*"', re.S)
SQL = re.compile(r"\s*(SELECT\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s"
                 r"|CREATE\s+(TABLE|INDEX|TRIGGER|VIEW)\s|DROP\s+TABLE\s|PRAGMA\s|BEGIN\s+IMMEDIATE)")
LATER = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
# Put together from pieces, so that this file does not break its own rule.
MACHINE = re.compile("|".join((
    "/wo" "rk/", "/ro" "ot/", r"/ho" r"me/[a-z]", r"registry\.np" r"mjs\.org", r"files\.python" r"hosted\.org",
    r"de" r"b\.debian\.org", r"proxy\.gol" r"ang\.org", r"\"reso" r"lved\":")))


def room_of(path):
    parts = path.split("/")
    if parts[0] == "core" and len(parts) > 2:
        return parts[1]
    return parts[0] if parts[0] in ("providers", "app") and len(parts) > 1 else None


def wrong_arrows(path, text):
    room = room_of(path)
    if room is None or not path.endswith(SOURCES):
        return []
    if room not in ARROWS:
        return ["room '%s' is not in the table of arrows" % room]
    out = []
    for target in INCLUDE.findall(text):
        other = room_of(target)
        if other is not None and other != room and other not in ARROWS[room]:
            out.append("%s may not include %s" % (room, target))
    return out


def foreign_sql(path, text):
    if room_of(path) in (None, "store") or not path.endswith(SOURCES):
        return []
    return ["SQL outside core/store: " + (found.group(1) or found.group(2)).strip()[:50]
            for found in LITERAL.finditer(text) if SQL.match(found.group(1) or found.group(2) or "")]


def no_licence(path, text):
    scripts = text.startswith("#!")
    if not path.endswith(WITH_SPDX) and not scripts:
        return []
    return [] if "SPDX-License-Identifier: GPL-3.0-or-later" in "".join(
        text.splitlines(True)[:2]) else ["no SPDX line at the top"]


def left_for_later(path, text):
    if path.endswith(SOURCES + (".py", ".mjs", ".cmake", ".sh", ".qml", ".txt")):
        return ["left for later: " + found.group() for found in LATER.finditer(text)]
    return []


def insecure_keychain(path, text):
    call = "setInsecure" "Fallback"
    if path.endswith(SOURCES) and re.search(call + r"\s*\(", text):
        return [call + " would write keys as plain text"]
    return []


def machine_names(path, text):
    return ["names one machine or package host: " + found.group() for found in MACHINE.finditer(text)]


def too_long(path, text):
    lines = text.count("\n")
    most = 800 if path.startswith("tests/") else 500  # a list of cases may be long
    if not path.endswith(SOURCES + (".py", ".mjs", ".qml")) or lines <= most or path in LONG_FILES:
        return []
    return ["%d lines: split it, or give the reason in LONG_FILES" % lines]


def upper_case_name(path, _text):
    name = os.path.basename(path)
    return ["file names are lower-case"] if path.endswith(SOURCES) and name != name.lower() else []


RULES = (wrong_arrows, foreign_sql, no_licence, left_for_later, insecure_keychain, machine_names,
         too_long, upper_case_name)


def tracked():
    listed = subprocess.run(("git", "ls-files", "-z"), cwd=ROOT, capture_output=True, check=True)
    for path in filter(None, listed.stdout.decode().split("\0")):
        full = os.path.join(ROOT, path)
        if not os.path.isfile(full):
            continue
        with open(full, "rb") as file:
            data = file.read()
        if b"\0" not in data[:8000]:
            yield path, data.decode("utf-8", "replace")


class TheHouse(unittest.TestCase):
    def test_every_tracked_file_keeps_the_rules(self):
        if not os.path.isdir(os.path.join(ROOT, ".git")) and not os.path.isfile(
                os.path.join(ROOT, ".git")):
            self.skipTest("the source is not a git clone, so nobody can say which files belong to it")
        problems = ["%s: %s" % (path, problem) for path, text in tracked() for rule in RULES
                    for problem in rule(path, text)]
        self.assertEqual(problems, [])

    def test_allow_list_has_no_dead_entries(self):
        texts = dict(tracked())
        self.assertEqual([path for path in LONG_FILES
                          if path in texts and texts[path].count("\n") <= 500], [])


class EachRuleBites(unittest.TestCase):
    def test_arrows(self):
        up = '#include "core/relay/relay.h"\n'
        self.assertTrue(wrong_arrows("core/http/gate.cpp", up))
        self.assertTrue(wrong_arrows("core/routing/plan.cpp", '#include "core/ledger/ledger.h"\n'))
        self.assertTrue(wrong_arrows("core/new/a.h", ""))
        self.assertFalse(wrong_arrows("providers/openai.cpp", up))
        self.assertFalse(wrong_arrows("tests/http/test_gate.cpp", up))

    def test_sql(self):
        bad = 'query("SELECT id FROM token");'
        self.assertTrue(foreign_sql("core/relay/relay.cpp", bad))
        self.assertTrue(foreign_sql("app/main.cpp", 'R"(\n  UPDATE token SET a=1)"'))
        self.assertFalse(foreign_sql("core/store/tokens.cpp", bad))
        self.assertFalse(foreign_sql("core/relay/relay.cpp", 'say("Select a channel");'))

    def test_licence(self):
        self.assertTrue(no_licence("core/base/a.h", "#pragma once\n"))
        self.assertTrue(no_licence("run", "#!/bin/sh\nexit\n"))
        self.assertFalse(no_licence("a.py", "# SPDX-License-Identifier: GPL-3.0-or-later\n"))

    def test_words(self):
        self.assertTrue(left_for_later("core/base/a.cpp", "// TO" "DO: more\n"))
        self.assertTrue(insecure_keychain("core/secrets/a.cpp", "job.setInsecure" "Fallback(true);"))
        self.assertTrue(machine_names("README.md", "see /wo" "rk/x"))
        self.assertTrue(machine_names("package-lock.json", '"reso' 'lved": "x"'))
        self.assertTrue(too_long("core/base/a.cpp", "\n" * 501))
        self.assertTrue(upper_case_name("core/base/Clock.h", ""))


if __name__ == "__main__":
    unittest.main()
