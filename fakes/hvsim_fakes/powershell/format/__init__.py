"""Objects as text: views, the layout of errors, CLIXML."""
