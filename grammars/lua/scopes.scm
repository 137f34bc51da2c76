; A scope: the whole definition as @scope.KIND, with its @name and, where it has one, its @body.
(function_declaration name: (_) @name body: (block)? @body) @scope.function
(assignment_statement
  (variable_list . name: (_) @name .)
  (expression_list . value: (function_definition body: (block)? @body) .)) @scope.function
(variable_declaration
  (assignment_statement
    (variable_list . name: (_) @name .)
    (expression_list . value: (function_definition body: (block)? @body) .))) @scope.function
(field name: (identifier) @name value: (function_definition body: (block)? @body)) @scope.function
