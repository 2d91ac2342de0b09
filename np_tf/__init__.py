"""Neural Programmer (Neelakantan, Le and Sutskever, ICLR 2016).

Answers questions on tables by softly selecting operations and columns over
several steps, trained from question, table and answer alone. Not built yet:
this package holds only its name.

Source: arXiv 1511.04834.
"""
