"""T.4 and T.6: pixels to bits and back."""
