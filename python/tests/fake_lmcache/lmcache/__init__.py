"""A stand-in for LMCache: what our plug-in imports of it, and what its tests drive the plug-in with, no more.

Names, signatures and the behaviour that matters to us are those of LMCache 0.5.6: `../fake_matches_lmcache.py` compares the
two, and is run where LMCache is installed.
"""
