; A definition without a scope of its own: all of it as @definition.KIND, with its @name.
(source_file (const_declaration (const_spec name: (identifier) @name) @definition.variable))
(source_file (var_declaration (var_spec name: (identifier) @name) @definition.variable))
(source_file
  (type_declaration
    (type_spec
      name: (type_identifier) @name
      type: [(type_identifier) (function_type) (map_type) (slice_type) (pointer_type) (qualified_type)]) @definition.type))
(source_file (type_declaration (type_alias name: (type_identifier) @name) @definition.type))
(interface_type (method_elem name: (field_identifier) @name) @definition.function)
