"""Campaigns (专属活动通知): one message to an audience, approved by another person, sent, counted."""
