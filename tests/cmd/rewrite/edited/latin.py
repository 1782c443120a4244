"""Edited by hand since."""
