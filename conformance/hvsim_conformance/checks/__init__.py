"""The checks of every product; each module registers its own with `@check`."""
