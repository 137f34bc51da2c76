"""What was spent, as a text for people."""


def spending_report(lines, currency="EUR"):
    """Return a table of what was spent a category, from lines such as "2024-03-01;food;12.50".

    Empty lines and comments are passed over. Raises ValueError, with the number of the line, where one cannot be read.
    """
    totals = {}
    counts = {}
    for number, line in enumerate(lines, 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        fields = line.split(";")
        if len(fields) != 3:
            raise ValueError(f"line {number} has {len(fields)} fields")
        try:
            amount = float(fields[2])
        except ValueError:
            raise ValueError(f"line {number} has no amount") from None
        category = fields[1].strip().lower()
        totals[category] = totals.get(category, 0) + amount
        counts[category] = counts.get(category, 0) + 1
    if not totals:
        return "nothing was spent"
    rows = []
    for category in sorted(totals, key=lambda each: (-totals[each], each)):
        rows.append((category, str(counts[category]), f"{totals[category]:.2f} {currency}"))
    rows.append(("all", str(sum(counts.values())), f"{sum(totals.values()):.2f} {currency}"))
    widths = [0, 0, 0]
    for row in rows:
        for column in range(3):
            if len(row[column]) > widths[column]:
                widths[column] = len(row[column])
    table = []
    for row in rows:
        table.append(f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}")
    table.insert(len(table) - 1, "-" * len(table[0]))
    return "\n".join(table)


def share(d, k):
    t = 0
    for x in d:
        t += d[x]
    if t == 0:
        return 0.0
    p = d.get(k, 0) / t * 100
    return round(p, 1)
