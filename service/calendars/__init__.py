"""Days that count and days that do not: public holidays, an institution's own closed days, terms and weekdays."""
