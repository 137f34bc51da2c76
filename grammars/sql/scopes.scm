; A scope: the whole definition as @scope.KIND, with its @name and, where it has one, its @body.
(create_table (object_reference) @name (column_definitions) @body) @scope.table
(create_function . (_) . (_) . (object_reference) @name (function_body) @body) @scope.function
(create_view (object_reference) @name (create_query) @body) @scope.table
