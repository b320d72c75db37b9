"""The boundary between the suite and an implementation under test."""
