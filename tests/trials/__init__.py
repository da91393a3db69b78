"""Random trials: what they share, how they report, and the run in full that writes docs/trials.md."""
