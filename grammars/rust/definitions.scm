; A definition without a scope of its own: all of it as @definition.KIND, with its @name.
(const_item name: (identifier) @name) @definition.variable
(static_item name: (identifier) @name) @definition.variable
(type_item name: (type_identifier) @name) @definition.type
(struct_item name: (type_identifier) @name !body) @definition.type
(function_signature_item name: (identifier) @name) @definition.function
