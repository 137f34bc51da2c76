; A scope: the whole definition as @scope.KIND, with its @name and @body. Wrappers match too and widen it.
(class_definition name: (identifier) @name body: (block) @body) @scope.class
(function_definition name: (identifier) @name body: (block) @body) @scope.function

(decorated_definition
  definition: (class_definition name: (identifier) @name body: (block) @body)) @scope.class
(decorated_definition
  definition: (function_definition name: (identifier) @name body: (block) @body)) @scope.function
