# SPDX-License-Identifier: GPL-3.0-or-later
"""Google's cloud: its models by path, others' makers' beside them, and the server that exchanges a
service account's signed words for an access token. And such an account, made for one run."""

import json
import re
import subprocess
import tempfile
from urllib.parse import parse_qs, unquote

from . import dialects

MODEL = re.compile(r"/publishers/(google|anthropic)/models/([^/:]+):([A-Za-z]+)$")
TOKEN = "ya29.fake-access-token"


def find(path):
    """(publisher, model, method), or None where this is another path."""
    found = MODEL.search(path)
    return (found.group(1), unquote(found.group(2)), found.group(3)) if found else None


def claude(body, model, method):
    """The body as Anthropic itself would have got it, or None where it is not as Vertex wants it."""
    counts = model == "count-tokens"
    if body.get("anthropic_version") != "vertex-2023-10-16" or ("model" in body) != counts:
        return None
    if not counts and (method == "streamRawPredict") != bool(body.get("stream")):
        return None
    return body if counts else dict(body, model=model)


def token(request):
    """The answer to an exchange, or None where nothing was signed."""
    form = parse_qs(request.body.decode("ascii", "replace"))
    signed = form.get("assertion", [""])[0]
    if form.get("grant_type") != ["urn:ietf:params:oauth:grant-type:jwt-bearer"] or signed.count(".") != 2:
        return None
    return dialects.dump({"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"})


def account(token_uri):
    """A service account's file as text. Its key is made here and now."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048",
                        "-out", "key.pem"), cwd=folder, check=True, capture_output=True, timeout=60)
        with open(folder + "/key.pem", encoding="ascii") as file:
            key = file.read()
    return json.dumps({"type": "service_account", "project_id": "p-1", "private_key_id": "k1",
                       "private_key": key, "client_email": "robot@p-1.example",
                       "token_uri": token_uri}, indent=2)
