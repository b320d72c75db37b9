"""The conformance suite: catalogue, checks, adapters, verdicts and reports."""
