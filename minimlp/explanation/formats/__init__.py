"""The formats a derivation is written in: one file each, over one writer of formulas."""
