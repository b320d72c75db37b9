"""Carries a syntax tree out: scopes, pipelines, parameter binding, errors."""
