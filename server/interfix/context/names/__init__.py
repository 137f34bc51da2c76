"""Which names exist at a cursor: what is known of the objects in scope, by the index and by whoever offers completions there."""
