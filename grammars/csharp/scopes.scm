; A scope: the whole definition as @scope.KIND, with its @name and, where it has one, its @body.
(namespace_declaration name: (_) @name body: (declaration_list) @body) @scope.namespace
(class_declaration name: (identifier) @name body: (declaration_list) @body) @scope.class
(struct_declaration name: (identifier) @name body: (declaration_list) @body) @scope.struct
(record_declaration name: (identifier) @name body: (declaration_list) @body) @scope.class
(interface_declaration name: (identifier) @name body: (declaration_list) @body) @scope.interface
(enum_declaration name: (identifier) @name body: (enum_member_declaration_list) @body) @scope.enum
(method_declaration name: (identifier) @name body: (block) @body) @scope.function
(constructor_declaration name: (identifier) @name body: (block) @body) @scope.function
(destructor_declaration name: (identifier) @name body: (block) @body) @scope.function
(local_function_statement name: (identifier) @name body: (block) @body) @scope.function
(property_declaration name: (identifier) @name accessors: (accessor_list) @body) @scope.function
