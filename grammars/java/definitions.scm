; A definition without a scope of its own: all of it as @definition.KIND, with its @name.
(class_body (field_declaration declarator: (variable_declarator name: (identifier) @name)) @definition.variable)
(interface_body (constant_declaration declarator: (variable_declarator name: (identifier) @name)) @definition.variable)
(class_body (method_declaration name: (identifier) @name !body) @definition.function)
(interface_body (method_declaration name: (identifier) @name !body) @definition.function)
