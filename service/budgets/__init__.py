"""Floor 4: money of buyers by fiscal year and source: reserved by approvals, committed by orders, spent by payments."""
