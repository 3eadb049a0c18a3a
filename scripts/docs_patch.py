"""What the pages of dbt and of dbt-colibri need alike: patches that are counted, and data inside.

Each is one file made by others. A piece of it is replaced only where it occurs as often as it did
when the patch was written, so that another version of the page is noticed, not patched at random.
"""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

# Nothing is fetched: everything is inside. Both pages compile code, hence unsafe-eval.
POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="'
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'"
    '"><meta name="referrer" content="no-referrer">'
)


class Patch(NamedTuple):
    """A piece of a page that is written differently here, and how often it occurs."""

    old: str
    new: str
    times: int


def patched(whose: str, template: str, patches: Iterable[Patch]) -> str:
    """Apply patches to a page.

    Args:
        whose: the page's maker, for the message.
        template: the page.
        patches: what to replace, in this order.

    Returns:
        The page, patched.

    Raises:
        RuntimeError: the page is not the one that the patches were written for.
    """
    for old, new, times in patches:
        if template.count(old) != times:
            raise RuntimeError(
                f"{whose} page has changed: {old!r} occurs {template.count(old)} times, not {times}"
            )
        template = template.replace(old, new)
    return template


def as_script(data: Any) -> str:
    """Write data as JavaScript that can stand inside a script element."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
