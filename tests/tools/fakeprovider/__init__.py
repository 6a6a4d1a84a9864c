# SPDX-License-Identifier: GPL-3.0-or-later
"""A scripted model provider for tests: every dialect Tollgate speaks upstream, exact usage, and each
way in which a provider can fail. Standard library only; see __main__.py for how to start it and
options.py for the names of the faults."""
