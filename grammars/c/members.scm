; What a type has: each declaration as @member, with its @name.
(field_declaration
  declarator: [
    (field_identifier) @name
    (_ (field_identifier) @name)
    (_ (_ (field_identifier) @name))
    (_ (_ (_ (field_identifier) @name)))
  ]) @member

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
