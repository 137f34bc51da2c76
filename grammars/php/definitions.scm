; A definition without a scope of its own: all of it as @definition.KIND, with its @name.
(const_declaration (const_element . (name) @name)) @definition.variable
(property_declaration (property_element name: (variable_name) @name)) @definition.variable
(enum_case name: (name) @name) @definition.variable
(method_declaration name: (name) @name !body) @definition.function
