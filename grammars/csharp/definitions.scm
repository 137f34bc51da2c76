; A definition without a scope of its own: all of it as @definition.KIND, with its @name.
(field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @definition.variable
(event_field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @definition.variable
(property_declaration name: (identifier) @name value: (_)) @definition.variable
(delegate_declaration name: (identifier) @name) @definition.type
(record_declaration name: (identifier) @name !body) @definition.type
(method_declaration name: (identifier) @name !body) @definition.function
