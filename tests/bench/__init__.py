"""Benches for who works on Interfix: `python -m tests.bench NAME`. What its users measure is `interfix bench`."""
