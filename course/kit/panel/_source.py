"""The package's own source, shown in a notebook: read where it runs, never a copy."""

import inspect

from IPython.display import Markdown


def source(*classes: type) -> Markdown:
    """The source of `classes`, one below the other.

    Raises:
        TypeError: none was given, or one is not a class.
    """
    for given in classes:
        if not inspect.isclass(given):
            raise TypeError(f"source: classes must be classes such as ConvNormAct, got {given!r}.")
    if not classes:
        raise TypeError("source: classes must be at least one, got none.")
    listing = "\n\n\n".join(inspect.getsource(given).rstrip() for given in classes)
    return Markdown(f"```python\n{listing}\n```")
