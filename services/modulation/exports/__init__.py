"""Tables of the modulation as files."""
