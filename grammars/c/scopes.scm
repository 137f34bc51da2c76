; A scope: the whole definition as @scope.KIND, with its @name and @body.
(function_definition
  declarator: [
    (function_declarator declarator: (_) @name)
    (pointer_declarator declarator: (function_declarator declarator: (_) @name))
    (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator declarator: (_) @name)))
  ]
  body: (compound_statement) @body) @scope.function
(struct_specifier name: (type_identifier) @name body: (field_declaration_list) @body) @scope.struct
(union_specifier name: (type_identifier) @name body: (field_declaration_list) @body) @scope.struct
(enum_specifier name: (type_identifier) @name body: (enumerator_list) @body) @scope.enum
