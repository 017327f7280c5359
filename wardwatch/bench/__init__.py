"""Benchmarks: figures as JSON, each with the machine they were taken on."""
