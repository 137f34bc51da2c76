; A scope: the whole definition as @scope.KIND, with its @name and, where it has one, its @body.
(namespace_definition name: (_) @name body: (compound_statement) @body) @scope.namespace
(class_declaration name: (name) @name body: (declaration_list) @body) @scope.class
(interface_declaration name: (name) @name body: (declaration_list) @body) @scope.interface
(trait_declaration name: (name) @name body: (declaration_list) @body) @scope.trait
(enum_declaration name: (name) @name body: (enum_declaration_list) @body) @scope.enum
(method_declaration name: (name) @name body: (compound_statement) @body) @scope.function
(function_definition name: (name) @name body: (compound_statement) @body) @scope.function
