# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the ledger's tables beside the running daemon, to compare what it says with what is there."""

import os
import sqlite3

RESERVED, SENT, STREAMING, SETTLED, RELEASED, UNKNOWN = range(6)  # store::AttemptState


class LedgerFile:
    def __init__(self, profile):
        self._db = sqlite3.connect("file:%s?mode=ro" % os.path.join(profile, "tollgate.db"), uri=True,
                                   timeout=60)
        self._db.row_factory = sqlite3.Row

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._db.close()

    def rows(self, sql, *values):
        return [dict(row) for row in self._db.execute(sql, values)]

    def one(self, sql, *values):
        (row,) = self._db.execute(sql, values).fetchall()
        return row[0] if len(row) == 1 else dict(row)
