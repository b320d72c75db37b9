"""The labs of every product; each module provides its factory to `LABS`."""
