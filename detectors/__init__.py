"""Everything that decides a record matters: thresholds, outages, rules, watchers."""
