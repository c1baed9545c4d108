"""When Python looks for garbage in cycles, and where.

What a program imports and opens is a million objects that stay. Looking through them takes half a second in which
nobody is answered, again and again, and a quarter of the time of a start. So nothing is looked for until a command is
open, and what stays is set aside (`gc.freeze`) then.
"""

import gc


def not_yet() -> None:
    """Look for no garbage while a command is starting; most end before there is any."""
    gc.disable()


def from_now_on() -> None:
    """Look for it from now on, but never again among what there is already."""
    gc.freeze()
    gc.enable()
