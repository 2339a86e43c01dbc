"""What every block owes, wrong twins of the blocks, and the checkers of the exercises."""
