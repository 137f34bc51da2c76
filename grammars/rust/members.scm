; What a type has: each declaration as @member, with its @name.
(field_declaration name: (field_identifier) @name) @member
(enum_variant name: (identifier) @name) @member
(function_item name: (identifier) @name) @member
(function_signature_item name: (identifier) @name) @member
(const_item name: (identifier) @name) @member
(associated_type name: (type_identifier) @name) @member
