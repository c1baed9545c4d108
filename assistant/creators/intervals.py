"""What a share of so many plays may be off by."""

from math import sqrt

# The normal quantile of a two-sided 95 % interval.
_Z = 1.959964


def wilson(successes: float, n: float) -> tuple[float, float] | None:
    """The 95 % Wilson interval of successes ÷ n; None when n is 0 or there are more successes than trials."""
    if n <= 0 or not 0 <= successes <= n:
        return None
    share = successes / n
    spread = _Z * sqrt(share * (1 - share) / n + _Z * _Z / (4 * n * n))
    middle, scale = share + _Z * _Z / (2 * n), 1 + _Z * _Z / n
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)
