"""The sinks of text: terminal, notification, Markdown and log, one module each. What reaches them cannot act there."""
