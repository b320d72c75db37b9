"""Values: their types, members, conversions and operators."""
