; A scope: the whole definition as @scope.KIND, with its @name and, where it has one, its @body.
(function_declaration name: (identifier) @name body: (block) @body) @scope.function
(variable_declaration . (identifier) @name (struct_declaration "{" @body)) @scope.struct
(variable_declaration . (identifier) @name (enum_declaration "{" @body)) @scope.enum
(variable_declaration . (identifier) @name (union_declaration "{" @body)) @scope.struct
(test_declaration (string (string_content) @name) (block) @body) @scope.function
