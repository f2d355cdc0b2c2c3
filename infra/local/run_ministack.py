"""Runs MiniStack, which parses an expression of the table once instead of once per item, knows leading keys, and fails as planned.

A query looks at every item of its partition, and MiniStack reads the query's expression anew for each
of them: with the demo's ledgers that is nine tenths of what a query takes. What an expression means
does not depend on the item, so it is remembered here; what MiniStack answers stays the same.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from ministack.app import main
from ministack.services import dynamodb

from numo_local import faults, leading_keys

# Functions of the expression's text alone; nothing changes what they return.
REMEMBERED = ("_tokenize", "_condition_syntax_error")


def remember_expressions() -> None:
    """Makes MiniStack remember what it read in an expression."""
    for name in REMEMBERED:
        setattr(dynamodb, name, lru_cache(maxsize=4096)(getattr(dynamodb, name)))


if __name__ == "__main__":
    remember_expressions()
    leading_keys.watch(Path(os.environ["NUMO_USED_PERMISSIONS"]))
    faults.watch(Path(os.environ["NUMO_FAULTS"]))
    main()
