; A scope: the whole definition as @scope.KIND, with its @name and, where it has one, its @body.
(pair key: (string (string_content) @name) value: [(object) (array)] @body) @scope.object
