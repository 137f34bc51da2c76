"""Tests and developers' benches. Modules here import each other by their full names, from the top of the repository."""
