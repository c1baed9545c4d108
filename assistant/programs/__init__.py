"""Programs that staff run for creators: incentive tasks, campaigns and notices, originality cases, tickets."""
