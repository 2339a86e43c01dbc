"""Seeded experiments on real data: plain values in, plain data out. Nothing here draws or prints.

`data` holds the digits and photographs, `training` the one loop, `runs` the rows and the verdict,
`grids` the stored results; the other files are the experiments, named by their concept.
"""
