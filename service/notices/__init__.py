"""Notices: told in the use case's transaction, shown in the market, delivered by e-mail, LINE, SMS and webhooks."""
