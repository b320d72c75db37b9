"""The engine: checks, the bench they run on, verdicts, selection and parallel execution."""
