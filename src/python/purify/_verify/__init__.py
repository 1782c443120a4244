"""Runs rules against the libraries they are about: `purify rules verify` starts it.

`cases` makes calls from the signatures of the rules, the command rewrites them, `runs` runs both and compares.
"""
