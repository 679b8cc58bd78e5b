# TODO (tidy-the-report): let ruff format this file and mend it, then mend by hand what it still finds.
from typing import Dict, List
import os, json
from collections import Counter

# TODO (type-the-report): say what goes in and what comes out, here and in the other two functions.
def share_right(labels, readings, seen={}, right={}):
  '''share of scans read right'''
  # TODO (example-in-docstring): say what it does, what it refuses, and show it with an example that is run.
  n = 0
  for label,reading in zip(labels, readings):
      seen[label] = seen.get(label,0)+1
      if label==reading: right[label] = right.get(label,0)+1
  shares = {}
  for digit in sorted(seen.keys()):
      try: shares[digit] = right[digit] / seen[digit]
      except: shares[digit] = 0.0
  return shares


def worst_digit( shares ) :
  '''digit that is read worst'''
  return min(shares, key = lambda digit: (shares[digit], digit), default = None)


def as_table(shares):
  # TODO (example-in-docstring): as above.
  '''table as text'''
  worst = worst_digit(shares)
  lines = [f'digit  right']
  for digit in shares: lines.append(f'{digit:5}  {shares[digit]:5.0%}')
  lines.append(f'worst: {worst} ({shares[worst]:.0%})')
  return "\n".join(lines)
