"""原创保护: cases of copied works, from the creator's report or a complaint against the creator to a decision."""
