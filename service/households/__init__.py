"""Households behind the groups: keyed pseudonyms with tiers, member rosters with labour days, public figures."""
