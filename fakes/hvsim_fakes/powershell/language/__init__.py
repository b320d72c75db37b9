"""Text to syntax tree: lexer, parser and the tree itself."""
