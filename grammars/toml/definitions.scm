; A definition without a scope of its own: all of it as @definition.KIND, with its @name.
(document (pair . (_) @name) @definition.variable)
(table (pair . (_) @name) @definition.variable)
(table_array_element (pair . (_) @name) @definition.variable)
