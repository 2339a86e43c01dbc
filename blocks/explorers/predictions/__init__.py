"""The questions that the notebooks ask before they show: here, so that no cell gives the answer away."""
