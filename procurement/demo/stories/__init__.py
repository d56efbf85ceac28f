"""What the demo does at each vendor: every capability once, every gap by hand."""
