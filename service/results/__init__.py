"""Floor 7: what a solved round can be asked: why and why not, its files, its certificate computed anew, replays."""
