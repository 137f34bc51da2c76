# %%
%load_ext autoreload
%matplotlib inline
import matplotlib.pyplot as plt

!pip install --quiet rich

# %%
def histogram(values, bins=10):
    """Counts how many values fall into each bin.

    Example:

    ```python
    histogram([1, 2, 3], bins=2)
    ```

    Values that lie outside of all bins are left out without a word.
    function main() {
    """
    low, high = min(values), max(values)
    width = (high - low) / bins or 1
    counts = [0] * bins
    for value in values:
        counts[min(int((value - low) / width), bins - 1)] += 1
    return counts


# %%
QUERY = """
SELECT number, total FROM orders
WHERE total > %(least)s
This line is not SQL and nobody minds it.
"""

colours = {"first": "#ff0000", "second": "#00ff00"}
plt.bar(range(10), histogram([1, 5, 7]), color=colours["first"])
%timeit histogram(list(range(1000)))
