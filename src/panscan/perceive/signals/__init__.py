"""One file per signal: what is measured on pictures or sound."""
