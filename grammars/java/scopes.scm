; A scope: the whole definition as @scope.KIND, with its @name and @body.
(class_declaration name: (identifier) @name body: (class_body) @body) @scope.class
(interface_declaration name: (identifier) @name body: (interface_body) @body) @scope.interface
(enum_declaration name: (identifier) @name body: (enum_body) @body) @scope.enum
(record_declaration name: (identifier) @name body: (class_body) @body) @scope.class
(annotation_type_declaration name: (identifier) @name body: (annotation_type_body) @body) @scope.interface
(method_declaration name: (identifier) @name body: (block) @body) @scope.function
(constructor_declaration name: (identifier) @name body: (constructor_body) @body) @scope.function
