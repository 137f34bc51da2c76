"""Finding out by trying: what a model's roles are worth, here and on a server, and which weight layout the native library survives.

Both probes of roles ask the same questions (`role_probe_cases.py`). What may crash runs in a process of its own
(`probe_process.py`). What was found is kept in a `ProbeStore`.
"""
