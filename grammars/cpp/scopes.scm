; A scope: the whole definition as @scope.KIND, with its @name and @body. Wrappers match too and widen it.
(function_definition
  declarator: [
    (function_declarator declarator: (_) @name)
    (_ (function_declarator declarator: (_) @name))
    (_ (_ (function_declarator declarator: (_) @name)))
  ]
  body: (compound_statement) @body) @scope.function
(class_specifier name: (_) @name body: (field_declaration_list) @body) @scope.class
(struct_specifier name: (_) @name body: (field_declaration_list) @body) @scope.struct
(union_specifier name: (_) @name body: (field_declaration_list) @body) @scope.struct
(enum_specifier name: (_) @name body: (enumerator_list) @body) @scope.enum
(namespace_definition name: (_) @name body: (declaration_list) @body) @scope.namespace

(template_declaration
  (function_definition
    declarator: [
      (function_declarator declarator: (_) @name)
      (_ (function_declarator declarator: (_) @name))
    ]
    body: (compound_statement) @body)) @scope.function
(template_declaration (class_specifier name: (_) @name body: (field_declaration_list) @body)) @scope.class
(template_declaration (struct_specifier name: (_) @name body: (field_declaration_list) @body)) @scope.struct
