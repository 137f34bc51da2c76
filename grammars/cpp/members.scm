; What a type has: each declaration as @member, with its @name.
(field_declaration
  declarator: [
    (field_identifier) @name
    (_ (field_identifier) @name)
    (_ (_ (field_identifier) @name))
    (_ (_ (_ (field_identifier) @name)))
  ]) @member
(function_definition
  declarator: [
    (function_declarator declarator: (field_identifier) @name)
    (_ (function_declarator declarator: (field_identifier) @name))
    (_ (_ (function_declarator declarator: (field_identifier) @name)))
  ]) @member
(enumerator name: (identifier) @name) @member
(field_declaration_list (alias_declaration name: (type_identifier) @name) @member)

; Another name of a type: the definition as @alias, with its @name.
(type_definition
  type: [
    (struct_specifier)
    (union_specifier)
    (type_identifier)
  ]
  declarator: [
    (type_identifier) @name
    (pointer_declarator declarator: (type_identifier) @name)
  ]) @alias
