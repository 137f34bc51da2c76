; A scope: the whole definition as @scope.KIND, with its @name and, where it has one, its @body.
(class_declaration name: (identifier) @name (class_body) @body) @scope.class
(class_declaration name: (identifier) @name (enum_class_body) @body) @scope.enum
(object_declaration name: (identifier) @name (class_body) @body) @scope.class
(companion_object "object" @name (class_body) @body) @scope.class
(function_declaration name: (identifier) @name (function_body (block) @body)) @scope.function
(secondary_constructor "constructor" @name (block) @body) @scope.function
(anonymous_initializer "init" @name (block) @body) @scope.function
