; A scope: the whole definition as @scope.KIND, with its @name and @body. Wrappers match too and widen it.
(class_declaration name: (type_identifier) @name body: (class_body) @body) @scope.class
(abstract_class_declaration name: (type_identifier) @name body: (class_body) @body) @scope.class
(interface_declaration name: (type_identifier) @name body: (interface_body) @body) @scope.interface
(enum_declaration name: (identifier) @name body: (enum_body) @body) @scope.enum
(internal_module name: (_) @name body: (statement_block) @body) @scope.module
(module name: (_) @name body: (statement_block) @body) @scope.module
(function_declaration name: (identifier) @name body: (statement_block) @body) @scope.function
(generator_function_declaration name: (identifier) @name body: (statement_block) @body) @scope.function
(method_definition name: (_) @name body: (statement_block) @body) @scope.function
(public_field_definition
  name: (_) @name
  value: [(arrow_function body: (statement_block) @body) (function_expression body: (statement_block) @body)]) @scope.function
(pair
  key: (_) @name
  value: [(arrow_function body: (statement_block) @body) (function_expression body: (statement_block) @body)]) @scope.function
(lexical_declaration
  (variable_declarator
    name: (identifier) @name
    value: [(arrow_function body: (statement_block) @body) (function_expression body: (statement_block) @body)])) @scope.function
(lexical_declaration
  (variable_declarator name: (identifier) @name value: (class body: (class_body) @body))) @scope.class
(assignment_expression
  left: (_) @name
  right: [(arrow_function body: (statement_block) @body) (function_expression body: (statement_block) @body)]) @scope.function

(export_statement
  [
    (class_declaration name: (type_identifier) @name body: (class_body) @body)
    (abstract_class_declaration name: (type_identifier) @name body: (class_body) @body)
  ]) @scope.class
(export_statement (interface_declaration name: (type_identifier) @name body: (interface_body) @body)) @scope.interface
(export_statement (enum_declaration name: (identifier) @name body: (enum_body) @body)) @scope.enum
(export_statement (function_declaration name: (identifier) @name body: (statement_block) @body)) @scope.function
(export_statement
  (lexical_declaration
    (variable_declarator
      name: (identifier) @name
      value: [(arrow_function body: (statement_block) @body) (function_expression body: (statement_block) @body)]))) @scope.function
