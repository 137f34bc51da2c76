; A scope: the whole definition as @scope.KIND, with its @name and, where it has one, its @body.
(table . "[" . (_) @name . "]" . (_)? @body) @scope.table
(table_array_element . "[[" . (_) @name . "]]" . (_)? @body) @scope.table
