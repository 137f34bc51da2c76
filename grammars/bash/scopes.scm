; A scope: the whole definition as @scope.KIND, with its @name and, where it has one, its @body.
(function_definition name: (word) @name body: (_) @body) @scope.function
