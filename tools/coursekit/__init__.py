"""coursekit: a repository of Markdown sessions and modules as a course website, checked to be consistent and true.

Read the files in this order; together they are the design: model, load, rule, rules, fix, report, render, plugin,
scaffold, __main__.
"""

__version__ = "0.1.0"
