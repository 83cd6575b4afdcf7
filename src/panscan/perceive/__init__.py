"""Everything measured on one media, before any decision: one file per signal, one decode for all."""
