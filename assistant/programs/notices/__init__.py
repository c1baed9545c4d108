"""What creators are told unasked: one durable outbox, the rules of when and where, and the channels."""
