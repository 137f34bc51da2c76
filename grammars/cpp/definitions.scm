; A definition without a scope of its own: all of it as @definition.KIND, with its @name.
(translation_unit (preproc_def name: (identifier) @name) @definition.variable)
(translation_unit (preproc_function_def name: (identifier) @name) @definition.function)
(type_definition declarator: (type_identifier) @name) @definition.type
(translation_unit
  (declaration
    declarator: [
      (function_declarator declarator: (identifier) @name)
      (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
    ]) @definition.function)
(translation_unit (declaration declarator: (init_declarator declarator: (identifier) @name)) @definition.variable)
(alias_declaration name: (type_identifier) @name) @definition.type
(field_declaration_list (field_declaration declarator: (field_identifier) @name) @definition.variable)
(field_declaration_list
  (field_declaration
    declarator: [
      (function_declarator declarator: (field_identifier) @name)
      (_ (function_declarator declarator: (field_identifier) @name))
    ]) @definition.function)
