"""Hand-off: conversations that staff take over, answer, and give back."""
