# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates for one run, made with the openssl command: a CA, a good leaf for 127.0.0.1 and
localhost, and leaves that a careful client must refuse."""

import os
import subprocess
import time

CONFIG = """
[ca]
default_ca = house
[house]
dir = .
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
copy_extensions = copy
[any]
commonName = supplied
"""


def _openssl(folder, *arguments):
    subprocess.run(("openssl",) + arguments, cwd=folder, check=True, capture_output=True, timeout=60)


def _key(folder, name):
    _openssl(folder, "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", name + ".key")


def _self_signed(folder, name, subject, extensions):
    _key(folder, name)
    _openssl(folder, "req", "-x509", "-new", "-key", name + ".key", "-out", name + ".pem", "-days",
             "2", "-subj", subject, *[word for ext in extensions for word in ("-addext", ext)])


def _leaf(folder, name, alternative, start, end):
    _key(folder, name)
    _openssl(folder, "req", "-new", "-key", name + ".key", "-out", name + ".csr", "-subj",
             "/CN=" + name, "-addext", "subjectAltName=" + alternative)
    _openssl(folder, "ca", "-batch", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key",
             "-in", name + ".csr", "-out", name + ".pem", "-notext",
             "-startdate", start, "-enddate", end)


def stamp(offset_days):
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + offset_days * 86400))


def make(folder):
    """Returns {name: (certificate, key)} and the CA's path."""
    for name, text in (("ca.cnf", CONFIG), ("index.txt", ""), ("serial", "1000\n")):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    _self_signed(folder, "ca", "/CN=Test authority", ["basicConstraints=critical,CA:TRUE"])
    here = "IP:127.0.0.1,IP:::1,DNS:localhost"
    _leaf(folder, "good", here, stamp(-1), stamp(2))
    _leaf(folder, "expired", here, stamp(-20), stamp(-10))
    _leaf(folder, "wronghost", "DNS:elsewhere.example", stamp(-1), stamp(2))
    _self_signed(folder, "selfsigned", "/CN=localhost", ["subjectAltName=" + here])
    names = ("good", "expired", "wronghost", "selfsigned")
    return ({name: (os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".key"))
             for name in names}, os.path.join(folder, "ca.pem"))
