"""Files that people hand to the modulation."""
