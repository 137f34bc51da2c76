; A scope: the whole definition as @scope.KIND, with its @name and, where it is not empty, its @body.
(module name: (_) @name body: (body_statement)? @body) @scope.module
(class name: (_) @name body: (body_statement)? @body) @scope.class
(singleton_class value: (_) @name body: (body_statement)? @body) @scope.class
(method name: (_) @name body: (body_statement)? @body) @scope.function
(singleton_method name: (_) @name body: (body_statement)? @body) @scope.function
